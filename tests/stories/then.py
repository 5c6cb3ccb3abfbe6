"""What a story can see: the rows of the house, and what the telephones got."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from sqlmodel import SQLModel, col, func, select

from gateway.kit.clock import bangkok_time
from gateway.kit.phones import parse_phone
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, AttemptItem, Direction, Reminder
from gateway.records.conversations import Call, Turn
from gateway.records.people import Person
from gateway.records.places import Seat, Session
from gateway.records.status import LIVE_APPOINTMENTS, AppointmentStatus, Channel, TaskStatus
from gateway.records.work import Task
from gateway.reports.rates import RateRow, parse_by, rates
from gateway.wiring import House
from gateway.wiring.house import SANDBOX_NUMBER

Row = TypeVar("Row", bound=SQLModel)


class Then:
    """Looks only; every `then_` fails with what it found instead."""

    house: House

    # what is agreed

    def then_is_booked(self, name: str, when: str = "") -> None:
        """The person has not said yes yet, or said something else."""
        self._expect_appointment(name, AppointmentStatus.BOOKED, when)

    def then_is_confirmed(self, name: str, when: str = "") -> None:
        """The person said yes; `when` is Bangkok's "2026-08-05 09:30"."""
        self._expect_appointment(name, AppointmentStatus.CONFIRMED, when)
        said = self.appointment_of(name)
        assert said.confirmed_by_reply or said.confirmed_by_staff, f"{name} is confirmed, and nobody said so"

    def then_has_moved_to(self, name: str, session: str) -> None:
        """The old appointment is closed, its seat free; the new one is the person's own choice, with a ticket."""
        fresh = self.appointment_of(name)
        assert (fresh.session, fresh.status) == (session, AppointmentStatus.CONFIRMED)
        with self.house.database.reading() as db:
            old = db.get(Appointment, fresh.moved_from or "")
            freed = db.exec(select(Seat).where(col(Seat.appointment) == fresh.moved_from)).first()
            seat = db.exec(select(Seat).where(col(Seat.appointment) == fresh.id)).first()
        assert old is not None
        assert old.status is AppointmentStatus.MOVED
        assert freed is None, "the old seat is still taken"
        assert seat is not None
        assert seat.ticket is not None

    def then_is_cancelled(self, name: str) -> None:
        """No live appointment is left."""
        assert [one.status for one in self.appointments_of(name)] == [AppointmentStatus.CANCELLED]

    # what was done

    def then_reminders_are(self, name: str, *expected: str) -> None:
        """Each as "step channel status", in the order they were due, those of a moved appointment among them."""
        assert self.reminders_of(name) == list(expected)

    def then_no_more_reminders_come(self, name: str) -> None:
        """Nothing is planned or on its way."""
        waiting = [one for one in self.reminders_of(name) if one.split()[-1] in ("planned", "claimed", "sent")]
        assert waiting == []

    def then_tasks_are(self, *expected: str) -> None:
        """The kinds of the open tasks, sorted."""
        assert sorted(task.kind.value for task in self.open_tasks()) == sorted(expected), self.open_tasks()

    def then_seats_taken(self, session: str, taken: int) -> None:
        """As many as that, and no more than there are."""
        assert self.seats_taken(session) == taken

    def then_the_report_counts(self, by: str, key: str, **figures: int) -> None:
        """`gateway report rates --by …`: the figures of one line."""
        row = next((row for row in self.rates(by) if row.keys == (key,)), RateRow((key,)))
        assert {name: getattr(row, name) for name in figures} == figures

    def then_phone_was_called(self, number: str, *at: str) -> None:
        """The calls this telephone got, as its own network counts them, each to the minute of Bangkok's clock."""
        assert self.calls_to(number) == list(at)

    def then_phone_was_called_times(self, number: str, times: int) -> None:
        """How often it rang or was tried."""
        assert len(self.calls_to(number)) == times, self.calls_to(number)

    def then_phone_got_texts(self, number: str, times: int) -> None:
        """How many texts were handed to the network for this telephone."""
        assert len(self.texts_to(number)) == times, self.texts_to(number)

    # what is read

    def person_of(self, name: str) -> Person:
        """The one person of this first name."""
        with self.house.database.reading() as db:
            return db.exec(select(Person).where(col(Person.name) == name)).one()

    def appointments_of(self, name: str) -> list[Appointment]:
        """Every appointment of a person, the first made first."""
        with self.house.database.reading() as db:
            mine = select(Appointment).where(col(Appointment.person) == self.person_of(name).id)
            return list(db.exec(mine.order_by(col(Appointment.created_at))))

    def appointment_of(self, name: str) -> Appointment:
        """The one that stands."""
        (found,) = [one for one in self.appointments_of(name) if one.status in LIVE_APPOINTMENTS]
        return found

    def reminders_of(self, name: str) -> list[str]:
        """As `then_reminders_are` writes them."""
        with self.house.database.reading() as db:
            mine = select(Reminder).where(col(Reminder.person) == self.person_of(name).id)
            found = db.exec(mine.order_by(col(Reminder.due_at), col(Reminder.channel)))
            return [f"{one.step} {one.channel.value} {one.status.value}" for one in found]

    def attempts_of(self, name: str, channel: Channel | None = None) -> list[Attempt]:
        """What was handed to the carrier for a person, the first first."""
        with self.house.database.reading() as db:
            mine = (
                select(Attempt)
                .join(AttemptItem, col(AttemptItem.attempt) == col(Attempt.id))
                .where(col(AttemptItem.person) == self.person_of(name).id)
                .where(col(Attempt.direction) == Direction.OUT)
                .order_by(col(Attempt.created_at), col(Attempt.id))
            )
            return [one for one in db.exec(mine) if channel in (None, one.channel)]

    def seats_taken(self, session: str) -> int:
        """How many seats are booked or held; fails where the session's own count differs, or it is oversold."""
        with self.house.database.reading() as db:
            row = db.get(Session, session)
            seats = db.exec(select(func.count()).where(col(Seat.session) == session)).one()
        assert row is not None
        assert row.taken == seats <= row.capacity
        return seats

    def open_tasks(self) -> list[Task]:
        """What waits for staff."""
        with self.house.database.reading() as db:
            return list(db.exec(select(Task).where(col(Task.status) == TaskStatus.OPEN)))

    def rates(self, by: str) -> list[RateRow]:
        """The figures of `gateway report rates`."""
        with self.house.database.reading() as db:
            return rates(db, by=parse_by(by))

    def texts_to(self, number: str) -> list[str]:
        """The words of the texts sent to a telephone, the first first."""
        found = self.house.network.list_messages(parse_phone(number).e164, SANDBOX_NUMBER)
        return [str(one["body"]) for one in reversed(found)]

    def calls_to(self, number: str) -> list[str]:
        """The instants of the calls to a telephone, as `then_phone_was_called` writes them."""
        found = self.house.network.list_calls(parse_phone(number).e164, SANDBOX_NUMBER)
        return [minute(parsedate_to_datetime(str(one["date_created"]))) for one in reversed(found)]

    def sent_to(self, number: str) -> list[str]:
        """The instants of the texts to a telephone, as `calls_to` writes them."""
        found = self.house.network.list_messages(parse_phone(number).e164, SANDBOX_NUMBER)
        return [minute(parsedate_to_datetime(str(one["date_created"]))) for one in reversed(found)]

    def heard_in(self, sid: str) -> list[str]:
        """The sounds that were played in a call, in order."""
        return [text for _, what, text in self.house.network.transcript(sid) if what == "played"]

    def said_in(self, sid: str) -> list[str]:
        """The keys of the phrases that were played in a call, in order, as its turns keep them."""
        with self.house.database.reading() as db:
            mine = select(Turn).join(Call, col(Call.id) == col(Turn.call)).where(col(Call.carrier_sid) == sid)
            turns = db.exec(mine.order_by(col(Turn.turn_no))).all()
        return [heard["prompt"] for turn in turns for heard in turn.heard]

    def all(self, table: type[Row]) -> Sequence[Row]:
        """Every row of a table."""
        with self.house.database.reading() as db:
            return db.exec(select(table)).all()

    def count(self, table: type[SQLModel]) -> int:
        """How many rows a table has."""
        with self.house.database.reading() as db:
            return db.exec(select(func.count()).select_from(table)).one()

    def _expect_appointment(self, name: str, status: AppointmentStatus, when: str) -> None:
        found = self.appointment_of(name)
        assert found.status is status, f"{name}: {found.status.value}"
        assert when in ("", minute(found.starts_at))


def minute(at: datetime) -> str:
    """An instant as Bangkok's clock shows it, to the minute."""
    return f"{bangkok_time(at):%Y-%m-%d %H:%M}"
