"""Texts that tell of a change: "your appointment is now on …". They ask nothing and stand outside the ladder."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from gateway.kit.phones import LineType
from gateway.records.agreements import Appointment
from gateway.records.contacts import Reminder
from gateway.records.people import Consent, PersonPhone, Phone
from gateway.records.status import Channel

ANSWER_STEP = "answer"


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
