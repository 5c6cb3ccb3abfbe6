"""A recorded dose without a later appointment gets one, in a session inside the regimen's interval.

Who needs one is found by one query (`due_doses`); what is done for each is here. Where no seat fits, staff get a task,
once; it closes by itself when a seat turns up, or when the need is gone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session as Db
from sqlmodel import col, func, select

from gateway.care.booking import SessionFull, open_sessions, take_seat
from gateway.care.due_doses import DueDose, find_due_doses
from gateway.care.regimens import Regimens
from gateway.care.tasks import close_task, open_task
from gateway.kit.clock import bangkok_day
from gateway.records.agreements import Appointment, Dose
from gateway.records.places import Session
from gateway.records.status import TaskKind, TaskStatus
from gateway.records.work import Task

_PREFIX = "dose:"  # the tasks that are ours to close; others of the kind no_seat are about an appointment


_SOON: Final = timedelta(days=42)  # sessions farther ahead are seldom planned yet: a task would only wait


@dataclass(frozen=True, slots=True)
class SecondDoseReport:
    """How many appointments were made, and how many people were newly handed to staff for want of a seat."""

    booked: int = 0
    no_seat: int = 0


def newest_dose(db: Db) -> int:
    """The number of the dose that was written down last; 0 where there is none."""
    return db.exec(select(func.max(Dose.id))).one() or 0


def seats_offered(db: Db) -> tuple[int, ...]:
    """What changes when sessions are opened, closed, or made larger: then who had no seat may have one."""
    sums = select(func.count(), func.coalesce(func.sum(Session.capacity), 0), func.count(col(Session.closed_at)))
    return tuple(db.exec(sums.select_from(Session)).one())


def book_second_doses(db: Db, regimens: Regimens, *, now: datetime, limit: int, after: int = 0) -> SecondDoseReport:
    """Book the doses that follow those already given; at most `limit` bookings and new tasks together.

    `after` is the number of a dose: only those written down later are looked at, and no task is closed for want of
    need, which only a look at all can tell.
    """
    due = find_due_doses(db, regimens, now=now, after=after)
    if after and not due:
        return SecondDoseReport()
    tasks = _tasks_known(db)
    if not after:
        _close_needless(db, tasks.values(), {_subject(one) for one in due}, now)
    sessions = _FreeSessions(db, due, now)
    booked = no_seat = 0
    for one in due:
        if booked + no_seat >= limit:
            break
        task = tasks.get(_subject(one))
        if _book(db, one, sessions.inside(one), now):
            booked += 1
            if task is not None:
                close_task(db, task, now=now)
        elif task is None and one.window.earliest <= bangkok_day(now) + _SOON:
            _tell_staff(db, one, now)
            no_seat += 1
    return SecondDoseReport(booked, no_seat)


class _FreeSessions:
    """The sessions that can be booked, by site and vaccine, read once a pass."""

    def __init__(self, db: Db, due: Sequence[DueDose], now: datetime) -> None:
        self._found: dict[tuple[str, str], list[Session]] = defaultdict(list)
        vaccines = {vaccine for one in due for vaccine in one.vaccines}
        if not vaccines:
            return
        wanted = select(Session).where(*open_sessions(now), col(Session.vaccine).in_(vaccines))
        for session in db.exec(wanted.order_by(col(Session.starts_at), col(Session.id))):
            self._found[session.site, session.vaccine].append(session)

    def inside(self, due: DueDose) -> list[Session]:
        """Sessions at the person's site inside the interval, the recommended day first, then the nearest to it."""
        if due.site is None:
            return []
        here = [session for vaccine in due.vaccines for session in self._found[due.site, vaccine]]
        fitting = [one for one in here if due.window.earliest <= one.day <= due.window.latest]
        return sorted(fitting, key=lambda one: (abs((one.day - due.window.recommended).days), one.starts_at))


def _book(db: Db, due: DueDose, sessions: Iterable[Session], now: datetime) -> bool:
    for session in sessions:
        if session.taken >= session.capacity:
            continue
        appointment = Appointment(
            person=due.person,
            site=session.site,
            session=session.id,
            regimen=due.regimen,
            course=due.course,
            dose_no=due.number,
            starts_at=session.starts_at,
            source="second_dose",
            created_at=now,
        )
        try:
            take_seat(db, appointment, spread=True)
        except SessionFull:  # somebody was quicker; SQLite's single writer never comes here
            db.delete(appointment)
            db.flush()
            continue
        return True
    return False


def _tell_staff(db: Db, due: DueDose, now: datetime) -> None:
    where = f"at {due.site}" if due.site else "(no site is known)"
    earliest, latest = due.window.earliest.isoformat(), due.window.latest.isoformat()
    is_overdue = due.window.latest < bangkok_day(now)
    what = f"overdue since {latest}" if is_overdue else f"no free seat {where} from {earliest} to {latest}"
    open_task(
        db,
        TaskKind.NO_SEAT,
        _subject(due),
        person=due.person,
        site=due.site,
        village=due.village or None,
        detail=f"{due.regimen} dose {due.number}: {what}",
        now=now,
    )


def _subject(due: DueDose) -> str:
    return f"{_PREFIX}{due.dose}"


def _tasks_known(db: Db) -> dict[str, Task]:
    """Our tasks by subject, closed ones too: what staff have dealt with is not put before them again."""
    ours = select(Task).where(col(Task.kind) == TaskKind.NO_SEAT, col(Task.subject).startswith(_PREFIX))
    return {task.subject: task for task in db.exec(ours)}


def _close_needless(db: Db, tasks: Iterable[Task], needed: set[str], now: datetime) -> None:
    for task in tasks:
        if task.status is TaskStatus.OPEN and task.subject not in needed:
            close_task(db, task, now=now)
