"""Writes the reminders to come: the engine gathers the appointments ahead and writes. Planning twice writes nothing.

Set by set, not row by row (docs/adr/0018-planning-in-sql.md): `candidates` gathers who is to be planned, `timetable`
says once for all who come at one time when their steps are due, `writing` joins the two, `unreached` has the rest.
The same in plain Python, row by row, is tests/plan/reference.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Final

from sqlmodel import Session, col, select

from gateway.kit.clock import at_bangkok, bangkok_day
from gateway.plan.aftermath import SweepReport, escalate, sweep
from gateway.plan.candidates import gather, kinds
from gateway.plan.ladder import Ladder
from gateway.plan.rules import PlanReport, Rules
from gateway.plan.unreached import hand_over
from gateway.plan.window import Window
from gateway.plan.writing import write_reminders
from gateway.records.agreements import Appointment
from gateway.records.database import Conflict, Database

__all__ = ["PlanReport", "SweepReport", "escalate", "plan", "plan_in_parts", "sweep"]

HORIZON_DAYS: Final = 14
"""A notice 7 days ahead goes out before a run of holidays, and Songkran with its weekends is long."""
PART_SQLITE: Final = 12_000
"""Appointments of one transaction: a province's day. Others wait for half a second, once a day; in smaller parts the
same pages of the indexes would be written again and again."""
PART_SERVER: Final = 4_000
"""On a server nobody waits; but the longer it lasts, the likelier it collides with a callback and is done again."""
_LEAST: Final = 100
_FEW: Final = 500
"""New appointments that are planned by themselves; more are a roster, and are planned part by part with all others."""
_OVERLAP: Final = timedelta(minutes=15)
"""Business time for which an appointment is new: it may have been committed some time after it was made."""
_Part = tuple[PlanReport, datetime | None]


def plan(
    db: Session,
    ladder: Ladder,
    window: Window,
    *,
    now: datetime,
    speakable: frozenset[str],
    textable: frozenset[str],
    horizon_days: int = HORIZON_DAYS,
) -> PlanReport:
    """Write the reminders of the booked appointments of the next days that have none yet, and of new second doses.

    `speakable` and `textable` are the languages something can be said and written in; a language's fallbacks count.
    Who cannot be contacted becomes a task for staff, and a visit where a village is known. The same rows give the
    same reminders.
    """
    rules = _rules(ladder, window, now, speakable, textable, horizon_days)
    near, _ = _part(db, rules, is_far=False)
    far, _ = _part(db, rules, is_far=True)
    return near + far


def plan_in_parts(
    database: Database,
    ladder: Ladder,
    window: Window,
    *,
    now: datetime,
    speakable: frozenset[str],
    textable: frozenset[str],
    horizon_days: int = HORIZON_DAYS,
    size: int = 0,
    since: datetime | None = None,
) -> PlanReport:
    """Do as `plan` does, in a transaction for about every `size` appointments (0: as the engine likes it).

    The soonest first; what was planned stays planned when a later part fails. `since` is when the pass before was:
    then only appointments made since are looked at, so that a pass which finds none costs next to nothing. The others,
    such as of who has a telephone now, wait for a pass without it.
    """
    size = size or (PART_SQLITE if database.is_sqlite else PART_SERVER)
    rules = _rules(ladder, window, now, speakable, textable, horizon_days)
    new = None if since is None else _new(database, since - _OVERLAP)
    if new is not None and len(new) <= _FEW:
        return _plan_these(database, rules, new) if new else PlanReport()
    report = PlanReport()
    for is_far in (False, True):
        after: datetime | None = None
        while True:
            part, after = _run_part(database, rules, is_far=is_far, after=after, limit=size)
            report += part
            if after is None:
                break
    return report


def _new(database: Database, since: datetime) -> Sequence[str]:
    """The appointments made since; one more than a few of them at most."""
    statement = select(Appointment.id).where(col(Appointment.created_at) >= since).limit(_FEW + 1)
    with database.reading() as db:
        return db.exec(statement).all()


def _plan_these(database: Database, rules: Rules, only: Sequence[str]) -> PlanReport:
    def work(db: Session) -> PlanReport:
        near, _ = _part(db, rules, is_far=False, only=only)
        far, _ = _part(db, rules, is_far=True, only=only)
        return near + far

    return database.run(work)


def _run_part(database: Database, rules: Rules, *, is_far: bool, after: datetime | None, limit: int) -> _Part:
    """Plan a part; a smaller one where callbacks were quicker again and again."""

    def work(db: Session) -> _Part:
        return _part(db, rules, is_far=is_far, after=after, limit=limit)

    while limit > _LEAST:
        try:
            return database.run(work, tries=2)
        except Conflict:
            limit //= 4
    return database.run(work)


def _part(
    db: Session,
    rules: Rules,
    *,
    is_far: bool,
    after: datetime | None = None,
    limit: int | None = None,
    only: Sequence[str] | None = None,
) -> _Part:
    """Plan the next appointments after an instant; return where to go on, None at the end."""
    db.flush()
    found, until = gather(db, rules, is_far=is_far, after=after, limit=limit, only=only)
    if not found:
        return PlanReport(), until
    return write_reminders(db, kinds(db), rules) + hand_over(db, rules), until


def _rules(
    ladder: Ladder,
    window: Window,
    now: datetime,
    speakable: frozenset[str],
    textable: frozenset[str],
    horizon_days: int,
) -> Rules:
    horizon = at_bangkok(bangkok_day(now) + timedelta(days=horizon_days + 1), time(0, 0))
    return Rules(ladder, window, now, horizon, speakable, textable)
