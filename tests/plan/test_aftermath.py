"""What becomes of reminders that nobody answered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from gateway.kit.answers import Answer
from gateway.kit.clock import bangkok_time
from gateway.kit.phones import LineType
from gateway.plan.aftermath import SweepReport
from gateway.records.agreements import Appointment
from gateway.records.conversations import Reply
from gateway.records.status import AppointmentStatus, AttemptStatus, Channel, ReminderStatus, TaskKind
from gateway.records.work import Task
from tests.plan.conftest import bangkok

Fixture = Any  # tests/plan/conftest.py: World
MISSED = AttemptStatus.NO_ANSWER


def an_unanswered_call(world: Fixture, *tries: str, **facts: Any) -> Any:
    reminder = world.reminder(world.appointment(**facts))
    for at in tries:
        world.attempt(reminder, at, MISSED)
    return reminder


def test_a_missed_call_is_planned_again_for_the_evening(world: Fixture) -> None:
    reminder = an_unanswered_call(world, "2026-11-28T10:00")
    assert world.escalate(reminder, "2026-11-28T10:01") == "retry"
    assert reminder.status is ReminderStatus.PLANNED
    assert bangkok_time(reminder.next_try_at).strftime("%d %H") in ("28 17", "28 18")


def test_after_the_third_missed_call_a_text_is_planned_at_the_same_step(world: Fixture) -> None:
    reminder = an_unanswered_call(world, "2026-11-28T10:00", "2026-11-28T17:30", "2026-11-29T09:00")
    assert world.escalate(reminder, "2026-11-29T09:01") == "sms"
    assert reminder.status is ReminderStatus.UNANSWERED
    text = next(row for row in world.reminders() if row.channel is Channel.SMS)
    assert (text.purpose, text.step, text.status) == ("reminder", "reminder", ReminderStatus.PLANNED)
    assert text.expires_at == reminder.expires_at


def test_a_line_that_was_never_dialled_is_no_try(world: Fixture) -> None:
    reminder = an_unanswered_call(world, "2026-11-28T10:00", "2026-11-28T17:30")
    world.attempt(reminder, "2026-11-29T09:00", AttemptStatus.CANCELLED)
    world.attempt(reminder, "2026-11-29T09:01", AttemptStatus.FAILED).reason = "not_sent"
    world.db.flush()
    assert world.escalate(reminder, "2026-11-29T09:02") == "retry"


def test_on_a_landline_staff_get_a_task_after_the_third_call(world: Fixture) -> None:
    person = world.person()
    world.phone(person, LineType.LANDLINE)
    tries = ("2026-11-28T10:00", "2026-11-28T17:30", "2026-11-29T09:00")
    reminder = an_unanswered_call(world, *tries, person=person)
    assert world.escalate(reminder, "2026-11-29T09:01") == "task"
    assert world.tasks() == [("unreached", reminder.appointment)]
    assert reminder.status is ReminderStatus.UNANSWERED


def test_with_a_village_a_volunteer_is_asked_once_when_there_is_time(world: Fixture) -> None:
    person = world.person(village="Ban Test")
    world.phone(person, LineType.LANDLINE)
    tries = ("2026-11-28T10:00", "2026-11-28T17:30", "2026-11-29T09:00")
    reminder = an_unanswered_call(world, *tries, person=person)
    world.escalate(reminder, "2026-11-29T09:01")
    visits = [row for row in world.reminders() if row.channel is Channel.VISIT]
    assert len(visits) == 1
    assert world.escalate(visits[0], "2026-11-29T10:00") == "closed"


def test_an_hour_before_the_appointment_no_volunteer_is_sent(world: Fixture) -> None:
    person = world.person(village="Ban Test")
    world.phone(person, LineType.LANDLINE)
    reminder = world.reminder(world.appointment(person=person))
    world.attempt(reminder, "2026-11-30T09:00", MISSED)
    assert world.escalate(reminder, "2026-11-30T09:00") == "task"
    assert [row.channel for row in world.reminders()] == [Channel.VOICE]


def test_a_number_that_cannot_work_is_left_for_the_other_channel_at_once(world: Fixture) -> None:
    reminder = world.reminder(world.appointment(), status=ReminderStatus.FAILED, reason="bad_number")
    assert world.escalate(reminder, "2026-11-28T10:00") == "sms"
    assert (reminder.status, reminder.reason) == (ReminderStatus.FAILED, "bad_number")


def test_both_channels_failed_means_a_task_not_a_circle(world: Fixture) -> None:
    appointment = world.appointment()
    world.reminder(appointment, Channel.VOICE, status=ReminderStatus.FAILED)
    text = world.reminder(appointment, Channel.SMS, status=ReminderStatus.FAILED)
    assert world.escalate(text, "2026-11-28T10:00") == "task"
    assert len(world.reminders()) == 2


def test_a_text_that_was_not_delivered_is_sent_once_more(world: Fixture) -> None:
    text = world.reminder(world.appointment(), Channel.SMS)
    world.attempt(text, "2026-11-28T10:00", AttemptStatus.UNDELIVERED)
    assert world.escalate(text, "2026-11-28T10:01") == "retry"
    world.attempt(text, "2026-11-28T10:31", AttemptStatus.UNDELIVERED)
    text.status = ReminderStatus.SENT
    assert world.escalate(text, "2026-11-28T10:32") == "voice"


def test_a_call_for_another_appointment_counts_for_the_half_day(world: Fixture) -> None:
    person = world.person()
    world.phone(person)
    other = world.reminder(world.appointment(person=person, regimen="rabies"))
    world.attempt(other, "2026-11-28T17:45", MISSED)
    reminder = an_unanswered_call(world, "2026-11-28T10:00", person=person)
    assert world.escalate(reminder, "2026-11-28T17:46") == "retry"
    assert bangkok_time(reminder.next_try_at).day == 29


@pytest.mark.parametrize("status", [AppointmentStatus.MOVED, AppointmentStatus.CANCELLED])
def test_an_appointment_that_went_away_is_not_escalated(world: Fixture, status: AppointmentStatus) -> None:
    reminder = an_unanswered_call(world, "2026-11-28T10:00", status=status)
    assert world.escalate(reminder, "2026-11-28T10:01") == "closed"


def test_an_answered_reminder_is_not_escalated(world: Fixture) -> None:
    reminder = world.reminder(world.appointment(), status=ReminderStatus.ANSWERED)
    assert world.escalate(reminder, "2026-11-28T10:01") == "closed"


@pytest.mark.parametrize("status", [ReminderStatus.PLANNED, ReminderStatus.CLAIMED])
def test_what_was_never_sent_expires(world: Fixture, status: ReminderStatus) -> None:
    appointment = world.appointment()
    world.reminder(appointment, status=status)
    assert world.sweep("2026-11-30T08:59").expired == 0
    assert world.sweep("2026-11-30T09:00").expired == 1
    assert [(row.status, row.reason) for row in world.reminders()] == [(ReminderStatus.EXPIRED, "too_late")]


def test_what_was_sent_and_not_answered_in_time_is_unanswered(world: Fixture) -> None:
    reminder = world.reminder(world.appointment(), Channel.SMS)
    world.attempt(reminder, "2026-11-28T10:00", AttemptStatus.DELIVERED)
    assert world.sweep("2026-11-30T09:00").unanswered == 1
    assert world.reminders()[0].status is ReminderStatus.UNANSWERED


def test_a_call_still_ringing_is_given_an_hour(world: Fixture) -> None:
    reminder = world.reminder(world.appointment())
    world.attempt(reminder, "2026-11-30T08:59", AttemptStatus.RINGING, live=True)
    assert world.sweep("2026-11-30T09:00").unanswered == 0
    assert world.sweep("2026-11-30T10:00").unanswered == 1


def test_at_the_end_of_the_ladder_nobody_reached_is_a_task_once(world: Fixture) -> None:
    appointment = world.appointment()
    reminder = world.reminder(appointment)
    world.attempt(reminder, "2026-11-28T10:00", MISSED)
    assert world.sweep("2026-11-30T11:59").tasks == 0
    assert world.sweep("2026-11-30T12:00").tasks == 1
    assert world.sweep("2026-11-30T12:05").tasks == 0
    assert world.tasks() == [("unreached", appointment.id)]


def test_an_appointment_nothing_was_ever_planned_for_ends_in_a_task(world: Fixture) -> None:
    world.appointment()
    assert world.sweep("2026-11-30T12:00").tasks == 1


@pytest.mark.parametrize("status", [AttemptStatus.DELIVERED, AttemptStatus.COMPLETED])
def test_who_was_reached_and_silent_is_no_task(world: Fixture, status: AttemptStatus) -> None:
    reminder = world.reminder(world.appointment())
    world.attempt(reminder, "2026-11-28T10:00", status)
    assert world.sweep("2026-11-30T12:00").tasks == 0


def test_who_rang_us_is_no_task(world: Fixture) -> None:
    person = world.person()
    phone = world.phone(person)
    appointment = world.appointment(person=person)
    reply = {"phone": phone.id, "person": person.id, "appointment": appointment.id, "channel": Channel.VOICE}
    world.add(Reply(**reply, answer=Answer.CALLBACK, at=appointment.created_at))
    assert world.sweep("2026-11-30T12:00").tasks == 0


def test_a_record_of_the_past_and_a_confirmed_appointment_are_no_tasks(world: Fixture) -> None:
    world.appointment(status=AppointmentStatus.CONFIRMED)
    past = world.appointment("2026-11-29T13:00")
    past.created_at = past.starts_at
    world.db.flush()
    assert world.sweep("2026-11-30T12:00").tasks == 0


def an_unheard_text(world: Fixture, starts: str, expires: str) -> Any:
    """Three calls nobody picked up, then a text that was delivered and expires at `expires`."""
    tries = ("2026-11-28T10:00", "2026-11-28T17:30", "2026-11-29T09:00")
    call = an_unanswered_call(world, *tries, starts=starts)
    world.escalate(call, "2026-11-29T09:01")
    text = next(row for row in world.reminders() if row.channel is Channel.SMS)
    text.status, text.expires_at = ReminderStatus.SENT, bangkok(expires)
    world.attempt(text, "2026-11-29T09:02", AttemptStatus.DELIVERED)
    return text


def test_nobody_picked_up_and_the_text_stayed_unanswered_is_a_task_when_the_day_is_near(world: Fixture) -> None:
    text = an_unheard_text(world, starts="2026-11-30T13:00", expires="2026-11-30T09:00")
    assert world.sweep("2026-11-30T09:01").tasks == 1
    assert text.status is ReminderStatus.UNANSWERED
    assert world.tasks() == [("unreached", text.appointment)]
    assert world.sweep("2026-11-30T09:02").tasks == 0


def test_while_the_day_is_far_the_ladder_goes_on_by_itself(world: Fixture) -> None:
    an_unheard_text(world, starts="2026-12-05T13:00", expires="2026-12-03T09:00")
    assert world.sweep("2026-12-03T09:01").tasks == 0


def test_a_pass_that_looks_at_what_is_new_finds_whose_time_has_come_since(world: Fixture) -> None:
    due, later = world.appointment(), world.appointment("2026-11-30T13:01")
    assert world.sweep("2026-11-30T12:00", since="2026-11-30T11:59").tasks == 1
    assert world.tasks() == [("unreached", due.id)]
    assert world.sweep("2026-11-30T12:01", since="2026-11-30T12:00").tasks == 1
    assert [subject for _, subject in world.tasks()] == sorted([due.id, later.id])
    assert world.sweep("2026-11-30T12:02", since="2026-11-30T12:01").tasks == 0


def test_a_pass_that_looks_at_what_is_new_looks_at_whose_call_it_has_just_closed(world: Fixture) -> None:
    appointment = world.appointment()
    reminder = world.reminder(appointment, expires_at=bangkok("2026-11-30T12:00"))
    world.attempt(reminder, "2026-11-30T11:59", AttemptStatus.RINGING, live=True)
    assert world.sweep("2026-11-30T12:00", since="2026-11-30T11:59").tasks == 0
    assert world.sweep("2026-11-30T12:59", since="2026-11-30T12:00").tasks == 0
    assert world.sweep("2026-11-30T13:00", since="2026-11-30T12:59") == SweepReport(unanswered=1, tasks=1)
    assert world.tasks() == [("unreached", appointment.id)]


def test_what_others_closed_waits_for_the_pass_that_looks_at_everything(world: Fixture) -> None:
    appointment = world.appointment()
    reminder = world.reminder(appointment, status=ReminderStatus.CLAIMED)
    assert world.sweep("2026-11-30T12:00", since="2026-11-30T11:59").tasks == 0
    reminder.status = ReminderStatus.FAILED
    world.db.flush()
    assert world.sweep("2026-11-30T12:01", since="2026-11-30T12:00").tasks == 0
    assert world.sweep("2026-11-30T12:02").tasks == 1


# Who rang in vain says who it was

THRICE = ("2026-11-28T10:00", "2026-11-28T17:30", "2026-11-29T09:00")


def numbers_given(world: Fixture) -> list[tuple[str, str]]:
    return [(row.step, row.channel.value) for row in world.reminders() if row.purpose == "callback_number"]


def test_after_the_last_call_rang_in_vain_a_text_says_who_called_once(world: Fixture) -> None:
    reminder = an_unanswered_call(world, *THRICE)
    world.reminder(world.db.get(Appointment, reminder.appointment), Channel.SMS, status=ReminderStatus.FAILED)
    assert world.escalate(reminder, "2026-11-29T09:01") == "task"
    assert numbers_given(world) == [("answer", "sms")]
    [given] = [row for row in world.reminders() if row.purpose == "callback_number"]
    day = world.db.get(Appointment, reminder.appointment)
    assert day is not None
    assert given.expires_at == day.starts_at - timedelta(hours=1)
    reminder.status = ReminderStatus.SENT
    world.escalate(reminder, "2026-11-29T09:02")
    assert len(numbers_given(world)) == 1


def test_no_second_text_comes_where_one_of_the_same_step_goes_out(world: Fixture) -> None:
    reminder = an_unanswered_call(world, *THRICE)
    assert world.escalate(reminder, "2026-11-29T09:01") == "sms"
    assert numbers_given(world) == []


@pytest.mark.parametrize(
    ("status", "follows"),
    [(ReminderStatus.PLANNED, "closed"), (ReminderStatus.SENT, "closed"), (ReminderStatus.UNANSWERED, "task")],
)
def test_a_text_of_this_step_gave_the_number_already(world: Fixture, status: ReminderStatus, follows: str) -> None:
    reminder = an_unanswered_call(world, *THRICE)
    world.reminder(world.db.get(Appointment, reminder.appointment), Channel.SMS, status=status)
    assert world.escalate(reminder, "2026-11-29T09:01") == follows
    assert numbers_given(world) == []


def test_while_the_text_of_a_step_may_be_answered_its_call_is_no_work_for_staff(world: Fixture) -> None:
    reminder = an_unanswered_call(world, *THRICE)
    text = world.reminder(world.db.get(Appointment, reminder.appointment), Channel.SMS)
    assert world.escalate(reminder, "2026-11-29T09:01") == "closed"
    assert (reminder.status, reminder.reason) == (ReminderStatus.UNANSWERED, "other_channel")
    assert world.tasks() == []
    world.sweep("2026-11-30T10:01")
    assert text.status is ReminderStatus.UNANSWERED
    assert world.tasks() == [("unreached", reminder.appointment)]


def test_while_the_call_of_a_step_is_to_come_its_text_that_was_lost_is_no_work_either(world: Fixture) -> None:
    call = world.reminder(world.appointment(), status=ReminderStatus.PLANNED)
    text = world.reminder(world.db.get(Appointment, call.appointment), Channel.SMS)
    for at in ("2026-11-28T10:00", "2026-11-28T10:31"):
        world.attempt(text, at, AttemptStatus.UNDELIVERED)
    assert world.escalate(text, "2026-11-28T10:32") == "closed"
    assert (call.status, world.tasks()) == (ReminderStatus.PLANNED, [])


def test_who_cannot_read_gets_no_text_after_calls_in_vain(world: Fixture) -> None:
    person = world.person(reads_script=False)
    world.phone(person)
    reminder = an_unanswered_call(world, *THRICE, person=person)
    assert world.escalate(reminder, "2026-11-29T09:01") == "task"
    assert [row.step for row in world.reminders() if row.channel is Channel.SMS] == []


def test_who_cannot_read_is_texted_all_the_same_where_no_call_can_be_made(world: Fixture) -> None:
    person = world.person(reads_script=False)
    world.phone(person)
    reminder = world.reminder(world.appointment(person=person), status=ReminderStatus.FAILED, reason="no_prompt")
    assert world.escalate(reminder, "2026-11-28T10:01") == "sms"


def test_a_text_that_was_not_delivered_gave_no_number(world: Fixture) -> None:
    reminder = an_unanswered_call(world, *THRICE)
    about = world.db.get(Appointment, reminder.appointment)
    world.reminder(about, Channel.SMS, status=ReminderStatus.UNANSWERED, reason="other_channel")
    world.escalate(reminder, "2026-11-29T09:01")
    assert len(numbers_given(world)) == 1


@pytest.mark.parametrize("last", [AttemptStatus.FAILED, AttemptStatus.COMPLETED])
def test_where_nothing_rang_or_somebody_listened_nobody_wonders_who_it_was(world: Fixture, last: AttemptStatus) -> None:
    reminder = an_unanswered_call(world, *THRICE[:2])
    world.attempt(reminder, THRICE[2], last)
    world.reminder(world.db.get(Appointment, reminder.appointment), Channel.SMS, status=ReminderStatus.FAILED)
    assert world.escalate(reminder, "2026-11-29T09:01") == "task"
    assert numbers_given(world) == []


def test_on_a_landline_no_text_says_who_called(world: Fixture) -> None:
    person = world.person()
    world.phone(person, LineType.LANDLINE)
    world.escalate(an_unanswered_call(world, *THRICE, person=person), "2026-11-29T09:01")
    assert numbers_given(world) == []


def a_ride_call(world: Fixture, pick_up: str = "2026-11-30T07:45", village: str = "Ban Test") -> Any:
    person = world.person(village=village)
    world.phone(person, LineType.LANDLINE)
    facts = {"purpose": "ride", "step": "answer:e0ebb910", "expires_at": bangkok(pick_up)}
    return world.reminder(world.appointment(person=person), **facts)


def test_a_call_about_a_ride_is_tried_once_more_at_another_hour(world: Fixture) -> None:
    call = a_ride_call(world)
    world.attempt(call, "2026-11-28T10:00", MISSED)
    assert world.escalate(call, "2026-11-28T10:01") == "retry"
    assert bangkok_time(call.next_try_at).strftime("%d %H") in ("28 17", "28 18")


def test_a_ride_nobody_could_be_told_of_is_a_call_back_that_says_so(world: Fixture) -> None:
    call = a_ride_call(world, pick_up="2026-11-28T18:00")
    world.attempt(call, "2026-11-28T10:00", MISSED)
    world.attempt(call, "2026-11-28T17:00", MISSED)
    assert world.escalate(call, "2026-11-28T17:01") == "task"
    [task] = world.db.exec(select(Task)).all()
    assert task.kind is TaskKind.CALLBACK
    assert task.detail == "tell them: a ride is arranged, and the news did not reach them"


def test_a_volunteer_who_is_asked_to_tell_of_a_ride_is_asked_in_time_for_it(world: Fixture) -> None:
    call = a_ride_call(world, pick_up="2026-11-30T07:45")
    for at in ("2026-11-28T10:00", "2026-11-28T17:30", "2026-11-29T09:00"):
        world.attempt(call, at, MISSED)
    assert world.escalate(call, "2026-11-29T09:01") == "task"
    [visit] = [row for row in world.reminders() if row.channel is Channel.VISIT]
    assert (visit.purpose, visit.expires_at) == ("ride", bangkok("2026-11-30T07:45"))


def test_a_text_about_a_ride_asks_for_no_answer(world: Fixture) -> None:
    call = a_ride_call(world)
    call.status, call.reason = ReminderStatus.UNANSWERED, "other_channel"
    world.add(call)
    facts = {"purpose": "ride", "step": call.step, "expires_at": call.expires_at}
    world.reminder(world.db.get_one(Appointment, call.appointment), Channel.SMS, **facts)
    assert world.sweep("2026-11-30T07:46").tasks == 0
