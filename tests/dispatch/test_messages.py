"""What callers left for staff on its way to their ears: fetched, kept in private, forgotten, thrown away in time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from gateway.carriers.port import CarrierError, Fault
from gateway.dispatch.messages import KEPT_FOR, Messages, Recordings, message_path
from gateway.dispatch.recorded import GIVE_UP_AFTER, TakesDone
from gateway.dispatch.takes import Takes
from gateway.kit.answers import Answer
from gateway.records.contacts import Attempt, Direction
from gateway.records.conversations import Call, Registration, Reply, VoiceMessage
from gateway.records.people import Phone
from gateway.records.status import AttemptStatus, Channel, MessageKind, TakeStatus, TaskKind, TaskStatus
from gateway.records.work import Task
from gateway.sandbox.utterance import utterance
from gateway.voice import audio
from gateway.voice.wav import placeholder, read_wav
from tests.support.clips import MemoryClips
from tests.support.world import World


class Room:
    """A caller's call is over; `left` leaves a message with the carrier."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.folder = world, folder / "audio"
        self.messages = Messages(world.database, world.clock, world.carrier, self.folder)
        phone = Phone(e164="+66812345678", line_type="mobile")
        world.add(phone)
        now = world.clock.now()
        attempt = Attempt(phone=phone.id, direction=Direction.IN, channel=Channel.VOICE, created_at=now,
                          status=AttemptStatus.COMPLETED)  # fmt: skip
        world.add(attempt)
        self.call = Call(attempt=attempt.id, carrier_sid="CA1", flow="hotline", opened_at=now)
        world.add(self.call)
        self.phone = phone.id

    def left(self, sound: bytes | None, *, status: TakeStatus = TakeStatus.KEPT, task: bool = True) -> VoiceMessage:
        now = self.world.clock.now()
        if sound is not None:
            self.world.carrier.recorded["rec"] = sound
        work = Task(kind=TaskKind.MESSAGE, subject="m", detail="left a spoken message", created_at=now)
        message = VoiceMessage(call=self.call.id, turn_no=2, phone=self.phone, kind=MessageKind.STAFF, recording="rec",
                               status=status, next_try_at=now, at=now)  # fmt: skip
        if task:
            self.world.add(work)
            message.task = work.id
        self.world.add(message)
        return message

    def after(self, wait: timedelta = timedelta()) -> TakesDone:
        self.world.clock.advance_to(self.world.clock.now() + wait)
        return self.messages.pass_once()

    def path(self, message: VoiceMessage) -> Path:
        return message_path(self.folder, message.id)

    def now(self, message: VoiceMessage) -> VoiceMessage:
        found = self.world.fresh(message)
        assert isinstance(found, VoiceMessage)
        return found

    def task(self) -> Task:
        [task] = self.world.all(Task)
        assert isinstance(task, Task)
        return task


@pytest.fixture
def room(world: World, tmp_path: Path) -> Room:
    return Room(world, tmp_path)


def test_a_message_lies_in_private_and_no_more_at_the_carrier(room: Room) -> None:
    message = room.left(utterance("x", 3))

    assert room.after() == TakesDone(stored=1, deleted=1)
    assert room.now(message).status is TakeStatus.STORED
    assert (room.path(message).stat().st_mode & 0o777, room.path(message).parent.stat().st_mode & 0o777) == (
        0o600,
        0o700,
    )
    assert read_wav(room.path(message).read_bytes()).rate == 8000
    assert not room.world.carrier.recorded
    assert room.after(timedelta(days=1)) == TakesDone()


def test_a_line_that_broke_while_somebody_spoke_loses_nothing_they_said(room: Room) -> None:
    message = room.left(utterance("x", 3), status=TakeStatus.SPOKEN, task=False)

    assert room.after().stored == 1
    assert room.now(message).task == room.task().id
    assert room.task().kind is TaskKind.MESSAGE


def test_a_message_too_loud_or_too_long_for_a_phrase_is_kept_as_it_came(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audio, "LONGEST", 1.0)
    sound = utterance("x", 3)
    message = room.left(sound)

    assert room.after().stored == 1
    assert room.path(message).read_bytes() == sound


@pytest.mark.parametrize("sound", [b"RIFF no sound at all", b""])
def test_what_cannot_be_heard_is_refused_and_its_task_says_so(room: Room, sound: bytes) -> None:
    message = room.left(sound)

    assert room.after().refused == 1
    assert "nothing can be heard" in room.task().detail
    assert not room.path(message).exists()
    assert not room.world.carrier.recorded


def test_a_carrier_that_is_away_is_asked_again_and_at_last_staff_read_that_it_was_lost(room: Room) -> None:
    away = CarrierError(Fault.NOT_CONNECTED)
    room.left(utterance("x", 3))
    room.world.carrier.fail_next(away)
    assert room.after() == TakesDone(put_off=1)
    room.world.carrier.fail_next(away)
    room.after(GIVE_UP_AFTER)
    assert room.task().detail.endswith("the recording was lost")


def test_a_message_is_thrown_away_some_time_after_its_task_was_done_and_never_before(room: Room) -> None:
    message = room.left(utterance("x", 3))
    room.after()
    assert room.after(KEPT_FOR * 2) == TakesDone()
    with room.world.database.unit_of_work() as db:
        task = db.get_one(Task, room.task().id)
        task.status, task.done_at = TaskStatus.DONE, room.world.clock.now()
        db.add(task)
    assert room.after(KEPT_FOR) == TakesDone()
    assert room.path(message).exists()
    assert room.after(timedelta(seconds=1)).discarded == 1
    assert not room.path(message).exists()
    assert room.after(timedelta(days=1)) == TakesDone()


def test_one_pass_looks_after_speakers_phrases_and_callers_messages(room: Room, tmp_path: Path) -> None:
    world = room.world
    takes = Takes(world.database, world.clock, world.carrier, {}, MemoryClips(tmp_path / "clips"))
    room.left(placeholder(2))

    assert Recordings(takes, room.messages).pass_once() == TakesDone(stored=1, deleted=1)


def keyed(room: Room) -> Registration:
    """A number somebody keyed to be put on the list, whose task is done."""
    now = room.world.clock.now()
    task = Task(kind=TaskKind.REGISTER, subject="r", created_at=now, status=TaskStatus.DONE, done_at=now)
    room.world.add(task)
    row = Registration(call=room.call.id, phone=room.phone, id_kind="citizen_id", id_value="1101700207030",
                       task=task.id, at=now)  # fmt: skip
    room.world.add(row)
    return row


def test_a_keyed_number_is_blanked_ninety_days_after_its_task_was_done(room: Room) -> None:
    row = keyed(room)
    room.after(timedelta(days=90))
    assert room.world.fresh(row).id_value == "1101700207030"  # type: ignore[attr-defined]
    room.after(timedelta(seconds=1))
    assert (room.world.fresh(row).id_kind, room.world.fresh(row).id_value) == ("citizen_id", "")  # type: ignore[attr-defined]


def test_a_keyed_number_is_kept_while_its_task_is_open(room: Room) -> None:
    row = keyed(room)
    with room.world.database.unit_of_work() as db:
        db.get_one(Task, row.task).status = TaskStatus.OPEN
    room.after(timedelta(days=400))
    assert room.world.fresh(row).id_value == "1101700207030"  # type: ignore[attr-defined]


def test_a_voice_is_thrown_away_ninety_days_after_its_task_was_done(room: Room) -> None:
    message = room.left(utterance("x", 3))
    room.after()
    with room.world.database.unit_of_work() as db:
        task = db.get_one(Task, message.task)
        task.status, task.done_at = TaskStatus.DONE, room.world.clock.now()
    room.after(timedelta(days=90))
    assert room.path(message).exists()
    room.after(timedelta(seconds=1))
    assert not room.path(message).exists()


def test_a_message_whose_line_broke_belongs_to_the_call_back_its_speaker_asked_for(room: Room) -> None:
    person = room.world.person()
    appointment, now = room.world.appointment(person), room.world.clock.now()
    asked = Reply(call=room.call.id, turn_no=1, phone=room.phone, channel=Channel.VOICE, answer=Answer.STAFF,
                  person=person.id, appointment=appointment.id, at=now)  # fmt: skip
    wish = Task(kind=TaskKind.CALLBACK, subject=appointment.id, person=person.id, created_at=now)
    room.world.add(asked, wish)
    message = room.left(utterance("x", 3), status=TakeStatus.SPOKEN, task=False)
    with room.world.database.unit_of_work() as db:
        db.get_one(Call, room.call.id).closed_at = now
    room.after(timedelta(hours=1))
    assert room.now(message).status is TakeStatus.STORED
    assert (room.task().id, room.now(message).task) == (wish.id, wish.id)
