"""Figures from the summary are those of a recount, whatever was done to the rows, by whom, and when it was counted."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session as Db
from sqlmodel import col, select

from gateway.kit.answers import Answer
from gateway.kit.phones import LineType
from gateway.records import figure_triggers
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, AttemptItem, Direction, Reminder
from gateway.records.conversations import Outcome, Reply
from gateway.records.database import Database
from gateway.records.figures import BoardSummary, Counted, RateSummary, Uncounted
from gateway.records.migrations import differences
from gateway.records.people import Consent, Person, PersonPhone, Phone, PhoneRole
from gateway.records.places import Seat
from gateway.records.status import AppointmentStatus, AttemptStatus, Channel, ReminderStatus, TaskKind, TaskStatus
from gateway.records.work import Task
from gateway.reports import facts, figures, folding, uncounted
from gateway.reports.board import board
from gateway.reports.folding import Folded, fold
from gateway.reports.rates import By, days_on_record, latest_days, rates
from tests.reports.conftest import LONG_AGO, World, bangkok
from tests.reports.test_board import session
from tests.support.engines import opened
from tests.support.figures import disagreements

DAYS = (date(2026, 11, 30), date(2026, 12, 1))
HOURS = ("2026-11-30T09:00", "2026-11-30T13:00", "2026-12-01T09:00", "2026-12-01T23:30")


class Replay:
    """Deeds in any order: those of the planner, the carrier, people and staff, and some that nobody should do."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.dice = world, random.Random(seed)
        self.serial = 0
        for _ in range(6):
            self.appoint()

    @property
    def db(self) -> Db:
        return self.world.db

    def go_on(self, db: Db) -> None:
        """Do a few more deeds in another unit of work."""
        self.world.db = db
        for _ in range(4):
            self.step()

    def step(self) -> None:
        deeds: list[Callable[[], None]] = [
            self.appoint, self.plan, self.plan, self.send, self.send, self.hear_of, self.hear_of, self.close,
            self.close, self.answer, self.answer, self.decide, self.decide, self.ask_staff, self.seat,
            self.change_phone,
            self.speak, self.link, self.correct, self.by_hand, self.delete, self.vanish,
        ]  # fmt: skip
        self.dice.choice(deeds)()
        self.db.flush()

    def some(self, table: type[Any]) -> Any:
        """A row by chance, None where there is none."""
        rows = self.db.exec(select(table).order_by(*sa.inspect(table).primary_key)).all()
        return self.dice.choice(rows) if rows else None

    def appoint(self) -> None:
        self.serial += 1
        where = {"site": self.dice.choice(["S1", "S2"]), "dose_no": self.serial}
        person = self.some(Person) if self.dice.random() < 0.3 else None
        person = person or self.world.person(language=self.dice.choice(["th", "my"]))
        self.world.appointment(self.dice.choice(HOURS), person, regimen=self.dice.choice(["hpv", "flu"]), **where)

    def plan(self) -> None:
        purpose = self.dice.choice(["reminder", "notice", "missed"])
        self.world.reminder(self.some(Appointment), self.dice.choice(list(Channel)), purpose=purpose,
                            status=ReminderStatus.PLANNED)  # fmt: skip

    def send(self) -> None:
        """Queued with its items, and perhaps taken by the carrier at once."""
        self.serial += 1
        status = self.dice.choice([AttemptStatus.QUEUED, AttemptStatus.SUBMITTED])
        at = bangkok("2026-11-28T10:00") + timedelta(minutes=self.dice.randrange(9))
        channel = self.dice.choice(list(Channel))
        attempt = Attempt(id=f"z{self.serial:04}", phone=1, channel=channel, status=status, created_at=at)
        self.world.add(attempt)
        for place in range(self.dice.choice([1, 1, 2])):
            about, reminder = self.some(Appointment), self.some(Reminder)
            item = AttemptItem(attempt=attempt.id, position=place, person=about.person, live=False)
            item.appointment = about.id if self.dice.random() < 0.7 else None
            item.reminder = reminder.id if reminder and self.dice.random() < 0.7 else None
            self.world.add(item)

    def hear_of(self) -> None:
        if (attempt := self.some(Attempt)) is not None:
            attempt.status = self.dice.choice(list(AttemptStatus))
            attempt.carrier_id = self.dice.choice([None, attempt.id])

    def close(self) -> None:
        """A reminder is over, or is wanted again."""
        if (reminder := self.some(Reminder)) is not None:
            reminder.status = self.dice.choice([ReminderStatus.PLANNED, ReminderStatus.SENT, ReminderStatus.FAILED])

    def answer(self) -> None:
        about, attempt = self.some(Appointment), self.some(Attempt)
        at = bangkok("2026-11-28T11:00") + timedelta(minutes=self.dice.randrange(9))
        reply = self.world.reply(about, attempt, self.dice.choice(list(Answer)), at=at)
        for one in {self.some(Appointment).id for _ in range(self.dice.randrange(3))}:
            self.world.add(Outcome(reply=reply.id, appointment=one, effect="callback", at=at))
        if self.dice.random() < 0.5:
            self.some(Appointment).confirmed_by_reply = reply.id

    def decide(self) -> None:
        """Staff confirm, cancel, check in; a person moves to another day or site."""
        one = self.some(Appointment)
        one.status = self.dice.choice(list(AppointmentStatus))
        one.confirmed_by_staff = self.dice.choice([None, "staff"])
        if self.dice.random() < 0.3:
            one.site, one.starts_at = self.dice.choice(["S1", "S2"]), bangkok(self.dice.choice(HOURS))

    def ask_staff(self) -> None:
        self.serial += 1
        done = self.dice.choice([TaskStatus.DONE, TaskStatus.DONE, TaskStatus.OPEN])
        if (old := self.some(Task)) is not None and self.dice.random() < 0.5:
            old.status = TaskStatus.DONE
            return
        about, kind = self.some(Appointment).id, self.dice.choice([*figure_triggers.TOLD_OF, TaskKind.MESSAGE])
        if not self.db.exec(select(Task).where(col(Task.subject) == about, col(Task.kind) == kind)).first():
            self.world.add(Task(kind=kind, subject=about, status=done, created_at=LONG_AGO))
        for row in self.db.exec(select(Task).where(col(Task.subject) == about)).all():
            row.status = self.dice.choice(list(TaskStatus))

    def seat(self) -> None:
        seat, one = self.some(Seat), self.some(Appointment)
        if seat is not None and self.dice.random() < 0.3:
            self.db.delete(seat)
        elif not self.db.exec(select(Seat).where(col(Seat.appointment) == one.id)).first():
            if seat is not None and self.dice.random() < 0.5:
                seat.appointment = one.id  # handed on
            else:
                self.world.add(Seat(session=self.world.held, appointment=one.id))

    def change_phone(self) -> None:
        link, phone = self.some(PersonPhone), self.some(Phone)
        link.sms, link.voice = self.dice.choice(list(Consent)), self.dice.choice(list(Consent))
        link.role = self.dice.choice(list(PhoneRole))
        phone.parked_at = self.dice.choice([None, LONG_AGO])
        phone.line_type = self.dice.choice(list(LineType))

    def speak(self) -> None:
        self.some(Person).language = self.dice.choice(["th", "my", "nod"])

    def link(self) -> None:
        """An item learns late of whom it was."""
        if (item := self.some(AttemptItem)) is not None:
            item.appointment, reminder = self.dice.choice([None, self.some(Appointment).id]), self.some(Reminder)
            item.reminder = reminder.id if reminder else None

    def correct(self) -> None:
        if (reply := self.some(Reply)) is not None:
            reply.answer, attempt = self.dice.choice(list(Answer)), self.some(Attempt)
            reply.appointment = self.dice.choice([None, self.some(Appointment).id])
            reply.attempt = attempt.id if attempt else None

    def by_hand(self) -> None:
        """Set-based SQL, as the fast paths write it."""
        site, hour = self.dice.choice(["S1", "S2"]), self.dice.choice(HOURS)
        self.db.flush()
        away: Any = self.dice.choice([
            sa.update(Appointment).where(col(Appointment.site) == site).values(starts_at=bangkok(hour)),
            sa.update(Reminder).where(col(Reminder.channel) == Channel.SMS).values(status=ReminderStatus.EXPIRED),
            sa.update(Attempt).where(col(Attempt.status) == AttemptStatus.QUEUED).values(status=AttemptStatus.SENT),
            sa.update(Attempt).values(direction=Direction.OUT, created_at=bangkok("2026-11-28T10:00")),
        ])  # fmt: skip
        self.db.exec(away)
        self.db.expire_all()

    def delete(self) -> None:
        table = self.dice.choice([Outcome, AttemptItem, Task, PersonPhone])
        if (row := self.some(table)) is not None and (table is not PersonPhone or self.dice.random() < 0.3):
            self.db.delete(row)

    def vanish(self) -> None:
        """What nothing points to goes altogether: an appointment, a reminder, a reply, an attempt."""
        table: Any = self.dice.choice([Appointment, Reminder, Reply, Attempt])
        for row in self.db.exec(select(table).order_by(table.id)).all():
            try:
                with self.db.begin_nested():
                    self.db.exec(sa.delete(table).where(table.id == row.id))
            except sa.exc.IntegrityError:
                continue  # something points to it
            self.db.expire_all()
            return


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = opened(tmp_path / "figures.db")
    yield database
    database.close()


@pytest.mark.parametrize("seed", range(3))
def test_after_any_deeds_in_any_order_figures_are_those_of_a_recount(database: Database, seed: int) -> None:
    with database.unit_of_work() as db:
        world = World(db)
        world.held = session(world, capacity=500).id
        replay = Replay(world, seed)
    for turn in range(18):
        with database.unit_of_work() as db:
            replay.go_on(db)
            if turn == 9:
                assert disagreements(db) == []  # seen from within
        if replay.dice.random() < 0.7:
            fold(database)
        if turn % 3 == 2:  # what was once missed stays wrong
            with database.reading() as db:
                assert disagreements(db) == []
    fold(database)
    with database.reading() as db:
        assert not db.exec(select(Uncounted)).all()
        assert disagreements(db) == []


def test_where_more_waits_than_a_page_would_look_at_it_counts_the_rows(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "MOST", 3)
    with database.unit_of_work() as db:
        world = World(db)
        for _ in range(5):
            world.attempt(world.appointment(HOURS[0]))
    with database.reading() as db:
        assert sum(uncounted.changes(db).values()) > figures.MOST
        assert board(db, DAYS[0]).counts.unanswered == 5
        [row] = rates(db, by=[By.CHANNEL])
        assert (row.keys, row.contacted) == (("sms",), 5)


def test_folding_takes_a_few_changes_at_a_time_until_none_is_left(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folding, "AT_ONCE", 4)
    with database.unit_of_work() as db:
        world = World(db)
        for _ in range(5):
            world.attempt(world.appointment(HOURS[0]))
    waiting = _waiting(database)
    assert fold(database, passes=1).changes == 4
    assert _waiting(database) == waiting - 4
    assert fold(database).changes == waiting - 4
    assert fold(database) == Folded()
    with database.reading() as db:
        assert sum(db.exec(select(BoardSummary.n)).all()) == 5
        assert disagreements(db) == []


def test_a_cell_in_which_nobody_stands_any_more_goes(database: Database) -> None:
    with database.unit_of_work() as db:
        one = World(db).appointment(HOURS[0])
    fold(database)
    with database.unit_of_work() as db:
        db.delete(db.get_one(Appointment, one.id))
    fold(database)
    with database.reading() as db:
        for table in (BoardSummary, RateSummary, Counted, Uncounted):
            assert db.exec(select(table)).all() == []


def test_who_is_to_be_contacted_again_is_unreached_no_longer(database: Database) -> None:
    with database.unit_of_work() as db:
        world = World(db)
        about = world.appointment(HOURS[0])
        world.attempt(about, Channel.VOICE, AttemptStatus.NO_ANSWER)
        db.exec(select(Reminder)).one().status = ReminderStatus.UNANSWERED
    fold(database)
    with database.unit_of_work() as db:
        assert board(db, DAYS[0]).counts.unreached == 1
        world.db = db
        world.reminder(about, Channel.SMS, status=ReminderStatus.PLANNED)
    with database.reading() as db:
        assert board(db, DAYS[0]).counts.unreached == 0


NOTED: tuple[tuple[str, set[str]], ...] = (
    ("UPDATE appointment SET status = 'moved' WHERE id = :a", {"appointment a"}),
    ("UPDATE appointment SET confirmed_by_staff = 'x' WHERE id = :a", {"appointment a"}),
    ("INSERT INTO seat (session, appointment) SELECT id, :a FROM session", {"appointment a"}),
    ("UPDATE seat SET appointment = :b", {"appointment a", "appointment b"}),
    ("DELETE FROM seat", {"appointment b"}),
    ("UPDATE reminder SET status = 'failed'", {"appointment a"}),
    ("UPDATE reminder SET status = 'planned'", {"appointment a"}),
    ("UPDATE attempt SET status = 'no_answer'", {"attempt t"}),
    ("UPDATE attempt SET status = 'failed', carrier_id = NULL", {"attempt t"}),  # it never went out
    ("UPDATE attempt SET status = 'sent', carrier_id = 'C1'", {"attempt t"}),
    ("UPDATE attempt SET channel = 'voice'", {"attempt t"}),
    ("UPDATE attempt_item SET appointment = :b", {"attempt t", "appointment a", "reminder r"}),
    ("DELETE FROM attempt_item", {"appointment b", "reminder r"}),
    ("INSERT INTO attempt_item (attempt, position, person, live) VALUES (:t, 1, :p, false)", {"attempt t"}),
    ("UPDATE outcome SET appointment = :b", {"appointment a", "appointment b"}),
    ("DELETE FROM outcome", {"appointment b"}),
    ("UPDATE reply SET answer = 'stop'", {"appointment a", "reply y"}),
    ("UPDATE reply SET attempt = NULL", {"appointment a", "reply y"}),
    ("DELETE FROM reply", {"appointment a", "reply y"}),
    ("UPDATE task SET status = 'done'", {"appointment a"}),
    ("UPDATE task SET status = 'open'", {"appointment a"}),
    ("DELETE FROM task", {"appointment a"}),
    ("UPDATE person SET language = 'my' WHERE id = :p", {"person p"}),
    ("UPDATE person_phone SET sms = 'stop' WHERE person = :p", {"person p"}),
    ("DELETE FROM person_phone WHERE person = :p", {"person p"}),
    ("UPDATE phone SET parked_at = '2026-01-01' WHERE id = 1", {"phone 1"}),
    ("UPDATE phone SET line_type = 'landline' WHERE id = 1", {"phone 1"}),
    ("DELETE FROM reminder", {"appointment a"}),
    ("DELETE FROM attempt_item", set()),  # it was about nobody
    ("DELETE FROM attempt", {"attempt t"}),
    ("UPDATE appointment SET starts_at = '2026-12-01' WHERE id = :a", {"appointment a"}),
    ("DELETE FROM appointment WHERE id = :a", {"appointment a"}),
)


def test_whatever_changes_a_figure_is_noted_and_what_it_is_about(database: Database) -> None:
    with database.unit_of_work() as db:
        world = World(db)
        session(world)
        a, b = world.appointment(HOURS[0]), world.appointment(HOURS[0])
        attempt = world.attempt(a, carrier_id="C1")
        reply = world.reply(a, attempt, Answer.COMING, "confirmed")
        reminder = db.exec(select(Reminder)).one()
        world.add(Task(kind=TaskKind.RIDE, subject=a.id, created_at=LONG_AGO))
        names = {"a": a.id, "b": b.id, "t": attempt.id, "y": reply.id, "r": reminder.id, "p": a.person}
    known = {value: name for name, value in names.items()}
    for statement, expected in NOTED:
        with database.unit_of_work() as db:
            db.exec(sa.delete(Uncounted))
            db.connection().execute(sa.text(statement), names)
        with database.reading() as db:
            noted = {f"{one.kind} {known.get(one.about, one.about)}" for one in db.exec(select(Uncounted))}
        assert noted == expected, statement


def test_what_changes_no_figure_is_not_noted(database: Database) -> None:
    with database.unit_of_work() as db:
        world = World(db)
        about = world.appointment(HOURS[0])
        attempt = world.attempt(about, status=AttemptStatus.SUBMITTED, carrier_id="C1")
        reminder = db.exec(select(Reminder)).one()
    fold(database)
    with database.unit_of_work() as db:
        db.get_one(Attempt, attempt.id).status = AttemptStatus.RINGING
        db.get_one(Reminder, reminder.id).status = ReminderStatus.CLAIMED
        db.get_one(Appointment, about.id).version = 2
        db.get_one(Person, about.person).name = "Somebody"
    assert _waiting(database) == 0


def test_days_on_record_are_those_with_appointments_that_are_not_cancelled(database: Database) -> None:
    with database.unit_of_work() as db:
        world = World(db)
        for start in ("2025-03-01T09:00", *HOURS):
            world.appointment(start)
        world.appointment("2026-12-09T09:00", status=AppointmentStatus.CANCELLED)
    with database.reading() as db:
        before = days_on_record(db), latest_days(db, until=DAYS[1], count=3)
    fold(database)
    with database.reading() as db:
        assert (days_on_record(db), latest_days(db, until=DAYS[1], count=3)) == before
    assert before == ((date(2025, 3, 1), DAYS[1]), [date(2025, 3, 1), *DAYS])


def test_whatever_figures_are_read_from_is_watched() -> None:
    """A column that facts read and no trigger watches would change a figure unseen."""
    watched = {watch.table: {*watch.columns, "id"} for watch in figure_triggers.WATCHED}
    watched["attempt_item"] |= {"position"}
    read = set(re.findall(r"\b(\w+)\.(\w+)\b", " ".join(_statements())))
    unwatched = {(table, column) for table, column in read if table in watched and column not in watched[table]}
    assert unwatched == set()
    assert {table for table, _ in read} & set(watched) == set(watched)


def _statements() -> list[str]:
    these: Any = sa.select(sa.literal("x"))
    asked = [facts._each(), facts._last_sent(these), facts._answered_attempt(these), facts._heard_of(these)]
    return [str(one) for one in asked] + ["person.language"]


def test_a_migrated_database_has_every_trigger_and_says_which_are_gone(database: Database) -> None:
    with database.engine.begin() as connection:
        assert figure_triggers.missing(connection) == []
        figure_triggers.remove(connection)
        assert "uncounted_attempt_update" in figure_triggers.missing(connection)
    assert any("uncounted_attempt_update" in found for found in differences(database))  # `gateway db check` says so
    with database.unit_of_work() as db:
        figure_triggers.install(db.connection())
        assert figure_triggers.missing(db.connection()) == []


def test_after_a_migration_everything_is_counted_anew(database: Database) -> None:
    with database.unit_of_work() as db:
        World(db).appointment(HOURS[0])
    fold(database)
    with database.unit_of_work() as db:
        figure_triggers.remove(db.connection())  # as SQLite does with those of a table that is rebuilt
        db.exec(sa.update(Appointment).values(status=AppointmentStatus.MOVED))
        figure_triggers.install(db.connection())
        figure_triggers.count_all_anew(db.connection())
    with database.reading() as db:
        assert board(db, DAYS[0]).counts.moved == 1
        assert disagreements(db) == []


def _waiting(database: Database) -> int:
    with database.reading() as db:
        return sum(uncounted.changes(db).values())
