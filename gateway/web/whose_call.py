"""Whose appointments a caller means: those of the people on their phone, of one day where it is known which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from gateway.calls.calling import Calling
from gateway.dispatch.cases import Case, complete
from gateway.dispatch.household import at_most, in_order
from gateway.kit.clock import bangkok_day
from gateway.records.contacts import Attempt, Reminder
from gateway.records.people import Person, PersonPhone, Phone, PhoneRole
from gateway.records.places import Site
from gateway.records.status import Channel
from gateway.replies.inbox import Candidate, who_may_this_be

STEP: Final = "hotline"


@dataclass(frozen=True, slots=True)
class Ahead:
    """The appointments to speak of with a caller: `cases` where they were called about a day or are alone.

    `of_all` are those of everybody on the phone, on every day, where others come on other days: whoever is not told
    whose appointment it is would say yes to somebody else's.
    """

    cases: list[Case] = field(default_factory=list)
    of_all: list[Case] = field(default_factory=list)


def those_ahead(db: Session, phone: Phone, *, now: datetime) -> Ahead:
    """What lies ahead for the people on this phone; no cases where nothing does.

    Who calls back means the call they missed: the day of the newest of those, else the soonest day; on the phone of
    several that was not called, there is no such day. A parked phone is nobody's, and a volunteer calling is not their
    patient (`who_may_this_be`).
    """
    found = who_may_this_be(db, phone.id or 0, now=now, contacted_within=None)
    ahead = [one for one in found if one.appointment.starts_at > now]
    if not ahead:
        return Ahead()
    called = _called_last(ahead)
    day = bangkok_day((called or ahead[0]).appointment.starts_at)
    of_the_day = [one for one in ahead if bangkok_day(one.appointment.starts_at) == day]
    if {one.person.id for one in ahead} == {one.person.id for one in of_the_day}:
        return Ahead(_cases(db, of_the_day, now))
    of_all = _cases(db, ahead, now)
    return Ahead(_cases(db, of_the_day, now) if called else of_all, of_all)


def _cases(db: Session, found: Sequence[Candidate], now: datetime) -> list[Case]:
    """In the order they are said: who comes first, first."""
    cases = [case for one in found if (case := _case(db, one, now)) is not None]
    return complete(db, at_most(in_order(cases)))


def people_on(db: Session, phone: int, *, role: PhoneRole | None = None) -> Sequence[Person]:
    """The living people on this phone, in `role` where one is given; a parked phone is nobody's.

    A volunteer is not the patient whose row their number stands in.
    """
    of_people = (
        select(Person)
        .join(PersonPhone, col(PersonPhone.person) == col(Person.id))
        .join(Phone, col(Phone.id) == col(PersonPhone.phone))
        .where(col(Phone.id) == phone, col(Phone.parked_at).is_(None))
        .where(col(PersonPhone.role) == role if role else col(PersonPhone.role) != PhoneRole.VHV)
        .where(col(Person.merged_into).is_(None), col(Person.died_on).is_(None))
        .order_by(col(Person.id))
    )
    return db.exec(of_people).all()


def language_of_phone(db: Session, phone: Phone) -> str:
    """The language of the people on this phone where they have one, else ""."""
    spoken = {person.language for person in people_on(db, phone.id or 0)}
    return spoken.pop() if len(spoken) == 1 else ""


def _called_last(ahead: Sequence[Candidate]) -> Candidate | None:
    called = [(one.attempt.created_at, one) for one in ahead if one.attempt and _is_call(one.attempt)]
    return max(called, key=lambda call: call[0])[1] if called else None


def _is_call(attempt: Attempt) -> bool:
    return attempt.channel is Channel.VOICE


def _case(db: Session, one: Candidate, now: datetime) -> Case | None:
    """Their appointment as a reminder of it would be spoken of; that reminder is none of ours, and is not stored."""
    site = db.get(Site, one.appointment.site)
    asked = Reminder(
        appointment=one.appointment.id,
        person=one.person.id,
        purpose=Calling.CALLBACK,
        step=STEP,
        channel=Channel.VOICE,
        due_at=now,
        next_try_at=now,
        expires_at=one.appointment.starts_at,
    )
    return Case(asked, one.appointment, one.person, site) if site else None
