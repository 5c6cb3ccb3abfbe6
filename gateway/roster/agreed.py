"""What is agreed with a batch of people already: live appointments, doses given, and the seats still free."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import sqlalchemy as sa
from sqlmodel import Session as Db
from sqlmodel import col, select

from gateway.care.booking import part_of_day
from gateway.care.people import in_chunks
from gateway.care.regimens import Regimens
from gateway.kit.clock import bangkok_day
from gateway.records.agreements import Appointment, Dose
from gateway.records.places import Seat, Session
from gateway.records.status import LIVE_APPOINTMENTS, AppointmentStatus
from gateway.roster.rows import GivenDose, Wish

NEW_COURSE = timedelta(days=180)
"""The same dose of the same vaccine again after so long belongs to a new course, as influenza's every year."""


class Agreed:
    """Doses, live appointments and sessions in memory; seats are counted here as rows are planned."""

    def __init__(self, db: Db, people: Iterable[str], wishes: Sequence[Wish], regimens: Regimens) -> None:
        self._regimens = regimens
        self._live: dict[tuple[str, str, int], Appointment] = {}
        self._status: dict[str, AppointmentStatus] = {}
        self._doses: dict[tuple[str, str, int], list[Dose]] = defaultdict(list)
        self._sessions: dict[tuple[str, str, date, str], Session] = {}
        self._free: dict[str, int] = {}
        self._seated: set[str] = set()
        for chunk in in_chunks(set(people)):
            self._read_people(db, chunk)
        self._read_sessions(db, wishes)

    def live(self, person: str, vaccine: str, dose: int) -> Appointment | None:
        """Return the live appointment of a person for a dose."""
        return self._live.get((person, vaccine, dose))

    def status(self, appointment: str | None) -> AppointmentStatus | None:
        """Return the status of an appointment of these people."""
        return self._status.get(appointment or "")

    def doses(self, person: str, vaccine: str, number: int) -> list[Dose]:
        """Return the doses of that number that were given, oldest course first."""
        return sorted(self._doses.get((person, vaccine, number), ()), key=lambda dose: dose.course)

    def add_dose(self, dose: Dose) -> None:
        """Count a dose that is about to be stored."""
        self._doses[(dose.person, dose.regimen, dose.number)].append(dose)

    def course_for(self, person: str, vaccine: str, dose: int) -> int:
        """Return the course to which the next dose of that number belongs, counted from 1."""
        same = self.doses(person, vaccine, dose)
        before = self.doses(person, vaccine, dose - 1)
        course = before[-1].course if before else 1
        return max(course, same[-1].course + 1) if same else course

    def session_for(self, wish: Wish) -> Session | None:
        """Return the session of that half-day, one with a free seat first; None when the site holds none."""
        day, part = bangkok_day(wish.starts_at), part_of_day(wish.starts_at).value
        regimen = self._regimens.get(wish.vaccine)
        vaccines = (wish.vaccine,) if regimen is None else regimen.session_vaccines(wish.dose)
        held = [self._sessions.get((wish.site, vaccine, day, part)) for vaccine in vaccines]
        found = [session for session in held if session is not None]
        return next((one for one in found if self.has_seat_left(one)), found[0] if found else None)

    def has_seat_left(self, session: Session) -> bool:
        """Whether a seat is left after all that was planned so far."""
        return self._free.get(session.id, 0) > 0

    def count_seat(self, session: Session) -> None:
        """Count a seat that will be taken."""
        self._free[session.id] -= 1

    def is_seated(self, appointment: Appointment) -> bool:
        """Whether an appointment has a seat."""
        return appointment.id in self._seated

    def uncount_seat(self, appointment: Appointment) -> None:
        """Count the seat of an appointment as free: it will be given back first."""
        if appointment.id in self._seated and appointment.session in self._free:
            self._free[appointment.session] += 1

    def _read_people(self, db: Db, chunk: list[str]) -> None:
        mine = col(Appointment.person).in_(chunk)
        for one in db.exec(select(Appointment).where(mine).order_by(col(Appointment.course))):
            self._status[one.id] = one.status
            if one.status in LIVE_APPOINTMENTS:
                self._live[(one.person, one.regimen, one.dose_no)] = one
        seated = select(Seat.appointment).join(Appointment, col(Appointment.id) == col(Seat.appointment))
        self._seated.update(found for found in db.exec(seated.where(mine)) if found is not None)
        for dose in db.exec(select(Dose).where(col(Dose.person).in_(chunk))):
            self.add_dose(dose)

    def _read_sessions(self, db: Db, wishes: Sequence[Wish]) -> None:
        if not wishes:
            return
        days = [bangkok_day(wish.starts_at) for wish in wishes]
        query = (
            select(Session)
            .where(
                col(Session.site).in_({wish.site for wish in wishes}),
                sa.between(col(Session.day), min(days), max(days)),
            )
            .with_for_update()  # nobody else may take the seats that are counted here before they are taken
            .order_by(col(Session.id))
        )
        for session in db.exec(query):
            self._sessions[(session.site, session.vaccine, session.day, session.part.value)] = session
            self._free[session.id] = 0 if session.closed_at else session.capacity - session.taken


def new_dose(agreed: Agreed, person: str, given: GivenDose) -> Dose | None:
    """Return the dose to record, None when it is recorded or another date stands for it."""
    known = agreed.doses(person, given.vaccine, given.number)
    if known and given.given_on - known[-1].given_on < NEW_COURSE:
        return None
    return Dose(
        person=person,
        regimen=given.vaccine,
        course=agreed.course_for(person, given.vaccine, given.number),
        number=given.number,
        product=given.vaccine,
        given_on=given.given_on,
        source="roster",
    )


def is_recorded(agreed: Agreed, person: str, given: GivenDose) -> bool:
    """Whether this very dose is recorded, with this date."""
    return any(dose.given_on == given.given_on for dose in agreed.doses(person, given.vaccine, given.number))
