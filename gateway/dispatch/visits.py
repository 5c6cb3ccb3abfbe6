"""The last step of the ladder is a knock on the door: a visit is written instead of a carrier called."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from gateway.dispatch.cases import due_cases
from gateway.dispatch.outbox import is_paused, set_status
from gateway.plan.window import Window
from gateway.records.status import LIVE_APPOINTMENTS, Channel, ReminderStatus
from gateway.records.work import Visit

BATCH = 200


def write_visits(db: Session, window: Window, *, now: datetime, due_by: datetime) -> int:
    """Write a visit for each due visit reminder; returns how many. A visit too late to be of use is not asked for."""
    if is_paused(db) or not window.is_open(now):
        return 0
    written = 0
    for case in due_cases(db, Channel.VISIT, BATCH, due_by):
        if case.appointment.status not in LIVE_APPOINTMENTS:
            set_status(case.reminder, ReminderStatus.CANCELLED, "appointment_" + case.appointment.status.value)
        elif case.reminder.expires_at <= now:
            set_status(case.reminder, ReminderStatus.EXPIRED, "too_late")
        else:
            set_status(case.reminder, ReminderStatus.CLAIMED, None)
            set_status(case.reminder, ReminderStatus.SENT, None)
            db.add(Visit(reminder=case.reminder.id, created_at=now))
            written += 1
        db.add(case.reminder)
    return written
