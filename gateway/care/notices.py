"""Texts that tell of a change: "your appointment is now on …". They ask nothing and stand outside the ladder."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from gateway.care.tasks import open_task
from gateway.kit.phones import LineType
from gateway.records.agreements import Appointment
from gateway.records.contacts import Reminder
from gateway.records.people import Consent, PersonPhone, Phone
from gateway.records.status import LIVE_APPOINTMENTS, AppointmentStatus, Channel, TaskKind

ANSWER_STEP = "answer"
MOVED = "moved"  # the purpose of a text that says the new day
CANCELLED = "cancelled"  # and of one that tells people not to come


def is_still_true(purpose: str, status: AppointmentStatus) -> bool:
    """Whether a reminder may still go out: one that says "cancelled" only then, every other while the day stands."""
    if purpose == CANCELLED:
        return status is AppointmentStatus.CANCELLED
    return status in LIVE_APPOINTMENTS


def plan_notice(db: Session, appointment: Appointment, purpose: str, *, now: datetime) -> Reminder | None:
    """Plan a text about what they just agreed, or their clinic changed; None without a phone that takes texts.

    Once for an appointment and purpose; it expires when the appointment begins.
    """
    if not _takes_texts(db, appointment.person) or _is_planned(db, appointment.id, purpose):
        return None
    reminder = Reminder(
        appointment=appointment.id,
        person=appointment.person,
        purpose=purpose,
        step=ANSWER_STEP,
        channel=Channel.SMS,
        due_at=now,
        next_try_at=now,
        expires_at=appointment.starts_at,
    )
    db.add(reminder)
    db.flush()
    return reminder


def hand_to_staff(db: Session, reminder: Reminder, *, now: datetime) -> None:
    """Have staff tell what a text could not: a day that was changed for somebody, who would come on the old one.

    Who chose the day themselves knows it; who was told not to come has a call-back since the session was closed.
    """
    appointment = db.get(Appointment, reminder.appointment) if reminder.appointment else None
    if reminder.purpose != MOVED or appointment is None or appointment.status is not AppointmentStatus.BOOKED:
        return
    open_task(
        db,
        TaskKind.CALLBACK,
        appointment.id,
        person=appointment.person,
        site=appointment.site,
        detail="tell them: the day was changed, and the text did not reach them",
        now=now,
    )


def _takes_texts(db: Session, person: str) -> bool:
    statement = (
        select(Phone.line_type)
        .join(PersonPhone, col(PersonPhone.phone) == col(Phone.id))
        .where(col(PersonPhone.person) == person, col(PersonPhone.sms) == Consent.ALLOW)
        .where(col(Phone.parked_at).is_(None))
    )
    return any(line == LineType.MOBILE for line in db.exec(statement).all())


def _is_planned(db: Session, appointment: str, purpose: str) -> bool:
    statement = select(Reminder.id).where(
        col(Reminder.appointment) == appointment, col(Reminder.purpose) == purpose, col(Reminder.step) == ANSWER_STEP
    )
    return db.exec(statement).first() is not None
