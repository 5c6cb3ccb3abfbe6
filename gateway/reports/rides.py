"""Who is to be fetched on a day: by session and village, as a driver goes; and how each was told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session as Db
from sqlmodel import col, select

from gateway.care.notices import RIDE
from gateway.care.rides import NO_ANSWER_ASKED, hours_told
from gateway.kit.clock import at_bangkok, bangkok_day
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, AttemptItem, Reminder
from gateway.records.people import Person
from gateway.records.places import Seat, Session, Site
from gateway.records.staffing import Staff
from gateway.records.status import Channel, ReminderStatus, RideStatus, VisitStatus
from gateway.records.work import Ride, Visit
from gateway.reports.sheet import first_phones

_R: Final = ReminderStatus


class Telling(StrEnum):
    """How far somebody was told when they are fetched."""

    PLANNED = "planned"  # the text or call is to go out
    SENT = "sent"
    HANDED = "handed"  # a volunteer was asked to tell them, and nobody knows yet whether they did
    ANSWERED = "answered"
    FAILED = "failed"  # it did not reach them: staff ring them
    NOBODY = "nobody"  # no phone of theirs takes texts or calls


@dataclass(frozen=True, slots=True)
class Told:
    """The news of one ride: how, how far, and when it went or is to go."""

    how: Telling
    channel: Channel | None = None
    at: datetime | None = None
    until: datetime | None = None  # the pick-up it tells of


@dataclass(frozen=True, slots=True)
class RideRow:
    """One person to be fetched. `phone` in E.164, the one tried first; `told` only of an arranged ride, `heard` of one
    that was taken back."""

    ride: str
    appointment: str
    person: str
    name: str
    name_native: str
    language: str
    village: str
    ticket: int | None
    come_at: datetime
    phone: str | None = field(repr=False)
    status: RideStatus
    pick_up_at: datetime | None
    driver: str
    arranged_by: str
    told: Told | None
    heard: datetime | None = None  # the pick-up they were told of by telephone, where it stands no more

    @property
    def is_told(self) -> bool:
        """Whether they know of an arrangement that stands: taking it back must be told, too."""
        return self.told is not None and self.told.how in (Telling.SENT, Telling.HANDED, Telling.ANSWERED)


@dataclass(frozen=True, slots=True)
class RideVillage:
    """The people of one village who come to one session."""

    name: str
    rows: tuple[RideRow, ...]

    @property
    def waiting(self) -> tuple[RideRow, ...]:
        """Those for whom nothing is arranged yet."""
        return tuple(row for row in self.rows if row.status is RideStatus.ASKED)

    @property
    def arranged(self) -> tuple[RideRow, ...]:
        """Those who are fetched."""
        return tuple(row for row in self.rows if row.status is RideStatus.ARRANGED)


@dataclass(frozen=True, slots=True)
class RideSession:
    """A session's rides; `session` None: appointments of that hour without one."""

    site: Site
    session: Session | None
    starts_at: datetime
    vaccine: str
    villages: tuple[RideVillage, ...]

    @property
    def people(self) -> int:
        """How many are to be fetched."""
        return sum(len(one.rows) for one in self.villages)

    @property
    def waiting(self) -> int:
        """How many of them have no ride yet."""
        return sum(len(one.waiting) for one in self.villages)


@dataclass(frozen=True, slots=True)
class RideList:
    """A day's rides; `gone` are those that are not needed any more."""

    day: date
    sessions: tuple[RideSession, ...] = ()
    gone: tuple[RideRow, ...] = ()

    @property
    def people(self) -> int:
        """How many are to be fetched."""
        return sum(one.people for one in self.sessions)

    @property
    def waiting(self) -> int:
        """How many of them have no ride yet."""
        return sum(one.waiting for one in self.sessions)


def ride_list(db: Db, day: date, *, site: str | None = None) -> RideList:
    """Everybody to be fetched for an appointment on a Bangkok day; `site` None: at every site."""
    rows = _rows(db, day, site)
    facts = _facts(db, rows)
    wanted = [row for row in rows if row[0].status is not RideStatus.CANCELLED]
    gone = [facts.row(*row[:4]) for row in rows if row[0].status is RideStatus.CANCELLED]
    sessions = tuple(_session(list(group), facts) for _, group in groupby(wanted, key=_place))
    return RideList(day, sessions, tuple(gone))


def rides_of(db: Db, appointments: Collection[str]) -> Mapping[str, RideRow]:
    """The rides that are wanted or arranged for these appointments, by appointment."""
    query = _query().where(col(Ride.appointment).in_(appointments), col(Ride.status) != RideStatus.CANCELLED)
    rows: list[Any] = list(db.exec(query))
    facts = _facts(db, rows)
    return {row[1].id: facts.row(*row[:4]) for row in rows}


def waiting_on_other_days(db: Db, day: date, *, since: datetime, site: str | None = None) -> dict[date, int]:
    """How many wait for a ride on each other Bangkok day than `day`, from `since` (aware) on; the next day first."""
    query = (
        select(Appointment.starts_at)
        .join(Ride, col(Ride.appointment) == col(Appointment.id))
        .where(col(Ride.status) == RideStatus.ASKED, col(Appointment.starts_at) >= since)
        .order_by(col(Appointment.starts_at))
    )
    if site is not None:
        query = query.where(col(Appointment.site) == site)
    found = Counter(bangkok_day(at) for at in db.exec(query))
    return {other: number for other, number in found.items() if other != day}


def _query() -> Any:
    return (
        sa.select(Ride, Appointment, Person, Seat, Session, Site)
        .join(Appointment, col(Appointment.id) == col(Ride.appointment))
        .join(Person, col(Person.id) == col(Ride.person))
        .join(Site, col(Site.code) == col(Appointment.site))
        .outerjoin(Seat, col(Seat.appointment) == col(Appointment.id))
        .outerjoin(Session, col(Session.id) == col(Appointment.session))
    )


def _rows(db: Db, day: date, site: str | None) -> list[Any]:
    start, end = at_bangkok(day, time()), at_bangkok(day + timedelta(days=1), time())
    query = _query().where(col(Appointment.starts_at) >= start, col(Appointment.starts_at) < end)
    if site is not None:
        query = query.where(col(Appointment.site) == site)
    return sorted(db.exec(query), key=lambda row: (*_place(row), row[2].village, _come_at(row[1], row[3]), row[2].name))


def _place(row: Any) -> tuple[Any, ...]:
    """Site and session, as the day goes."""
    _, appointment, _, _, session, site = row
    return (session.starts_at if session else appointment.starts_at, site.code, session.id if session else "")


def _come_at(appointment: Appointment, seat: Seat | None) -> datetime:
    return (seat.come_at if seat else None) or appointment.starts_at


def _session(rows: list[Any], facts: _Facts) -> RideSession:
    _, appointment, _, _, session, site = rows[0]
    villages = tuple(
        RideVillage(name, tuple(facts.row(*row[:4]) for row in group))
        for name, group in groupby(rows, key=lambda row: row[2].village)
    )
    vaccine = session.vaccine if session else appointment.regimen
    return RideSession(site, session, session.starts_at if session else appointment.starts_at, vaccine, villages)


@dataclass(frozen=True, slots=True)
class _Facts:
    """What a list says beside the rows: one query each."""

    phones: Mapping[str, str]
    names: Mapping[str, str]
    told: Mapping[str, Told]
    heard: Mapping[str, datetime]

    def row(self, ride: Ride, appointment: Appointment, person: Person, seat: Seat | None) -> RideRow:
        is_arranged = ride.status is RideStatus.ARRANGED
        return RideRow(
            ride=ride.id,
            appointment=appointment.id,
            person=person.id,
            name=" ".join(part for part in (person.title, person.name, person.surname) if part),
            name_native=person.name_native or "",
            language=person.language,
            village=person.village,
            ticket=seat.ticket if seat else None,
            come_at=_come_at(appointment, seat),
            phone=self.phones.get(person.id),
            status=ride.status,
            pick_up_at=ride.pick_up_at,
            driver=ride.driver,
            arranged_by=self.names.get(ride.arranged_by or "", ""),
            told=self._told(ride) if is_arranged else None,
            heard=None if is_arranged else self.heard.get(appointment.id),
        )

    def _told(self, ride: Ride) -> Told:
        """What they were told of this arrangement, not of one before it."""
        told = self.told.get(ride.appointment)
        return told if told is not None and told.until == ride.pick_up_at else Told(Telling.NOBODY)


def _facts(db: Db, rows: list[Any]) -> _Facts:
    people, appointments = {row[2].id for row in rows}, {row[1].id for row in rows}
    staff = {row[0].arranged_by for row in rows if row[0].arranged_by}
    names = {one.id: one.name or one.email for one in db.exec(select(Staff).where(col(Staff.id).in_(staff)))}
    return _Facts(first_phones(db, people), names, _told(db, appointments), hours_told(db, appointments))


def _told(db: Db, appointments: Collection[str]) -> dict[str, Told]:
    """By appointment, how its newest ride was told; one that was withdrawn is none."""
    statement = (
        sa.select(Reminder, sa.func.max(col(Attempt.created_at)), col(Visit.status))
        .outerjoin(Visit, col(Visit.reminder) == col(Reminder.id))
        .outerjoin(AttemptItem, col(AttemptItem.reminder) == col(Reminder.id))
        .outerjoin(Attempt, col(Attempt.id) == col(AttemptItem.attempt))
        .where(col(Reminder.appointment).in_(appointments), col(Reminder.purpose) == RIDE)
        .group_by(col(Reminder.id), col(Visit.status))
        .order_by(col(Reminder.due_at), col(Reminder.id))
    )
    rows: Any = db.exec(statement)  # type: ignore[call-overload]
    return {one.appointment: _told_by(one, sent_at, visit) for one, sent_at, visit in rows if one.status in _TELLING}


def _told_by(reminder: Reminder, sent_at: datetime | None, visit: VisitStatus | None) -> Told:
    """How far one reminder went; of a visit, only a volunteer's word that they were there counts as told."""
    how, at = _TELLING[reminder.status], sent_at or reminder.due_at
    if reminder.channel is Channel.VISIT and how is Telling.SENT:
        how = Telling.SENT if visit is VisitStatus.DONE else Telling.HANDED
    elif reminder.channel is not Channel.VISIT and _is_over(reminder):
        how = Telling.SENT
    if how is Telling.PLANNED:
        at = reminder.next_try_at
    return Told(how, reminder.channel, at, reminder.expires_at)


def _is_over(reminder: Reminder) -> bool:
    """Whether it went out and only its time is over: news asks for no answer."""
    return reminder.status is _R.UNANSWERED and reminder.reason == NO_ANSWER_ASKED


_TELLING: Final[Mapping[ReminderStatus, Telling]] = {
    _R.PLANNED: Telling.PLANNED,
    _R.CLAIMED: Telling.PLANNED,
    _R.SENT: Telling.SENT,
    _R.ANSWERED: Telling.ANSWERED,
    _R.UNANSWERED: Telling.FAILED,
    _R.FAILED: Telling.FAILED,
    _R.EXPIRED: Telling.FAILED,
}
