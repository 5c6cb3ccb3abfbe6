"""What callers left for staff: spoken messages, and numbers keyed by people without an appointment.

A keyed number is told by its class alone. Its digits are read one at a time (`keyed_number`), by whom it is written
down; the lists of the console never hold them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from gateway.kit.identity import IdKind
from gateway.records.conversations import Registration, VoiceMessage
from gateway.records.people import Phone
from gateway.records.staffing import Staff
from gateway.records.status import MessageKind, TakeStatus, TaskStatus
from gateway.records.work import Task


@dataclass(frozen=True, slots=True)
class Spoken:
    """One recording. `e164` is the phone it came from; `is_here` says that it was fetched and can be heard."""

    id: str
    at: datetime
    kind: MessageKind
    status: TakeStatus
    reason: str
    seconds: int
    language: str
    e164: str = field(repr=False)
    is_answered: bool = False  # its task is done
    answered_by: str = ""  # a name of the staff

    @property
    def is_here(self) -> bool:
        """Whether it can be heard."""
        return self.status is TakeStatus.STORED

    @property
    def is_coming(self) -> bool:
        """Whether it is still at the carrier."""
        return self.status in (TakeStatus.KEPT, TakeStatus.SPOKEN)


@dataclass(frozen=True, slots=True)
class Keyed:
    """A number somebody keyed: its class, when, and from which phone; never its digits."""

    id: str
    at: datetime
    kind: IdKind
    e164: str = field(repr=False)


def spoken_for_tasks(db: Session, tasks: Collection[str]) -> Mapping[str, tuple[Spoken, ...]]:
    """Recordings by the id of the task they opened, the first first."""
    return _by(db, select(VoiceMessage).where(col(VoiceMessage.task).in_(tasks)), lambda one: one.task)


def spoken_by(db: Session, person: str) -> tuple[Spoken, ...]:
    """What one person left, the newest first."""
    found = _by(db, select(VoiceMessage).where(col(VoiceMessage.person) == person), lambda one: one.person)
    return tuple(reversed(found.get(person, ())))


def keyed_for_tasks(db: Session, tasks: Collection[str]) -> Mapping[str, Keyed]:
    """Numbers that were keyed, by the id of the task they opened."""
    query = select(Registration, Phone.e164).join(Phone, col(Phone.id) == col(Registration.phone))
    rows = db.exec(query.where(col(Registration.task).in_(tasks)))
    return {one.task or "": Keyed(one.id, one.at, _class_of(one.id_kind), number) for one, number in rows}


def keyed_number(db: Session, task: str) -> str | None:
    """The digits behind one task; whoever shows them writes down for whom."""
    return db.exec(select(Registration.id_value).where(col(Registration.task) == task)).first()


def _by(
    db: Session, wanted: SelectOfScalar[VoiceMessage], key: Callable[[VoiceMessage], str | None]
) -> dict[str, tuple[Spoken, ...]]:
    rows = db.exec(wanted.order_by(col(VoiceMessage.at), col(VoiceMessage.id))).all()
    phones = db.exec(select(Phone).where(col(Phone.id).in_({one.phone for one in rows})))
    numbers = {phone.id: phone.e164 for phone in phones}
    tasks = {one.id: one for one in _tasks(db, {one.task for one in rows if one.task})}
    names = _names(db, {one.done_by for one in tasks.values() if one.done_by})
    found: dict[str, list[Spoken]] = defaultdict(list)
    for one in rows:
        task = tasks.get(one.task or "")
        found[key(one) or ""].append(_spoken(one, numbers.get(one.phone, ""), task, names))
    return {name: tuple(each) for name, each in found.items()}


def _spoken(one: VoiceMessage, number: str, task: Task | None, names: Mapping[str, str]) -> Spoken:
    is_done = task is not None and task.status is TaskStatus.DONE
    return Spoken(
        id=one.id,
        at=one.at,
        kind=one.kind,
        status=one.status,
        reason=one.reason,
        seconds=one.seconds,
        language=one.language,
        e164=number,
        is_answered=is_done,
        answered_by=names.get(task.done_by or "", "") if task and is_done else "",
    )


def _tasks(db: Session, ids: Iterable[str]) -> list[Task]:
    return list(db.exec(select(Task).where(col(Task.id).in_(list(ids)))))


def _names(db: Session, ids: Iterable[str]) -> dict[str, str]:
    return {one.id: one.name or one.email for one in db.exec(select(Staff).where(col(Staff.id).in_(list(ids))))}


def _class_of(kind: str) -> IdKind:
    return IdKind(kind) if kind in set(IdKind) else IdKind.UNVERIFIED
