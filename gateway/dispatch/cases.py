"""One reminder with everything it is about, as it is read from its rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from gateway.care.notices import QUESTIONS
from gateway.kit.clock import at_bangkok, bangkok_day
from gateway.records.agreements import Appointment
from gateway.records.contacts import AttemptItem, Reminder
from gateway.records.conversations import TextQuestion
from gateway.records.people import Person, PersonPhone
from gateway.records.places import Seat, Site
from gateway.records.status import AppointmentStatus, Channel, ReminderStatus, RideStatus
from gateway.records.work import Ride
from gateway.wording.texts import Purpose


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody a text lists, and when they are to come (aware)."""

    person: Person
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """One reminder with everything it is about.

    `also` are further appointments of the same person, day and site that nobody has answered. `people` are those a
    question of ours is about, in the order of their numbers. `pick_up_at` (aware) is when an arranged ride comes.
    `is_phone_shared`: others have a telephone of this person's in their row, too, so that it must be said whose call
    it is.
    """

    reminder: Reminder
    appointment: Appointment
    person: Person
    site: Site
    ticket: int | None = None
    also: tuple[str, ...] = ()
    people: tuple[Named, ...] = ()
    pick_up_at: datetime | None = None
    is_phone_shared: bool = False


def due_cases(db: Session, channel: Channel, limit: int, due_by: datetime) -> list[Case]:
    """Reminders of `channel` due by `due_by`, those with the least time left first; without what `complete` adds.

    On PostgreSQL they are locked, and those that another process works on are passed over.
    """
    statement = (
        _whole()
        .where(col(Reminder.status) == ReminderStatus.PLANNED, col(Reminder.channel) == channel)
        .where(col(Reminder.next_try_at) <= due_by)
        .order_by(col(Reminder.expires_at), col(Reminder.priority), col(Reminder.due_at), col(Reminder.id))
        .limit(limit)
        .with_for_update(skip_locked=True, of=Reminder)
    )
    return [Case(*row) for row in db.exec(statement).all()]


def cases_by_id(db: Session, reminders: Sequence[str], tickets: Mapping[str, int | None] | None = None) -> list[Case]:
    """These reminders in this order, with the tickets that are known already; without what else `complete` adds."""
    found = {row[0].id: row for row in db.exec(_whole().where(col(Reminder.id).in_(reminders))).all()}
    known = tickets or {}
    return [replace(Case(*found[one]), ticket=known.get(one)) for one in reminders if one in found]


def cases_of(db: Session, attempt: str) -> list[Case]:
    """What an attempt carries, in order, with all that is known of each."""
    statement = (
        _whole()
        .join(AttemptItem, col(AttemptItem.reminder) == col(Reminder.id))
        .where(col(AttemptItem.attempt) == attempt)
        .order_by(col(AttemptItem.position))
    )
    return complete(db, [Case(*row) for row in db.exec(statement).all()])


def household_cases(db: Session, lead: Case, people: Iterable[str], before: datetime) -> list[Case]:
    """Planned reminders by the lead's channel of these people, about its day, whose turn comes before `before`."""
    first, last = day_of(lead.appointment.starts_at)
    statement = (
        _waiting(lead.reminder.channel, people, before)
        .where(col(Reminder.id) != lead.reminder.id)
        .where(col(Appointment.starts_at) >= first, col(Appointment.starts_at) < last)
        .order_by(col(Appointment.starts_at), col(Reminder.due_at), col(Reminder.id))
    )
    return [Case(*row) for row in db.exec(statement).all()]


def waiting_cases(db: Session, channel: Channel, people: Iterable[str], before: datetime) -> list[Case]:
    """Planned reminders by `channel` of these people, whose turn comes before `before`; in no order."""
    return [Case(*row) for row in db.exec(_waiting(channel, people, before)).all()]


@dataclass(frozen=True, slots=True)
class CommonFacts:
    """What `complete` adds to any case: tickets by appointment, who is booked by person, and who shares a telephone."""

    tickets: Mapping[str, int]
    booked: Mapping[str, Sequence[Appointment]]
    sharing: set[str]


def common_facts(db: Session, people: Sequence[str]) -> CommonFacts:
    """Read them of all appointments of these people."""
    return CommonFacts(_tickets(db, people), _booked(db, people), _sharing(db, people))


def complete(db: Session, cases: Sequence[Case], facts: CommonFacts | None = None) -> list[Case]:
    """Add tickets, further appointments of the day, the people of a question, when a ride comes, and who shares.

    `facts` where they were read for many.
    """
    known = facts or common_facts(db, sorted({case.person.id for case in cases}))
    return [
        replace(
            case,
            ticket=known.tickets.get(case.appointment.id),
            also=_also(case, known.booked.get(case.person.id, ())),
            people=_people_asked_about(db, case) if case.reminder.purpose in QUESTIONS else (),
            pick_up_at=_pick_up_at(db, case) if case.reminder.purpose == Purpose.RIDE else None,
            is_phone_shared=case.person.id in known.sharing,
        )
        for case in cases
    ]


def day_of(instant: datetime) -> tuple[datetime, datetime]:
    """The beginning and the end of the Bangkok day of `instant` (aware), in UTC."""
    first = at_bangkok(bangkok_day(instant), time(0))
    return first, first + timedelta(days=1)


def _whole() -> Any:
    return (
        select(Reminder, Appointment, Person, Site)
        .join(Appointment, col(Appointment.id) == col(Reminder.appointment))
        .join(Person, col(Person.id) == col(Reminder.person))
        .join(Site, col(Site.code) == col(Appointment.site))
    )


def _waiting(channel: Channel, people: Iterable[str], before: datetime) -> Any:
    return (
        _whole()
        .where(col(Reminder.person).in_(list(people)))
        .where(col(Reminder.status) == ReminderStatus.PLANNED, col(Reminder.channel) == channel)
        .where(col(Reminder.next_try_at) < before)
    )


def _sharing(db: Session, people: Sequence[str]) -> set[str]:
    """Those of these people one of whose telephones stands in the row of somebody else who lives."""
    theirs, other = aliased(PersonPhone), aliased(PersonPhone)
    statement = (
        select(theirs.person)
        .join(other, col(other.phone) == col(theirs.phone))
        .join(Person, col(Person.id) == col(other.person))
        .where(col(theirs.person).in_(people), col(other.person) != col(theirs.person))
        .where(col(Person.died_on).is_(None), col(Person.merged_into).is_(None))
    )
    return set(db.exec(statement).all())


def _tickets(db: Session, people: Sequence[str]) -> dict[str, int]:
    statement = (
        select(Seat.appointment, Seat.ticket)
        .join(Appointment, col(Appointment.id) == col(Seat.appointment))
        .where(col(Appointment.person).in_(people))
    )
    return {of: ticket for of, ticket in db.exec(statement).all() if of is not None and ticket is not None}


def _booked(db: Session, people: Sequence[str]) -> dict[str, list[Appointment]]:
    """By person, the appointments that nobody has said anything of, soonest first."""
    statement = (
        select(Appointment)
        .where(col(Appointment.person).in_(people))
        .where(col(Appointment.status) == AppointmentStatus.BOOKED)
        .order_by(col(Appointment.starts_at), col(Appointment.id))
    )
    by_person: dict[str, list[Appointment]] = defaultdict(list)
    for one in db.exec(statement):
        by_person[one.person].append(one)
    return by_person


def _also(case: Case, booked: Sequence[Appointment]) -> tuple[str, ...]:
    """The others that one answer is for: same person, day and site, and nobody has said anything of them.

    At another site nothing is said of them in this call, so that a yes cannot be meant for them.
    """
    mine = case.appointment
    return tuple(one.id for one in booked if one.id != mine.id and _is_same_visit(one, mine))


def _is_same_visit(one: Appointment, other: Appointment) -> bool:
    return one.site == other.site and bangkok_day(one.starts_at) == bangkok_day(other.starts_at)


def _people_asked_about(db: Session, case: Case) -> tuple[Named, ...]:
    """Whom our question is about: all who could be meant, or those who were chosen from them."""
    question = db.exec(select(TextQuestion).where(col(TextQuestion.reminder) == case.reminder.id)).first()
    if question is None:
        return ()
    chosen = [people for number, people in enumerate(question.people, 1) if number in question.chosen]
    found = (_named(db, appointments) for appointments in chosen or question.people)
    return tuple(one for one in found if one is not None)


def _named(db: Session, appointments: Sequence[str]) -> Named | None:
    appointment = db.get(Appointment, appointments[0]) if appointments else None
    person = db.get(Person, appointment.person) if appointment else None
    return Named(person, appointment.starts_at) if appointment and person else None


def _pick_up_at(db: Session, case: Case) -> datetime | None:
    arranged = (col(Ride.appointment) == case.appointment.id, col(Ride.status) == RideStatus.ARRANGED)
    return db.exec(select(Ride.pick_up_at).where(*arranged)).first()
