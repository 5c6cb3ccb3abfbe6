"""Texts about a change: which still hold, and what staff do when one does not arrive."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from sqlmodel import select

from gateway.care.consent import record_stop
from gateway.care.notices import (
    CALLBACK_NUMBER,
    CANCELLED,
    MISSED,
    MOVED,
    WRONG_PERSON,
    hand_to_staff,
    is_left_alone,
    is_overtaken,
    is_still_true,
    is_told_already,
    is_too_near,
    may_apologise,
    plan_apology,
    plan_notice,
    plan_recall,
)
from gateway.kit.clock import at_bangkok, bangkok_time
from gateway.kit.phones import LineType
from gateway.records.agreements import Appointment
from gateway.records.contacts import Reminder
from gateway.records.people import PersonPhone, PhoneRole
from gateway.records.status import AppointmentStatus, ReminderStatus, TaskKind
from gateway.records.work import Task
from tests.care.conftest import NOW


@pytest.mark.parametrize("status", list(AppointmentStatus))
@pytest.mark.parametrize(
    "purpose", ["notice", "reminder", "morning", "second_dose", MOVED, "confirmed", CALLBACK_NUMBER]
)
def test_what_names_a_day_goes_out_only_while_the_day_stands(purpose, status):
    assert is_still_true(purpose, status) is (status in (AppointmentStatus.BOOKED, AppointmentStatus.CONFIRMED))


@pytest.mark.parametrize("status", list(AppointmentStatus))
def test_nobody_is_told_not_to_come_to_an_appointment_that_stands(status):
    assert is_still_true(CANCELLED, status) is (status is AppointmentStatus.CANCELLED)


def notice(house, purpose, **appointment):
    person = house.person()
    house.phone(person)
    planned = plan_notice(house.db, house.appointment(person, **appointment), purpose, now=house.now)
    assert planned is not None
    return planned


def tasks_after(house, planned):
    hand_to_staff(house.db, planned, now=house.now)
    return [(one.kind, one.subject) for one in house.db.exec(select(Task))]


def test_a_changed_day_that_no_text_told_of_is_told_by_staff(house):
    planned = notice(house, MOVED)
    assert tasks_after(house, planned) == [(TaskKind.CALLBACK, planned.appointment)]


def test_who_chose_the_day_themselves_needs_no_call(house):
    assert tasks_after(house, notice(house, MOVED, status=AppointmentStatus.CONFIRMED)) == []


@pytest.mark.parametrize("purpose", ["confirmed", CANCELLED])
def test_other_texts_that_failed_leave_no_task_of_their_own(house, purpose):
    assert tasks_after(house, notice(house, purpose)) == []


# Who did not come


@pytest.mark.parametrize("status", list(AppointmentStatus))
def test_nobody_is_recalled_to_a_day_they_did_not_miss(status):
    assert is_still_true(MISSED, status) is (status is AppointmentStatus.MISSED)


@pytest.mark.parametrize(
    ("marked", "told"),
    [
        ((23, time(16, 30)), "24 09:00"),  # the same afternoon
        ((23, time(8, 45)), "24 09:00"),  # a quarter of an hour late is no reason to write
        ((24, time(8, 30)), "24 09:00"),  # the next morning, before the window opens
        ((24, time(9, 0, 1)), "25 09:00"),
        ((30, time(14, 0)), "01 09:00"),  # a week later
    ],
)
def test_who_missed_their_day_is_told_on_a_morning_after_it(house, marked, told):
    person = house.person()
    house.phone(person)
    day, hour = marked
    appointment = house.appointment(person, starts_at=at_bangkok(date(2026, 11, 23), time(8, 30)))
    planned = plan_recall(house.db, appointment, now=at_bangkok(date(2026, 11, day), hour))
    assert planned is not None
    assert bangkok_time(planned.due_at).strftime("%d %H:%M") == told
    assert planned.expires_at - planned.due_at == timedelta(days=7)


def test_one_who_takes_no_texts_is_not_written_to_and_nobody_twice(house):
    silent, person = house.person(), house.person()
    house.phone(silent, line=LineType.LANDLINE)
    house.phone(person)
    missed = house.appointment(person)
    assert plan_recall(house.db, house.appointment(silent), now=NOW) is None
    assert plan_recall(house.db, missed, now=NOW) is not None
    assert plan_recall(house.db, missed, now=NOW) is None


def test_who_has_another_day_for_it_needs_no_recall(house):
    person = house.person()
    missed = house.appointment(person, status=AppointmentStatus.MISSED, starts_at=NOW)
    house.appointment(person, starts_at=NOW - timedelta(days=3))
    house.appointment(person, regimen="influenza", starts_at=NOW + timedelta(days=9))
    assert not is_overtaken(house.db, MISSED, missed)
    house.appointment(person, starts_at=NOW + timedelta(days=9), dose_no=2)
    assert is_overtaken(house.db, MISSED, missed)
    assert not is_overtaken(house.db, MOVED, missed)


def test_who_had_the_dose_after_all_needs_no_recall(house):
    person = house.person()
    missed = house.appointment(person, status=AppointmentStatus.MISSED, dose_no=2)
    house.dose(person, date(2026, 10, 1), number=1)
    assert not is_overtaken(house.db, MISSED, missed)
    house.dose(person, date(2026, 11, 24), number=2)
    assert is_overtaken(house.db, MISSED, missed)


def missed_twice(house, **second):
    """The texts about two appointments of one person that both were missed on one day."""
    person = house.person()
    house.phone(person)
    begin = at_bangkok(date(2026, 11, 20), time(8, 30))
    days = [house.appointment(person, status=AppointmentStatus.MISSED, starts_at=begin, regimen="hpv")]
    later = {"starts_at": begin + timedelta(hours=5), "regimen": "influenza"} | second
    days.append(house.appointment(person, status=AppointmentStatus.MISSED, **later))
    return [(plan_recall(house.db, day, now=NOW), day) for day in days]


@pytest.mark.parametrize("status", [ReminderStatus.CLAIMED, ReminderStatus.SENT, ReminderStatus.UNANSWERED])
def test_who_missed_two_appointments_of_a_day_is_told_once(house, status):
    (first, one), (second, two) = missed_twice(house)
    assert not is_told_already(house.db, first, one)
    first.status = status
    house.db.flush()
    assert is_told_already(house.db, second, two)
    assert not is_told_already(house.db, first, one)


@pytest.mark.parametrize("status", [ReminderStatus.PLANNED, ReminderStatus.CANCELLED, ReminderStatus.FAILED])
def test_a_text_that_never_went_told_nobody(house, status):
    (first, _), (second, two) = missed_twice(house)
    first.status = status
    house.db.flush()
    assert not is_told_already(house.db, second, two)


def test_another_day_or_another_clinic_that_was_missed_is_told_of(house):
    other = house.site("10715").code
    for second in ({"starts_at": at_bangkok(date(2026, 11, 21), time(8, 30))}, {"site": other}):
        (first, _), (last, two) = missed_twice(house, **second)
        first.status = ReminderStatus.SENT
        house.db.flush()
        assert not is_told_already(house.db, last, two)


# What comes too late


@pytest.mark.parametrize("purpose", ["reminder", "confirmed", CALLBACK_NUMBER])
def test_nobody_is_written_to_who_is_on_the_way(house, purpose):
    planned = notice(house, purpose, starts_at=NOW + timedelta(hours=2))
    day = house.db.get_one(Appointment, planned.appointment)
    assert not is_too_near(planned, day, timedelta(hours=1), now=NOW + timedelta(minutes=59))
    assert is_too_near(planned, day, timedelta(hours=1), now=NOW + timedelta(minutes=60))


@pytest.mark.parametrize("purpose", [MOVED, CANCELLED])
def test_that_an_hour_is_no_more_is_said_however_late(house, purpose):
    planned = notice(house, purpose, starts_at=NOW + timedelta(minutes=4))
    assert not is_too_near(planned, house.db.get_one(Appointment, planned.appointment), timedelta(hours=1), now=NOW)


def test_no_text_is_planned_that_could_not_go_out_any_more(house):
    person = house.person()
    house.phone(person)
    day, quiet = house.appointment(person, starts_at=NOW + timedelta(hours=1)), timedelta(hours=1)
    assert plan_notice(house.db, day, CALLBACK_NUMBER, now=NOW, quiet=quiet) is None
    planned = plan_notice(house.db, day, CALLBACK_NUMBER, now=NOW - timedelta(seconds=1), quiet=quiet)
    assert planned is not None
    assert planned.expires_at == NOW


# Who has the number now


def parked(house, *people, line=LineType.MOBILE, **more):
    phone = house.phone(*people, line=line, **more)
    phone.parked_at, phone.parked_reason = NOW, WRONG_PERSON
    house.db.flush()
    return phone


def apology(house, phone, *people) -> Reminder | None:
    return plan_apology(house.db, phone, [one.id for one in people], now=NOW)


@pytest.mark.parametrize("status", list(AppointmentStatus))
def test_an_apology_is_owed_whatever_became_of_the_appointment(status):
    assert is_still_true(WRONG_PERSON, status)


def test_an_apology_goes_to_the_parked_number_and_to_no_other(house):
    person = house.person()
    wrong, right = parked(house, person), house.phone(person)
    house.appointment(person)
    planned = apology(house, wrong, person)
    assert planned is not None
    assert apology(house, wrong, person) is None
    links = {phone.id: house.db.get_one(PersonPhone, (person.id, phone.id)) for phone in (wrong, right)}
    assert may_apologise(planned, links[wrong.id], wrong)
    assert not may_apologise(planned, links[right.id], right)
    wrong.parked_at = NOW + timedelta(seconds=1)  # given back, and parked for another reason since
    assert not may_apologise(planned, links[wrong.id], wrong)


@pytest.mark.parametrize("purpose", ["reminder", MOVED, MISSED])
def test_nothing_else_may_go_to_a_parked_number(house, purpose):
    person = house.person()
    phone = parked(house, person)
    reminder = house.reminder(house.appointment(person))
    reminder.purpose = purpose
    assert not may_apologise(reminder, house.db.get_one(PersonPhone, (person.id, phone.id)), phone)


def test_no_apology_goes_to_a_landline_a_volunteer_or_one_who_said_stop(house):
    person = house.person()
    house.appointment(person)
    assert apology(house, parked(house, person, line=LineType.LANDLINE), person) is None
    stopped = parked(house, person)
    record_stop(house.db, person.id, stopped.id, source="reply by sms", now=NOW)
    assert apology(house, stopped, person) is None
    volunteers = parked(house, person, role=PhoneRole.VHV)
    planned = apology(house, volunteers, person)
    assert planned is None or not may_apologise(
        planned, house.db.get_one(PersonPhone, (person.id, volunteers.id)), volunteers
    )


@pytest.mark.parametrize("why", ["volunteer", "stopped"])
def test_no_apology_goes_to_a_number_that_is_another_ones_volunteers_or_was_stopped_by_another(house, why):
    person, other = house.person(), house.person()
    house.appointment(person)
    phone = parked(house, person)
    assert not is_left_alone(house.db, phone)
    role = PhoneRole.VHV if why == "volunteer" else PhoneRole.OWN
    house.add(PersonPhone(person=other.id, phone=phone.id, role=role))
    if why == "stopped":
        record_stop(house.db, other.id, phone.id, source="reply by sms", now=NOW)
    assert is_left_alone(house.db, phone)
    assert apology(house, phone, person) is None


def test_no_apology_is_owed_where_nobody_was_ever_written_about(house):
    person = house.person()
    assert apology(house, parked(house, person), person) is None
    assert apology(house, parked(house)) is None
