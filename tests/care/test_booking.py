"""Sessions, seats, offers and moves."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from gateway.care import booking
from gateway.care.booking import SessionFull, StaleAppointment
from gateway.kit.clock import at_bangkok
from gateway.records.agreements import Appointment
from gateway.records.database import Database
from gateway.records.places import Closure, Part, Seat, Session
from gateway.records.status import AppointmentStatus, ReminderStatus

TODAY = date(2026, 11, 23)


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


def test_a_session_is_found_by_the_bangkok_day_and_half_day(house):
    morning = house.session(day(2))
    afternoon = house.session(day(2), part=Part.AFTERNOON)

    assert booking.find_session(house.db, "10714", "hpv", at_bangkok(day(2), time(6, 30))) is morning
    assert booking.find_session(house.db, "10714", "hpv", at_bangkok(day(2), time(12))) is afternoon
    assert booking.find_session(house.db, "10714", "hpv", at_bangkok(day(3), time(9))) is None
    assert booking.find_session(house.db, "10714", "rabies", at_bangkok(day(2), time(9))) is None


def test_tickets_count_up_and_one_given_back_is_used_again(house):
    session = house.session(day(2))
    people = [house.appointment(house.person(), session) for _ in range(4)]

    tickets = [booking.take_seat(house.db, one).ticket for one in people[:3]]
    booking.give_back_seat(house.db, people[1].id)

    assert tickets == [1, 2, 3]
    assert booking.take_seat(house.db, people[3]).ticket == 2


def test_where_we_choose_the_hour_people_are_spread_over_the_session(house):
    session = house.session(day(2), capacity=6)

    people = [house.appointment(house.person(), session) for _ in range(6)]
    seats = [booking.take_seat(house.db, one, spread=True) for one in people]

    assert [one.starts_at for one in people] == [seat.come_at for seat in seats]
    minutes = [(seat.come_at - session.starts_at) // timedelta(minutes=1) for seat in seats]
    assert minutes == [0, 30, 60, 90, 120, 150]


def test_a_ticket_does_not_contradict_the_hour_the_hospital_gave(house):
    session = house.session(day(2))
    hour = at_bangkok(day(2), time(10))

    seat = booking.take_seat(house.db, house.appointment(house.person(), session, starts_at=hour))

    assert seat.come_at == hour


def test_taking_a_seat_twice_takes_one(house):
    session = house.session(day(2))
    appointment = house.appointment(house.person(), session)

    assert booking.take_seat(house.db, appointment) is booking.take_seat(house.db, appointment)
    assert session.taken == 1


def test_a_full_session_is_refused_and_the_seat_elsewhere_kept(house):
    here, there = house.session(day(2)), house.session(day(3), capacity=1)
    booking.take_seat(house.db, house.appointment(house.person(), there))
    appointment = house.appointment(house.person(), here)
    booking.take_seat(house.db, appointment)

    appointment.session = there.id
    with pytest.raises(SessionFull):
        booking.take_seat(house.db, appointment)

    assert (here.taken, there.taken) == (1, 1)
    assert house.seats_counted_right()


def test_a_seat_given_back_twice_is_freed_once(house):
    session = house.session(day(2))
    appointment = house.appointment(house.person(), session)
    booking.take_seat(house.db, appointment)

    assert booking.give_back_seat(house.db, appointment.id)
    assert not booking.give_back_seat(house.db, appointment.id)
    assert session.taken == 0


def test_a_hold_counts_as_taken_until_it_is_released_or_expires(house):
    session = house.session(day(2), capacity=2)
    until = house.now + timedelta(minutes=5)

    assert booking.hold(house.db, session.id, "call-1", until=until)
    assert booking.hold(house.db, session.id, "call-1", until=until)
    assert booking.hold(house.db, session.id, "call-2", until=until + timedelta(minutes=5))
    assert not booking.hold(house.db, session.id, "call-3", until=until)
    assert booking.release_expired(house.db, until) == 1
    assert session.taken == 1
    assert booking.release_holds(house.db, "call-2") == 1
    assert session.taken == 0


def test_releasing_holds_can_keep_one(house):
    first, second = house.session(day(2)), house.session(day(3))
    for session in (first, second):
        booking.hold(house.db, session.id, "call-1", until=house.now)

    assert booking.release_holds(house.db, "call-1", keep=second.id) == 1
    assert (first.taken, second.taken) == (0, 1)


def test_offers_are_the_next_free_sessions_of_the_same_vaccine(house):
    present = house.session(day(2))
    house.session(day(1), vaccine="influenza")
    full = house.session(day(3), capacity=1)
    booking.take_seat(house.db, house.appointment(house.person(), full))
    fourth, fifth, _ = house.session(day(4)), house.session(day(5)), house.session(day(6))

    found = booking.offers(house.db, house.appointment(house.person(), present), now=house.now)

    assert [offer.session for offer in found] == [fourth.id, fifth.id]
    assert [offer.starts_at for offer in found] == [fourth.starts_at, fifth.starts_at]


def test_offers_leave_out_closed_days_and_closed_half_days(house):
    appointment = house.appointment(house.person(), house.session(day(2)))
    morning, afternoon = house.session(day(3)), house.session(day(3), part=Part.AFTERNOON)
    house.session(day(4))
    house.add(Closure(site="10714", day=day(4)))
    house.add(Closure(site="10714", day=day(3), part="morning"))

    found = booking.offers(house.db, appointment, now=house.now)

    assert [offer.session for offer in found] == [afternoon.id]
    assert morning.id not in {offer.session for offer in found}


def test_offers_do_not_begin_within_half_a_day(house):
    house.session(TODAY, part=Part.AFTERNOON)
    tomorrow = house.session(day(1))
    appointment = house.appointment(house.person())

    assert [offer.session for offer in booking.offers(house.db, appointment, now=house.now)] == [tomorrow.id]


def test_further_offers_come_after_those_already_read_out(house):
    sessions = [house.session(day(number)) for number in range(3, 7)]
    appointment = house.appointment(house.person(), house.session(day(2)))

    found = booking.offers(house.db, appointment, now=house.now, after=sessions[1].starts_at)

    assert [offer.session for offer in found] == [sessions[2].id, sessions[3].id]


def test_other_sites_of_the_district_are_offered_only_after_the_own_site(house):
    house.site("20001", tambon="บ่อแฮ้ว")
    house.site("20002", tambon="เวียง")
    house.site("20003", district="เกาะคา")
    same_tambon, own = house.session(day(4), site="20002"), house.session(day(9))
    house.session(day(3), site="20001")
    house.session(day(3), site="20003")
    appointment = house.appointment(house.person(), house.session(day(2)))

    found = booking.offers(house.db, appointment, now=house.now)

    assert [offer.session for offer in found] == [own.id, same_tambon.id]


def test_no_offer_comes_before_the_minimum_after_the_dose_before(house):
    person = house.person()
    house.dose(person, day(-12), regimen="covid19_sv")
    appointment = house.appointment(person, house.session(day(9), vaccine="covid19_sv"), dose_no=2)
    _, second, third = [house.session(day(number), vaccine="covid19_sv") for number in (1, 2, 3)]

    found = booking.offers(house.db, appointment, now=house.now)

    assert [offer.session for offer in found] == [second.id, third.id]


def test_a_mixed_course_keeps_the_interval_of_the_mixture_not_of_the_second_product(house):
    person = house.person()
    house.dose(person, day(-20), regimen="covid19_sv")
    appointment = house.appointment(person, house.session(day(9), vaccine="covid19_az"), dose_no=2)
    allowed = house.session(day(1), vaccine="covid19_az")

    found = booking.offers(house.db, appointment, now=house.now, count=1)

    assert [offer.session for offer in found] == [allowed.id]


def test_a_first_dose_is_not_offered_so_late_that_the_booked_second_comes_too_early(house):
    person = house.person()
    house.appointment(person, house.session(day(20), vaccine="covid19_sv"), dose_no=2)
    first = house.appointment(person, house.session(day(2), vaccine="covid19_sv"))
    fits, _ = house.session(day(6), vaccine="covid19_sv"), house.session(day(7), vaccine="covid19_sv")

    found = booking.offers(house.db, first, now=house.now, count=5)

    assert [offer.session for offer in found] == [fits.id]


def test_rabies_is_never_offered_another_day_by_key(house):
    appointment = house.appointment(house.person(), house.session(day(2), vaccine="rabies"), dose_no=2)
    house.session(day(3), vaccine="rabies")

    assert booking.offers(house.db, appointment, now=house.now) == []


def test_a_move_closes_the_old_row_and_opens_a_confirmed_one(house):
    old_session, new_session = house.session(day(2)), house.session(day(4))
    old = house.appointment(house.person(), old_session)
    booking.take_seat(house.db, old)
    reminder = house.reminder(old)

    fresh = booking.move(house.db, old.id, new_session.id, now=house.now, confirmed_by_reply="reply-1")

    assert (old.status, fresh.status) == (AppointmentStatus.MOVED, AppointmentStatus.CONFIRMED)
    assert (fresh.moved_from, fresh.starts_at, fresh.source) == (old.id, new_session.starts_at, "moved")
    assert fresh.confirmed_by_reply == "reply-1"
    assert (old_session.taken, new_session.taken) == (0, 1)
    assert (reminder.status, reminder.reason) == (ReminderStatus.SUPPRESSED, "moved")


def test_a_move_by_staff_is_booked_until_the_person_says_yes(house):
    old = house.appointment(house.person(), house.session(day(2)))

    assert booking.move(house.db, old.id, house.session(day(4)).id, now=house.now).status is AppointmentStatus.BOOKED


def test_a_move_uses_the_seat_its_call_holds_and_frees_the_others(house):
    old = house.appointment(house.person(), house.session(day(2)))
    chosen, other = house.session(day(4), capacity=1), house.session(day(5))
    for session in (chosen, other):
        booking.hold(house.db, session.id, "call-1", until=house.now + timedelta(minutes=5))

    fresh = booking.move(house.db, old.id, chosen.id, now=house.now, call="call-1")

    assert fresh.status is AppointmentStatus.CONFIRMED
    assert (chosen.taken, other.taken) == (1, 0)
    assert booking.seat_of(house.db, fresh.id).ticket == 1


def test_a_move_into_a_full_session_changes_nothing(house):
    full = house.session(day(4), capacity=1)
    booking.take_seat(house.db, house.appointment(house.person(), full))
    old = house.appointment(house.person(), house.session(day(2)))
    booking.take_seat(house.db, old)
    reminder = house.reminder(old)

    with pytest.raises(SessionFull):
        booking.move(house.db, old.id, full.id, now=house.now)

    assert old.status is AppointmentStatus.BOOKED
    assert booking.seat_of(house.db, old.id) is not None
    assert reminder.status is ReminderStatus.PLANNED


def test_an_appointment_is_moved_once(house):
    old = house.appointment(house.person(), house.session(day(2)))
    booking.move(house.db, old.id, house.session(day(4)).id, now=house.now)

    with pytest.raises(StaleAppointment):
        booking.move(house.db, old.id, house.session(day(5)).id, now=house.now)


def test_a_session_that_has_begun_is_not_moved_into(house):
    old = house.appointment(house.person(), house.session(day(2)))
    begun = house.session(TODAY)

    with pytest.raises(SessionFull):
        booking.move(house.db, old.id, begun.id, now=house.now)


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["take", "give_back", "hold", "release", "expire", "move"]),
        st.integers(0, 4),
        st.integers(0, 2),
    ),
    max_size=40,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=ACTIONS)
def test_whatever_happens_taken_is_the_number_of_seat_rows_and_never_above_capacity(database, house, actions):
    savepoint = house.db.begin_nested()
    sessions = [house.session(day(number), capacity=2) for number in (2, 3, 4)]
    current = [house.appointment(house.person(), sessions[0]) for _ in range(5)]
    for action, who, where in actions:
        current[who] = _act(house, action, current[who], f"call-{who}", sessions[where])
        assert house.seats_counted_right()
    savepoint.rollback()


def _act(house, action: str, appointment: Appointment, call: str, session: Session) -> Appointment:
    db, until = house.db, house.now + timedelta(minutes=session.day.day)
    try:
        if action == "take":
            booking.take_seat(db, appointment)
        elif action == "give_back":
            booking.give_back_seat(db, appointment.id)
        elif action == "hold":
            booking.hold(db, session.id, call, until=until)
        elif action == "release":
            booking.release_holds(db, call, keep=session.id)
        elif action == "expire":
            booking.release_expired(db, until)
        else:
            return booking.move(db, appointment.id, session.id, now=house.now, call=call)
    except SessionFull:
        pass
    return appointment


def test_of_a_hundred_callers_on_the_last_ten_seats_ten_succeed(database: Database, request):
    ids = _a_session_of_ten(database, request)

    def call(appointment_id: str) -> bool:
        try:
            database.run(lambda db: booking.take_seat(db, db.get_one(Appointment, appointment_id)))
        except SessionFull:
            return False
        return True

    with ThreadPoolExecutor(max_workers=32) as pool:
        outcomes = list(pool.map(call, ids))

    with database.reading() as db:
        tickets = db.exec(select(Seat.ticket).order_by(col(Seat.ticket))).all()
        taken = db.exec(select(Session.taken)).one()
    assert (outcomes.count(True), taken) == (10, 10)
    assert list(tickets) == list(range(1, 11))


def _a_session_of_ten(database: Database, request) -> list[str]:
    make = request.getfixturevalue("house_in")
    with database.unit_of_work() as db:
        house = make(db)
        session = house.session(day(2), capacity=10)
        return [house.appointment(house.person(), session).id for _ in range(100)]


def test_a_naive_hour_is_refused(house):
    with pytest.raises(ValueError, match="naive"):
        booking.find_session(house.db, "10714", "hpv", datetime(2026, 11, 25, 9))
