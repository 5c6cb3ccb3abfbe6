"""The hour people are told is the hour on the nurse's list, however they came by their seat."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from gateway.care import at_the_desk, booking
from gateway.care.closing import Policy, Telling, close_session
from gateway.care.regimens import load_regimens
from gateway.care.second_doses import book_second_doses
from gateway.kit.clock import at_bangkok, bangkok_time
from gateway.records.agreements import Appointment
from gateway.records.people import Person
from gateway.records.places import Part, Seat
from gateway.records.status import LIVE_APPOINTMENTS
from tests.care.desk import SOMEL, open_desk

TODAY = date(2026, 11, 23)
REGIMENS = load_regimens()
SV = "covid19_sv"


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


def told_and_listed(house) -> list[tuple[time, time]]:
    """The hour of each live appointment that has a seat, and the hour of the seat, in Bangkok."""
    statement = (
        select(Appointment.starts_at, Seat.come_at)
        .join(Seat, col(Seat.appointment) == col(Appointment.id))
        .where(col(Appointment.status).in_(LIVE_APPOINTMENTS))
        .order_by(col(Seat.ticket))
    )
    house.db.flush()
    return [(bangkok_time(told).time(), bangkok_time(listed).time()) for told, listed in house.db.exec(statement)]


def seated(house, session, number: int, **more) -> list[Appointment]:
    people = [house.appointment(house.person(), session, **more) for _ in range(number)]
    booking.take_seats(house.db, people)
    return people


@pytest.mark.parametrize("hour", [time(8), time(8, 30), time(8, 40), time(11, 45)])
def test_an_hour_the_roster_named_stands_also_the_first_minute_and_before_it(house, hour):
    seated(house, house.session(day(2)), 4, starts_at=at_bangkok(day(2), hour))
    assert told_and_listed(house) == [(hour, hour)] * 4


def test_who_chose_by_key_comes_at_the_hour_that_was_offered(house):
    [old] = seated(house, house.session(day(2)), 1)
    target = house.session(day(4), part=Part.AFTERNOON)
    seated(house, target, 3)
    [offer] = [one for one in booking.offers(house.db, old, now=house.now) if one.session == target.id]
    booking.hold(house.db, target.id, "call-1", until=house.now + timedelta(minutes=5))
    fresh = booking.move(house.db, old.id, target.id, now=house.now, call="call-1")
    assert fresh.starts_at == offer.starts_at == booking.seat_of(house.db, fresh.id).come_at


def test_people_moved_by_staff_are_spread_and_told_the_hour_on_the_list(house):
    open_desk(house)
    target = house.session(day(4), part=Part.AFTERNOON, capacity=12)
    for one in seated(house, house.session(day(2)), 4):
        at_the_desk.moved(house.db, one.id, target.id, chosen=True, staff=SOMEL, now=house.now)
    hours = [time(13, 0), time(13, 15), time(13, 30), time(13, 45)]
    assert told_and_listed(house) == [(hour, hour) for hour in hours]


def test_people_of_a_closed_session_are_spread_and_told_the_hour_on_the_list(house):
    closed = house.session(day(2))
    house.session(day(4), part=Part.AFTERNOON, capacity=12)
    for one in seated(house, closed, 4):
        house.phone(house.db.get_one(Person, one.person))
    _close(house, closed)
    hours = [time(13, 0), time(13, 15), time(13, 30), time(13, 45)]
    assert told_and_listed(house) == [(hour, hour) for hour in hours]


STEPS = st.lists(st.tuples(st.sampled_from(["key", "staff", "close", "dose"]), st.integers(0, 5)), max_size=12)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, hours=st.lists(st.integers(0, 11), min_size=1, max_size=6))
def test_however_people_are_booked_and_moved_one_hour_is_told_and_listed(house, steps, hours):
    savepoint = house.db.begin_nested()
    open_desk(house)
    sessions = [house.session(day(number), vaccine=SV, capacity=9) for number in range(2, 8)]
    starts = [sessions[0].starts_at + timedelta(minutes=15 * hour) for hour in hours]
    booking.take_seats(house.db, [_first_dose(house, sessions[0], at) for at in starts])
    for step, where in steps:
        _act(house, step, sessions[where])
        assert all(told == listed for told, listed in told_and_listed(house))
    assert house.seats_counted_right()
    savepoint.rollback()


def _first_dose(house, session, starts_at) -> Appointment:
    return house.appointment(house.person(), session, starts_at=starts_at)


def _act(house, step: str, session) -> None:
    if step == "dose":
        house.dose(house.person(), day(-15), regimen=SV)
        book_second_doses(house.db, REGIMENS, now=house.now, limit=10)
        return
    if step == "close":
        if session.closed_at is None:
            _close(house, session)
        return
    statement = select(Appointment).where(col(Appointment.status).in_(LIVE_APPOINTMENTS))
    one = house.db.exec(statement.order_by(col(Appointment.starts_at), col(Appointment.id))).first()
    if one is None or session.closed_at is not None or session.taken >= session.capacity:
        return
    booking.move(house.db, one.id, session.id, now=house.now, confirmed_by_reply="r" if step == "key" else None)
    house.db.flush()


def _close(house, session) -> None:
    mine = (col(Appointment.session) == session.id, col(Appointment.status).in_(LIVE_APPOINTMENTS))
    people = len(house.db.exec(select(Appointment).where(*mine)).all())
    telling = Telling(frozenset({"th"}), texts_from=house.now)
    close_session(
        house.db, session.id, reason="flood", policy=Policy.MOVE, expected=people, staff=None, now=house.now,
        regimens=REGIMENS, telling=telling,
    )  # fmt: skip
