"""The reminders that planning writes."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.care.tasks import Result
from gateway.kit.clock import bangkok_day
from gateway.kit.ids import seeded_ids
from gateway.kit.phones import LineType
from gateway.records.people import Consent, PhoneRole
from gateway.records.status import AppointmentStatus, Channel, ReminderStatus, TaskStatus
from gateway.records.work import Task

Fixture = Any  # tests/plan/conftest.py: World


def channels(world: Fixture) -> set[Channel]:
    return {reminder.channel for reminder in world.reminders()}


def test_an_appointment_ahead_gets_its_three_reminders(world: Fixture) -> None:
    world.appointment()
    report = world.plan()
    assert (report.planned, report.tasks, report.visits) == (3, 0, 0)
    assert report.by_purpose == {"morning": 1, "notice": 1, "reminder": 1}
    assert [reminder.purpose for reminder in world.reminders()] == ["notice", "reminder", "morning"]
    assert all(reminder.next_try_at == reminder.due_at for reminder in world.reminders())


def test_planning_twice_writes_nothing_more(world: Fixture) -> None:
    for start in ("2026-11-30T13:00", "2026-11-24T09:00", "2026-11-22T15:00"):
        world.appointment(start)
        world.appointment(start, world.person(village="Ban Test"))
    first = world.plan("2026-11-22T09:30")
    assert first.planned == 6
    for now in ("2026-11-22T09:30", "2026-11-22T12:00", "2026-11-23T09:00"):
        again = world.plan(now)
        assert (again.planned, again.tasks, again.visits) == (0, 0, 0)


def test_appointments_beyond_the_horizon_wait(world: Fixture) -> None:
    world.appointment("2026-12-15T13:00")
    assert world.plan().planned == 0
    assert world.plan(horizon_days=30).planned == 3


@pytest.mark.parametrize("status", [status for status in AppointmentStatus if status is not AppointmentStatus.BOOKED])
def test_only_what_is_booked_and_unanswered_is_planned(world: Fixture, status: AppointmentStatus) -> None:
    world.appointment(status=status)
    assert world.plan().planned == 0


@pytest.mark.parametrize("status", [ReminderStatus.ANSWERED, ReminderStatus.SUPPRESSED])
def test_a_ladder_that_an_answer_or_a_stop_has_ended_is_not_begun_again(world: Fixture, status: ReminderStatus) -> None:
    appointment = world.appointment(source="second_dose")
    world.reminder(appointment, step="second_dose", purpose="second_dose", status=status)
    assert world.plan().planned == 0


def test_the_dead_and_the_merged_are_left_alone(world: Fixture) -> None:
    kept = world.person()
    for person in (world.person(died_on=date(2026, 11, 1)), world.person(merged_into=kept.id)):
        world.phone(person)
        world.appointment(person=person)
    report = world.plan()
    assert (report.planned, report.tasks) == (0, 0)


def test_a_second_dose_far_ahead_is_told_at_once_and_reminded_when_its_time_comes(world: Fixture) -> None:
    world.appointment("2026-12-21T13:00", source="second_dose")
    assert world.plan("2026-11-23T10:00").by_purpose == {"second_dose": 1}
    assert world.plan("2026-11-23T10:05").planned == 0
    assert world.plan("2026-12-14T08:00").by_purpose == {"morning": 1, "reminder": 1}
    assert world.plan("2026-12-14T08:05").planned == 0


@pytest.mark.parametrize(
    ("facts", "channel"),
    [
        ({}, Channel.SMS),
        ({"birth_date": date(1950, 1, 1)}, Channel.VOICE),
        ({"birth_date": date(1966, 11, 30)}, Channel.VOICE),  # sixty on the day
        ({"birth_date": date(1966, 12, 1)}, Channel.SMS),
        ({"birth_date": date(1950, 1, 1), "preferred_channel": Channel.SMS}, Channel.SMS),
        ({"preferred_channel": Channel.VOICE}, Channel.VOICE),
        ({"reads_script": False}, Channel.VOICE),
        ({"language": "my", "reads_script": True}, Channel.SMS),
        ({"language": "my", "reads_script": False}, Channel.VOICE),
        ({"language": "my", "birth_date": date(1950, 1, 1)}, Channel.VOICE),
        ({"language": "my", "preferred_channel": Channel.SMS}, Channel.SMS),
        ({"language": "nod"}, Channel.SMS),  # a dialect is served by the language that may stand in for it
    ],
)
def test_the_first_channel_follows_from_the_person(world: Fixture, facts: dict[str, Any], channel: Channel) -> None:
    person = world.person(**facts)
    world.phone(person)
    world.appointment(person=person)
    world.plan()
    assert channels(world) == {channel}


@pytest.mark.parametrize("language", ["my", "km", "mfa"])  # the table does not expect speakers to read these
def test_where_nobody_knows_whether_they_read_it_each_step_is_a_text_and_a_call(world: Fixture, language: str) -> None:
    person = world.person(language=language)
    world.phone(person)
    world.appointment(person=person)
    offered = frozenset({"my", "km", "mfa"})
    assert world.plan(speakable=offered, textable=offered).planned == 6
    assert world.plan(speakable=offered, textable=offered).planned == 0
    planned = [(one.step, one.channel.value) for one in world.reminders()]
    assert planned == [(step, channel) for step in ("notice", "reminder", "morning") for channel in ("sms", "voice")]


def test_reminders_know_whose_turn_it_is_and_hand_it_on(world: Fixture) -> None:
    ordinary, elder, chronic = (
        world.person(**facts)
        for facts in ({}, {"birth_date": date(1940, 1, 1)}, {"target_group": "ผู้มีโรคเรื้อรัง", "birth_date": None})
    )
    for person in (ordinary, elder, chronic):
        world.phone(person)
        world.appointment(person=person)
    world.plan()
    turn = {reminder.person: reminder.priority for reminder in world.reminders()}
    assert turn[elder.id] < turn[chronic.id] < turn[ordinary.id]
    call = next(one for one in world.reminders() if one.person == elder.id)
    call.status = ReminderStatus.FAILED
    world.add(call)
    assert world.escalate(call, "2026-11-23T12:00") == "sms"
    assert {one.priority for one in world.reminders() if one.person == elder.id} == {turn[elder.id]}


def test_a_landline_is_called_whatever_the_person_wished(world: Fixture) -> None:
    person = world.person(preferred_channel=Channel.SMS)
    world.phone(person, LineType.LANDLINE)
    world.appointment(person=person)
    world.plan()
    assert channels(world) == {Channel.VOICE}


def test_who_cannot_be_spoken_to_in_their_language_is_texted(world: Fixture) -> None:
    person = world.person(language="my", birth_date=date(1950, 1, 1))
    world.phone(person)
    world.appointment(person=person)
    world.plan(speakable=frozenset({"th"}))
    assert channels(world) == {Channel.SMS}


def test_where_nothing_can_be_said_or_written_staff_get_a_task(world: Fixture) -> None:
    person = world.person(language="km")
    world.phone(person)
    appointment = world.appointment(person=person)
    assert world.plan().planned == 0
    assert world.tasks() == [("no_prompt", appointment.id)]


def test_a_stopped_channel_is_not_used(world: Fixture) -> None:
    person = world.person()
    world.phone(person, sms=Consent.STOP)
    world.appointment(person=person)
    world.plan()
    assert channels(world) == {Channel.VOICE}


def test_without_a_phone_staff_get_a_task_once_and_the_volunteer_a_visit(world: Fixture) -> None:
    appointment = world.appointment(person=world.person(village="Ban Test"))
    report = world.plan()
    assert (report.planned, report.tasks, report.visits) == (0, 1, 1)
    assert world.tasks() == [("unreached", appointment.id)]
    assert [(reminder.channel, reminder.step) for reminder in world.reminders()] == [(Channel.VISIT, "visit")]


def test_a_task_that_staff_have_done_is_not_opened_again(world: Fixture) -> None:
    world.appointment(person=world.person())
    world.plan()
    world.db.exec(sa.update(Task).values(status=TaskStatus.DONE))
    assert world.plan("2026-11-23T08:00").tasks == 0


def test_what_a_corrected_language_closed_comes_again_where_that_has_no_words_either(world: Fixture) -> None:
    person = world.person(language="km")
    world.phone(person)
    world.appointment(person=person)
    world.plan()
    done = {"status": TaskStatus.DONE, "result": Result.LANGUAGE_CORRECTED.value}
    world.db.exec(sa.update(Task).values(**done))
    assert world.plan("2026-11-22T10:00").tasks == 1
    assert world.plan("2026-11-22T10:01").tasks == 0


@pytest.mark.parametrize("use", [{"role": PhoneRole.VHV}, {"sms": Consent.STOP, "voice": Consent.STOP}])
def test_a_volunteers_phone_and_a_stopped_one_are_no_phone(world: Fixture, use: dict[str, Any]) -> None:
    person = world.person()
    world.phone(person, **use)
    world.appointment(person=person)
    report = world.plan()
    assert (report.planned, report.tasks) == (0, 1)


def test_who_said_stop_is_not_visited_either(world: Fixture) -> None:
    person = world.person(village="Ban Test")
    world.phone(person, sms=Consent.STOP, voice=Consent.STOP)
    world.appointment(person=person)
    assert world.plan().visits == 0


def test_a_phone_found_later_is_used(world: Fixture) -> None:
    person = world.person(village="Ban Test")
    world.appointment(person=person)
    world.plan()
    world.phone(person)
    assert world.plan("2026-11-22T10:00").planned == 3


def test_an_appointment_loaded_too_late_becomes_a_task(world: Fixture) -> None:
    appointment = world.appointment("2026-11-22T10:00")
    assert world.plan("2026-11-22T09:30").planned == 0
    assert world.tasks() == [("unreached", appointment.id)]


def test_who_wants_visits_gets_one(world: Fixture) -> None:
    person = world.person(preferred_channel=Channel.VISIT, village="Ban Test")
    world.phone(person)
    world.appointment(person=person)
    report = world.plan()
    assert (report.planned, report.visits) == (0, 1)


def test_thousands_are_planned_by_a_few_statements_and_the_same_twice(world: Fixture) -> None:
    for number in range(400):
        world.appointment(f"2026-11-{24 + number % 7}T{9 + number % 7:02}:00")
    point = world.db.begin_nested()
    with seeded_ids("one"):
        world.plan()
    first = [reminder.model_dump() for reminder in world.reminders()]
    point.rollback()
    world.db.expunge_all()
    with seeded_ids("one"):
        began = time.perf_counter()
        world.plan()
    assert time.perf_counter() - began < 2
    assert [reminder.model_dump() for reminder in world.reminders()] == first
    assert len(first) > 800
    assert {bangkok_day(row["due_at"]) for row in first} <= {date(2026, 11, day) for day in range(22, 31)}
