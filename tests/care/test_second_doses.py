"""A recorded dose without a later appointment gets one, inside the interval, or staff get a task."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from gateway.care import booking
from gateway.care.consent import record_stop
from gateway.care.regimens import load_regimens
from gateway.care.second_doses import SecondDoseReport, book_second_doses, newest_dose, seats_offered
from gateway.care.tasks import close_task
from gateway.records.agreements import Appointment
from gateway.records.people import PhoneRole
from gateway.records.places import Part
from gateway.records.status import AppointmentStatus, TaskKind, TaskStatus
from gateway.records.work import Task

REGIMENS = load_regimens()
TODAY = date(2026, 11, 23)
SV = "covid19_sv"  # 14 to 28 days, 21 recommended


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


def book(house, limit: int = 100) -> SecondDoseReport:
    return book_second_doses(house.db, REGIMENS, now=house.now, limit=limit)


def second(house) -> Appointment:
    return house.db.exec(select(Appointment).where(Appointment.source == "second_dose")).one()


def test_a_first_dose_gets_a_second_on_the_recommended_day(house):
    person = house.person()
    house.dose(person, day(-14), regimen=SV)
    for number in (1, 5, 7, 9, 13):
        house.session(day(number), vaccine=SV)

    assert book(house) == SecondDoseReport(booked=1, no_seat=0)

    found = second(house)
    session = booking.find_session(house.db, "10714", SV, found.starts_at)
    assert (found.person, found.dose_no, found.status) == (person.id, 2, AppointmentStatus.BOOKED)
    assert (session.day, session.taken) == (day(7), 1)


def test_a_look_at_what_is_new_books_new_doses_and_closes_no_task_of_others(house):
    house.dose(house.person(), day(-14), regimen=SV)
    assert book(house) == SecondDoseReport(booked=0, no_seat=1)
    seen, seats = newest_dose(house.db), seats_offered(house.db)
    house.session(day(7), vaccine=SV)
    assert seats_offered(house.db) != seats
    house.dose(house.person(), day(-14), regimen=SV)
    new = book_second_doses(house.db, REGIMENS, now=house.now, limit=9, after=seen)
    assert new == SecondDoseReport(booked=1, no_seat=0)
    assert book_second_doses(house.db, REGIMENS, now=house.now, limit=9, after=newest_dose(house.db)).booked == 0
    (task,) = house.db.exec(select(Task).where(Task.kind == TaskKind.NO_SEAT)).all()
    assert task.status is TaskStatus.OPEN
    assert book(house).booked == 1  # a look at all finds the first one's seat
    assert task.status is TaskStatus.DONE


def test_when_the_recommended_day_is_full_the_nearest_day_is_taken(house):
    house.dose(house.person(), day(-14), regimen=SV)
    house.session(day(7), vaccine=SV, capacity=0)
    house.session(day(6), vaccine=SV, part=Part.AFTERNOON)
    house.session(day(10), vaccine=SV)

    book(house)

    assert second(house).session == booking.session_id("10714", SV, day(6), Part.AFTERNOON)


def test_people_of_one_session_are_booked_at_different_hours(house):
    for _ in range(3):
        house.dose(house.person(), day(-14), regimen=SV)
    house.session(day(7), vaccine=SV, capacity=3)

    book(house)

    assert len(set(house.db.exec(select(Appointment.starts_at)).all())) == 3


def test_the_second_run_books_nothing_more(house):
    house.dose(house.person(), day(-14), regimen=SV)
    house.session(day(7), vaccine=SV)
    book(house)

    assert book(house) == SecondDoseReport()


@pytest.mark.parametrize("number", [-2, 15, 20])
def test_a_session_outside_the_interval_is_not_taken(house, number):
    house.dose(house.person(), day(-14), regimen=SV)
    house.session(day(number), vaccine=SV)

    assert book(house) == SecondDoseReport(booked=0, no_seat=1)


def test_a_session_of_another_site_or_vaccine_does_not_fit(house):
    house.dose(house.person(), day(-14), regimen=SV)
    house.session(day(7), vaccine=SV, site="20001")
    house.session(day(7), vaccine="hpv")

    assert book(house).booked == 0


def test_where_no_seat_fits_staff_get_one_task(house):
    person = house.person()
    house.dose(person, day(-14), regimen=SV)

    assert book(house).no_seat == 1
    assert book(house).no_seat == 0

    task = house.db.exec(select(Task)).one()
    assert (task.kind, task.person, task.site) == (TaskKind.NO_SEAT, person.id, "10714")
    assert task.detail == f"{SV} dose 2: no free seat at 10714 from {day(0)} to {day(14)}"


def test_a_task_staff_have_closed_is_not_put_before_them_again(house):
    house.dose(house.person(), day(-14), regimen=SV)
    book(house)
    close_task(house.db, house.db.exec(select(Task)).one(), now=house.now)

    assert book(house).no_seat == 0
    assert len(house.db.exec(select(Task)).all()) == 1


def test_when_a_seat_turns_up_the_task_closes(house):
    house.dose(house.person(), day(-14), regimen=SV)
    book(house)
    house.session(day(7), vaccine=SV)

    assert book(house).booked == 1
    assert house.db.exec(select(Task.status)).one() is TaskStatus.DONE


def test_when_somebody_else_made_the_appointment_the_task_closes(house):
    person = house.person()
    house.dose(person, day(-14), regimen=SV)
    book(house)
    house.appointment(person, house.session(day(20), vaccine=SV), dose_no=2)

    book(house)

    assert house.db.exec(select(Task.status)).one() is TaskStatus.DONE


def test_a_no_seat_task_about_something_else_is_left_to_who_opened_it(house):
    house.add(Task(kind=TaskKind.NO_SEAT, subject="an-appointment", created_at=house.now))

    book(house)

    assert house.db.exec(select(Task.status)).one() is TaskStatus.OPEN


@pytest.mark.parametrize("status", list(AppointmentStatus))
def test_any_later_appointment_is_enough_even_one_the_person_gave_up(house, status):
    person = house.person()
    house.dose(person, day(-14), regimen=SV)
    house.session(day(7), vaccine=SV)
    house.appointment(person, regimen=SV, dose_no=2, status=status)

    assert book(house) == SecondDoseReport()


def test_a_second_dose_booked_with_another_product_counts(house):
    person = house.person()
    house.dose(person, day(-14), regimen=SV)
    house.session(day(7), vaccine=SV)
    house.appointment(person, regimen="covid19_az", dose_no=2)

    assert book(house) == SecondDoseReport()


def test_who_has_had_the_second_dose_needs_none(house):
    person = house.person()
    house.dose(person, day(-40), regimen=SV)
    house.dose(person, day(-14), regimen=SV, number=2)
    house.session(day(14), vaccine=SV)

    assert book(house) == SecondDoseReport()


def test_a_third_dose_of_hepatitis_b_follows_the_second(house):
    person = house.person()
    house.dose(person, day(-180), regimen="hepatitis_b")
    house.dose(person, day(-150), regimen="hepatitis_b", number=2)
    house.session(day(3), vaccine="hepatitis_b")

    book(house)

    assert second(house).dose_no == 3


def test_a_mixed_course_takes_a_seat_where_its_second_product_is_given(house):
    house.dose(house.person(), day(-14), regimen="covid19_sv_az")
    house.session(day(7), vaccine=SV)
    given_here = house.session(day(8), vaccine="covid19_az")

    book(house)

    assert (second(house).regimen, second(house).session) == ("covid19_sv_az", given_here.id)


def test_influenza_is_booked_again_as_the_next_course_when_the_year_is_nearly_over(house):
    house.dose(house.person(), day(-350), regimen="influenza")
    house.session(day(10), vaccine="influenza")

    book(house)

    assert (second(house).course, second(house).dose_no) == (2, 1)


def test_influenza_given_this_year_is_not_asked_for_a_year_ahead(house):
    house.dose(house.person(), day(-30), regimen="influenza")

    assert book(house) == SecondDoseReport()


def test_one_dose_written_under_two_names_calls_for_one(house):
    person = house.person()
    house.dose(person, day(-21), regimen=SV)
    house.dose(person, day(-21), regimen="covid19_sv_az")
    for vaccine in (SV, "covid19_az"):
        house.session(day(3), vaccine=vaccine)

    assert book(house).booked == 1


@pytest.mark.parametrize("ended", ["died", "merged"])
def test_who_died_or_was_merged_is_left_out(house, ended):
    other = house.person()
    more = {"died_on": day(-1)} if ended == "died" else {"merged_into": other.id}
    house.dose(house.person(**more), day(-14), regimen=SV)
    house.session(day(7), vaccine=SV)

    assert book(house) == SecondDoseReport()


def test_who_stopped_every_phone_is_left_out_but_not_who_stopped_one(house):
    silent, half = house.person(), house.person()
    phones = [house.phone(silent), house.phone(half)]
    house.phone(half)
    house.phone(silent, role=PhoneRole.VHV)
    for person, phone in zip((silent, half), phones, strict=True):
        record_stop(house.db, person.id, phone.id, source="text", now=house.now)
        house.dose(person, day(-14), regimen=SV)
    house.session(day(7), vaccine=SV)

    assert book(house).booked == 1
    assert second(house).person == half.id


def test_who_has_no_site_goes_where_the_first_dose_was_given(house):
    person = house.person(site=None)
    there = house.session(day(-14), site="20001", vaccine=SV)
    house.appointment(person, there, status=AppointmentStatus.KEPT)
    house.dose(person, day(-14), regimen=SV)
    house.session(day(7), site="20001", vaccine=SV)

    book(house)

    assert second(house).site == "20001"


def test_who_has_no_site_at_all_becomes_a_task(house):
    house.dose(house.person(site=None), day(-14), regimen=SV)

    assert book(house).no_seat == 1
    assert "no site is known" in house.db.exec(select(Task.detail)).one()


def test_the_limit_is_kept_and_the_next_run_goes_on(house):
    for _ in range(5):
        house.dose(house.person(), day(-14), regimen=SV)
    house.session(day(7), vaccine=SV)

    assert [book(house, limit=2).booked for _ in range(4)] == [2, 2, 1, 0]


def test_people_without_a_seat_do_not_keep_others_waiting_behind_the_limit(house):
    for _ in range(3):
        house.dose(house.person(site=None), day(-20), regimen=SV)
    house.dose(house.person(), day(-14), regimen=SV)
    house.session(day(7), vaccine=SV)

    reports = [book(house, limit=2) for _ in range(3)]

    assert sum(report.booked for report in reports) == 1
    assert sum(report.no_seat for report in reports) == 3


def test_the_number_of_queries_does_not_grow_with_people_who_need_nothing(house):
    house.dose(house.person(), day(-14), regimen=SV)
    book(house)
    before = _queries(house)
    for _ in range(30):
        done = house.person()
        house.dose(done, day(-40), regimen=SV)
        house.dose(done, day(-14), regimen=SV, number=2)

    assert _queries(house) == before


def _queries(house) -> int:
    seen: list[str] = []
    engine = house.db.get_bind().engine

    def count(*args: object) -> None:
        seen.append(str(args[2]))

    sa.event.listen(engine, "before_cursor_execute", count)
    book(house)
    sa.event.remove(engine, "before_cursor_execute", count)
    return len(seen)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    given_on=st.lists(st.integers(-40, -1), min_size=1, max_size=4),
    sessions=st.dictionaries(st.integers(1, 30), st.integers(0, 2), max_size=5),
)
def test_every_second_dose_lies_inside_its_interval_and_no_session_is_oversold(house, given_on, sessions):
    savepoint = house.db.begin_nested()
    given = {}
    for ago in given_on:
        person = house.person()
        given[person.id] = house.dose(person, day(ago), regimen=SV).given_on
    for number, capacity in sessions.items():
        house.session(day(number), vaccine=SV, capacity=capacity)

    report = book(house)

    booked = house.db.exec(select(Appointment)).all()
    assert report.booked + report.no_seat == len(given)
    assert all(14 <= (one.starts_at.date() - given[one.person]).days <= 28 for one in booked)
    assert house.seats_counted_right()
    savepoint.rollback()


def test_a_dose_that_falls_due_in_half_a_year_is_no_task_yet(house):
    house.dose(house.person(), day(0), regimen="hpv")
    assert book(house).no_seat == 0
    assert house.db.exec(select(Task)).all() == []


def test_a_dose_whose_time_is_over_is_said_to_be_overdue(house):
    house.dose(house.person(), day(-400), regimen=SV)
    assert book(house).no_seat == 1
    assert "overdue since" in house.db.exec(select(Task)).one().detail
