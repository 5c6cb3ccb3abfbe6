"""What was spoken into a telephone on its way to a draft: fetched, checked, kept, forgotten at the carrier."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.carriers.port import CarrierError, Fault
from gateway.dispatch.recorded import FORGOTTEN_AFTER, GIVE_UP_AFTER, LONGEST_WAIT, TakesDone
from gateway.dispatch.retry import ERRORS_BEFORE_POISON
from gateway.dispatch.takes import Takes
from gateway.records.contacts import Attempt, Direction
from gateway.records.conversations import Call
from gateway.records.people import Phone
from gateway.records.staffing import Audit, Role, Staff
from gateway.records.status import AttemptStatus, Channel, TakeStatus
from gateway.records.wordings import Approval, Asset, Origin, Part, Take
from gateway.sandbox.utterance import utterance
from gateway.voice import audio
from gateway.voice.audio import normalise
from gateway.voice.prompts import Prompt, Script
from tests.support.clips import MemoryClips
from tests.support.world import World

PROMPT = Prompt("bye", "สวัสดีเจ้า")
AWAY = CarrierError(Fault.NOT_CONNECTED, code="ConnectionError")


class Room:
    """A speaker's call is over; `spoken` leaves a take with the carrier."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.scripts = world, {"nod": Script("nod", {"bye": PROMPT})}
        self.clips = MemoryClips(folder / "audio")
        self.takes = Takes(world.database, world.clock, world.carrier, self.scripts, self.clips)
        now = world.clock.now()
        self.speaker = Staff(email="a@b.example", role=Role.SPEAKER, password_hash="none", created_at=now)
        phone = Phone(e164="+66812345678", line_type="mobile")
        world.add(self.speaker, phone)
        self.attempt = Attempt(phone=phone.id, direction=Direction.IN, channel=Channel.VOICE, created_at=now,
                               status=AttemptStatus.COMPLETED)  # fmt: skip
        world.add(self.attempt)
        self.call = Call(attempt=self.attempt.id, carrier_sid="CA1", flow="studio_call", opened_at=now)
        world.add(self.call)

    def spoken(self, sound: bytes | None = None, *, turn: int = 2, status: TakeStatus = TakeStatus.KEPT) -> Take:
        name, now = f"rec{turn}", self.world.clock.now()
        if sound is not None:
            self.world.carrier.recorded[name] = sound
        take = Take(call=self.call.id, turn_no=turn, staff=self.speaker.id, language="nod", key="bye", text=PROMPT.text,
                    text_sha256=PROMPT.text_sha256, recording=name, status=status, next_try_at=now, at=now)  # fmt: skip
        self.world.add(take)
        return take

    def after(self, wait: timedelta = timedelta()) -> TakesDone:
        self.world.clock.advance_to(self.world.clock.now() + wait)
        return self.takes.pass_once()

    def is_now(self, take: Take) -> tuple[TakeStatus, str, str]:
        row = self.world.fresh(take)
        return row.status, row.reason, row.recording  # type: ignore[attr-defined]


@pytest.fixture
def room(world: World, tmp_path: Path) -> Room:
    return Room(world, tmp_path)


SOUND = utterance("RE1", 2.0)


def test_a_kept_take_becomes_a_draft_by_its_speaker_and_is_forgotten_at_the_carrier(room: Room) -> None:
    take = room.spoken(SOUND)
    done = room.after()
    assert (done.stored, done.deleted) == (1, 1)
    assert room.is_now(take) == (TakeStatus.STORED, "", "")
    assert room.world.carrier.recorded == {}
    (asset,) = room.world.all(Asset)
    assert (asset.key, asset.language, asset.origin, asset.voice) == ("bye", "nod", Origin.TELEPHONE, room.speaker.id)
    assert asset.text_sha256 == PROMPT.text_sha256
    assert room.clips.read(asset.sha256)
    assert [(one.staff, one.part) for one in room.world.all(Approval)] == [(room.speaker.id, Part.AUTHOR)]
    assert [(one.verb, one.staff, one.subject) for one in room.world.all(Audit)] == [
        ("recorded", room.speaker.id, asset.id)
    ]
    assert room.after(timedelta(hours=1)) == TakesDone()


@pytest.mark.parametrize(
    ("sound", "reason"),
    [(utterance("RE1", 0.0), "silent"), (b"no sound", "not_sound"), (utterance("RE1", 0.05), "too_short")],
)
def test_a_sound_that_is_of_no_use_is_refused_with_its_reason_and_forgotten(
    room: Room, sound: bytes, reason: str
) -> None:
    take = room.spoken(sound)
    done = room.after()
    assert (done.refused, done.deleted) == (1, 1)
    assert room.is_now(take) == (TakeStatus.REFUSED, reason, "")
    assert not room.world.all(Asset)


def test_a_sound_far_from_what_its_words_take_is_refused_with_the_numbers(room: Room) -> None:
    take = room.spoken(utterance("RE1", 30.0))
    assert room.after().refused == 1
    status, reason, _ = room.is_now(take)
    assert (status, *reason.split()[::2]) == (TakeStatus.REFUSED, "far_too_long", "about=0.8")
    assert not room.world.all(Asset)


def test_the_sound_of_another_phrase_is_refused_and_that_phrase_named(room: Room) -> None:
    room.spoken(SOUND)
    other = Prompt("ask.again", "ถามแหมกำ")
    room.scripts["nod"] = Script("nod", {"bye": PROMPT, "ask.again": other})
    room.after()
    take = room.spoken(SOUND, turn=4)
    with room.world.database.unit_of_work() as db:
        row = db.get_one(Take, take.id)
        row.key, row.text, row.text_sha256 = other.key, other.text, other.text_sha256
    assert (room.after().refused, room.is_now(take)[1]) == (1, "another_phrase key=bye")
    assert [asset.key for asset in room.world.all(Asset)] == ["bye"]


def test_words_that_were_edited_are_not_even_fetched(room: Room) -> None:
    take = room.spoken(None)
    room.scripts["nod"] = Script("nod", {"bye": Prompt("bye", "ลาก่อนเจ้า")})
    room.after()
    assert room.is_now(take) == (TakeStatus.REFUSED, "text_changed", "")


def test_words_that_are_no_more_are_refused(room: Room) -> None:
    take = room.spoken(SOUND)
    room.scripts.clear()
    room.after()
    assert room.is_now(take)[:2] == (TakeStatus.REFUSED, "text_changed")


def test_a_carrier_that_is_away_is_asked_again_ever_more_seldom(room: Room) -> None:
    take = room.spoken(SOUND)
    room.world.carrier.fail_next(AWAY)
    assert room.after().put_off == 1
    assert room.after(timedelta(seconds=10)) == TakesDone()
    room.world.carrier.fail_next(AWAY)
    assert room.after(timedelta(seconds=10)).put_off == 1
    assert room.after(timedelta(seconds=30)) == TakesDone()
    assert room.after(timedelta(seconds=10)).stored == 1
    assert room.is_now(take) == (TakeStatus.STORED, "", "")


def test_who_says_when_to_come_again_is_not_asked_before(room: Room) -> None:
    room.spoken(SOUND)
    room.world.carrier.fail_next(CarrierError(Fault.THROTTLED, retry_after=600))
    room.after()
    assert room.after(timedelta(seconds=599)) == TakesDone()
    assert room.after(timedelta(seconds=1)).stored == 1


def test_a_recording_that_is_not_there_yet_is_awaited_and_given_up_visibly_after_hours(room: Room) -> None:
    take = room.spoken(None)
    began, passes = room.world.clock.now(), 0
    while room.is_now(take)[0] is TakeStatus.KEPT:
        room.after(timedelta(minutes=10))
        passes += 1
        assert room.world.clock.now() - began <= GIVE_UP_AFTER + LONGEST_WAIT
    assert room.is_now(take) == (TakeStatus.REFUSED, "lost", "")
    assert room.world.clock.now() - began >= GIVE_UP_AFTER


def test_a_recording_that_cannot_be_deleted_is_deleted_later(room: Room) -> None:
    take = room.spoken(SOUND, status=TakeStatus.DISCARDED)
    room.world.carrier.fail_next(AWAY)
    assert room.after().deleted == 0
    assert room.is_now(take)[2] == "rec2"
    assert room.after(timedelta(minutes=1)).deleted == 1
    assert room.world.carrier.recorded == {}


def test_one_that_cannot_be_had_does_not_keep_another_waiting(room: Room) -> None:
    room.spoken(None, turn=2)
    other = room.spoken(SOUND, turn=4)
    done = room.after()
    assert (done.put_off, done.stored) == (1, 1)
    assert room.is_now(other)[0] is TakeStatus.STORED


def test_what_was_not_kept_when_the_call_ended_is_thrown_away(room: Room) -> None:
    take = room.spoken(SOUND, status=TakeStatus.SPOKEN)
    done = room.after()
    assert (done.discarded, done.deleted, done.stored) == (1, 1, 0)
    assert room.is_now(take) == (TakeStatus.DISCARDED, "", "")


def test_in_a_call_under_way_it_waits_for_its_speaker_but_not_for_ever(room: Room) -> None:
    with room.world.database.unit_of_work() as db:
        db.get_one(Attempt, room.attempt.id).status = AttemptStatus.IN_PROGRESS
    take = room.spoken(SOUND, status=TakeStatus.SPOKEN)
    assert room.after(FORGOTTEN_AFTER) == TakesDone()
    assert room.after(timedelta(seconds=1)).discarded == 1
    assert room.is_now(take)[0] is TakeStatus.DISCARDED


def test_no_transaction_is_open_while_the_carrier_is_asked(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    room.spoken(SOUND)
    fetch, delete = room.world.carrier.fetch, room.world.carrier.delete

    def asked(name: str) -> bytes:
        room.world.add(Phone(e164="+66898765432", line_type="mobile"))  # would wait for ever behind a writer
        return fetch(name)

    def told(name: str) -> None:
        room.world.add(Phone(e164="+66898765433", line_type="mobile"))
        delete(name)

    monkeypatch.setattr(room.world.carrier, "fetch", asked)
    monkeypatch.setattr(room.world.carrier, "delete", told)
    assert room.after().deleted == 1
    assert len(room.world.all(Phone)) == 3


def breaks_over(bad: bytes, error: Exception) -> Callable[[bytes], bytes]:
    """A reader of sounds that falls over one of them."""

    def reads(data: bytes) -> bytes:
        if data == bad:
            raise error
        return normalise(data)

    return reads


def test_a_take_that_breaks_its_reader_is_set_aside_after_some_tries_and_the_rest_goes_on(
    room: Room, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(audio, "normalise", breaks_over(b"poison", ValueError("+66812345678")))
    poison, good = room.spoken(b"poison", turn=2), room.spoken(SOUND, turn=3)
    done = room.after()
    assert (done.stored, done.put_off) == (1, 1)
    assert room.is_now(good)[0] == TakeStatus.STORED
    assert room.after(timedelta(seconds=10)) == TakesDone(), "it is left alone for a while"
    tries = 1
    while room.is_now(poison)[0] == TakeStatus.KEPT:
        room.after(timedelta(minutes=30))
        tries += 1
    assert tries == ERRORS_BEFORE_POISON
    assert room.is_now(poison) == (TakeStatus.REFUSED, "broken", "")
    assert room.world.carrier.recorded == {}
    assert "ValueError" in caplog.text
    assert "+66" not in caplog.text


def test_a_full_disk_is_given_hours_to_be_mended(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    take = room.spoken(SOUND)
    with monkeypatch.context() as broken:
        broken.setattr(audio, "normalise", breaks_over(SOUND, OSError("no space left on device")))
        for _ in range(ERRORS_BEFORE_POISON):
            room.after(timedelta(minutes=30))
        assert room.is_now(take)[0] == TakeStatus.KEPT
    assert room.after(timedelta(hours=1)).stored == 1


def test_a_recording_that_cannot_be_deleted_for_an_unheard_of_reason_keeps_nothing_waiting(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.spoken(SOUND, turn=2)
    with monkeypatch.context() as broken:
        broken.setattr(room.world.carrier, "delete", breaks_over("rec2", RuntimeError("odd")))  # type: ignore[arg-type]
        assert (room.after().stored, room.after(timedelta(hours=1)).put_off) == (1, 1)
    assert room.after(timedelta(hours=1)).deleted == 1
