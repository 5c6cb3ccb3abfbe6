"""Finds people for staff: by part of a name, the end of a number, a village, a hospital number; in one box.

What was typed is a person's name or number: it is never logged, and never part of an address.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from gateway.kit.clock import at_bangkok, bangkok_day
from gateway.records.agreements import Appointment
from gateway.records.people import Person, PersonPhone, Phone, PhoneRole
from gateway.records.places import Seat
from gateway.records.status import LIVE_APPOINTMENTS, AppointmentStatus, TaskKind, TaskStatus
from gateway.records.work import Task
from gateway.reports.search_words import Typed, is_number_end, like, read_typed

MOST: Final = 50  # on one page; more than that nobody reads, they type another letter
_ENDED: Final = (AppointmentStatus.MOVED, AppointmentStatus.CANCELLED)
_SHOWN_DIGITS: Final = 4
_LONGEST_CHAIN: Final = 10  # of people merged into people


class Problem(StrEnum):
    """Why nothing was looked for."""

    NOTHING = "nothing"  # neither words nor a filter
    SHORT_NUMBER = "short_number"  # the end of a number has at least three digits


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for. `typed` is what stands in the box; `day` is a Bangkok day of an appointment."""

    typed: str = ""
    site: str | None = None
    language: str | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """One line of the answer. `phones` are the ends of their numbers; the appointment is the next, else the last."""

    id: str
    title: str
    name: str
    surname: str
    name_native: str | None
    birth_date: date | None
    language: str
    village: str
    site: str | None
    has_died: bool
    phones: tuple[str, ...]
    starts_at: datetime | None
    status: AppointmentStatus | None
    waits: tuple[TaskKind, ...]  # what staff have to do about them
    ticket: int | None = None
    come_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The answer: at most MOST people; `more` says that there are others."""

    people: tuple[FoundPerson, ...] = ()
    more: bool = False
    problem: Problem | None = None


def search_people(db: Session, wanted: Wanted, *, site: str | None, now: datetime) -> Found:
    """Look for people; `site` None sees all, else those of that site or with an appointment there.

    Somebody merged into another is shown as that other, once. Never raises for what was typed.
    """
    typed = read_typed(wanted.typed)
    if not typed and not (wanted.site or wanted.language or wanted.day):
        return Found(problem=Problem.NOTHING)
    if typed.is_short_number and not _has_number(db, typed):
        return Found(problem=Problem.SHORT_NUMBER)
    query = (
        select(Person)
        .where(col(Person.merged_into).is_(None))
        .where(col(Person.id).in_(_survivors(_means(db, typed))) if typed else sa.true())
        .where(*_filters(wanted, site))
        .order_by(*_nearest(db, typed), col(Person.name), col(Person.surname), col(Person.id))
        .limit(MOST + 1)
    )
    people = db.exec(query).all()
    return Found(tuple(_lines(db, people[:MOST], now)), more=len(people) > MOST)


def waiting_people(db: Session, *, site: str | None, now: datetime, limit: int = 12) -> tuple[FoundPerson, ...]:
    """People about whom staff have something to do now, the longest waiting first."""
    oldest = sa.func.min(col(Task.created_at))
    query = (
        select(Person)
        .join(Task, col(Task.person) == col(Person.id))
        .where(col(Task.status) == TaskStatus.OPEN, col(Person.merged_into).is_(None), *_at_site(site))
        .group_by(col(Person.id))
        .order_by(oldest, col(Person.id))
        .limit(limit)
    )
    return tuple(_lines(db, db.exec(query).all(), now))


def is_seen_from(db: Session, person: Person, site: str | None) -> bool:
    """Whether staff of `site` (None: of all) may see this person: theirs, or with an appointment there."""
    if site is None or person.site == site:
        return True
    there = select(Appointment.id).where(col(Appointment.person) == person.id, col(Appointment.site) == site)
    return db.exec(there.limit(1)).first() is not None


def survivor_of(db: Session, person: Person) -> Person:
    """The present record of somebody who was merged, perhaps more than once; themselves otherwise."""
    for _ in range(_LONGEST_CHAIN):
        found = db.get(Person, person.merged_into) if person.merged_into else None
        if found is None:
            break
        person = found
    return person


def _means(db: Session, typed: Typed) -> sa.ColumnElement[bool]:
    """Each word must be found somewhere; a number is the end of a telephone's, a hospital number or an identity."""
    hospital_number = col(Person.hn).in_(typed.hospital_numbers)
    if typed.words:
        return sa.or_(sa.and_(*(_has_word(db, word) for word in typed.words)), hospital_number)
    if typed.is_short_number:
        return hospital_number
    return sa.or_(hospital_number, col(Person.id).in_(_on_phone(typed.phone_end)), col(Person.id_value) == typed.digits)


def _has_word(db: Session, word: str) -> sa.ColumnElement[bool]:
    """A name is compared without spaces: Thai is typed in one piece, and so is a surname behind a name.

    Digits among words are the end of a number, or belong to a village's name.
    """
    names = sa.func.replace(col(Person.title) + col(Person.name) + col(Person.surname), " ", "")
    native = sa.func.replace(sa.func.replace(col(Person.name_native), " ", ""), "\u200b", "")
    found = [_alike(db, text, like(word)) for text in (names, col(Person.village))]
    found.append(sa.and_(col(Person.name_native).is_not(None), _alike(db, native, like(word))))
    if is_number_end(word):
        found.append(col(Person.id).in_(_on_phone(word)))
    return sa.or_(*found)


def _alike(db: Session, text: Any, pattern: str) -> sa.ColumnElement[bool]:
    """LIKE whatever the case. SQLite's own does so for a to z; `lower` on both sides costs twice the time there."""
    is_sqlite = db.get_bind().dialect.name == "sqlite"
    found: sa.ColumnElement[bool] = (text.like if is_sqlite else text.ilike)(pattern, escape="\\")
    return found


def _survivors(means: sa.ColumnElement[bool]) -> Any:
    """The ids of who is meant, and for somebody merged into another that other's; one look at the table does it."""
    meant = select(col(Person.id).label("id"), col(Person.merged_into).label("next")).where(means).cte(recursive=True)
    person = aliased(Person)
    merged = sa.select(col(person.id), col(person.merged_into)).join(meant, col(person.id) == meant.c.next)
    found = meant.union(merged)
    return sa.select(found.c.id).where(found.c.next.is_(None))


def _on_phone(end: str) -> Any:
    ends = col(Phone.e164).like(like(end, end=""), escape="\\")
    return select(PersonPhone.person).join(Phone, col(Phone.id) == col(PersonPhone.phone)).where(ends)


def _has_number(db: Session, typed: Typed) -> bool:
    """Two digits may still be somebody's whole hospital number."""
    return db.exec(select(Person.id).where(col(Person.hn).in_(typed.hospital_numbers)).limit(1)).first() is not None


def _filters(wanted: Wanted, site: str | None) -> list[sa.ColumnElement[bool]]:
    filters = [*_at_site(site), *_at_site(wanted.site)]
    if wanted.language:
        filters.append(col(Person.language) == wanted.language)
    if wanted.day:
        begin = at_bangkok(wanted.day, time())
        there = [col(Appointment.site) == one for one in (site, wanted.site) if one]
        filters.append(
            sa.exists().where(
                col(Appointment.person) == col(Person.id),
                col(Appointment.starts_at) >= begin,
                col(Appointment.starts_at) < begin + timedelta(days=1),
                col(Appointment.status).not_in(_ENDED),
                *there,
            )
        )
    return filters


def _at_site(site: str | None) -> list[sa.ColumnElement[bool]]:
    if site is None:
        return []
    there = sa.exists().where(col(Appointment.person) == col(Person.id), col(Appointment.site) == site)
    return [sa.or_(col(Person.site) == site, there)]


def _nearest(db: Session, typed: Typed) -> list[sa.ColumnElement[int]]:
    """Whose name begins with what was typed comes before whose name only holds it."""
    if not typed.words:
        return []
    first = like(typed.words[0], begin="")
    names = (col(Person.name), col(Person.surname), sa.func.coalesce(col(Person.name_native), ""))
    return [sa.case((sa.or_(*(_alike(db, one, first) for one in names)), 0), else_=1)]


def _lines(db: Session, people: Sequence[Person], now: datetime) -> list[FoundPerson]:
    ids = [person.id for person in people]
    phones, appointments, tasks = _phone_ends(db, ids), _appointments(db, ids, now), _open_tasks(db, ids)
    seats = _seats(db, [one.id for one in appointments.values()])
    lines = [_line(one, phones[one.id], appointments.get(one.id), tasks[one.id]) for one in people]
    return [_with_ticket(line, appointments.get(line.id), seats) for line in lines]


def _seats(db: Session, appointments: Sequence[str]) -> dict[str, Seat]:
    return {one.appointment or "": one for one in db.exec(select(Seat).where(col(Seat.appointment).in_(appointments)))}


def _with_ticket(line: FoundPerson, appointment: Appointment | None, seats: Mapping[str, Seat]) -> FoundPerson:
    """The ticket of a day that stands: nobody looks for one of last year."""
    seat = seats.get(appointment.id) if appointment and appointment.status in LIVE_APPOINTMENTS else None
    return line if seat is None else replace(line, ticket=seat.ticket, come_at=seat.come_at)


def _line(
    person: Person, phones: Sequence[str], appointment: Appointment | None, tasks: Sequence[TaskKind]
) -> FoundPerson:
    return FoundPerson(
        id=person.id,
        title=person.title,
        name=person.name,
        surname=person.surname,
        name_native=person.name_native,
        birth_date=person.birth_date,
        language=person.language,
        village=person.village,
        site=appointment.site if appointment else person.site,
        has_died=person.died_on is not None,
        phones=tuple(phones),
        starts_at=appointment.starts_at if appointment else None,
        status=appointment.status if appointment else None,
        waits=tuple(dict.fromkeys(tasks)),
    )


def _phone_ends(db: Session, ids: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    query = (
        select(PersonPhone.person, Phone.e164)
        .join(Phone, col(Phone.id) == col(PersonPhone.phone))
        .where(col(PersonPhone.person).in_(ids), col(PersonPhone.role) != PhoneRole.VHV)
        .order_by(col(PersonPhone.rank), col(PersonPhone.phone))
    )
    for person, number in db.exec(query):
        found[person].append(number[-_SHOWN_DIGITS:])
    return found


def _open_tasks(db: Session, ids: Sequence[str]) -> dict[str, list[TaskKind]]:
    found: dict[str, list[TaskKind]] = defaultdict(list)
    query = select(Task).where(col(Task.person).in_(ids), col(Task.status) == TaskStatus.OPEN)
    for task in db.exec(query.order_by(col(Task.created_at), col(Task.id))):
        found[task.person or ""].append(task.kind)
    return found


def _appointments(db: Session, ids: Sequence[str], now: datetime) -> dict[str, Appointment]:
    """The next appointment that stands from today on, else the last that was not moved or cancelled, else the last."""
    today = at_bangkok(bangkok_day(now), time())
    found: dict[str, Appointment] = {}
    mine = select(Appointment).where(col(Appointment.person).in_(ids))
    for one in sorted(db.exec(mine), key=lambda one: _nearness(one, today), reverse=True):
        found[one.person] = one  # the nearest comes last
    return found


def _nearness(one: Appointment, today: datetime) -> tuple[int, float, str]:
    """Sorts the one to be shown first."""
    at = one.starts_at.timestamp()
    if one.status in LIVE_APPOINTMENTS and one.starts_at >= today:
        return (0, at, one.id)
    return (2 if one.status in _ENDED else 1, -at, one.id)
