"""The list of a session: everybody who is expected, in the order in which they come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session as Db
from sqlmodel import col, select

from gateway.kit.clock import bangkok_day
from gateway.plan.reach import age_on
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, AttemptItem, Reminder
from gateway.records.people import Person, PersonPhone, Phone, PhoneRole
from gateway.records.places import Seat, Session, Site
from gateway.records.staffing import Note
from gateway.records.status import AppointmentStatus, AttemptStatus, Channel, RideStatus, TaskKind, TaskStatus
from gateway.records.work import Ride, Task
from gateway.reports.counts import EXPECTED, has_said_yes, was_sent

__all__ = ["LastContact", "Sheet", "SheetRow", "sheet"]

_A = AppointmentStatus
_CERTAIN: Final = (_A.CONFIRMED, _A.KEPT)


@dataclass(frozen=True, slots=True)
class LastContact:
    """The last text or call that went out to somebody about this appointment."""

    at: datetime
    channel: Channel
    status: AttemptStatus


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One line. `age` in full years on the day; `phone` in E.164, the one tried first, None without one."""

    appointment: str
    person: str
    ticket: int | None
    come_at: datetime
    name: str
    name_native: str
    age: int | None
    language: str
    village: str
    dose_no: int
    regimen: str
    status: AppointmentStatus
    has_said_yes: bool  # by key, text or to staff: who only came has not
    phone: str | None = field(repr=False)
    ride: TaskStatus | None  # asked for: open until it is arranged
    wants_call: bool
    has_note: bool
    last_contact: LastContact | None
    arrived_at: datetime | None = None  # checked in at the door

    @property
    def may_be_called(self) -> bool:
        """Whether staff would still ring them: nobody knows that they come."""
        return self.status not in _CERTAIN


@dataclass(frozen=True, slots=True)
class Sheet:
    """A session and its people; `gone` had a place and moved away or were cancelled."""

    session: Session
    site: Site
    rows: tuple[SheetRow, ...]
    gone: tuple[SheetRow, ...]

    @property
    def confirmed(self) -> int:
        """How many of those expected said that they come: the same number as on the board."""
        return sum(row.has_said_yes for row in self.rows)

    @property
    def arrived(self) -> int:
        """How many were checked in at the door."""
        return sum(row.arrived_at is not None for row in self.rows)


def sheet(db: Db, session_id: str, *, site: str | None = None) -> Sheet | None:
    """Return the list of a session by hour, then ticket, who has no ticket last; None when `site` has no such one."""
    session = db.get(Session, session_id)
    if session is None or site not in (None, session.site):
        return None
    rows = _rows(db, session)
    return Sheet(
        session,
        db.get_one(Site, session.site),
        tuple(row for row in rows if row.status in EXPECTED),
        tuple(row for row in rows if row.status not in EXPECTED),
    )


def _rows(db: Db, session: Session) -> list[SheetRow]:
    found = db.exec(
        select(Appointment, Person, Seat)
        .join(Person, col(Person.id) == col(Appointment.person))
        .outerjoin(Seat, col(Seat.appointment) == col(Appointment.id))
        .where(col(Appointment.session) == session.id)
    ).all()
    facts = _Facts(db, session.id)
    rows = [_row(appointment, person, seat, facts) for appointment, person, seat in found]
    return sorted(rows, key=_place_in_line)


def _place_in_line(row: SheetRow) -> tuple[object, ...]:
    return (row.ticket is None, row.come_at, row.ticket or 0, row.name, row.appointment)


class _Facts:
    """What a list says of people beside their appointment; one query each, however many they are."""

    def __init__(self, db: Db, session_id: str) -> None:
        mine = select(Appointment.id).where(col(Appointment.session) == session_id)
        people = select(Appointment.person).where(col(Appointment.session) == session_id)
        self.phones = first_phones(db, people)
        self.contacts = _last_contacts(db, mine)
        self.notes = set(
            db.exec(select(Note.person).where(col(Note.person).in_(people), col(Note.withdrawn_at).is_(None)))
        )
        self.rides, self.calls = _wishes(db, mine)


def _row(appointment: Appointment, person: Person, seat: Seat | None, facts: _Facts) -> SheetRow:
    return SheetRow(
        appointment=appointment.id,
        person=person.id,
        ticket=seat.ticket if seat else None,
        come_at=(seat.come_at if seat else None) or appointment.starts_at,
        name=" ".join(part for part in (person.title, person.name, person.surname) if part),
        name_native=person.name_native or "",
        age=age_on(person.birth_date, bangkok_day(appointment.starts_at)),
        language=person.language,
        village=person.village,
        dose_no=appointment.dose_no,
        regimen=appointment.regimen,
        status=appointment.status,
        has_said_yes=has_said_yes(appointment),
        phone=facts.phones.get(person.id),
        ride=facts.rides.get(appointment.id),
        wants_call=appointment.id in facts.calls,
        has_note=person.id in facts.notes,
        last_contact=facts.contacts.get(appointment.id),
        arrived_at=seat.arrived_at if seat else None,
    )


def first_phones(db: Db, people: Any) -> dict[str, str]:
    """By person, the phone tried first; a volunteer's own and a parked one are not theirs."""
    statement = (
        select(PersonPhone.person, Phone.e164)
        .join(Phone, col(Phone.id) == col(PersonPhone.phone))
        .where(col(PersonPhone.person).in_(people), col(PersonPhone.role) != PhoneRole.VHV)
        .where(col(Phone.parked_at).is_(None))
        .order_by(col(PersonPhone.rank).desc(), col(PersonPhone.phone).desc())
    )
    return dict(iter(db.exec(statement)))


def _last_contacts(db: Db, mine: Any) -> dict[str, LastContact]:
    statement = (
        sa.select(col(Reminder.appointment), col(Attempt.created_at), col(Attempt.channel), col(Attempt.status))
        .join(AttemptItem, col(AttemptItem.reminder) == col(Reminder.id))
        .join(Attempt, col(Attempt.id) == col(AttemptItem.attempt))
        .where(col(Reminder.appointment).in_(mine), was_sent())
        .order_by(col(Attempt.created_at), col(Attempt.id))
    )
    rows: Iterable[Any] = db.exec(statement)  # type: ignore[call-overload]
    return {appointment: LastContact(at, channel, status) for appointment, at, channel, status in rows}


def _wishes(db: Db, mine: Any) -> tuple[dict[str, TaskStatus], set[str]]:
    """Rides by appointment, and who waits for a call. A ride that is not needed any more is none, though its task is
    done; a task of before rides had rows speaks for itself."""
    kinds = (TaskKind.RIDE, TaskKind.CALLBACK)
    tasks: Sequence[Task] = db.exec(
        select(Task).where(col(Task.subject).in_(mine), col(Task.kind).in_(kinds)).order_by(col(Task.status))
    ).all()
    rides = {one.subject: one.status for one in tasks if one.kind is TaskKind.RIDE}
    wanted = db.exec(select(Ride).where(col(Ride.appointment).in_(mine))).all()
    for ride in sorted(wanted, key=lambda one: one.status is not RideStatus.CANCELLED):  # one that stands comes last
        rides.pop(ride.appointment, None)
        if ride.status is not RideStatus.CANCELLED:
            is_arranged = ride.status is RideStatus.ARRANGED
            rides[ride.appointment] = TaskStatus.DONE if is_arranged else TaskStatus.OPEN
    calls = {one.subject for one in tasks if one.kind is TaskKind.CALLBACK and one.status is TaskStatus.OPEN}
    return rides, calls
