"""Takes out rows nobody outside has heard of, so that a deed undone leaves no trace but in the record of deeds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from gateway.care.booking import give_back_seat
from gateway.care.tasks import close_task
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, AttemptItem, Reminder
from gateway.records.conversations import Outcome, Reply
from gateway.records.people import CarrierBlock, ConsentEvent, PersonPhone
from gateway.records.rosters import RosterRow
from gateway.records.status import TaskStatus
from gateway.records.work import Ride, Task, Visit


def unmake(db: Session, appointment_id: str, *, now: datetime) -> bool:
    """Take out an appointment with its seat and plans; False, changing nothing, when anybody has heard of it."""
    appointment = db.get(Appointment, appointment_id)
    if appointment is None or _is_known_outside(db, appointment_id):
        return False
    for reminder in _reminders(db, appointment_id):
        db.delete(reminder)
    for task in db.exec(select(Task).where(col(Task.subject) == appointment_id, col(Task.status) == TaskStatus.OPEN)):
        close_task(db, task, now=now)
    db.flush()
    give_back_seat(db, appointment_id)
    db.delete(appointment)
    db.flush()
    return True


def unmake_reminder(db: Session, reminder: Reminder) -> bool:
    """Take out a reminder that never went out; False when it did, or may have."""
    if _was_carried(db, [reminder.id]):
        return False
    db.delete(reminder)
    db.flush()
    return True


def phone_is_unused(db: Session, phone: int) -> bool:
    """Whether nothing at all hangs on a number."""
    uses: tuple[Any, ...] = (
        col(PersonPhone.phone),
        col(Attempt.phone),
        col(Reply.phone),
        col(ConsentEvent.phone),
        col(CarrierBlock.phone),
    )
    db.flush()
    return not any(db.scalar(sa.select(use).where(use == phone).limit(1)) is not None for use in uses)


def _is_known_outside(db: Session, appointment: str) -> bool:
    uses: tuple[Any, ...] = (
        col(AttemptItem.appointment),
        col(Reply.appointment),
        col(Outcome.appointment),
        col(RosterRow.appointment),
        col(Appointment.moved_from),
        col(Ride.appointment),
    )
    if any(db.scalar(sa.select(use).where(use == appointment).limit(1)) is not None for use in uses):
        return True
    return _was_carried(db, [one.id for one in _reminders(db, appointment)])


def _was_carried(db: Session, reminders: list[str]) -> bool:
    by_phone = select(AttemptItem.attempt).where(col(AttemptItem.reminder).in_(reminders))
    on_foot = select(Visit.id).where(col(Visit.reminder).in_(reminders))
    return db.exec(by_phone).first() is not None or db.exec(on_foot).first() is not None


def _reminders(db: Session, appointment: str) -> list[Reminder]:
    return list(db.exec(select(Reminder).where(col(Reminder.appointment) == appointment)))
