"""Who and what is on record in a demo, by what a test needs them for."""

from __future__ import annotations

from datetime import date, datetime
from typing import NoReturn

from sqlmodel import Session, col, func, select

from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, AttemptItem
from gateway.records.conversations import Call, Reply, Turn
from gateway.records.people import Person, PersonPhone
from gateway.records.places import Session as Sitting
from gateway.records.status import AppointmentStatus, Channel
from tests.support.names import BY_SCRIPT, HOSTILE

SPECIAL = (*BY_SCRIPT.values(), *HOSTILE)


def named(db: Session, name: str) -> Person:
    """Somebody of this name."""
    return db.exec(select(Person).where(col(Person.name) == name)).first() or _nobody(name)


def with_a_story(db: Session, site: str | None = None) -> Person:
    """Who was called and texted most among those who pressed a key in a call."""
    answered = select(Reply.person).where(col(Reply.channel) == Channel.VOICE)
    statement = (
        select(Person)
        .join(AttemptItem, col(AttemptItem.person) == col(Person.id))
        .where(col(Person.id).in_(answered), col(Person.name).not_in(SPECIAL))
        .group_by(col(Person.id))
        .order_by(func.count().desc(), col(Person.id))
    )
    return db.exec(statement if site is None else statement.where(col(Person.site) == site)).first() or _nobody("story")


def booked(db: Session, *, after: datetime, site: str | None = None, skip: int = 0) -> Appointment:
    """An appointment after `after` that waits for an answer, of a Thai speaker with a common name, phone and seat."""
    statement = (
        select(Appointment)
        .join(Person, col(Person.id) == col(Appointment.person))
        .where(
            col(Appointment.status) == AppointmentStatus.BOOKED,
            col(Appointment.starts_at) > after,
            col(Appointment.session).is_not(None),
            col(Person.name).not_in(SPECIAL),
            col(Person.language) == "th",
            col(Person.id).in_(select(PersonPhone.person)),
        )
        .order_by(col(Appointment.starts_at), col(Appointment.id))
        .offset(skip)
    )
    if site is not None:
        statement = statement.where(col(Appointment.site) == site)
    return db.exec(statement).first() or _nobody("booked")


def rung_about(db: Session, whole_name: str) -> Appointment:
    """What the call is about that somebody of this name is being rung for now."""
    statement = (
        select(Appointment)
        .join(AttemptItem, col(AttemptItem.appointment) == col(Appointment.id))
        .join(Attempt, col(Attempt.id) == col(AttemptItem.attempt))
        .join(Person, col(Person.id) == col(AttemptItem.person))
        .where(col(AttemptItem.live), col(Attempt.channel) == Channel.VOICE)
        .where(func.trim(col(Person.name) + " " + col(Person.surname)) == whole_name)
    )
    return db.exec(statement).first() or _nobody(whole_name)


def fullest_session(db: Session, site: str, day: date) -> Sitting:
    """The session of a site's day with the most appointments."""
    statement = (
        select(Sitting)
        .join(Appointment, col(Appointment.session) == col(Sitting.id))
        .where(col(Sitting.site) == site, col(Sitting.day) == day)
        .group_by(col(Sitting.id))
        .order_by(func.count().desc(), col(Sitting.id))
    )
    return db.exec(statement).first() or _nobody("session")


def of_somebody_named(db: Session, name: str) -> Appointment:
    """The first appointment with a session of somebody of this name."""
    statement = select(Appointment).join(Person, col(Person.id) == col(Appointment.person))
    seated = (col(Person.name) == name, col(Appointment.session).is_not(None))
    return db.exec(statement.where(*seated).order_by(col(Appointment.starts_at))).first() or _nobody(name)


def with_phone_at(db: Session, site: str) -> list[str]:
    """The special names of a site whose bearers have a phone."""
    statement = (
        select(Person.name)
        .join(PersonPhone, col(PersonPhone.person) == col(Person.id))
        .where(col(Person.site) == site, col(Person.name).in_(SPECIAL), col(PersonPhone.rank) == 0)
    )
    return sorted(set(db.exec(statement)))


def call_of(db: Session, person: str) -> str:
    """The attempt of a call in which somebody was told something."""
    heard = select(Turn.call)
    statement = select(Call.attempt).where(col(Call.person) == person, col(Call.id).in_(heard))
    return db.exec(statement.order_by(col(Call.id).desc())).first() or _nobody(person)


def _nobody(who: str) -> NoReturn:
    raise AssertionError(f"nobody on record: {who}")
