"""How the house is doing: what ticks, what waits, what was spent, and what came of today's texts and calls.

Looks only. Business time for what is due, real time for whether the ticks still tick. Holds nobody's name or number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from gateway.kit.clock import at_bangkok, bangkok_day
from gateway.plan.window import Window
from gateway.records.contacts import Attempt, Direction, Receipt, Reminder
from gateway.records.house import Counter, Gate, Switch, TickRun
from gateway.records.staffing import Staff
from gateway.records.status import FINAL_ATTEMPTS, Channel, ReminderStatus, TaskKind, TaskStatus
from gateway.records.work import Task
from gateway.reports.traffic import Calls, Texts, traffic

TICKS: Final = ("plan", "dispatch", "sweep", "reconcile", "takes", "hotline", "figures")
"""The passes of the worker; a test holds them to its own list."""
WATCHED_TASKS: Final = (TaskKind.IN_DOUBT, TaskKind.UNMATCHED, TaskKind.POISON, TaskKind.NO_PROMPT)
"""Work that tells of trouble in the house, not of a person's wish."""
AGES: Final = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
PAUSE: Final = "pause"
_PATIENCE: Final = timedelta(minutes=3)
"""A tick is noted once a minute (worker.NOTED_EVERY), and may miss some turns: a slow disk, a carrier that thinks."""
_TURNS: Final = 3


@dataclass(frozen=True, slots=True)
class Allowance:
    """What may go out: lines at once, calls and parts of texts a second, money a Bangkok day (None: no limit)."""

    lines: int
    calls_per_second: float
    sms_per_second: float
    daily_budget: float | None
    dearest: float  # what one call or the longest text may cost: with less left, something stays where it is
    line_is_lost_after: timedelta  # a call whose end we never heard gives its line back


@dataclass(frozen=True, slots=True)
class Tick:
    """One of the passes. `age` is real time since its latest pass; None: it never ran."""

    name: str
    every: float = 0.0  # seconds
    at: datetime | None = None  # business time
    age: timedelta | None = None
    seconds: float = 0.0
    failures: int = 0  # in a row
    error: str = ""  # the kind of its latest error, even when that is over
    failed: timedelta | None = None  # real time since then

    @property
    def is_late(self) -> bool:
        """Whether it should have run again by now."""
        return self.age is not None and self.age > max(_PATIENCE, timedelta(seconds=self.every * _TURNS))

    @property
    def is_well(self) -> bool:
        """Whether it ran lately, and without an error."""
        return self.age is not None and not self.is_late and not self.failures


@dataclass(frozen=True, slots=True)
class Waiting:
    """Planned reminders of a channel whose time has come, by how long ago it came; `oldest` is when that was."""

    channel: Channel
    minute: int = 0  # less than a minute
    ten_minutes: int = 0
    hour: int = 0
    older: int = 0
    oldest: datetime | None = None

    @property
    def total(self) -> int:
        """All of them."""
        return self.minute + self.ten_minutes + self.hour + self.older


@dataclass(frozen=True, slots=True)
class Doubts:
    """Attempts of which nobody knows whether they went out, and claims whose process died before it could say."""

    in_doubt: int = 0
    oldest: datetime | None = None
    claimed: int = 0
    orphaned: int = 0


@dataclass(frozen=True, slots=True)
class Money:
    """Spent today; `budget` None is no limit."""

    spent: float = 0.0
    budget: float | None = None
    currency: str = ""
    dearest: float = 0.0

    @property
    def is_spent(self) -> bool:
        """Whether what is left does not pay for one more of the dearest."""
        return self.budget is not None and self.budget - self.spent < max(self.dearest, 1e-9)

    @property
    def share(self) -> float | None:
        """Spent ÷ budget, 1.0 at most; None without a budget."""
        if self.budget is None:
            return None
        return min(1.0, self.spent / self.budget) if self.budget else 1.0


@dataclass(frozen=True, slots=True)
class Pause:
    """The switch that stops everything that goes out; `by` is who turned it last, "" at the command line."""

    is_on: bool = False
    at: datetime | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Hours:
    """Whether anybody may be contacted now, and when that changes: it closes, or opens next."""

    is_open: bool
    changes_at: datetime
    is_holiday: bool = False


@dataclass(frozen=True, slots=True)
class Pulse:
    """Everything the health page shows."""

    now: datetime
    ticks: tuple[Tick, ...]
    waiting: tuple[Waiting, ...]
    doubts: Doubts
    money: Money
    allowance: Allowance
    lines_in_use: int
    texts: Texts
    calls: Calls
    hours: Hours
    pause: Pause
    unmatched_receipts: int  # of today
    counters: Mapping[str, int] = field(default_factory=dict)
    tasks: Mapping[TaskKind, int] = field(default_factory=dict)  # open ones, of WATCHED_TASKS

    @property
    def oldest(self) -> datetime | None:
        """Since when the reminder that waits longest has been due."""
        return min((one.oldest for one in self.waiting if one.oldest is not None), default=None)


def pulse(db: Session, *, window: Window, allowance: Allowance, now: datetime, real_now: datetime) -> Pulse:
    """Return how the house is doing at `now` (business time) and `real_now`, both aware."""
    today = at_bangkok(bangkok_day(now), time(0, 0))
    texts, calls = traffic(db, today)
    return Pulse(
        now=now,
        ticks=_ticks(db, real_now),
        waiting=_waiting(db, now),
        doubts=_doubts(db, real_now),
        money=_money(db, allowance, now),
        allowance=allowance,
        lines_in_use=lines_in_use(db, now=now, lost_after=allowance.line_is_lost_after),
        texts=texts,
        calls=calls,
        hours=_hours(window, now),
        pause=pause_switch(db),
        unmatched_receipts=_unmatched(db, today),
        counters=dict(db.exec(select(Counter.name, Counter.n).order_by(Counter.name)).all()),
        tasks=_tasks(db),
    )


def pause_switch(db: Session) -> Pause:
    """Return how the switch stands, and who turned it."""
    switch = db.get(Switch, PAUSE)
    if switch is None:
        return Pause()
    staff = db.get(Staff, switch.staff) if switch.staff else None
    return Pause(switch.is_on, switch.at, (staff.name or staff.email) if staff else "")


def lines_in_use(db: Session, *, now: datetime, lost_after: timedelta) -> int:
    """Return how many calls are under way at `now`, as dispatch reckons them."""
    statement = select(func.count()).where(
        col(Attempt.channel) == Channel.VOICE,
        col(Attempt.direction) == Direction.OUT,
        col(Attempt.status).not_in(FINAL_ATTEMPTS),
        col(Attempt.created_at) > now - lost_after,
    )
    return db.exec(statement).one()


def tick_ages(db: Session, *, real_now: datetime) -> dict[str, float]:
    """Return the real seconds since each tick's latest pass, for a monitor; one that never ran is not in it."""
    return {tick.name: tick.age.total_seconds() for tick in _ticks(db, real_now) if tick.age is not None}


def _ticks(db: Session, real_now: datetime) -> tuple[Tick, ...]:
    runs = {run.name: run for run in db.exec(select(TickRun)).all()}
    return tuple(_tick(name, runs.get(name), real_now) for name in TICKS)


def _tick(name: str, run: TickRun | None, real_now: datetime) -> Tick:
    if run is None:
        return Tick(name)
    age = max(timedelta(0), real_now - run.real_at)
    failed = max(timedelta(0), real_now - run.failed_at) if run.failed_at else None
    return Tick(name, run.every, run.at, age, run.seconds, run.failures, run.error, failed)


def _waiting(db: Session, now: datetime) -> tuple[Waiting, ...]:
    due = col(Reminder.next_try_at)
    minute, ten, hour = (now - age for age in AGES)
    buckets = (due > minute, sa.and_(due <= minute, due > ten), sa.and_(due <= ten, due > hour), due <= hour)
    statement: Any = (
        sa.select(col(Reminder.channel), *(_how_many(bucket) for bucket in buckets), func.min(due))
        .where(col(Reminder.status) == ReminderStatus.PLANNED, due <= now)
        .group_by(col(Reminder.channel))
    )
    found = {row[0]: Waiting(*row) for row in db.exec(statement)}
    return tuple(found.get(channel, Waiting(channel)) for channel in Channel)


def _how_many(condition: Any) -> Any:
    return func.coalesce(func.sum(sa.case((condition, 1), else_=0)), 0)


def _doubts(db: Session, real_now: datetime) -> Doubts:
    doubtful = (col(Attempt.in_doubt_at).is_not(None), col(Attempt.status).not_in(FINAL_ATTEMPTS))
    count, oldest = db.exec(select(func.count(), func.min(col(Attempt.in_doubt_at))).where(*doubtful)).one()
    statement: Any = sa.select(func.count(), _how_many(col(Reminder.lease_until) < real_now)).where(
        col(Reminder.status) == ReminderStatus.CLAIMED
    )
    claimed, orphaned = db.exec(statement).one()
    return Doubts(count, oldest, claimed, orphaned)


def _money(db: Session, allowance: Allowance, now: datetime) -> Money:
    gate = db.get(Gate, "budget")
    spent = gate.spent if gate is not None and gate.day == bangkok_day(now) else 0.0
    lately = col(Attempt.created_at) > now - timedelta(days=1)  # not all that ever was: this is asked every 3 seconds
    latest = select(Attempt.currency).where(col(Attempt.currency).is_not(None), lately)
    currency = db.exec(latest.order_by(col(Attempt.created_at).desc()).limit(1)).first()
    return Money(spent, allowance.daily_budget, currency or "", allowance.dearest)


def _hours(window: Window, now: datetime) -> Hours:
    if window.is_open(now):
        return Hours(True, window.closes_at(now))
    return Hours(False, window.next_open(now), not window.is_open_day(bangkok_day(now)))


def _unmatched(db: Session, start: datetime) -> int:
    statement = select(func.count()).where(col(Receipt.attempt).is_(None), col(Receipt.at) >= start)
    return db.exec(statement).one()


def _tasks(db: Session) -> dict[TaskKind, int]:
    statement = (
        select(Task.kind, func.count())
        .where(col(Task.status) == TaskStatus.OPEN, col(Task.kind).in_(WATCHED_TASKS))
        .group_by(col(Task.kind))
    )
    found = dict(db.exec(statement).all())
    return {kind: found.get(kind, 0) for kind in WATCHED_TASKS}
