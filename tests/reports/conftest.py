"""A database of two sites, and people, appointments, attempts and replies in one line each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from gateway.kit.answers import Answer
from gateway.kit.phones import LineType
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, AttemptItem, Reminder
from gateway.records.conversations import Outcome, Reply
from gateway.records.people import Person, PersonPhone, Phone
from gateway.records.places import Site
from gateway.records.status import AttemptStatus, Channel, ReminderStatus
from tests.support.engines import opened

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def bangkok(text: str) -> datetime:
    return datetime.fromisoformat(text + "+07:00").astimezone(UTC)


class World:
    """Rows in one line, inside one unit of work."""

    def __init__(self, db: Session) -> None:
        self.db = db
        self._numbers = count(1)
        self.add(Site(code="S1", name="Site one"), Site(code="S2", name="Site two"))

    def add(self, *rows: Any) -> None:
        self.db.add_all(rows)
        self.db.flush()

    def person(self, **facts: Any) -> Person:
        person = Person(**{"id": f"p{next(self._numbers):04}", "language": "th", "created_at": LONG_AGO} | facts)
        phone = Phone(e164=f"+6681000{next(self._numbers):04}", line_type=LineType.MOBILE)
        self.add(person, phone)
        self.add(PersonPhone(person=person.id, phone=phone.id or 0))
        return person

    def appointment(self, starts: str = "2026-11-30T13:00", person: Person | None = None, **facts: Any) -> Appointment:
        values = {"id": f"a{next(self._numbers):04}", "person": (person or self.person()).id, "site": "S1"}
        values |= {"regimen": "hpv", "starts_at": bangkok(starts), "created_at": LONG_AGO}
        appointment = Appointment(**values | facts)
        self.add(appointment)
        return appointment

    def reminder(self, appointment: Appointment, channel: Channel, **facts: Any) -> Reminder:
        due = bangkok("2026-11-28T10:00")
        values = {"id": f"r{next(self._numbers):04}", "appointment": appointment.id, "person": appointment.person}
        values |= {"purpose": "reminder", "step": f"step{next(self._numbers)}", "channel": channel, "due_at": due}
        values |= {"next_try_at": due, "expires_at": bangkok("2026-11-30T09:00"), "status": ReminderStatus.SENT}
        reminder = Reminder(**values | facts)
        self.add(reminder)
        return reminder

    def attempt(
        self,
        appointment: Appointment,
        channel: Channel = Channel.SMS,
        status: AttemptStatus = AttemptStatus.DELIVERED,
        at: str = "2026-11-28T10:00",
        **facts: Any,
    ) -> Attempt:
        reminder = self.reminder(appointment, channel)
        values = {"id": f"t{next(self._numbers):04}", "phone": 1, "channel": channel, "status": status}
        attempt = Attempt(**values | {"created_at": bangkok(at)} | facts)
        self.add(attempt)
        item = AttemptItem(attempt=attempt.id, reminder=reminder.id, person=appointment.person, live=False)
        item.appointment = appointment.id
        self.add(item)
        return attempt

    def reply(
        self,
        appointment: Appointment,
        attempt: Attempt | None = None,
        answer: Answer = Answer.COMING,
        *effects: str,
        **facts: Any,
    ) -> Reply:
        values = {"id": f"y{next(self._numbers):04}", "phone": 1, "person": appointment.person, "answer": answer}
        values |= {"appointment": appointment.id, "attempt": attempt.id if attempt else None, "raw": "1"}
        values |= {"channel": attempt.channel if attempt else Channel.VOICE, "at": bangkok("2026-11-28T11:00")}
        reply = Reply(**values | facts)
        self.add(reply)
        self.add(*(Outcome(reply=reply.id, appointment=appointment.id, effect=one, at=reply.at) for one in effects))
        return reply


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    database = opened(tmp_path / "reports.db")
    with database.unit_of_work() as db:
        yield World(db)
    database.close()
