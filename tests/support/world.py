"""A small invented world in a database of its own: people in one line, rooms wired as wiring wires them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from sqlmodel import SQLModel, col, select

from gateway.carriers.memory import MemoryCarrier
from gateway.kit.clock import SteppedClock, at_bangkok
from gateway.kit.phones import parse_phone
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, Reminder
from gateway.records.people import Person, PersonPhone, Phone, PhoneRole
from gateway.records.places import Part, Session, Site
from gateway.records.status import Channel
from tests.support.engines import opened

MONDAY = date(2026, 8, 3)
NINE = at_bangkok(MONDAY, time(9, 0))


class World:
    """A database with one site; every helper is a unit of work of its own."""

    def __init__(self, folder: Path, now: datetime = NINE, *, file: str = "world.db") -> None:
        self.clock = SteppedClock(now)
        self.database = opened(folder / file)
        self.carrier = MemoryCarrier(now=self.clock.now)
        self._numbers = 0
        self.add(Site(code="S1", name="โรงพยาบาลตัวอย่าง", short_name="รพ.ตัวอย่าง", place="หอประชุม",
                      district="เมือง", province="ลำปาง", staff_phone="054000901"))  # fmt: skip

    def add(self, *rows: SQLModel) -> None:
        """Store rows, in this order."""
        with self.database.unit_of_work() as db:
            for row in rows:
                db.add(row)
                db.flush()

    def person(self, *, phone: str | None = None, language: str = "th", **more: object) -> Person:
        """Somebody with a phone of their own (a fresh mobile unless `phone` names one, "" for none)."""
        person = Person(language=language, name=f"คนที่{self._numbers}", site="S1", created_at=self.clock.now(), **more)
        self.add(person)
        if phone != "":
            self.give_phone(person, phone or self._fresh_number())
        return person

    def session(self, day: date, *, part: Part = Part.MORNING, seats: int = 10, vaccine: str = "influenza") -> Session:
        """A morning 08:30-12:00 or an afternoon 13:00-16:00 at S1."""
        hours = (time(8, 30), time(12, 0)) if part is Part.MORNING else (time(13, 0), time(16, 0))
        row = Session(
            id=f"S1-{vaccine}-{day}-{part.value}", site="S1", vaccine=vaccine, day=day, part=part,
            starts_at=at_bangkok(day, hours[0]), ends_at=at_bangkok(day, hours[1]), capacity=seats,
        )  # fmt: skip
        self.add(row)
        return row

    def appointment(self, person: Person, *, days: int = 2, hour: time = time(9, 30), **more: object) -> Appointment:
        """An influenza appointment `days` from today (Bangkok) at S1."""
        day = self.clock.now().astimezone(UTC).date() + timedelta(days=days)
        row = Appointment(person=person.id, site="S1", regimen=str(more.pop("regimen", "influenza")),
                          starts_at=at_bangkok(day, hour), created_at=self.clock.now(), **more)  # fmt: skip
        self.add(row)
        return row

    def reminder(self, appointment: Appointment, channel: Channel = Channel.VOICE, **more: object) -> Reminder:
        """A reminder due now, of use until the appointment."""
        now = self.clock.now()
        values: dict[str, object] = {"purpose": "reminder", "step": "reminder", "due_at": now, "next_try_at": now}
        values |= {"expires_at": appointment.starts_at, **more}
        row = Reminder(appointment=appointment.id, person=appointment.person, channel=channel, **values)
        self.add(row)
        return row

    def due(self, channel: Channel = Channel.VOICE, **person: object) -> Reminder:
        """Somebody with an appointment in two days and a reminder due now."""
        return self.reminder(self.appointment(self.person(**person)), channel)  # type: ignore[arg-type]

    def fresh(self, row: SQLModel) -> SQLModel:
        """The row as it is stored now."""
        with self.database.reading() as db:
            found = db.get(type(row), row.id)  # type: ignore[attr-defined]
        assert found is not None
        return found

    def all(self, kind: type[SQLModel]) -> Sequence[SQLModel]:
        """Every row of a table."""
        with self.database.reading() as db:
            return db.exec(select(kind)).all()

    def attempts_of(self, reminder: Reminder) -> list[Attempt]:
        """A reminder's attempts, oldest first."""
        from gateway.records.contacts import AttemptItem

        with self.database.reading() as db:
            statement = select(Attempt).join(AttemptItem, col(AttemptItem.attempt) == col(Attempt.id))
            mine = statement.where(col(AttemptItem.reminder) == reminder.id).order_by(col(Attempt.created_at))
            return list(db.exec(mine))

    def _fresh_number(self) -> str:
        self._numbers += 1
        return f"+6680000{self._numbers:04d}"

    def give_phone(self, person: Person, number: str, *, rank: int = 0) -> None:
        """Let a person use a phone; `rank` 0 is tried first."""
        parsed = parse_phone(number)
        with self.database.unit_of_work() as db:
            phone = db.exec(select(Phone).where(col(Phone.e164) == parsed.e164)).first()
            if phone is None:
                phone = Phone(e164=parsed.e164, line_type=parsed.line_type)
                db.add(phone)
                db.flush()
            db.add(PersonPhone(person=person.id, phone=phone.id or 0, role=PhoneRole.OWN, rank=rank))
