"""Whether a person may be contacted on a phone, and every change of that, kept for ever."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from gateway.kit.phones import LineType
from gateway.records.people import Consent, ConsentEvent, ConsentKind, Person, PersonPhone, Phone, PhoneRole
from gateway.records.status import Channel


def may_contact(person: Person, link: PersonPhone, phone: Phone, channel: Channel) -> bool:
    """Whether `person` may be reached on `phone` by `channel`: consent, whose phone it is, and what the line can take.

    A volunteer's own phone is never taken for the patient's (law 8). A visit needs no phone's consent.
    """
    if person.died_on is not None or person.merged_into is not None:
        return False
    if channel is Channel.VISIT:
        return True
    if phone.parked_at is not None or link.role is PhoneRole.VHV:
        return False
    if channel is Channel.SMS:
        return link.sms is Consent.ALLOW and phone.line_type is LineType.MOBILE
    return link.voice is Consent.ALLOW


def phones_for(db: Session, person_id: str) -> list[tuple[PersonPhone, Phone]]:
    """A person's phones in the order they are tried; without parked ones and volunteers' own. Consent is not asked."""
    found = db.exec(
        select(PersonPhone, Phone)
        .join(Phone, col(Phone.id) == col(PersonPhone.phone))
        .where(
            col(PersonPhone.person) == person_id,
            col(PersonPhone.role) != PhoneRole.VHV,
            col(Phone.parked_at).is_(None),
        )
        .order_by(col(PersonPhone.rank), col(Phone.id))
    )
    return [(link, phone) for link, phone in found]


def record_stop(
    db: Session,
    person: str,
    phone: int,
    *,
    channel: Channel | None = None,
    source: str,
    reply: str | None = None,
    now: datetime,
) -> ConsentEvent:
    """Stop contact with a person on a phone (both by id) by `channel`, or by every channel; `source`: who said so.

    The event is kept even when the phone is not (or no longer) the person's. Ladders are stopped by the caller.
    """
    return _record(db, ConsentKind.STOP, person, phone, channel, source, reply, now)


def record_start(
    db: Session,
    person: str,
    phone: int,
    *,
    channel: Channel | None = None,
    source: str,
    reply: str | None = None,
    now: datetime,
) -> ConsentEvent:
    """Allow contact with a person on a phone (both by id) again."""
    return _record(db, ConsentKind.START, person, phone, channel, source, reply, now)


def _record(
    db: Session,
    kind: ConsentKind,
    person: str,
    phone: int,
    channel: Channel | None,
    source: str,
    reply: str | None,
    now: datetime,
) -> ConsentEvent:
    link = db.get(PersonPhone, (person, phone))
    if link is not None:
        _set(link, channel, Consent.STOP if kind is ConsentKind.STOP else Consent.ALLOW)
    event = ConsentEvent(person=person, phone=phone, channel=channel, kind=kind, source=source, reply=reply, at=now)
    db.add(event)
    db.flush()
    return event


def _set(link: PersonPhone, channel: Channel | None, consent: Consent) -> None:
    if channel in (None, Channel.SMS):
        link.sms = consent
    if channel in (None, Channel.VOICE):
        link.voice = consent
