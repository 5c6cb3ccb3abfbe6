"""Law 4: an answer stops the rest."""

from __future__ import annotations

import pytest

from gateway.care.ladder_stop import stop_ladder, stop_person
from gateway.care.tasks import open_task
from gateway.records.status import AttemptStatus, Channel, ReminderStatus, TaskKind, TaskStatus, VisitStatus
from gateway.records.work import Visit


@pytest.mark.parametrize("status", [ReminderStatus.PLANNED, ReminderStatus.CLAIMED, ReminderStatus.SENT])
def test_an_open_reminder_is_suppressed_with_its_reason(house, status):
    reminder = house.reminder(house.appointment(house.person()), status)

    assert stop_ladder(house.db, reminder.appointment, reason="moved", now=house.now) == 1
    assert (reminder.status, reminder.reason) == (ReminderStatus.SUPPRESSED, "moved")


@pytest.mark.parametrize("status", [one for one in ReminderStatus if one.value not in {"planned", "claimed", "sent"}])
def test_a_reminder_that_is_over_stays_as_it_is(house, status):
    reminder = house.reminder(house.appointment(house.person()), status)

    assert stop_ladder(house.db, reminder.appointment, reason="moved", now=house.now) == 0
    assert reminder.status is status


def test_reminders_of_other_appointments_go_on(house):
    person = house.person()
    mine, other = house.appointment(person), house.appointment(person, dose_no=2)
    kept = house.reminder(other)

    stop_ladder(house.db, mine.id, reason="moved", now=house.now)

    assert kept.status is ReminderStatus.PLANNED


@pytest.mark.parametrize("status", [ReminderStatus.CLAIMED, ReminderStatus.SENT])
def test_the_reminder_that_was_answered_becomes_answered(house, status):
    appointment = house.appointment(house.person())
    answered = house.reminder(appointment, status)
    rest = house.reminder(appointment, step="morning")

    stopped = stop_ladder(
        house.db, appointment.id, reason="answered: coming", now=house.now, answered_reminder=answered.id
    )

    assert stopped == 1
    assert (answered.status, rest.status) == (ReminderStatus.ANSWERED, ReminderStatus.SUPPRESSED)


def test_a_reminder_not_yet_sent_cannot_have_been_answered(house):
    reminder = house.reminder(house.appointment(house.person()))

    stop_ladder(house.db, reminder.appointment, reason="x", now=house.now, answered_reminder=reminder.id)

    assert reminder.status is ReminderStatus.SUPPRESSED


def test_the_text_that_says_moved_can_be_kept(house):
    appointment = house.appointment(house.person())
    kept = house.reminder(appointment, step="moved")

    assert stop_ladder(house.db, appointment.id, reason="x", now=house.now, keep_reminder=kept.id) == 0
    assert kept.status is ReminderStatus.PLANNED


def test_a_live_attempt_is_asked_to_be_cancelled_once(house):
    person = house.person()
    reminder = house.reminder(house.appointment(person), ReminderStatus.SENT)
    attempt = house.attempt(house.phone(person), reminder, status=AttemptStatus.RINGING)

    stop_ladder(house.db, reminder.appointment, reason="x", now=house.now)

    house.db.refresh(attempt)
    assert attempt.cancel_requested_at == house.now


def test_a_final_attempt_is_left_alone(house):
    person = house.person()
    reminder = house.reminder(house.appointment(person), ReminderStatus.SENT)
    attempt = house.attempt(house.phone(person), reminder, status=AttemptStatus.DELIVERED)

    stop_ladder(house.db, reminder.appointment, reason="x", now=house.now)

    house.db.refresh(attempt)
    assert attempt.cancel_requested_at is None


def test_a_call_that_still_rings_is_called_off_when_its_reminder_is_answered_by_text(house):
    person = house.person()
    appointment, phone = house.appointment(person), house.phone(person)
    answered = house.reminder(appointment, ReminderStatus.SENT)
    ringing = house.attempt(phone, answered, status=AttemptStatus.RINGING)

    stop_ladder(house.db, appointment.id, reason="x", now=house.now, answered_reminder=answered.id)

    house.db.refresh(ringing)
    assert ringing.cancel_requested_at == house.now


def test_the_call_in_which_the_answer_was_given_is_not_cut_off(house):
    person = house.person()
    appointment, phone = house.appointment(person), house.phone(person)
    answered = house.reminder(appointment, ReminderStatus.SENT)
    other = house.reminder(appointment, ReminderStatus.SENT, channel=Channel.SMS)
    in_progress = house.attempt(phone, answered, status=AttemptStatus.IN_PROGRESS)
    text = house.attempt(phone, other, status=AttemptStatus.SUBMITTED)

    stop_ladder(house.db, appointment.id, reason="x", now=house.now, answered_reminder=answered.id)

    house.db.refresh(in_progress)
    house.db.refresh(text)
    assert in_progress.cancel_requested_at is None
    assert text.cancel_requested_at == house.now


def test_a_call_for_a_household_goes_on_for_the_other_person(house):
    grandmother, grandfather = house.person(), house.person()
    hers = house.reminder(house.appointment(grandmother), ReminderStatus.SENT)
    his = house.reminder(house.appointment(grandfather), ReminderStatus.SENT)
    attempt = house.attempt(house.phone(grandmother, grandfather), hers, his, status=AttemptStatus.RINGING)

    stop_ladder(house.db, hers.appointment, reason="x", now=house.now)

    house.db.refresh(attempt)
    assert attempt.cancel_requested_at is None
    assert his.status is ReminderStatus.SENT


def test_an_open_visit_is_cancelled(house):
    reminder = house.reminder(house.appointment(house.person()), ReminderStatus.SENT, channel=Channel.VISIT)
    visit = house.add(Visit(reminder=reminder.id, created_at=house.now))

    stop_ladder(house.db, reminder.appointment, reason="x", now=house.now)

    assert visit.status is VisitStatus.CANCELLED


def test_stopping_a_person_stops_every_ladder_of_theirs(house):
    person = house.person()
    reminders = [house.reminder(house.appointment(person, dose_no=number)) for number in (1, 2)]

    assert stop_person(house.db, person.id, reason="stop", now=house.now) == 2
    assert {reminder.reason for reminder in reminders} == {"stop"}


@pytest.mark.parametrize("kind", [TaskKind.UNREACHED, TaskKind.NO_PROMPT])
def test_staff_need_not_look_for_somebody_who_answered_after_all_but_do_what_they_were_asked(house, kind):
    appointment, other = house.appointment(house.person()), house.appointment(house.person())
    needless = open_task(house.db, kind, appointment.id, now=house.now)
    ride = open_task(house.db, TaskKind.RIDE, appointment.id, now=house.now)
    another = open_task(house.db, kind, other.id, now=house.now)

    stop_ladder(house.db, appointment.id, reason="answered: coming", now=house.now)

    assert (needless.status, needless.done_at) == (TaskStatus.DONE, house.now)
    assert [one.status for one in (ride, another)] == [TaskStatus.OPEN, TaskStatus.OPEN]
