"""A session is closed, and nobody who was in it is forgotten."""

from __future__ import annotations

import random
from datetime import date, time, timedelta

import pytest
from sqlmodel import col, select

from gateway.care import booking
from gateway.care.closing import NotClosed, Policy, Telling, Why, close_session, preview_closing
from gateway.care.regimens import load_regimens
from gateway.care.tasks import open_task
from gateway.kit.clock import at_bangkok
from gateway.kit.phones import LineType
from gateway.records.agreements import Appointment
from gateway.records.contacts import Reminder
from gateway.records.people import Consent, Person, PersonPhone, PhoneRole
from gateway.records.places import Part, Seat, Session
from gateway.records.staffing import Audit
from gateway.records.status import (
    LIVE_APPOINTMENTS,
    AppointmentStatus,
    ReminderStatus,
    TaskKind,
    TaskStatus,
)
from gateway.records.work import Task

TODAY = date(2026, 11, 23)
NINE = at_bangkok(TODAY, time(9))
TELLING = Telling(frozenset({"th", "my"}), texts_from=NINE)
REGIMENS = load_regimens()


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


def guest(house, session, **person):
    """Somebody with a seat in `session` and a mobile."""
    one = house.person(**person)
    house.phone(one)
    return seat(house, one, session)


def seat(house, person, session, **more):
    appointment = house.appointment(person, session, **more)
    booking.take_seat(house.db, appointment)
    return appointment


def close(house, session, *, policy=Policy.MOVE, expected=None, **more):
    people = len(live_in(house, session)) if expected is None else expected
    values = {"reason": "flood", "policy": policy, "expected": people, "staff": None, "now": NINE}
    return close_session(house.db, session.id, **{**values, "regimens": REGIMENS, "telling": TELLING, **more})


def preview(house, session, **more):
    return preview_closing(house.db, session.id, **{"now": NINE, "regimens": REGIMENS, "telling": TELLING, **more})


def live_in(house, session):
    mine = (col(Appointment.session) == session.id, col(Appointment.status).in_(LIVE_APPOINTMENTS))
    return house.db.exec(select(Appointment).where(*mine)).all()


def successor(house, old):
    return house.db.exec(select(Appointment).where(col(Appointment.moved_from) == old.id)).one()


def notices(house, person):
    found = house.db.exec(select(Reminder).where(col(Reminder.person) == person, col(Reminder.step) == "answer"))
    return [(one.purpose, one.appointment) for one in found]


def open_tasks(house, person):
    mine = (col(Task.person) == person, col(Task.status) == TaskStatus.OPEN)
    return [(one.kind, one.subject, one.detail) for one in house.db.exec(select(Task).where(*mine))]


def test_people_move_to_the_next_session_and_are_asked_anew(house):
    closed, target = house.session(day(2)), house.session(day(4))
    one = guest(house, closed)
    one.status = AppointmentStatus.CONFIRMED
    reminder = house.reminder(one)
    done = close(house, closed).done
    fresh = successor(house, one)
    assert (done.moved, done.cancelled, done.texts, done.calls) == (1, 0, 1, 0)
    assert (one.status, fresh.status, fresh.session) == (AppointmentStatus.MOVED, AppointmentStatus.BOOKED, target.id)
    assert (fresh.confirmed_by_reply, fresh.confirmed_by_staff) == (None, None)
    assert reminder.status is ReminderStatus.SUPPRESSED
    assert notices(house, one.person) == [("moved", fresh.id)]
    assert open_tasks(house, one.person) == []
    assert (closed.taken, target.taken) == (0, 1)
    assert house.seats_counted_right()


def test_without_a_free_seat_they_are_told_not_to_come_and_staff_find_a_day(house):
    closed = house.session(day(2))
    house.session(day(4), capacity=0)
    one = guest(house, closed)
    done = close(house, closed).done
    assert (done.moved, done.cancelled, done.texts) == (0, 1, 1)
    assert one.status is AppointmentStatus.CANCELLED
    assert notices(house, one.person) == [("cancelled", one.id)]
    [(kind, subject, detail)] = open_tasks(house, one.person)
    assert (kind, subject) == (TaskKind.CALLBACK, one.id)
    assert detail.startswith("find a new day")
    assert house.seats_counted_right()


def test_who_chose_to_cancel_moves_nobody_although_seats_are_free(house):
    closed, target = house.session(day(2)), house.session(day(4))
    guest(house, closed)
    done = close(house, closed, policy=Policy.CANCEL).done
    assert (done.moved, done.cancelled, target.taken) == (0, 1, 0)


def test_the_seats_go_to_as_many_as_there_are_and_the_preview_said_so(house):
    closed, near, far = house.session(day(2)), house.session(day(3), capacity=2), house.session(day(4), capacity=1)
    for _ in range(5):
        guest(house, closed)
    seen = preview(house, closed).outlooks[Policy.MOVE]
    assert [(session.id, n) for session, n in seen.targets] == [(near.id, 2), (far.id, 1)]
    done = close(house, closed).done
    assert (done.moved, done.cancelled) == (seen.moved, seen.cancelled) == (3, 2)
    assert house.seats_counted_right()


def test_another_site_is_used_only_when_that_was_chosen_and_after_the_own_one(house):
    closed, here = house.session(day(2)), house.session(day(9), capacity=1)
    there = house.session(day(3), site="10715")
    for _ in range(2):
        guest(house, closed)
    seen = preview(house, closed).outlooks
    assert [one.id for one, _ in seen[Policy.MOVE].targets] == [here.id]
    assert [one.id for one, _ in seen[Policy.MOVE_NEAR].targets] == [there.id, here.id]
    assert close(house, closed, policy=Policy.MOVE_NEAR).done.moved == 2


def test_nobody_is_moved_to_an_earlier_day_or_before_the_minimum_interval(house):
    house.session(day(1))
    closed, too_soon = house.session(day(3)), house.session(day(20))
    allowed = house.session(day(200))
    person = house.person()
    house.phone(person)
    house.dose(person, day(-1))
    one = seat(house, person, closed, dose_no=2)
    close(house, closed)
    assert successor(house, one).session == allowed.id
    assert too_soon.taken == 0


def landline(house, session):
    one = house.person()
    house.phone(one, line=LineType.LANDLINE)
    return seat(house, one, session)


def no_consent(house, session):
    one = house.person()
    phone = house.phone(one)
    house.db.get(PersonPhone, (one.id, phone.id)).sms = Consent.STOP
    return seat(house, one, session)


def volunteers_phone(house, session):
    one = house.person()
    house.phone(one, role=PhoneRole.VHV)
    return seat(house, one, session)


def parked_phone(house, session):
    one = house.person()
    house.phone(one).parked_at = NINE
    return seat(house, one, session)


def no_text_in_their_language(house, session):
    one = guest(house, session)
    house.db.get_one(Person, one.person).language = "km"
    return one


def no_phone(house, session):
    return seat(house, house.person(), session)


@pytest.mark.parametrize(
    "make", [landline, no_consent, volunteers_phone, parked_phone, no_text_in_their_language, no_phone]
)
def test_who_cannot_be_texted_is_called(house, make):
    closed = house.session(day(2))
    house.session(day(4), capacity=1)
    moved, cancelled = make(house, closed), make(house, closed)
    assert preview(house, closed).outlooks[Policy.MOVE].calls == 2
    done = close(house, closed).done
    fresh = successor(house, moved)
    assert (done.texts, done.calls) == (0, 2)
    [(kind, subject, detail)] = open_tasks(house, moved.person)
    assert (kind, subject) == (TaskKind.CALLBACK, fresh.id)
    assert detail == f"tell them: session closed (flood); moved to {day(4)} at 10714"
    [(_, subject, detail)] = open_tasks(house, cancelled.person)
    assert subject == cancelled.id
    assert detail.startswith("tell them: session closed (flood)")
    assert notices(house, moved.person) == notices(house, cancelled.person) == []


def test_a_text_that_would_come_too_late_is_a_call(house):
    closed = house.session(day(1))
    guest(house, closed)
    morning = at_bangkok(day(1), time(9))  # texts go out from nine, the session begins at half past eight
    evening = at_bangkok(TODAY, time(20))
    late = Telling(frozenset({"th"}), texts_from=morning)
    assert close(house, closed, policy=Policy.CANCEL, now=evening, telling=late).done.calls == 1


def test_a_rabies_course_is_never_moved_by_itself_and_called_at_once(house):
    closed = house.session(day(2), vaccine="rabies")
    house.session(day(3), vaccine="rabies")
    one = guest(house, closed)
    done = close(house, closed, policy=Policy.MOVE_NEAR).done
    assert (done.moved, done.cancelled, done.texts, done.at_once) == (0, 1, 0, 1)
    [(kind, _, detail)] = open_tasks(house, one.person)
    assert kind is TaskKind.CALLBACK
    assert "must not be postponed" in detail
    assert notices(house, one.person) == []


def test_the_dead_and_the_merged_are_told_nothing(house):
    closed = house.session(day(2))
    house.session(day(4))
    one = guest(house, closed, died_on=day(-1))
    done = close(house, closed).done
    assert (one.status, done.cancelled, done.texts + done.calls + done.at_once) == (AppointmentStatus.CANCELLED, 1, 0)
    assert notices(house, one.person) == open_tasks(house, one.person) == []


def test_a_wish_and_a_ride_go_along_to_the_new_day_and_end_with_a_cancelled_one(house):
    closed = house.session(day(2))
    house.session(day(4), capacity=1)
    moved, cancelled = guest(house, closed), guest(house, closed)
    for one in (moved, cancelled):
        for kind in (TaskKind.RIDE, TaskKind.CALLBACK):
            open_task(house.db, kind, one.id, person=one.person, detail="as before", now=NINE)
    close(house, closed)
    fresh = successor(house, moved)
    assert sorted(open_tasks(house, moved.person)) == [
        (TaskKind.CALLBACK, fresh.id, "as before"),
        (TaskKind.RIDE, fresh.id, "as before"),
    ]
    [(kind, _, detail)] = open_tasks(house, cancelled.person)
    assert kind is TaskKind.CALLBACK
    assert detail.startswith("find a new day")
    assert detail.endswith("; as before")


def test_no_way_leads_into_a_closed_session(house):
    closed = house.session(day(2))
    waiting = house.appointment(house.person(), house.session(day(3)))
    booking.hold(house.db, closed.id, "call", until=NINE + timedelta(minutes=5))
    close(house, closed)
    assert booking.hold(house.db, closed.id, "another", until=NINE + timedelta(minutes=5)) is False
    for call in ("call", None):
        with pytest.raises(booking.SessionFull):
            booking.move(house.db, waiting.id, closed.id, now=NINE, call=call)
    for take in (lambda one: booking.take_seat(house.db, one), lambda one: booking.take_seats(house.db, [one])):
        newcomer = house.appointment(house.person(), closed)
        with pytest.raises(booking.SessionFull):
            take(newcomer)
    assert closed.id not in [one.session for one in booking.offers(house.db, waiting, now=NINE, count=9)]
    assert house.db.exec(select(Seat).where(col(Seat.session) == closed.id)).all() == []
    assert house.seats_counted_right()


def test_it_is_written_down_who_closed_it_and_what_came_of_it(house):
    closed = house.session(day(2))
    guest(house, closed)
    close(house, closed, policy=Policy.CANCEL, reason="staff_ill")
    audit = house.db.exec(select(Audit).where(col(Audit.subject) == closed.id)).one()
    assert (audit.verb, audit.kind, audit.undo_until) == ("closed", "session", None)
    assert audit.after == {
        "reason": "staff_ill", "policy": "cancel", "people": 1,
        "moved": 0, "cancelled": 1, "texts": 1, "calls": 0, "at_once": 0,
    }  # fmt: skip
    assert (closed.closed_at, closed.closed_reason) == (NINE, "staff_ill")


def refused(house, session_id, **more):
    with pytest.raises(NotClosed) as error:
        close_session(
            house.db, session_id,
            **{"reason": "flood", "policy": Policy.MOVE, "expected": 0, "staff": None, "now": NINE,
               "regimens": REGIMENS, "telling": TELLING, **more},
        )  # fmt: skip
    return error.value


def test_what_cannot_be_closed_is_left_as_it_is(house):
    begun, closed = house.session(TODAY), house.session(day(2))
    other = house.session(day(2), site="10715")
    guest(house, other)
    assert refused(house, "nowhere").why is Why.UNKNOWN
    assert refused(house, begun.id).why is Why.BEGUN
    assert refused(house, other.id, site="10714").why is Why.UNKNOWN
    assert (refused(house, other.id).why, refused(house, other.id).people) == (Why.CHANGED, 1)
    close(house, closed)
    assert refused(house, closed.id).why is Why.CLOSED
    assert (other.closed_at, other.taken) == (None, 1)
    with pytest.raises(NotClosed):
        preview(house, begun)


def test_a_preview_changes_nothing(house):
    closed = house.session(day(2))
    house.session(day(4))
    one = guest(house, closed)
    seen = preview(house, closed)
    assert (seen.people, seen.site.code, seen.session.closed_at) == (1, "10714", None)
    assert (one.status, one.session) == (AppointmentStatus.BOOKED, closed.id)


@pytest.mark.parametrize("seed", range(12))
def test_whatever_the_session_everybody_has_a_day_a_text_or_a_call(house, seed):
    dice = random.Random(seed)
    house.session(day(2), part=Part.AFTERNOON, capacity=dice.randint(0, 4))
    house.session(day(5), capacity=dice.randint(0, 4))
    house.session(day(5), site="10715", capacity=dice.randint(0, 4))
    closed = house.session(day(2), capacity=20)
    makers = (guest, guest, landline, no_consent, no_text_in_their_language, no_phone)
    were = [dice.choice(makers)(house, closed) for _ in range(dice.randint(0, 12))]
    policy = dice.choice(list(Policy))
    seen = preview(house, closed).outlooks[policy]
    done = close(house, closed, policy=policy).done
    assert done == seen
    assert done.moved + done.cancelled == done.texts + done.calls + done.at_once == len(were)
    assert live_in(house, closed) == []
    assert house.db.get_one(Session, closed.id).taken == 0
    assert house.seats_counted_right()
    for one in were:
        has_day = one.status is AppointmentStatus.MOVED
        has_text, has_call = bool(notices(house, one.person)), bool(open_tasks(house, one.person))
        assert has_call or (has_day and has_text)
