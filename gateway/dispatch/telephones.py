"""The telephones of the people whose turn it is: who shares them, and what reached them in this half-day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from gateway.kit.clock import bangkok_day
from gateway.plan.window import Window
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, AttemptItem, Direction, Reminder
from gateway.records.people import PersonPhone, Phone
from gateway.records.status import FINAL_ATTEMPTS, Channel

LONGEST_HALF_DAY = timedelta(hours=13)  # from midnight until 13:00
CLAIM_IS_LOST_AFTER = timedelta(minutes=15)  # as a line is: what was claimed and never went out holds up nothing

Uses = Sequence[tuple[PersonPhone, Phone]]
"""The phones of one person, the one tried first first."""


@dataclass(frozen=True, slots=True)
class Called:
    """The telephones that rang in this half-day, and the people they rang for, whichever number they had then."""

    phones: set[int] = field(default_factory=set)
    people: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Telephones:
    """Phones by person, and by phone the people who use it."""

    of: Mapping[str, Uses]
    users: Mapping[int, Sequence[str]]
    called: Called


@dataclass(frozen=True, slots=True)
class Contact:
    """What one item of an attempt was about."""

    person: str
    step: str
    day: date  # of the appointment, Bangkok's

    @classmethod
    def about(cls, reminder: Reminder, appointment: Appointment) -> Contact:
        """What an attempt with this reminder would be."""
        return cls(reminder.person, reminder.step, bangkok_day(appointment.starts_at))


def telephones_of(db: Session, people: Collection[str], channel: Channel, window: Window, now: datetime) -> Telephones:
    """Read the telephones of these people and of all who share one with them."""
    numbers = select(PersonPhone.phone).where(col(PersonPhone.person).in_(people))
    shared = select(PersonPhone.person).where(col(PersonPhone.phone).in_(numbers))
    statement = (
        select(PersonPhone, Phone)
        .join(Phone, col(Phone.id) == col(PersonPhone.phone))
        .where(col(PersonPhone.person).in_(shared))
        .order_by(col(PersonPhone.person), col(PersonPhone.rank), col(PersonPhone.phone))
    )
    of: dict[str, list[tuple[PersonPhone, Phone]]] = defaultdict(list)
    users: dict[int, list[str]] = defaultdict(list)
    for use, phone in db.exec(statement).all():
        of[use.person].append((use, phone))
        users[use.phone].append(use.person)
    called = called_this_half_day(db, of, window, now) if channel is Channel.VOICE else Called()
    return Telephones({person: of[person] for person in {*people, *of}}, users, called)


def called_this_half_day(db: Session, phones: Mapping[str, Uses], window: Window, now: datetime) -> Called:
    """Which of these people were called in the half-day of `now`, and which of their phones rang, for whomever.

    Asked every second: only what the indices by phone and by person's reminder hold about these few is read.
    """
    present = window.half_day(now)
    rung = [sa.or_(sa.and_(*_went_out(Channel.VOICE, now)), sa.and_(*_on_its_way(now - CLAIM_IS_LOST_AFTER)))]
    numbers = {phone.id for uses in phones.values() for _, phone in uses}
    by_phone = select(Attempt.phone, Attempt.created_at).where(col(Attempt.phone).in_(numbers), *rung)
    by_person = (
        select(Reminder.person, Attempt.created_at)
        .join(AttemptItem, col(AttemptItem.reminder) == col(Reminder.id))
        .join(Attempt, col(Attempt.id) == col(AttemptItem.attempt))
        .where(col(Reminder.person).in_(list(phones)), *rung)
    )
    return Called(
        {phone for phone, at in db.exec(by_phone) if window.half_day(at) == present},
        {person for person, at in db.exec(by_person) if window.half_day(at) == present},
    )


def is_ringing(db: Session, phone: int, *, since: datetime) -> bool:
    """Whether a call of ours to this telephone, begun after `since` (aware), is not over: on its way, or talking."""
    return db.exec(select(Attempt.id).where(col(Attempt.phone) == phone, *_on_its_way(since))).first() is not None


def last_rung(db: Session, phone: int, now: datetime) -> datetime | None:
    """When a call of ours last went out to this telephone, within the longest half-day before `now`."""
    mine = select(Attempt.created_at).where(col(Attempt.phone) == phone, *_went_out(Channel.VOICE, now))
    return db.exec(mine.order_by(col(Attempt.created_at).desc())).first()


def carried_by_phone(
    db: Session, phones: Collection[int], channel: Channel, window: Window, now: datetime
) -> Mapping[int, set[Contact]]:
    """What these telephones got by `channel` in the half-day of `now`, by telephone."""
    statement = (
        select(Attempt.phone, Reminder, Appointment, Attempt.created_at)
        .join(AttemptItem, col(AttemptItem.attempt) == col(Attempt.id))
        .join(Reminder, col(Reminder.id) == col(AttemptItem.reminder))
        .join(Appointment, col(Appointment.id) == col(Reminder.appointment))
        .where(col(Attempt.phone).in_(phones), *_went_out(channel, now))
    )
    present = window.half_day(now)
    carried: dict[int, set[Contact]] = defaultdict(set)
    for phone, reminder, about, at in db.exec(statement):
        if window.half_day(at) == present:
            carried[phone].add(Contact.about(reminder, about))
    return carried


def was_texted(db: Session, phone: int, purpose: str, window: Window, now: datetime) -> bool:
    """Whether this telephone got a text of this purpose in the half-day of `now`."""
    statement = (
        select(Attempt.created_at)
        .join(AttemptItem, col(AttemptItem.attempt) == col(Attempt.id))
        .join(Reminder, col(Reminder.id) == col(AttemptItem.reminder))
        .where(col(Attempt.phone) == phone, col(Reminder.purpose) == purpose, *_went_out(Channel.SMS, now))
    )
    present = window.half_day(now)
    return any(window.half_day(at) == present for at in db.exec(statement))


def _on_its_way(since: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """A call that is claimed counts before the carrier has it: a call back and a reminder are claimed by two hands."""
    return (
        col(Attempt.channel) == Channel.VOICE,
        col(Attempt.direction) == Direction.OUT,
        col(Attempt.created_at) > since,
        col(Attempt.status).not_in(FINAL_ATTEMPTS),
    )


def _went_out(channel: Channel, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        col(Attempt.channel) == channel,
        col(Attempt.direction) == Direction.OUT,
        col(Attempt.created_at) > now - LONGEST_HALF_DAY,
        col(Attempt.submitted_at).is_not(None) | col(Attempt.in_doubt_at).is_not(None),
    )
