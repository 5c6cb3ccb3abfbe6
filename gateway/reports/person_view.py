"""What stands at the head of a person's page: who they are, how they are reached, what is agreed and what waits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlmodel import Session, col, select

from gateway.kit.clock import bangkok_day
from gateway.kit.phones import LineType
from gateway.plan.reach import age_on
from gateway.records import places
from gateway.records.agreements import Appointment, Dose
from gateway.records.people import CarrierBlock, Consent, Person, PersonPhone, Phone, PhoneRole
from gateway.records.places import Part, Seat, Site
from gateway.records.staffing import Note, Staff
from gateway.records.status import LIVE_APPOINTMENTS, AppointmentStatus, TaskStatus
from gateway.records.work import Task
from gateway.reports.rides import RideRow, rides_of
from gateway.reports.spoken import Spoken, spoken_by
from gateway.reports.story_contacts import names_of


@dataclass(frozen=True, slots=True)
class AppointmentLine:
    """An appointment with where it is and the seat it has; `ticket` and `come_at` are None without one.

    Whoever acts on it hands back the `version` they looked at.
    """

    id: str
    person: str
    site: str
    site_name: str
    site_name_en: str
    place: str
    session: str | None
    part: Part | None
    regimen: str
    course: int
    dose_no: int
    starts_at: datetime
    status: AppointmentStatus
    version: int
    source: str
    ticket: int | None
    come_at: datetime | None
    arrived_at: datetime | None

    @property
    def is_live(self) -> bool:
        """Whether it stands."""
        return self.status in LIVE_APPOINTMENTS


@dataclass(frozen=True, slots=True)
class PhoneLine:
    """A number the person uses, in full: staff dial it. `blocks` are senders the carrier will not let through."""

    id: int
    e164: str
    line_type: LineType
    role: PhoneRole
    rank: int
    sms: Consent
    voice: Consent
    parked_at: datetime | None
    parked_reason: str | None
    blocks: int
    others: tuple[tuple[str, str], ...] = ()  # who else uses it: id and name, those the reader may see


@dataclass(frozen=True, slots=True)
class NoteLine:
    """A note that was not withdrawn; `staff` is a name."""

    id: str
    text: str
    staff: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person as staff need them. Phones in the order they are tried, the soonest live appointment first."""

    person: Person
    age: int | None
    site: Site | None
    phones: tuple[PhoneLine, ...]
    current: tuple[AppointmentLine, ...]
    past: tuple[AppointmentLine, ...]
    doses: tuple[Dose, ...]
    tasks: tuple[Task, ...]
    notes: tuple[NoteLine, ...]
    rides: Mapping[str, RideRow] = field(default_factory=dict)  # by appointment
    spoken: tuple[Spoken, ...] = ()

    @property
    def appointments(self) -> tuple[AppointmentLine, ...]:
        """All, those that stand first."""
        return (*self.current, *self.past)


def person_view(db: Session, person: Person, *, now: datetime, site: str | None = None) -> PersonView:
    """Read all that stands at the head of a person's page at `now`; as staff of `site` (None: of all) may see it."""
    lines = _appointments(db, person.id)
    return PersonView(
        person=person,
        age=age_on(person.birth_date, _last_day(person, now)),
        site=db.get(Site, person.site) if person.site else None,
        phones=tuple(_phones(db, person.id, site)),
        current=tuple(line for line in lines if line.is_live),
        past=tuple(line for line in reversed(lines) if not line.is_live),
        doses=_doses(db, person.id),
        tasks=tuple(_open_tasks(db, person.id)),
        notes=tuple(_notes(db, person.id)),
        rides=rides_of(db, [line.id for line in lines if line.is_live]),
        spoken=spoken_by(db, person.id),
    )


def _last_day(person: Person, now: datetime) -> date:
    return person.died_on or bangkok_day(now)


def _appointments(db: Session, person: str) -> list[AppointmentLine]:
    query = (
        select(Appointment, Site, Seat, places.Session)
        .join(Site, col(Site.code) == col(Appointment.site))
        .outerjoin(Seat, col(Seat.appointment) == col(Appointment.id))
        .outerjoin(places.Session, col(places.Session.id) == col(Appointment.session))
        .where(col(Appointment.person) == person)
        .order_by(col(Appointment.starts_at), col(Appointment.id))
    )
    return [_line(*row) for row in db.exec(query).all()]


def _line(one: Appointment, site: Site, seat: Seat | None, session: places.Session | None) -> AppointmentLine:
    return AppointmentLine(
        id=one.id,
        person=one.person,
        site=one.site,
        site_name=site.name,
        site_name_en=site.name_en,
        place=site.place,
        session=one.session,
        part=session.part if session else None,
        regimen=one.regimen,
        course=one.course,
        dose_no=one.dose_no,
        starts_at=one.starts_at,
        status=one.status,
        version=one.version,
        source=one.source,
        ticket=seat.ticket if seat else None,
        come_at=seat.come_at if seat else None,
        arrived_at=seat.arrived_at if seat else None,
    )


def _phones(db: Session, person: str, site: str | None) -> list[PhoneLine]:
    query = (
        select(PersonPhone, Phone)
        .join(Phone, col(Phone.id) == col(PersonPhone.phone))
        .where(col(PersonPhone.person) == person)
        .order_by(col(PersonPhone.rank), col(PersonPhone.phone))
    )
    found = db.exec(query).all()
    blocked = [block.phone for block in _blocks(db, [use.phone for use, _ in found])]
    others = _others(db, [use.phone for use, _ in found], person, site)
    return [_phone(use, phone, blocked.count(use.phone), others[use.phone]) for use, phone in found]


def _others(db: Session, phones: Sequence[int], person: str, site: str | None) -> dict[int, list[tuple[str, str]]]:
    """Who else of the living uses these phones, by phone; a volunteer's neighbours share nothing but the volunteer."""
    query = (
        select(PersonPhone)
        .join(Person, col(Person.id) == col(PersonPhone.person))
        .where(col(PersonPhone.phone).in_(phones), col(PersonPhone.person) != person)
        .where(col(PersonPhone.role) != PhoneRole.VHV, col(Person.died_on).is_(None))
        .where(col(Person.merged_into).is_(None))
        .order_by(col(Person.name), col(Person.id))
    )
    links = db.exec(query).all()
    names = names_of(db, {link.person for link in links}, site)
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for link in links:
        if link.person in names:
            found[link.phone].append((link.person, names[link.person]))
    return found


def _phone(use: PersonPhone, phone: Phone, blocks: int, others: Sequence[tuple[str, str]]) -> PhoneLine:
    return PhoneLine(
        id=use.phone,
        e164=phone.e164,
        line_type=phone.line_type,
        role=use.role,
        rank=use.rank,
        sms=use.sms,
        voice=use.voice,
        parked_at=phone.parked_at,
        parked_reason=phone.parked_reason,
        blocks=blocks,
        others=tuple(others),
    )


def _blocks(db: Session, phones: Sequence[int]) -> Sequence[CarrierBlock]:
    return db.exec(select(CarrierBlock).where(col(CarrierBlock.phone).in_(phones))).all()


def _doses(db: Session, person: str) -> tuple[Dose, ...]:
    mine = select(Dose).where(col(Dose.person) == person)
    return tuple(db.exec(mine.order_by(col(Dose.given_on), col(Dose.number))))


def _open_tasks(db: Session, person: str) -> Sequence[Task]:
    waiting = select(Task).where(col(Task.person) == person, col(Task.status) == TaskStatus.OPEN)
    return db.exec(waiting.order_by(col(Task.created_at), col(Task.id))).all()


def _notes(db: Session, person: str) -> list[NoteLine]:
    query = (
        select(Note, Staff)
        .outerjoin(Staff, col(Staff.id) == col(Note.staff))
        .where(col(Note.person) == person, col(Note.withdrawn_at).is_(None))
        .order_by(col(Note.at).desc(), col(Note.id))
    )
    return [NoteLine(note.id, note.text, (staff.name or staff.email) if staff else "", note.at)
            for note, staff in db.exec(query).all()]  # fmt: skip
