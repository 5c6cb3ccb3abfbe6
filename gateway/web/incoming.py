"""What reaches us unasked: whose phone it came from, and the attempt that stands for it in the records."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from gateway.kit.phones import PhoneError, parse_phone
from gateway.records.contacts import Attempt, AttemptItem, Direction
from gateway.records.people import Phone
from gateway.records.status import RANK, AttemptStatus, Channel
from gateway.replies.inbox import Candidate


def phone_of(db: Session, number: str) -> Phone | None:
    """The phone on record with this number; None when it is unknown or withheld."""
    try:
        e164 = parse_phone(number).e164
    except PhoneError:
        return None
    return db.exec(select(Phone).where(col(Phone.e164) == e164)).first()


def is_number(number: str) -> bool:
    """Whether somebody calls with a number at all, or withholds it."""
    try:
        parse_phone(number)
    except PhoneError:
        return False
    return True


def keep_phone(db: Session, number: str) -> Phone | None:
    """The phone with this number, put on record where it is new; None when the number is withheld or none."""
    known = phone_of(db, number)
    if known is not None:
        return known
    try:
        parsed = parse_phone(number)
    except PhoneError:
        return None
    phone = Phone(e164=parsed.e164, line_type=parsed.line_type)
    db.add(phone)
    db.flush()
    return phone


def open_attempt(
    db: Session,
    *,
    carrier: str,
    carrier_id: str,
    phone: int,
    channel: Channel,
    status: AttemptStatus,
    language: str,
    whose: Candidate | None,
    now: datetime,
) -> Attempt:
    """The inbound attempt for a text or call, made when it is first heard of."""
    mine = (col(Attempt.carrier) == carrier, col(Attempt.carrier_id) == carrier_id)
    known = db.exec(select(Attempt).where(*mine)).first()
    if known is not None:
        return known
    attempt = Attempt(
        direction=Direction.IN,
        phone=phone,
        channel=channel,
        status=status,
        rank=RANK[status],
        carrier=carrier,
        carrier_id=carrier_id,
        language=language,
        created_at=now,
        submitted_at=now,
    )
    db.add(attempt)
    db.flush()
    if whose is not None:
        db.add(AttemptItem(attempt=attempt.id, appointment=whose.appointment.id, person=whose.person.id, live=False))
    return attempt
