"""Telephones corrected and added at the desk. Reminders already planned follow by themselves: the phone is chosen when
they are claimed. Others who use the old number keep it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from gateway.care.consent import Both, remembered
from gateway.care.desk_work import Deed, NotPossible, begin
from gateway.care.numbers import phone_of
from gateway.kit.phones import PhoneError, PhoneNumber, parse_phones
from gateway.records.contacts import Attempt, AttemptItem
from gateway.records.people import CarrierBlock, Consent, PersonPhone, Phone, PhoneRole
from gateway.records.staffing import Audit
from gateway.records.status import FINAL_ATTEMPTS

ROLES: Final = (PhoneRole.OWN, PhoneRole.HOUSEHOLD, PhoneRole.CARER)
"""Whose phone it may be said to be; a volunteer's own is never a patient's (law 8)."""


def phone_corrected(
    db: Session, person_id: str, phone_id: int, raw: str, *, role: PhoneRole | None = None, staff: str, now: datetime
) -> Audit:
    """Put another number in the place of one; its rank stays, its role too unless `role` says otherwise, and a stop.

    `after["said"]` holds what is known against the new number: parked, blocked. A call or text of this person's alone
    that is on its way to the old number is asked to be cancelled. Raises NotPossible for what is no usable number.
    """
    deed = begin(db, person_id, staff=staff, now=now)
    old = _own_link(deed, phone_id)
    phone, is_new = _phone(deed, raw)
    sms, voice = _with_what_was_said(db, person_id, phone, (old.sms, old.voice))
    link = PersonPhone(
        person=person_id,
        phone=phone.id or 0,
        role=_checked(role or old.role),
        rank=old.rank,
        sms=sms,
        voice=voice,
    )
    db.delete(old)
    db.add(link)
    db.flush()
    _cancel_attempts(deed, phone_id)
    return deed.keep("phone_corrected", phone=phone.id, new_phone=is_new, known=known_against(db, phone))


def phone_added(
    db: Session, person_id: str, raw: str, *, role: PhoneRole = PhoneRole.OWN, staff: str, now: datetime
) -> Audit:
    """Add a number, tried after those there are. Who stopped a channel on every phone has stopped it here too."""
    deed = begin(db, person_id, staff=staff, now=now)
    known = [link for link in _links(db, person_id) if link.role is not PhoneRole.VHV]
    phone, is_new = _phone(deed, raw)
    inherited = _inherited([one.sms for one in known]), _inherited([one.voice for one in known])
    sms, voice = _with_what_was_said(db, person_id, phone, inherited)
    link = PersonPhone(
        person=person_id,
        phone=phone.id or 0,
        role=_checked(role),
        rank=max((one.rank for one in known), default=-1) + 1,
        sms=sms,
        voice=voice,
    )
    db.add(link)
    db.flush()
    return deed.keep("phone_added", phone=phone.id, new_phone=is_new, known=known_against(db, phone))


def _with_what_was_said(db: Session, person: str, phone: Phone, consents: Both) -> Both:
    """A stop that was typed on this very number, or said on it by this person before, holds for the new link too."""
    link = (person, phone.id or 0)
    before = remembered(db, [link]).get(link, consents)
    sms, voice = (
        Consent.STOP if Consent.STOP in pair else Consent.ALLOW for pair in zip(consents, before, strict=True)
    )
    return sms, voice


def known_against(db: Session, phone: Phone) -> list[str]:
    """What speaks against a number, in words for the page: parked, blocked (by the carrier), no_texts."""
    blocked = db.exec(select(CarrierBlock.code).where(col(CarrierBlock.phone) == phone.id)).first() is not None
    found = (("parked", phone.parked_at is not None), ("blocked", blocked), ("no_texts", not _can_text(phone)))
    return [word for word, is_so in found if is_so]


def _can_text(phone: Phone) -> bool:
    return PhoneNumber(phone.e164, phone.line_type).can_text


def _phone(deed: Deed, raw: str) -> tuple[Phone, bool]:
    """The row of the number that was typed, and whether it is new; NotPossible when it cannot be this person's."""
    number = _parsed(raw)
    phone = deed.db.exec(select(Phone).where(col(Phone.e164) == number.e164)).first()
    if phone is None:
        phone = phone_of(number)
        deed.db.add(phone)
        deed.db.flush()
        return phone, True
    links = deed.db.exec(select(PersonPhone).where(col(PersonPhone.phone) == phone.id)).all()
    if any(link.role is PhoneRole.VHV for link in links):
        raise NotPossible("phone_vhv")
    if any(link.person == deed.person.id for link in links):
        raise NotPossible("phone_known")
    return phone, False


def _parsed(raw: str) -> PhoneNumber:
    try:
        found = parse_phones(raw)
    except PhoneError as error:
        raise NotPossible("phone_empty" if error.code == "phone_empty" else "phone_not_valid") from None
    if len(found) > 1:
        raise NotPossible("phone_several")
    return found[0]


def _checked(role: PhoneRole) -> PhoneRole:
    if role not in ROLES:
        raise NotPossible("phone_role")
    return role


def _own_link(deed: Deed, phone_id: int) -> PersonPhone:
    link = deed.db.get(PersonPhone, (deed.person.id, phone_id), populate_existing=True)
    if link is None or link.role is PhoneRole.VHV:
        raise NotPossible("phone_not_theirs")
    return link


def _links(db: Session, person: str) -> Sequence[PersonPhone]:
    return db.exec(select(PersonPhone).where(col(PersonPhone.person) == person)).all()


def _inherited(known: Sequence[Consent]) -> Consent:
    return Consent.STOP if known and all(one is Consent.STOP for one in known) else Consent.ALLOW


def _cancel_attempts(deed: Deed, phone_id: int) -> None:
    """The grandmother's wrong number must not cut off the grandfather's half of a call that carries both."""
    mine = select(AttemptItem.attempt).where(col(AttemptItem.person) == deed.person.id, col(AttemptItem.live))
    others = select(AttemptItem.attempt).where(col(AttemptItem.person) != deed.person.id, col(AttemptItem.live))
    deed.db.exec(
        sa.update(Attempt)
        .where(
            col(Attempt.phone) == phone_id,
            col(Attempt.id).in_(mine),
            col(Attempt.id).not_in(others),
            col(Attempt.status).not_in(FINAL_ATTEMPTS),
            col(Attempt.cancel_requested_at).is_(None),
        )
        .values(cancel_requested_at=deed.now)
        .execution_options(synchronize_session="fetch")
    )
