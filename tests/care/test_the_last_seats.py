"""Many callers at once: real threads, each with a connection of its own, on a real database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial
from threading import Barrier, Thread

import pytest
from sqlmodel import col, func, select

from gateway.care import at_the_desk, booking
from gateway.care.at_the_desk import NotPossible
from gateway.care.booking import SessionFull, StaleAppointment
from gateway.records.agreements import Appointment
from gateway.records.database import Database
from gateway.records.places import Seat, Session
from gateway.records.staffing import Role, Staff
from gateway.records.status import LIVE_APPOINTMENTS, AppointmentStatus
from tests.care.conftest import NOW
from tests.care.desk import SOMEL

TODAY = date(2026, 11, 23)
SOON, LATER, LAST = (f"10714-hpv-2026-11-{day}-morning" for day in (25, 27, 28))
SHORTLY = NOW + timedelta(minutes=3)


@pytest.fixture
def callers(database, house_in) -> list[str]:
    """A hundred people in one morning, and another morning with ten seats."""
    with database.unit_of_work() as db:
        house = house_in(db)
        full = house.session(TODAY + timedelta(days=2), capacity=100)
        house.session(TODAY + timedelta(days=4), capacity=10)
        house.session(TODAY + timedelta(days=5), capacity=10)
        house.add(Staff(id=SOMEL, email="somel@example.org", role=Role.STAFF, password_hash="x", created_at=NOW))
        people = [house.appointment(house.person(), full) for _ in range(100)]
        booking.take_seats(db, people)
        return [one.id for one in people]


def at_once(database: Database, deeds: Sequence[Callable[[Database], str]]) -> Counter[str]:
    """Do all of them at the same moment, each in a thread with its own connection; what each came to, counted."""
    begin, came_to = Barrier(len(deeds)), []

    def run(deed: Callable[[Database], str]) -> None:
        own = Database(str(database.url))
        begin.wait()
        try:
            came_to.append(deed(own))
        except Exception as error:  # "database is locked" among them
            came_to.append(repr(error))
        finally:
            own.close()

    threads = [Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(came_to)


def take_another_day(appointment: str, own: Database, *, to: str = LATER, call: str = "") -> str:
    """A caller: a seat is held while the days are read out, and taken with the key, each in its own request."""
    call = call or f"call-{appointment[:20]}"
    if not own.run(lambda db: booking.hold_only(db, [to], call, now=NOW)):
        return "nothing free"
    try:
        own.run(lambda db: booking.move(db, appointment, to, now=SHORTLY, call=call, confirmed_by_reply="r"))
    except (SessionFull, StaleAppointment) as error:
        own.run(lambda db: booking.release_holds(db, call))
        return type(error).__name__
    return "moved"


def expect_seats_counted_right(database: Database) -> dict[str, int]:
    """Seat rows are what each session says, tickets are unique, everybody has one seat; returns seats by session."""
    with database.reading() as db:
        rows = dict(db.exec(select(Seat.session, func.count()).group_by(col(Seat.session))).all())
        sessions = db.exec(select(Session)).all()
        tickets = db.exec(select(Seat.session, Seat.ticket)).all()
        live = db.exec(select(Appointment.id).where(col(Appointment.status).in_(LIVE_APPOINTMENTS))).all()
        seated = db.exec(select(Seat.appointment).where(col(Seat.call).is_(None))).all()
    assert all(one.taken == rows.get(one.id, 0) <= one.capacity for one in sessions)
    assert len(tickets) == len(set(tickets))
    assert sorted(live) == sorted(seated)
    return rows


def test_of_a_hundred_callers_on_the_last_ten_seats_ten_move_and_ninety_keep_theirs(database, callers):
    came_to = at_once(database, [partial(take_another_day, one) for one in callers])
    assert came_to == {"moved": 10, "nothing free": 90}
    assert expect_seats_counted_right(database) == {SOON: 90, LATER: 10}
    with database.reading() as db:
        tickets = db.exec(select(Seat.ticket).where(col(Seat.session) == LATER).order_by(col(Seat.ticket))).all()
    assert list(tickets) == list(range(1, 11))


def test_of_two_calls_about_one_appointment_one_moves_it(database, callers):
    two = [partial(take_another_day, callers[0], to=to, call=to) for to in (LATER, LAST)]
    assert at_once(database, two) == {"moved": 1, "StaleAppointment": 1}
    assert sum(expect_seats_counted_right(database).values()) == 100


def test_of_a_call_and_the_desk_at_once_one_wins_and_the_other_is_told(database, callers):
    def at_the_clinic(own: Database) -> str:
        try:
            own.run(lambda db: at_the_desk.moved(db, callers[0], LAST, chosen=True, version=1, staff=SOMEL, now=NOW))
        except NotPossible as error:
            return str(error)
        return "moved"

    came_to = at_once(database, [partial(take_another_day, callers[0]), at_the_clinic])
    assert came_to in ({"moved": 1, "StaleAppointment": 1}, {"moved": 1, "changed": 1})
    with database.reading() as db:
        same = select(Appointment).where(col(Appointment.moved_from) == callers[0])
        assert db.exec(same).one().status is AppointmentStatus.CONFIRMED
    assert sum(expect_seats_counted_right(database).values()) == 100


def test_callers_and_the_sweep_at_once_free_each_lost_hold_once(database, callers):
    with database.unit_of_work() as db:
        for number in range(10):
            booking.hold(db, LATER, f"cut-off-{number}", until=NOW)

    def sweep(own: Database) -> str:
        own.run(lambda db: booking.release_expired(db, NOW))
        return "swept"

    deeds = [*[partial(take_another_day, one) for one in callers[:12]], *[sweep] * 8]
    assert at_once(database, deeds) == {"moved": 10, "nothing free": 2, "swept": 8}
    assert expect_seats_counted_right(database) == {SOON: 90, LATER: 10}
