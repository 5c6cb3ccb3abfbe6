"""A clinic's desk in one line: somebody with a seat, reminders planned, and two members of staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from gateway.care import booking
from gateway.records.agreements import Appointment
from gateway.records.contacts import Reminder
from gateway.records.people import Person, Phone
from gateway.records.places import Session
from gateway.records.staffing import Role, Staff
from gateway.records.status import Channel
from tests.care.conftest import NOW, House

TODAY = date(2026, 11, 23)
SOMEL, NIDA = "5" * 32, "6" * 32


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


@dataclass
class Case:
    person: Person
    phone: Phone
    session: Session
    other: Session
    appointment: Appointment
    reminder: Reminder


def open_desk(house: House) -> None:
    """Somel is on the staff, Nida a manager."""
    for one, name, role in ((SOMEL, "Somel", Role.STAFF), (NIDA, "Nida", Role.MANAGER)):
        house.add(Staff(id=one, email=f"{name}@example.org".lower(), name=name, role=role, password_hash="x",
                        created_at=NOW))  # fmt: skip


def case(house: House, *, ahead: int = 2, vaccine: str = "influenza", dose: int = 1, **person: Any) -> Case:
    """Somebody with a mobile, a seat `ahead` days from today, a call planned, and another session a day later."""
    if house.db.get(Staff, SOMEL) is None:
        open_desk(house)
    someone = house.person(name="สมศรี", **person)
    phone = house.phone(someone)
    session = house.session(day(ahead), vaccine=vaccine)
    other = house.session(day(ahead + 1), vaccine=vaccine)
    appointment = house.appointment(someone, session, dose_no=dose)
    booking.take_seat(house.db, appointment)
    reminder = house.reminder(appointment, channel=Channel.VOICE)
    return Case(someone, phone, session, other, appointment, reminder)
