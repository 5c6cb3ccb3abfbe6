"""What callers spoke for staff is fetched from the carrier, made fit to be heard, kept in private, and forgotten there.

The sound lies in a folder of its own, below no address anybody can ask for: only the console plays it, and writes down
for whom. 90 days after its task was done it is thrown away, and so is the number somebody keyed to be put on the list.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Final

from sqlmodel import Session, col, select

from gateway.care.tasks import open_task
from gateway.carriers.port import RecordingStore
from gateway.dispatch.recorded import Refused, Shelf, TakesDone
from gateway.dispatch.takes import Takes
from gateway.kit.answers import Answer
from gateway.kit.clock import Clock
from gateway.records.conversations import Registration, Reply, VoiceMessage
from gateway.records.database import Database
from gateway.records.status import MessageKind, TakeStatus, TaskKind, TaskStatus
from gateway.records.work import Task
from gateway.voice.wav import AudioError, Unfit

KEPT_FOR: Final = timedelta(days=90)
"""After its task was done: long enough to look back at a complaint, no longer than a voice need lie anywhere."""
_HOUR: Final = timedelta(hours=1)
FOLDER: Final = "messages"
OUTLIVED: Final = "kept_long_enough"
_NOTHING_IN_IT: Final = (Unfit.SILENT, Unfit.TOO_SHORT, Unfit.NO_SOUND, Unfit.NOT_SOUND)
"""What is refused: anything else somebody said is kept as it came, too loud or too long though it be."""
_WHY: Final = {
    Refused.LOST: "the recording was lost",
    Refused.BROKEN: "the recording cannot be opened",
}
_SILENT: Final = "nothing can be heard in it"


def message_path(audio_dir: Path, message: str) -> Path:
    """Where a message's sound lies; below no public address."""
    return audio_dir / FOLDER / f"{message}.wav"


def task_of_the_wish(db: Session, message: VoiceMessage) -> Task | None:
    """The open task that the call of this message made before, by a key: one wish is no two pieces of work.

    For who wanted a person that is their call-back, for who wants to be put on the list that of the number they keyed.
    """
    if message.kind is MessageKind.REGISTER:
        keyed = db.exec(select(Registration).where(col(Registration.call) == message.call)).first()
        task = db.get(Task, keyed.task) if keyed is not None and keyed.task else None
        return task if task is not None and task.status is TaskStatus.OPEN else None
    if message.kind is not MessageKind.STAFF:
        return None
    asked = select(Reply.appointment).where(col(Reply.call) == message.call, col(Reply.answer) == Answer.STAFF)
    about = (col(Task.kind) == TaskKind.CALLBACK, col(Task.subject).in_(asked))
    wishes = db.exec(select(Task).where(*about, col(Task.status) == TaskStatus.OPEN).order_by(col(Task.id))).all()
    mine = [task for task in wishes if task.person == message.person]
    return next(iter(mine or wishes), None)


@dataclass(frozen=True)
class Messages:
    """Looks after what callers left."""

    database: Database
    clock: Clock
    recordings: RecordingStore
    audio_dir: Path

    @cached_property
    def _shelf(self) -> Shelf[VoiceMessage]:
        return Shelf(VoiceMessage, self.database, self.recordings, _tell_staff)

    def pass_once(self, *, with_old: bool = True) -> TakesDone:
        """Do what is due now; raises nothing for a carrier that is away, or for a message nobody can work on.

        `with_old`: throw away what was kept long enough, too, for which every task that was done is looked at.
        """
        done, now = TakesDone(), self.clock.now()
        for message_id in self._shelf.of_ended_calls(now):
            self._keep(message_id, now)
        for message in self._shelf.due((TakeStatus.KEPT,), now):
            self._take_in(message, done, now)
        self._shelf.have_forgotten(done, now)
        if with_old:
            done.discarded += self._throw_away_old(now)
        return done

    def _keep(self, message_id: str, now: datetime) -> None:
        """The line broke before the call could say that it is kept: it is."""
        with self.database.unit_of_work() as db:
            message = db.get(VoiceMessage, message_id)
            if message is None or not self._shelf.move(db, message_id, TakeStatus.KEPT, now):
                return
            known = task_of_the_wish(db, message) if message.task is None else None
            if known is not None:
                message.task = known.id
            elif message.task is None:
                kind = TaskKind.REGISTER if message.kind is MessageKind.REGISTER else TaskKind.MESSAGE
                detail = "left a spoken message, and the line broke"
                message.task = open_task(db, kind, message.id, person=message.person, detail=detail, now=now).id
            db.add(message)

    def _take_in(self, message: VoiceMessage, done: TakesDone, now: datetime) -> None:
        try:
            sound = _fit(self.recordings.fetch(message.recording))
            _write(message_path(self.audio_dir, message.id), sound)
            done.stored += self._shelf.settle(message.id, TakeStatus.STORED, now)
        except AudioError as error:
            done.refused += self._shelf.settle(message.id, TakeStatus.REFUSED, now, error.reason.value)
        except Exception as error:  # the carrier's, or whatever it is
            self._shelf.failed(message, error, done, now)

    def _throw_away_old(self, now: datetime) -> int:
        old = self._old(now)
        for message_id in old:
            message_path(self.audio_dir, message_id).unlink(missing_ok=True)
            with self.database.unit_of_work() as db:
                message = db.get(VoiceMessage, message_id)
                if message is not None:
                    message.reason = OUTLIVED
                    db.add(message)
        self._blank_old_numbers(now)
        return len(old)

    def _blank_old_numbers(self, now: datetime) -> None:
        """What was keyed to be put on the list is kept no longer than what was spoken for it."""
        done = (col(Task.status) == TaskStatus.DONE, col(Task.done_at) < now - KEPT_FOR)
        joined = select(Registration.id).join(Task, col(Task.id) == col(Registration.task))
        with self.database.reading() as db:
            old = db.exec(joined.where(*done, col(Registration.id_value) != "")).all()
        for registration_id in old:
            with self.database.unit_of_work() as db:
                registration = db.get(Registration, registration_id)
                if registration is not None:
                    registration.id_value = ""
                    db.add(registration)

    def _old(self, now: datetime) -> Sequence[str]:
        done = (col(Task.status) == TaskStatus.DONE, col(Task.done_at) < now - KEPT_FOR)
        mine = (col(VoiceMessage.status) == TakeStatus.STORED, col(VoiceMessage.reason) != OUTLIVED)
        joined = select(VoiceMessage.id).join(Task, col(Task.id) == col(VoiceMessage.task))
        with self.database.reading() as db:
            return db.exec(joined.where(*done, *mine)).all()


@dataclass(frozen=True)
class Recordings:
    """Everything that was recorded by telephone, in one pass."""

    takes: Takes
    messages: Messages
    _old_at: list[datetime] = field(default_factory=list)  # when it was last looked for what is old

    def pass_once(self) -> TakesDone:
        """Do what is due now; see `Takes` and `Messages`."""
        now = self.messages.clock.now()
        with_old = not self._old_at or not self._old_at[0] <= now < self._old_at[0] + _HOUR
        both = self.takes.pass_once(), self.messages.pass_once(with_old=with_old)
        if with_old:
            self._old_at[:] = [now]
        return TakesDone(**{one.name: sum(getattr(done, one.name) for done in both) for one in fields(TakesDone)})


def _fit(sound: bytes) -> bytes:
    """The sound at one loudness, or as it came where it is too loud or too long for a phrase.

    Raises AudioError where there is nothing in it.
    """
    from gateway.voice.audio import normalise  # PyAV is large, and most passes have nothing to take in

    try:
        return normalise(sound)
    except AudioError as error:
        if error.reason in _NOTHING_IN_IT or not sound.startswith(b"RIFF"):
            raise
        return sound


def _write(path: Path, sound: bytes) -> None:
    """For this program's own account alone, and never half."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    half = path.with_suffix(".part")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(sound)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)


def _tell_staff(db: Session, message: VoiceMessage) -> None:
    """The task of a message that came to nothing says so: somebody wanted something, and has to be called."""
    task = db.get(Task, message.task) if message.task else None
    if task is None or task.status is not TaskStatus.OPEN:
        return
    why = next((words for reason, words in _WHY.items() if reason == message.reason), _SILENT)
    task.detail = f"{task.detail}; {why}"[:200]
    db.add(task)
    db.flush()
