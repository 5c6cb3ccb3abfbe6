"""A database with one site, and people and appointments in one line each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select

from gateway.kit.phones import LineType
from gateway.plan.ladder import load_ladder
from gateway.plan.planner import PlanReport, SweepReport, escalate, plan, sweep
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, AttemptItem, Reminder
from gateway.records.people import Person, PersonPhone, Phone
from gateway.records.places import Site
from gateway.records.status import AttemptStatus, Channel, ReminderStatus
from gateway.records.work import Task
from tests.support.engines import opened

LADDER = load_ladder()
WINDOW = LADDER.window(time(9), time(19, 30))
OFFERED = frozenset({"th", "my"})
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def bangkok(text: str) -> datetime:
    return datetime.fromisoformat(text + "+07:00").astimezone(UTC)


class World:
    """Rows in one line, inside one unit of work."""

    def __init__(self, db: Session) -> None:
        self.db = db
        self._numbers = count(1)
        db.add(Site(code="S1", name="Site one"))
        db.flush()

    def add(self, *rows: Any) -> None:
        self.db.add_all(rows)
        self.db.flush()

    def person(self, **facts: Any) -> Person:
        number = next(self._numbers)
        values = {"id": f"p{number:04}", "language": "th", "birth_date": date(1990, 5, 1), "created_at": LONG_AGO}
        person = Person(**values | facts)
        self.add(person)
        return person

    def phone(self, person: Person, line: LineType = LineType.MOBILE, **use: Any) -> Phone:
        start = "+6681000" if line is LineType.MOBILE else "+665400"
        phone = Phone(e164=f"{start}{next(self._numbers):04}", line_type=line)
        self.add(phone)
        self.add(PersonPhone(person=person.id, phone=phone.id or 0, **use))
        return phone

    def appointment(self, starts: str = "2026-11-30T13:00", person: Person | None = None, **facts: Any) -> Appointment:
        if person is None:
            person = self.person()
            self.phone(person)
        values = {"id": f"a{next(self._numbers):04}", "person": person.id, "site": "S1", "regimen": "hpv"}
        appointment = Appointment(**values | {"starts_at": bangkok(starts), "created_at": LONG_AGO} | facts)
        self.add(appointment)
        return appointment

    def reminder(self, appointment: Appointment, channel: Channel = Channel.VOICE, **facts: Any) -> Reminder:
        due = bangkok("2026-11-28T10:00")
        values = {"appointment": appointment.id, "person": appointment.person, "purpose": "reminder"}
        values |= {"step": "reminder", "channel": channel, "due_at": due, "next_try_at": due}
        values |= {"expires_at": bangkok("2026-11-30T09:00"), "status": ReminderStatus.SENT}
        reminder = Reminder(**values | facts)
        self.add(reminder)
        return reminder

    def attempt(self, reminder: Reminder, at: str, status: AttemptStatus, *, live: bool = False) -> Attempt:
        phone = self.db.exec(select(PersonPhone.phone).where(col(PersonPhone.person) == reminder.person)).first()
        attempt = Attempt(phone=phone or 0, channel=reminder.channel, status=status, created_at=bangkok(at))
        self.add(attempt)
        item = AttemptItem(attempt=attempt.id, reminder=reminder.id, person=reminder.person, live=live)
        item.appointment = reminder.appointment
        self.add(item)
        return attempt

    def plan(self, now: str = "2026-11-22T08:00", **changes: Any) -> PlanReport:
        settings: dict[str, Any] = {"speakable": OFFERED, "textable": OFFERED} | changes
        return plan(self.db, LADDER, WINDOW, now=bangkok(now), **settings)

    def sweep(self, now: str, since: str = "") -> SweepReport:
        return sweep(self.db, now=bangkok(now), since=bangkok(since) if since else None)

    def escalate(self, reminder: Reminder, now: str) -> str:
        return escalate(self.db, reminder, ladder=LADDER, window=WINDOW, now=bangkok(now))

    def reminders(self, appointment: Appointment | None = None) -> list[Reminder]:
        statement = select(Reminder).order_by(col(Reminder.due_at), col(Reminder.appointment))
        if appointment is not None:
            statement = statement.where(col(Reminder.appointment) == appointment.id)
        return list(self.db.exec(statement.execution_options(populate_existing=True)))

    def tasks(self) -> list[tuple[str, str]]:
        self.db.flush()
        return [(task.kind.value, task.subject) for task in self.db.exec(select(Task).order_by(col(Task.subject)))]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    database = opened(tmp_path / "plan.db")
    with database.unit_of_work() as db:
        yield World(db)
    database.close()
