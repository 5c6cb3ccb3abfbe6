"""Queue numbers and hours of people who come by a file: spread where it names no hour, as it says where it does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from sqlmodel import col, select

from gateway.care import rides
from gateway.care.booking import move
from gateway.care.regimens import load_regimens
from gateway.kit.clock import at_bangkok, bangkok_time
from gateway.records.agreements import Appointment
from gateway.records.contacts import Reminder
from gateway.records.database import Database
from gateway.records.people import Person
from gateway.records.places import Part, Seat, Session, Site
from gateway.records.status import LIVE_APPOINTMENTS
from gateway.records.work import Ride
from gateway.roster.load import LoadReport, load_roster
from gateway.roster.prepare import LoadRequest
from gateway.roster.rows import CheckResult
from tests.support.engines import opened

NOW = datetime(2026, 7, 20, 2, 0, tzinfo=UTC)
MONDAY = date(2026, 7, 27)
AT_NINE = time(9)
SPREAD = ["08:30", "09:15", "10:00", "10:45"]
Load = Callable[..., LoadReport]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A site with a morning for four, from 08:30 to 11:30, on Monday and on Tuesday."""
    database = opened(tmp_path / "tickets.db")
    with database.unit_of_work() as db:
        db.add(Site(code="11111", name="ก"))
    for day in (MONDAY, date(2026, 7, 28)):
        add_morning(database, day)
    yield database
    database.close()


def add_morning(database: Database, day: date) -> None:
    with database.unit_of_work() as db:
        begin, end = at_bangkok(day, time(8, 30)), at_bangkok(day, time(11, 30))
        identity = f"11111-influenza-{day}-morning"
        db.add(Session(id=identity, site="11111", vaccine="influenza", day=day, part=Part.MORNING, starts_at=begin,
                       ends_at=end, capacity=4))  # fmt: skip


@pytest.fixture
def load(database: Database, check: Callable[..., CheckResult]) -> Load:
    """Load so many people, each at the hour of their cell, "" for none; `default` is the operator's --default-time."""

    def run(*hours: str, default: time | None = AT_NINE, **change: str) -> LoadReport:
        rows = [
            {"id_number": "", "hospital_number": f"HN{n}", "name": f"คน{n}", "phone": f"081-000-000{n}",
             "appointment_time": hour, **change}
            for n, hour in enumerate(hours)
        ]  # fmt: skip
        starts = {("11111", "influenza", day): (time(8, 30),) for day in (MONDAY, date(2026, 7, 28))}
        checked = check(*rows, default_time=default, session_starts=starts)
        return load_roster(database, checked, LoadRequest(now=NOW, regimens=load_regimens()))

    return run


def queue(database: Database) -> list[tuple[str, int, str]]:
    """Name, ticket and hour of who has a seat; the hour of the seat is the appointment's."""
    with database.reading() as db:
        found = db.exec(
            select(Person.name, Seat.ticket, Appointment.starts_at, Seat.come_at)
            .join(Appointment, col(Appointment.person) == col(Person.id))
            .join(Seat, col(Seat.appointment) == col(Appointment.id))
            .where(col(Appointment.status).in_(LIVE_APPOINTMENTS))
            .order_by(col(Seat.ticket))
        ).all()
    assert all(told == listed for _, _, told, listed in found)
    return [(name, ticket, f"{bangkok_time(told):%H:%M}") for name, ticket, told, _ in found]


def test_people_without_an_hour_do_not_all_come_at_nine(database: Database, load: Load) -> None:
    load("", "", "", "")
    assert queue(database) == [(f"คน{n}", n + 1, hour) for n, hour in enumerate(SPREAD)]


def test_it_is_the_same_where_the_session_itself_gives_the_hour(database: Database, load: Load) -> None:
    load("", "", "", "", default=None)
    assert [hour for _, _, hour in queue(database)] == SPREAD


def test_an_hour_the_clinic_wrote_on_paper_stands(database: Database, load: Load) -> None:
    load("09.00", "", "09.00", "")
    assert queue(database) == [("คน1", 1, "08:30"), ("คน0", 2, "09:00"), ("คน2", 3, "09:00"), ("คน3", 4, "10:45")]


def test_tickets_follow_the_hours_not_the_lines_of_the_file(database: Database, load: Load) -> None:
    load("10.30", "08.45", "09.30")
    assert queue(database) == [("คน1", 1, "08:45"), ("คน2", 2, "09:30"), ("คน0", 3, "10:30")]
    before = queue(database)
    assert load("10.30", "08.45", "09.30").unchanged == 3
    assert queue(database) == before, "loaded again, everybody keeps their number"


def test_where_nobody_counts_seats_the_hour_the_operator_gave_is_all_there_is(database: Database, load: Load) -> None:
    load("", "", appointment_date="29/07/2569")
    with database.reading() as db:
        assert {bangkok_time(one).time() for one in db.exec(select(Appointment.starts_at))} == {AT_NINE}
    assert queue(database) == []


def test_loaded_again_everybody_keeps_ticket_and_hour_and_nobody_is_told_anything(
    database: Database, load: Load
) -> None:
    load("", "09.00", "")
    before = queue(database)
    for default in (AT_NINE, time(10), None):
        report = load("", "09.00", "", default=default)
        assert (report.unchanged, report.changed) == (3, 0)
    assert queue(database) == before
    with database.reading() as db:
        assert db.exec(select(Reminder)).all() == []


def test_who_joins_later_takes_the_next_ticket_and_moves_nobody(database: Database, load: Load) -> None:
    load("", "")
    load("", "", "", "")
    assert queue(database) == [(f"คน{n}", n + 1, hour) for n, hour in enumerate(SPREAD)]


def test_an_hour_written_later_is_kept_to_even_if_it_is_the_sessions_first_minute(
    database: Database, load: Load
) -> None:
    load("", "")
    load("", "08.30")
    assert queue(database)[1] == ("คน1", 2, "08:30")


def test_an_hour_left_out_later_leaves_the_old_one(database: Database, load: Load) -> None:
    load("10.30")
    assert load("").unchanged == 1
    assert queue(database) == [("คน0", 1, "10:30")]


def test_another_day_without_an_hour_is_a_ticket_of_that_day(database: Database, load: Load) -> None:
    load("", "")
    load("", "", appointment_date="28/07/2569")
    assert [hour for _, _, hour in queue(database)] == ["08:30", "09:15"]
    with database.reading() as db:
        assert {one.day for one in db.exec(select(Session).where(col(Session.taken) == 2))} == {date(2026, 7, 28)}


def test_a_persons_own_move_outlives_a_file_without_hours(database: Database, load: Load) -> None:
    load("", "")
    with database.unit_of_work() as db:
        moved = db.exec(select(Appointment).order_by(col(Appointment.starts_at))).first()
        assert moved is not None
        move(db, moved.id, "11111-influenza-2026-07-28-morning", now=NOW, confirmed_by_reply="r")
    assert load("", "").unchanged == 2
    assert sorted(queue(database)) == [("คน0", 1, "08:30"), ("คน1", 2, "09:15")]


def test_a_ride_goes_along_to_a_day_changed_in_the_file(database: Database, load: Load) -> None:
    load("09.00", "09.30")
    with database.unit_of_work() as db:
        for one in db.exec(select(Appointment)):
            rides.ask(db, one, now=NOW)
    load("09.00", appointment_date="28/07/2569")
    with database.reading() as db:
        found = db.exec(
            select(Person.name, Ride.status, Appointment.status)
            .join(Ride, col(Ride.person) == col(Person.id))
            .join(Appointment, col(Appointment.id) == col(Ride.appointment))
        ).all()
    assert sorted(found) == [("คน0", "asked", "booked"), ("คน0", "cancelled", "moved"), ("คน1", "asked", "booked")]
