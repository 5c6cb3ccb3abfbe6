"""Whether a person may be contacted on a phone, and every change of that, kept for ever."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from gateway.care.people import in_chunks
from gateway.kit.phones import LineType
from gateway.records.people import Consent, ConsentEvent, ConsentKind, Person, PersonPhone, Phone, PhoneRole
from gateway.records.status import Channel

TYPED: Final = "reply by sms"
"""Source of a stop that was typed for the whole phone: it holds for whoever is put on it later, too (ADR 9)."""
BY_CARRIER: Final = "carrier"
"""Source of a stop of our texts that the carrier told us of."""
DENIED: Final = "wrong person"
"""Source of the stop of somebody of whom was said on a phone that they are not there."""
TYPED_START: Final = "text"
"""Source of the START that ends it."""

Both = tuple[Consent, Consent]  # by text, by voice


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


def remembered(db: Session, links: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Both]:
    """What was said before about these links (person, phone), of which there is no row: only those with a stop.

    A number comes back in another format, on a new row for somebody else of the house, or with a person who was found
    to be the same as another: the stop that was said on it still holds. Texts typed on the phone hold for everybody.
    """
    wanted = list(links)
    same = _same_people(db, {person for person, _ in wanted})
    events: dict[int, list[ConsentEvent]] = defaultdict(list)
    for chunk in in_chunks({phone for _, phone in wanted}):
        found = select(ConsentEvent).where(col(ConsentEvent.phone).in_(chunk))
        for event in db.exec(found.order_by(col(ConsentEvent.at), col(ConsentEvent.id))):
            events[event.phone].append(event)
    said = {(person, phone): _last_said(events[phone], same[person]) for person, phone in wanted}
    return {link: both for link, both in said.items() if Consent.STOP in both}


def _last_said(events: Iterable[ConsentEvent], people: Collection[str]) -> Both:
    """By what was typed for the whole phone, and by what was said of these people; a stop in either is a stop."""
    listed = list(events)
    typed = _sum([event for event in listed if event.source in (TYPED, TYPED_START)])
    own = _sum([event for event in listed if event.person in people and event.source != TYPED])
    sms, voice = (Consent.STOP if Consent.STOP in pair else Consent.ALLOW for pair in zip(typed, own, strict=True))
    return sms, voice


def _sum(events: Iterable[ConsentEvent]) -> Both:
    sms = voice = Consent.ALLOW
    for event in events:
        now = Consent.STOP if event.kind is ConsentKind.STOP else Consent.ALLOW
        sms = now if event.channel in (None, Channel.SMS) else sms
        voice = now if event.channel in (None, Channel.VOICE) else voice
    return sms, voice


def _same_people(db: Session, people: Collection[str]) -> dict[str, set[str]]:
    """Each with all who were found to be the same person."""
    same = {person: {person} for person in people}
    owner = {person: person for person in people}
    merged = set(people)
    while merged:
        found: set[str] = set()
        for chunk in in_chunks(merged):
            rows = select(Person.id, Person.merged_into).where(col(Person.merged_into).in_(chunk))
            for one, into in db.exec(rows):
                if into is not None and one not in owner:
                    owner[one] = owner[into]
                    same[owner[into]].add(one)
                    found.add(one)
        merged = found
    return same


def stopped_for_themselves(db: Session, person: str, phone: int) -> bool:
    """Whether a stop of a person's own stands on a phone, beside any typed for the whole phone and the carrier's."""
    mine = (col(ConsentEvent.person) == person, col(ConsentEvent.phone) == phone)
    own = col(ConsentEvent.source).not_in((TYPED, BY_CARRIER))
    said = db.exec(select(ConsentEvent).where(*mine, own).order_by(col(ConsentEvent.at), col(ConsentEvent.id)))
    return Consent.STOP in _sum(said)


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
