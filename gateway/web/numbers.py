"""Which of our phones a carrier's number is."""

from __future__ import annotations

from sqlmodel import Session, col, select

from gateway.kit.phones import PhoneError, parse_phone
from gateway.records.people import Phone


def phone_of(db: Session, number: str) -> Phone | None:
    """The phone on record with this number; None when it is unknown or withheld."""
    try:
        e164 = parse_phone(number).e164
    except PhoneError:
        return None
    return db.exec(select(Phone).where(col(Phone.e164) == e164)).first()
