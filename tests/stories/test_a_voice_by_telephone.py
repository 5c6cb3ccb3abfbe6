"""A speaker without a microphone: a PIN, a call to the hotline, phrase after phrase, and a second person listens."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from gateway.app import create_app
from gateway.cli.serving import listen, serving
from gateway.dispatch.recorded import TakesDone
from gateway.records.contacts import Attempt
from gateway.records.conversations import Call, Turn, VoiceMessage
from gateway.records.people import Phone
from gateway.records.staffing import Role, SignInFailure, Staff
from gateway.records.status import AppointmentStatus, AssetStatus, AttemptStatus, TakeStatus
from gateway.records.wordings import Asset, AssetKind, AssetSource, Origin, SpeakerPin, Take
from gateway.records.work import Task
from gateway.settings import Settings
from gateway.staff import pins
from gateway.staff.approving import Content, approve, submit, waiting
from gateway.voice.assets import ClipSource
from gateway.voice.sheet import recording_order
from gateway.wiring import House
from gateway.wiring.house import SANDBOX_NUMBER
from gateway.worker import Ticks
from tests.support.world import NINE, World

SPEAKER = "+66812345678"


@dataclass
class Studio:
    """A house on the sandbox, and a speaker of Northern Thai."""

    world: World
    house: House
    speaker: Staff

    def given_a_pin(self, staff: Staff | None = None, *, at: datetime | None = None) -> str:
        with self.house.database.unit_of_work() as db:
            who = (staff or self.speaker).id
            return pins.make_pin(db, who, "nod", key=self.house.secret_key, at=at or datetime.now(UTC))

    def when_a_speaker_calls(self, *keys: str, speaks: Sequence[float] = (), number: str = SPEAKER) -> list[str]:
        """The whole call; returns what was heard of it, phrase by phrase."""
        sid = self.house.network.call_from(number, SANDBOX_NUMBER, keys, speaks=speaks)
        self.house.network.play_until_idle()
        with self.house.database.reading() as db:
            turns = db.exec(select(Turn).join(Call).where(col(Call.carrier_sid) == sid).order_by(col(Turn.turn_no)))
            return [line["prompt"] for turn in turns for line in turn.heard]

    def when_a_speaker_records(self, *keys: str, speaks: Sequence[float] = ()) -> list[str]:
        """The same from the first phrase they are asked for: what comes before it is the hotline's."""
        heard = self.when_a_speaker_calls(*keys, speaks=speaks)
        return heard[heard.index("studio.phrase") :]

    def when_the_tick_comes(self) -> TakesDone:
        return self.house.takes.pass_once()

    def takes(self) -> list[tuple[str, TakeStatus]]:
        with self.house.database.reading() as db:
            rows = db.exec(select(Take).order_by(col(Take.at), col(Take.turn_no)))
            return [(take.key, take.status) for take in rows]

    @property
    def phrases(self) -> list[str]:
        return [str(prompt.key) for prompt in recording_order(self.house.speech.scripts["nod"])]

    @property
    def at_the_carrier(self) -> int:
        return len(self.house.network._exchange.recordings)


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    world = World(tmp_path)
    listener = listen(0)
    settings = Settings(
        database_url=str(world.database.url), audio_dir=tmp_path / "audio", carrier="sandbox", secret_key="s" * 40
    )
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    house = House(settings, clock=world.clock, public_url=address)
    with serving(create_app(house), listener):
        yield Studio(world, house, account(world, "a"))
    house.close()


def account(world: World, name: str, **more: object) -> Staff:
    staff = Staff(email=f"{name}@hospital.example", name=name, role=Role.SPEAKER, password_hash="none",
                  created_at=datetime.now(UTC), **more)  # fmt: skip
    world.add(staff)
    return staff


def test_two_phrases_are_recorded_one_heard_back_and_both_count_after_a_second_person(studio: Studio) -> None:
    pin = studio.given_a_pin()
    heard = studio.when_a_speaker_records("#", f"{pin}#", "9", "1", "1", speaks=(2.0, 3.0))
    first, second = studio.phrases[:2]
    assert heard[:3] == ["studio.phrase", "digit.1", "studio.speak"]
    assert heard.count("studio.kept") == 2
    assert studio.takes() == [(first, TakeStatus.KEPT), (second, TakeStatus.KEPT)]
    assert studio.at_the_carrier == 2

    done = studio.when_the_tick_comes()
    assert (done.stored, done.deleted, done.refused, done.put_off) == (2, 2, 0, 0)
    assert {status for _, status in studio.takes()} == {TakeStatus.STORED}
    assert studio.at_the_carrier == 0, "nobody's voice is left with the carrier"

    colleague = account(studio.world, "b")
    with studio.house.database.unit_of_work() as db:
        drafts = list(waiting(db, "nod"))
        assert {(one.key, one.origin, one.voice) for one in drafts} == {
            (first, Origin.TELEPHONE, studio.speaker.id), (second, Origin.TELEPHONE, studio.speaker.id),
        }  # fmt: skip
        for one in drafts:
            approve(db, one.id, staff=colleague.id, now=NINE, province="เชียงใหม่", needs_province=True)
    kept = studio.house.clips.kept("nod")[first][0]
    assert (kept.approved, kept.clip.source, kept.clip.voice) == (True, ClipSource.RECORDING, studio.speaker.id)
    assert {asset.status for asset in studio.world.all(Asset)} == {AssetStatus.APPROVED}


def test_the_next_call_goes_on_behind_what_was_kept_and_comes_back_to_what_was_skipped(studio: Studio) -> None:
    pin = studio.given_a_pin()
    studio.when_a_speaker_calls("#", f"{pin}#", "1", "*", "1", speaks=(2.0, 2.0, 2.0))
    first, second, third = studio.phrases[:3]
    assert studio.takes()[:3] == [(first, TakeStatus.KEPT), (second, TakeStatus.DISCARDED), (third, TakeStatus.KEPT)]
    heard = studio.when_a_speaker_records("#", f"{pin}#", "1", speaks=(2.0,))
    assert heard[:2] == ["studio.phrase", "digit.2"]
    assert heard[heard.index("studio.kept") + 1 :][:2] == ["studio.phrase", "digit.4"]


def test_what_was_spoken_again_is_kept_and_the_first_try_forgotten(studio: Studio) -> None:
    pin = studio.given_a_pin()
    studio.when_a_speaker_calls("#", f"{pin}#", "2", "1", speaks=(2.0, 4.0))
    first = studio.phrases[0]
    assert studio.takes() == [(first, TakeStatus.DISCARDED), (first, TakeStatus.KEPT)]
    done = studio.when_the_tick_comes()
    assert (done.stored, done.deleted, studio.at_the_carrier) == (1, 2, 0)


def test_who_hangs_up_with_a_phrase_neither_kept_nor_thrown_away_has_kept_nothing(studio: Studio) -> None:
    pin = studio.given_a_pin()
    studio.when_a_speaker_calls("#", f"{pin}#", speaks=(2.0,))  # then silence until we hang up
    assert [status for _, status in studio.takes()] == [TakeStatus.DISCARDED]
    done = studio.when_the_tick_comes()
    assert (done.stored, done.deleted, studio.at_the_carrier) == (0, 1, 0)
    assert studio.world.all(Asset) == []


def test_who_puts_the_phone_down_in_the_middle_of_a_phrase_has_kept_nothing(studio: Studio) -> None:
    pin = studio.given_a_pin()
    network = studio.house.network
    sid = network.call_from(SPEAKER, SANDBOX_NUMBER, ("#", f"{pin}#"), speaks=(20.0,))
    while not network._calls[sid].is_recorded:
        network.play_until(studio.world.clock.now() + timedelta(seconds=1))
    network.play_until(studio.world.clock.now() + timedelta(seconds=4))
    network.hang_up(sid)
    network.play_until_idle()
    assert [status for _, status in studio.takes()] == [TakeStatus.DISCARDED]
    assert studio.when_the_tick_comes().deleted == 1
    assert studio.at_the_carrier == 0


def test_silence_is_asked_about_and_then_the_call_ends(studio: Studio) -> None:
    pin = studio.given_a_pin()
    heard = studio.when_a_speaker_calls("#", f"{pin}#", speaks=())
    assert heard.count("studio.unheard") == 3
    assert heard[-1] == "studio.bye"
    assert studio.takes() == []


def test_three_wrong_pins_end_the_call_and_no_pin_is_written_anywhere(studio: Studio) -> None:
    studio.world.add(Phone(e164=SPEAKER, line_type="mobile"))
    pin = studio.given_a_pin()
    wrong = ("111112#", "111113#", "111114#")
    heard = studio.when_a_speaker_calls("#", *wrong, f"{pin}#")
    assert heard.count("studio.bad_pin") == 3
    assert heard[-1] == "studio.bye"
    right = studio.when_a_speaker_calls("#", f"{pin}#")
    assert "studio.phrase" in right
    rows = [row.model_dump_json() for table in (Turn, Call, Attempt, SignInFailure, SpeakerPin)
            for row in studio.world.all(table)]  # fmt: skip
    for secret in (pin, *(one.strip("#") for one in wrong)):
        assert not any(re.search(rf"(?<![0-9a-f]){secret}(?![0-9a-f])", row) for row in rows)


def test_an_old_pin_a_withdrawn_one_and_that_of_a_disabled_account_open_nothing(studio: Studio) -> None:
    studio.world.add(Phone(e164=SPEAKER, line_type="mobile"))
    old = studio.given_a_pin(account(studio.world, "old"), at=datetime.now(UTC) - pins.VALID_FOR)
    gone = studio.given_a_pin(account(studio.world, "gone", disabled_at=datetime.now(UTC)))
    withdrawn = studio.given_a_pin()
    with studio.house.database.unit_of_work() as db:
        assert pins.withdraw_pin(db, studio.speaker.id)
    heard = studio.when_a_speaker_calls("#", f"{old}#", f"{gone}#", f"{withdrawn}#")
    assert heard.count("studio.bad_pin") == 3
    assert "studio.phrase" not in heard


def test_a_number_that_guessed_too_often_is_told_wrong_also_when_it_is_right(studio: Studio) -> None:
    pin = studio.given_a_pin()
    with studio.house.database.unit_of_work() as db:
        for _ in range(pins.PER_NUMBER):
            pins.check_pin(db, "000001", number=SPEAKER, key=studio.house.secret_key, at=datetime.now(UTC))
    assert "studio.phrase" not in studio.when_a_speaker_calls("#", f"{pin}#")
    assert "studio.phrase" in studio.when_a_speaker_calls("#", f"{pin}#", number="+66898765432")


def test_a_caller_on_no_record_records_nothing_unless_their_pin_is_right(studio: Studio) -> None:
    network = studio.house.network
    for keys in ((), ("5",), ("#",), ("#", "1", "#", "#"), ("#", "111112#", "111113#", "111114#", "#")):
        sid = network.call_from(SPEAKER, SANDBOX_NUMBER, keys)
        network.play_until_idle()
        assert [what for _, what, _ in network.transcript(sid)][-1] == "played"
    assert not any(studio.world.all(table) for table in (Take, VoiceMessage, Task))
    assert len(studio.world.all(SignInFailure)) == 3
    assert "studio.phrase" in studio.when_a_speaker_calls("#", "1", "#", f"{studio.given_a_pin()}#")
    assert {attempt.status for attempt in studio.world.all(Attempt)} == {AttemptStatus.COMPLETED}


def test_a_known_caller_reaches_the_studio_at_the_question(studio: Studio) -> None:
    person = studio.world.person(phone=SPEAKER)
    studio.world.appointment(person)
    pin = studio.given_a_pin()
    heard = studio.when_a_speaker_calls("#", f"{pin}#", "1", speaks=(2.0,))
    assert heard[0] == "greet.hotline"
    assert "ask.coming" in heard
    assert studio.takes()[0] == (studio.phrases[0], TakeStatus.KEPT)


def test_hash_by_accident_costs_nothing_and_the_question_is_put_again(studio: Studio) -> None:
    person = studio.world.person(phone=SPEAKER)
    appointment = studio.world.appointment(person)
    heard = studio.when_a_speaker_calls("#", "1", "#", "", "1")
    assert heard.count("studio.pin") == 2
    assert "studio.bad_pin" not in heard
    assert "ack.coming" in heard
    assert not studio.world.all(SignInFailure)
    assert studio.world.fresh(appointment).status is AppointmentStatus.CONFIRMED


def test_words_edited_after_they_were_spoken_are_to_be_spoken_again(studio: Studio) -> None:
    studio.when_a_speaker_calls("#", f"{studio.given_a_pin()}#", "1", speaks=(2.0,))
    words = "สวัสดีเจ้า ใหม่"
    sha256 = hashlib.sha256(words.encode()).hexdigest()
    edit = Content(AssetKind.TEXT, "nod", studio.phrases[0], sha256, words, sha256, AssetSource.WRITTEN, Origin.EDIT)
    with studio.house.database.unit_of_work() as db:
        submit(db, edit, author=None, now=NINE)
    done = studio.when_the_tick_comes()
    assert (done.refused, done.deleted) == (1, 1)
    assert next(take.reason for take in studio.world.all(Take) if take.reason) == "text_changed"


def test_the_worker_takes_recordings_in(studio: Studio) -> None:
    studio.when_a_speaker_calls("#", f"{studio.given_a_pin()}#", "1", speaks=(2.0,))
    assert json.loads(json.dumps(Ticks(studio.house).takes()))["stored"] == 1
