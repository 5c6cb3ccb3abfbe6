"""Texts about a change: which still hold, and what staff do when one does not arrive."""

from __future__ import annotations

import pytest
from sqlmodel import select

from gateway.care.notices import CANCELLED, MOVED, hand_to_staff, is_still_true, plan_notice
from gateway.records.status import AppointmentStatus, TaskKind
from gateway.records.work import Task


@pytest.mark.parametrize("status", list(AppointmentStatus))
@pytest.mark.parametrize("purpose", ["notice", "reminder", "morning", "second_dose", MOVED, "confirmed"])
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
