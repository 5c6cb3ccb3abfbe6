"""Writes the reminders to come: the engine gathers the appointments ahead and writes. Planning twice writes nothing.

Set by set, not row by row (docs/adr/0018-planning-in-sql.md): `candidates` gathers who is to be planned, `timetable`
says once for all who come at one time when their steps are due, `writing` joins the two, `unreached` has the rest.
The same in plain Python, row by row, is tests/plan/reference.py.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final

from sqlmodel import Session

from gateway.kit.clock import at_bangkok, bangkok_day
from gateway.plan.aftermath import SweepReport, escalate, sweep
from gateway.plan.candidates import gather, kinds
from gateway.plan.ladder import Ladder
from gateway.plan.rules import PlanReport, Rules
from gateway.plan.unreached import hand_over
from gateway.plan.window import Window
from gateway.plan.writing import write_reminders
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
) -> PlanReport:
    """Do as `plan` does, in a transaction for about every `size` appointments (0: as the engine likes it).

    The soonest first; what was planned stays planned when a later part fails.
    """
    size = size or (PART_SQLITE if database.is_sqlite else PART_SERVER)
    rules = _rules(ladder, window, now, speakable, textable, horizon_days)
    report = PlanReport()
    for is_far in (False, True):
        after: datetime | None = None
        while True:
            part, after = _run_part(database, rules, is_far=is_far, after=after, limit=size)
            report += part
            if after is None:
                break
    return report


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


def _part(db: Session, rules: Rules, *, is_far: bool, after: datetime | None = None, limit: int | None = None) -> _Part:
    """Plan the next appointments after an instant; return where to go on, None at the end."""
    db.flush()
    found, until = gather(db, rules, is_far=is_far, after=after, limit=limit)
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
