"""What staff may do for a person at this moment: the panel of a person's page is drawn from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from gateway.care.at_the_desk import products_for
from gateway.care.desk_phones import known_against
from gateway.care.regimens import Regimens
from gateway.care.rides import ride_of
from gateway.kit.clock import bangkok_day
from gateway.records.agreements import Appointment, Dose
from gateway.records.people import Consent, Person, PersonPhone, Phone, PhoneRole
from gateway.records.places import Site
from gateway.records.status import LIVE_APPOINTMENTS, AppointmentStatus

_STILL_VACCINATED: Final = timedelta(days=30)  # who came may have the dose written down for this long


@dataclass(frozen=True, slots=True)
class AppointmentActions:
    """An appointment staff may act on; regimen and site by their Thai and English names."""

    id: str
    version: int
    starts_at: datetime
    status: AppointmentStatus
    dose_no: int
    regimen: tuple[str, str]
    site: tuple[str, str]
    may_confirm: bool
    may_come: bool
    may_miss: bool
    is_live: bool
    may_ask_ride: bool
    products: tuple[tuple[str, str, str], ...]  # code, Thai, English


@dataclass(frozen=True, slots=True)
class PhoneActions:
    """A number of the person's. `known`: what speaks against it (parked, blocked, no_texts)."""

    id: int
    e164: str
    role: PhoneRole
    sms: bool
    voice: bool
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PersonActions:
    """All that may be done for a person; nothing but a note for the dead, nothing at all for who was merged."""

    person: str
    is_open: bool
    may_note: bool
    appointments: tuple[AppointmentActions, ...]
    phones: tuple[PhoneActions, ...]
    language: str
    reads_script: bool | None
    today: date

    @property
    def may_stop(self) -> bool:
        """Whether contact is allowed anywhere."""
        return any(phone.sms or phone.voice for phone in self.phones)

    @property
    def may_resume(self) -> bool:
        """Whether contact was stopped anywhere."""
        return any(not (phone.sms and phone.voice) for phone in self.phones)


def actions_for(db: Session, person_id: str, *, now: datetime, regimens: Regimens) -> PersonActions:
    """What may be done for a stored person at `now` (aware)."""
    person = db.get_one(Person, person_id)
    is_open = person.merged_into is None and person.died_on is None
    return PersonActions(
        person=person.id,
        is_open=is_open,
        may_note=person.merged_into is None,
        appointments=tuple(_appointments(db, person_id, now, regimens)) if is_open else (),
        phones=tuple(_phones(db, person_id)),
        language=person.language,
        reads_script=person.reads_script,
        today=bangkok_day(now),
    )


def _appointments(db: Session, person: str, now: datetime, regimens: Regimens) -> list[AppointmentActions]:
    """Those that stand, the soonest first, and those kept lately whose dose is not written down yet."""
    dosed = select(Dose.id).where(
        col(Dose.person) == person,
        col(Dose.regimen) == col(Appointment.regimen),
        col(Dose.course) == col(Appointment.course),
        col(Dose.number) == col(Appointment.dose_no),
    )
    kept = (
        (col(Appointment.status) == AppointmentStatus.KEPT)
        & (col(Appointment.starts_at) > now - _STILL_VACCINATED)
        & ~dosed.exists()
    )
    wanted = (
        select(Appointment, Site)
        .join(Site, col(Site.code) == col(Appointment.site))
        .where(col(Appointment.person) == person, col(Appointment.status).in_(LIVE_APPOINTMENTS) | kept)
        .order_by(col(Appointment.starts_at), col(Appointment.id))
    )
    return [_appointment(db, one, site, now, regimens) for one, site in db.exec(wanted)]


def _appointment(db: Session, one: Appointment, site: Site, now: datetime, regimens: Regimens) -> AppointmentActions:
    is_live = one.status in LIVE_APPOINTMENTS
    today, day = bangkok_day(now), bangkok_day(one.starts_at)
    return AppointmentActions(
        id=one.id,
        version=one.version,
        starts_at=one.starts_at,
        status=one.status,
        dose_no=one.dose_no,
        regimen=_names(regimens, one.regimen),
        site=(site.name, site.name_en or site.name),
        may_confirm=one.status is AppointmentStatus.BOOKED and day >= today,
        may_come=is_live and day <= today,
        may_miss=is_live and one.starts_at <= now,
        is_live=is_live,
        may_ask_ride=is_live and one.starts_at > now and ride_of(db, one.id) is None,
        products=tuple((code, *_names(regimens, code)) for code in products_for(regimens, one.regimen, one.dose_no)),
    )


def _names(regimens: Regimens, code: str) -> tuple[str, str]:
    regimen = regimens.get(code)
    return (code, code) if regimen is None else (regimen.name_th, regimen.name_en)


def _phones(db: Session, person: str) -> list[PhoneActions]:
    mine = (
        select(PersonPhone, Phone)
        .join(Phone, col(Phone.id) == col(PersonPhone.phone))
        .where(col(PersonPhone.person) == person, col(PersonPhone.role) != PhoneRole.VHV)
        .order_by(col(PersonPhone.rank), col(PersonPhone.phone))
    )
    return [
        PhoneActions(
            id=link.phone,
            e164=phone.e164,
            role=link.role,
            sms=link.sms is Consent.ALLOW,
            voice=link.voice is Consent.ALLOW,
            known=tuple(known_against(db, phone)),
        )
        for link, phone in db.exec(mine)
    ]
