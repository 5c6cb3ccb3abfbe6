"""A house with one clinic in it: factories that make people, sessions and reminders in one line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session as Db
from sqlmodel import SQLModel, col, func, select

from gateway.care.booking import session_id
from gateway.kit.answers import Answer
from gateway.kit.clock import at_bangkok
from gateway.kit.phones import LineType
from gateway.records import tables
from gateway.records.agreements import Appointment, Dose
from gateway.records.contacts import Attempt, AttemptItem, Direction, Reminder
from gateway.records.conversations import Reply
from gateway.records.database import Database
from gateway.records.people import Person, PersonPhone, Phone, PhoneRole
from gateway.records.places import Part, Seat, Session, Site
from gateway.records.status import AttemptStatus, Channel, ReminderStatus
from tests.support.engines import opened

assert tables.metadata is SQLModel.metadata
NOW = at_bangkok(date(2026, 11, 23), time(9))


class House:
    """Makes rows; every default is the dullest value that works."""

    def __init__(self, db: Db) -> None:
        self.db = db
        self.now = NOW
        self._numbers = count(1)

    def add(self, row: Any) -> Any:
        self.db.add(row)
        self.db.flush()
        return row

    def site(self, code: str = "10714", district: str = "เมือง", tambon: str = "เวียง") -> Site:
        known = self.db.get(Site, code)
        return known or self.add(Site(code=code, name=code, district=district, province="ลำปาง", tambon=tambon))

    def session(
        self, day: date, *, site: str = "10714", vaccine: str = "hpv", part: Part = Part.MORNING, capacity: int = 5
    ) -> Session:
        self.site(site)
        begin = at_bangkok(day, time(8, 30) if part is Part.MORNING else time(13))
        return self.add(
            Session(
                id=session_id(site, vaccine, day, part),
                site=site,
                vaccine=vaccine,
                day=day,
                part=part,
                starts_at=begin,
                ends_at=begin + timedelta(hours=3),
                capacity=capacity,
            )
        )

    def person(self, *, site: str | None = "10714", **more: Any) -> Person:
        if site is not None:
            self.site(site)
        return self.add(Person(language="th", site=site, village="บ้านป่า", created_at=NOW, **more))

    def phone(self, *people: Person, role: PhoneRole = PhoneRole.OWN, line: LineType = LineType.MOBILE) -> Phone:
        phone = self.add(Phone(e164=f"+6681{next(self._numbers):07}", line_type=line))
        for person in people:
            self.add(PersonPhone(person=person.id, phone=phone.id, role=role))
        return phone

    def appointment(self, person: Person, session: Session | None = None, **more: Any) -> Appointment:
        values: dict[str, Any] = {
            "site": session.site if session else self.site().code,
            "session": session.id if session else None,
            "regimen": session.vaccine if session else "hpv",
            "starts_at": session.starts_at if session else NOW + timedelta(days=2),
            "created_at": NOW,
        }
        return self.add(Appointment(person=person.id, **{**values, **more}))

    def dose(self, person: Person, given_on: date, *, regimen: str = "hpv", number: int = 1, **more: Any) -> Dose:
        return self.add(Dose(person=person.id, regimen=regimen, number=number, given_on=given_on, **more))

    def reminder(
        self,
        appointment: Appointment,
        status: ReminderStatus = ReminderStatus.PLANNED,
        *,
        channel: Channel = Channel.VOICE,
        step: str = "two_days",
    ) -> Reminder:
        return self.add(
            Reminder(
                appointment=appointment.id,
                person=appointment.person,
                purpose="reminder",
                step=step,
                channel=channel,
                due_at=NOW,
                next_try_at=NOW,
                expires_at=appointment.starts_at,
                status=status,
            )
        )

    def attempt(
        self, phone: Phone, *reminders: Reminder, status: AttemptStatus = AttemptStatus.SENT, **more: Any
    ) -> Attempt:
        channel = reminders[0].channel if reminders else Channel.VOICE
        values = {"direction": Direction.OUT, "created_at": NOW, **more}
        attempt = self.add(Attempt(phone=phone.id, channel=channel, status=status, **values))
        for position, reminder in enumerate(reminders):
            item = AttemptItem(
                attempt=attempt.id,
                position=position,
                reminder=reminder.id,
                appointment=reminder.appointment,
                person=reminder.person,
            )
            self.add(item)
        return attempt

    def reply(self, phone: Phone, answer: Answer, appointment: Appointment | None = None, **more: Any) -> Reply:
        values: dict[str, Any] = {
            "person": appointment.person if appointment else None,
            "appointment": appointment.id if appointment else None,
            "channel": Channel.VOICE,
            "at": NOW,
        }
        return self.add(Reply(phone=phone.id, answer=answer, **{**values, **more}))

    def seats_counted_right(self) -> bool:
        """Whether every session's `taken` is the number of its seat rows, and not above its capacity."""
        self.db.flush()
        rows = self.db.exec(
            select(col(Session.taken), col(Session.capacity), func.count(col(Seat.id)))
            .select_from(Session)
            .outerjoin(Seat, col(Seat.session) == col(Session.id))
            .group_by(col(Session.id), col(Session.taken), col(Session.capacity))
        )
        return all(taken == seats <= capacity for taken, capacity, seats in rows)


def new_database(folder: Path) -> Database:
    return opened(folder / "gateway.db")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    found = new_database(tmp_path)
    yield found
    found.close()


@pytest.fixture(scope="module")
def shared_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    found = new_database(tmp_path_factory.mktemp("house"))
    yield found
    found.close()


@pytest.fixture
def house(shared_database: Database) -> Iterator[House]:
    """A house inside one unit of work, rolled back afterwards: the tables are made once a file."""
    with shared_database.reading() as db:
        yield House(db)


@pytest.fixture
def house_in() -> type[House]:
    """The factories, for a test that opens its own units of work."""
    return House
