"""What waits for staff: how much of each kind, how old, and page by page with all that is needed to do it.

A task's site is its own, else its person's, else that of the person an attempt in doubt was for. A task of which no
site is known is everybody's: better seen twice than by nobody.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from gateway.care.regimens import Regimens
from gateway.kit.clock import bangkok_day
from gateway.records.agreements import Appointment
from gateway.records.contacts import AttemptItem, Reminder
from gateway.records.conversations import Reply, VoiceMessage
from gateway.records.people import Person
from gateway.records.status import LIVE_APPOINTMENTS, TaskKind, TaskStatus
from gateway.records.work import Task
from gateway.reports.worklist_facts import Facts, read_facts

PAGE: Final = 50


class Whose(StrEnum):
    """Which tasks, by who has them."""

    ALL = "all"
    MINE = "mine"
    FREE = "free"  # nobody has taken them


class Urgency(StrEnum):
    """Why a task is put before others."""

    MUST_NOT_WAIT = "must_not_wait"  # a course whose doses must not be postponed, such as after a bite
    COMING_UP = "coming_up"  # the appointment is ahead: the sooner, the higher
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tasks. `kind` None: every kind; `site` None: every site; `bound` None: whoever asks may see all sites."""

    me: str
    kind: TaskKind | None = None
    site: str | None = None
    bound: str | None = None
    whose: Whose = Whose.ALL
    status: TaskStatus = TaskStatus.OPEN


@dataclass(frozen=True, slots=True)
class KindCount:
    """How many open tasks of a kind, how many of them nobody has taken, and since when the oldest waits (UTC)."""

    kind: TaskKind
    open: int = 0
    free: int = 0
    mine: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One task and what is known about it."""

    task: Task
    urgency: Urgency
    facts: Facts


@dataclass(frozen=True, slots=True)
class Worklist:
    """One page of tasks; `total` counts all pages, `page` begins with 1 and is never beyond the last."""

    entries: list[Entry]
    total: int
    page: int
    pages: int


def counts(db: Session, wanted: Wanted) -> list[KindCount]:
    """Open tasks by kind, kinds without any too; `kind`, `whose` and `status` of what is wanted do not matter."""
    own = _open_of(wanted)
    free = sa.func.sum(sa.case((col(Task.assignee).is_(None), 1), else_=0))
    mine = sa.func.sum(sa.case((col(Task.assignee) == wanted.me, 1), else_=0))
    rows = db.exec(  # type: ignore[call-overload]
        sa.select(col(Task.kind), sa.func.count(), free, mine, sa.func.min(col(Task.created_at)))
        .where(*own)
        .group_by(col(Task.kind))
    ).all()
    found = {kind: KindCount(kind, number, unowned, ours, oldest) for kind, number, unowned, ours, oldest in rows}
    return [found.get(kind, KindCount(kind)) for kind in TaskKind]


def worklist(
    db: Session, wanted: Wanted, *, now: datetime, regimens: Regimens, page: int = 1, size: int = PAGE
) -> Worklist:
    """One page of tasks with everything about them: open ones the most urgent first, done ones the latest first.

    First what must not wait, then by how soon the appointment is, then the oldest. Rides stand together by session
    and village, as a driver goes.
    """
    order = _in_order(db, wanted, now, regimens)
    pages = max(1, -(-len(order) // size))
    page = min(max(1, page), pages)
    chosen = order[(page - 1) * size : page * size]
    found = {task.id: task for task in db.exec(select(Task).where(col(Task.id).in_([row.id for row in chosen])))}
    facts = read_facts(db, list(found.values()), bound=wanted.bound)
    entries = [Entry(found[row.id], row.urgency, facts[row.id]) for row in chosen if row.id in found]
    return Worklist(entries, len(order), page, pages)


def find_task(db: Session, task_id: str, *, bound: str | None) -> Task | None:
    """The task of this id, unless it is another site's than the one the asker is bound to."""
    return db.exec(select(Task).where(col(Task.id) == task_id, *_visible(bound))).first()


def find_spoken(db: Session, message: str, *, bound: str | None) -> VoiceMessage | None:
    """A recording whose task the asker may see; those at one site (`bound`) hear their own site's and nobody's."""
    found = db.get(VoiceMessage, message)
    if found is None or bound is None:
        return found
    is_theirs = found.task is not None and find_task(db, found.task, bound=bound) is not None
    return found if is_theirs else None


@dataclass(frozen=True, slots=True)
class _Place:
    """What the order of tasks needs, read for all of them at once."""

    id: str
    urgency: Urgency
    key: tuple[Any, ...]


def _in_order(db: Session, wanted: Wanted, now: datetime, regimens: Regimens) -> list[_Place]:
    urgent = {code for code, regimen in regimens.items() if not regimen.may_move_by_key}
    places = [_place(row, wanted, now, urgent) for row in db.exec(_light(wanted))]  # type: ignore[call-overload]
    return sorted(places, key=lambda place: place.key)


def _place(row: Any, wanted: Wanted, now: datetime, bound: Collection[str]) -> _Place:
    if wanted.status is TaskStatus.DONE:
        done = row.done_at or row.created_at
        return _Place(row.id, Urgency.NONE, (-done.timestamp(), row.id))
    urgency = _urgency(row, now, bound)
    soon = row.starts_at if urgency is not Urgency.NONE and row.starts_at else row.created_at
    key: tuple[Any, ...] = (list(Urgency).index(urgency), soon, row.created_at, row.id)
    return _Place(row.id, urgency, _as_driven(row, now) + key if wanted.kind is TaskKind.RIDE else key)


def _as_driven(row: Any, now: datetime) -> tuple[Any, ...]:
    """By day and session, then village by village; what is over comes last."""
    is_ahead = row.starts_at is not None and row.starts_at >= now
    day = bangkok_day(row.starts_at if is_ahead else row.created_at)
    return (not is_ahead, day, row.site or "", row.session or "", row.village or "")


def _urgency(row: Any, now: datetime, bound: Collection[str]) -> Urgency:
    if row.starts_at is None or row.status not in LIVE_APPOINTMENTS:
        return Urgency.NONE
    if row.regimen in bound:
        return Urgency.MUST_NOT_WAIT
    return Urgency.COMING_UP if row.starts_at >= now else Urgency.NONE


def _light(wanted: Wanted) -> sa.Select[*tuple[Any, ...]]:
    """The tasks asked for, each with its appointment: its subject, or what the reply or reminder it names is about."""
    replied = sa.select(col(Reply.appointment)).where(col(Reply.id) == col(Task.subject)).scalar_subquery()
    reminded = sa.select(col(Reminder.appointment)).where(col(Reminder.id) == col(Task.subject)).scalar_subquery()
    about = sa.case(
        (col(Task.kind).in_((TaskKind.QUESTION, TaskKind.UNMATCHED)), sa.func.coalesce(replied, col(Task.subject))),
        (col(Task.kind) == TaskKind.POISON, sa.func.coalesce(reminded, col(Task.subject))),
        else_=col(Task.subject),
    )
    task = (Task.id, Task.created_at, Task.done_at, Task.site, Task.village)
    appointment = (Appointment.starts_at, Appointment.status, Appointment.regimen, Appointment.session)
    return (
        sa.select(*(col(one) for one in (*task, *appointment)))
        .outerjoin(Appointment, col(Appointment.id) == about)
        .where(*_conditions(wanted))
    )


def _conditions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    found = [col(Task.status) == wanted.status, *_of_site(wanted)]
    if wanted.kind is not None:
        found.append(col(Task.kind) == wanted.kind)
    doer = Task.assignee if wanted.status is TaskStatus.OPEN else Task.done_by
    if wanted.whose is Whose.MINE:
        found.append(col(doer) == wanted.me)
    elif wanted.whose is Whose.FREE:
        found.append(col(doer).is_(None))
    return found


def _open_of(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    return [col(Task.status) == TaskStatus.OPEN, *_of_site(wanted)]


def _of_site(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    chosen = [site_of_task() == wanted.site] if wanted.site else []
    return [*_visible(wanted.bound), *chosen]


def _visible(bound: str | None) -> list[sa.ColumnElement[bool]]:
    return [] if bound is None else [sa.func.coalesce(site_of_task(), bound) == bound]


def site_of_task() -> sa.ColumnElement[str | None]:
    """An expression for the site a task belongs to, null where none is known."""
    persons = sa.select(col(Person.site)).where(col(Person.id) == col(Task.person)).scalar_subquery()
    doubted = (
        sa.select(col(Person.site))
        .join(AttemptItem, col(AttemptItem.person) == col(Person.id))
        .where(col(AttemptItem.attempt) == col(Task.subject), col(AttemptItem.position) == 0)
        .scalar_subquery()
    )
    return sa.func.coalesce(col(Task.site), persons, doubted)
