"""Law 4: any answer, on any channel, stops the rest of that appointment's ladder in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from gateway.care.notices import RIDE, WRONG_PERSON
from gateway.care.tasks import close_task, open_task_about
from gateway.records.contacts import Attempt, AttemptItem, Reminder
from gateway.records.conversations import Call
from gateway.records.status import (
    FINAL_ATTEMPTS,
    OPEN_REMINDERS,
    AttemptStatus,
    Channel,
    ReminderStatus,
    TaskKind,
    VisitStatus,
    may_move,
)
from gateway.records.work import Visit

_NEEDLESS_THEN: Final = (TaskKind.UNREACHED, TaskKind.NO_PROMPT)
_NO_PART_OF_IT: Final = (WRONG_PERSON, RIDE)
"""Purposes of an apology to a stranger, and of the news of a ride: who answered still waits for the driver."""


def stop_ladder(
    db: Session,
    appointment_id: str,
    *,
    reason: str,
    now: datetime,
    keep_reminder: str | None = None,
    answered_reminder: str | None = None,
) -> int:
    """Suppress every open reminder of an appointment and return how many; `reason` (at most 64 letters) is kept.

    Their attempts still on the way are asked to be cancelled, their visits are. `keep_reminder` is left alone (the
    text that says "moved"); `answered_reminder` becomes answered, and the call it was answered in goes on. Staff need
    not look any more for somebody who was not reached, or to whom we had nothing to say: those tasks are closed.
    """
    mine = col(Reminder.appointment) == appointment_id
    for kind in _NEEDLESS_THEN:
        task = open_task_about(db, kind, appointment_id)
        if task is not None:
            close_task(db, task, now=now)
    return _stop(db, mine, reason=reason, now=now, keep=keep_reminder, answered=answered_reminder)


def stop_person(
    db: Session, person_id: str, *, reason: str, now: datetime, answered_reminder: str | None = None
) -> int:
    """Suppress every open reminder of a person, whatever it is about; as `stop_ladder` otherwise."""
    mine = col(Reminder.person) == person_id
    return _stop(db, mine, reason=reason, now=now, keep=None, answered=answered_reminder)


def _stop(
    db: Session, mine: sa.ColumnElement[bool], *, reason: str, now: datetime, keep: str | None, answered: str | None
) -> int:
    found = db.exec(select(Reminder).where(mine, col(Reminder.status).in_(OPEN_REMINDERS))).all()
    stopped: list[str] = []
    settled: list[str] = []
    for reminder in found:
        if reminder.id == keep or reminder.purpose in _NO_PART_OF_IT:
            continue
        if reminder.id == answered and _mark_answered(reminder):
            settled.append(reminder.id)
            continue
        if may_move(reminder.status, ReminderStatus.SUPPRESSED):
            reminder.status, reminder.reason = ReminderStatus.SUPPRESSED, reason
            stopped.append(reminder.id)
    db.flush()
    if stopped or settled:
        _cancel_attempts(db, (*stopped, *settled), now)
        _cancel_visits(db, stopped)
    return len(stopped)


def _mark_answered(reminder: Reminder) -> bool:
    # An answer may come back before the sender has written "sent"; that it was answered shows that it went out.
    if reminder.status is ReminderStatus.CLAIMED:
        reminder.status = ReminderStatus.SENT
    if not may_move(reminder.status, ReminderStatus.ANSWERED):
        return False
    reminder.status, reminder.reason = ReminderStatus.ANSWERED, None
    return True


def _cancel_attempts(db: Session, over: Sequence[str], now: datetime) -> None:
    """Ask for the end of the live attempts that carry only what is over.

    One call may carry a household: the grandmother's yes must not cut off the grandfather's half of it. Nor is the call
    cut off in which the answer is given; but one that still rings for what was answered by text meanwhile is.
    """
    carrying = select(AttemptItem.attempt).where(col(AttemptItem.reminder).in_(over), col(AttemptItem.live))
    is_given_here = sa.or_(
        col(Attempt.channel) != Channel.VOICE,
        col(Attempt.status) == AttemptStatus.IN_PROGRESS,
        col(Attempt.id).in_(select(col(Call.attempt))),  # picked up, and no receipt has told us yet
    )
    still_wanted = (
        select(AttemptItem.attempt)
        .join(Reminder, col(Reminder.id) == col(AttemptItem.reminder))
        .join(Attempt, col(Attempt.id) == col(AttemptItem.attempt))
        .where(col(AttemptItem.live))
        .where(
            sa.or_(
                col(Reminder.status).in_(OPEN_REMINDERS),
                sa.and_(col(Reminder.status) == ReminderStatus.ANSWERED, is_given_here),
            )
        )
    )
    db.exec(
        sa.update(Attempt)
        .where(
            col(Attempt.id).in_(carrying),
            col(Attempt.id).not_in(still_wanted),
            col(Attempt.status).not_in(FINAL_ATTEMPTS),
            col(Attempt.cancel_requested_at).is_(None),
        )
        .values(cancel_requested_at=now)
        .execution_options(synchronize_session="fetch")
    )


def _cancel_visits(db: Session, stopped: Sequence[str]) -> None:
    for visit in db.exec(select(Visit).where(col(Visit.reminder).in_(stopped), col(Visit.status) == VisitStatus.OPEN)):
        visit.status = VisitStatus.CANCELLED
    db.flush()
