"""The door: who is checked in, when, by whom; and taken back within a minute."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.care.booking import take_seats
from gateway.records.agreements import Appointment
from gateway.records.places import Seat, Session
from gateway.records.staffing import Audit, Role
from gateway.records.status import AppointmentStatus, ReminderStatus
from tests.support.world import MONDAY
from tests.web.console.conftest import Console
from tests.web.console.test_today import booked, second_site, text_of


@pytest.fixture
def session(console: Console) -> Session:
    return console.world.session(MONDAY)


def seated(console: Console, session: Session, ticket: int, **more: object) -> Appointment:
    one = booked(console.world, session, **more)
    with console.world.database.unit_of_work() as db:
        take_seats(db, [db.get_one(Appointment, one.id)])
        seat = db.exec(Seat.__table__.select().where(Seat.__table__.c.appointment == one.id)).one()  # type: ignore[attr-defined,call-overload]
        found = db.get_one(Seat, seat.id)
        found.ticket, found.come_at = ticket, session.starts_at + timedelta(minutes=10 * ticket)
    return one


def check_in(console: Console, session: Session, one: Appointment, what: str = "arrived") -> str:
    path = f"/console/sessions/{session.id}"
    answer = console.post(f"{path}/arrived", page=path, appointment=one.id, do=what)
    return text_of((console.follow(answer) if answer.status_code == 303 else answer).text)


def seat_of(console: Console, one: Appointment) -> Seat:
    return next(seat for seat in console.world.all(Seat) if seat.appointment == one.id)  # type: ignore[attr-defined,return-value]


def test_people_are_checked_in_with_the_minute_and_counted(console: Console, session: Session) -> None:
    first, second = seated(console, session, 1), seated(console, session, 2)
    assert "0 arrived of 2 expected" in text_of(console.get(f"/console/sessions/{session.id}").text)
    words = check_in(console, session, first)
    assert "Checked in" in words
    assert "1 arrived of 2 expected" in words
    assert "arrived 09:00" in words
    assert seat_of(console, first).arrived_at == console.world.clock.now()
    assert seat_of(console, second).arrived_at is None
    assert "arrived 09:00" in text_of(console.get(f"/console/sessions/{session.id}/paper").text)
    assert "arrived 09:00" in text_of(console.get(f"/console/people/{first.person}").text)


def test_arriving_is_not_the_dose_and_not_a_yes(console: Console, session: Session) -> None:
    one = seated(console, session, 1)
    check_in(console, session, one)
    assert console.world.fresh(one).status is AppointmentStatus.BOOKED  # type: ignore[attr-defined]


def test_nobody_is_called_about_a_day_on_which_they_stand_at_the_door(console: Console, session: Session) -> None:
    one = seated(console, session, 1)
    reminder = console.world.reminder(one)
    check_in(console, session, one)
    assert console.world.fresh(reminder).status is ReminderStatus.SUPPRESSED  # type: ignore[attr-defined]


def test_the_wrong_name_is_taken_back_within_the_minute_and_the_reminder_goes_on(
    console: Console, session: Session
) -> None:
    one = seated(console, session, 4)
    reminder = console.world.reminder(one, expires_at=console.world.clock.now() + timedelta(hours=1))
    check_in(console, session, one)
    [deed] = [row for row in console.world.all(Audit) if row.verb == "arrived"]  # type: ignore[attr-defined]
    answer = console.post(f"/console/undo/{deed.id}")  # type: ignore[attr-defined]
    assert answer.headers["location"].startswith(f"/console/sessions/{session.id}?done=")
    seat = seat_of(console, one)
    assert (seat.arrived_at, seat.ticket) == (None, 4)
    assert seat.come_at == session.starts_at + timedelta(minutes=40)
    assert console.world.fresh(reminder).status is ReminderStatus.PLANNED  # type: ignore[attr-defined]


def test_later_it_is_corrected_and_both_are_written_down(console: Console, session: Session) -> None:
    one = seated(console, session, 1)
    check_in(console, session, one)
    assert "Corrected: not here" in check_in(console, session, one, "not_arrived")
    assert seat_of(console, one).arrived_at is None
    verbs = [row.verb for row in console.world.all(Audit) if row.subject == one.id]  # type: ignore[attr-defined]
    assert sorted(verbs) == ["arrived", "not_arrived"]


def test_who_is_here_did_not_miss_their_day(console: Console, session: Session) -> None:
    one = seated(console, session, 1)
    check_in(console, session, one)
    answer = console.post(f"/console/appointments/{one.id}/missed", version=str(one.version))
    assert "They were checked in at the door" in answer.text
    assert console.world.fresh(one).status is AppointmentStatus.BOOKED  # type: ignore[attr-defined]


def test_nobody_is_checked_in_twice_or_on_another_day_or_without_a_seat(console: Console, session: Session) -> None:
    one, seatless = seated(console, session, 1), booked(console.world, session)
    check_in(console, session, one)
    assert "checked in already" in check_in(console, session, one)
    assert "has no seat and no ticket" in check_in(console, session, seatless)
    later = console.world.session(MONDAY + timedelta(days=2))
    other = seated(console, later, 1)
    assert "on the day of the appointment only" in check_in(console, later, other)
    assert "Check in" not in console.get(f"/console/sessions/{later.id}").text


def test_a_session_of_another_site_takes_no_check_in(console: Console, session: Session) -> None:
    other = second_site(console.world)
    one = seated(console, session, 1)
    assert "not in this session any more" in check_in(console, other, one)
    console.sign_in(Role.STAFF, site="S2")
    answer = console.post(f"/console/sessions/{session.id}/arrived", appointment=one.id, do="arrived")
    assert answer.status_code == 404
    assert seat_of(console, one).arrived_at is None


def test_the_list_follows_the_tickets_and_who_has_none_comes_last(console: Console, session: Session) -> None:
    third, nobody, first = seated(console, session, 3), booked(console.world, session), seated(console, session, 1)
    html = console.get(f"/console/sessions/{session.id}").text
    places = [html.index(f'id="a-{one.id}"') for one in (first, third, nobody)]
    assert places == sorted(places)


def test_ticket_and_time_stand_in_the_answer_of_a_search(console: Console, session: Session) -> None:
    seated(console, session, 7)
    answer = console.post("/console/people", page="/console/people", typed="ใจดี")
    html = (console.follow(answer) if answer.status_code == 303 else answer).text
    assert "ticket 7 · come at 09:40" in text_of(html)
