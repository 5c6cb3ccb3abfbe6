"""When each reminder is due, and what follows when nobody answered."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.kit.clock import bangkok_day, bangkok_time
from gateway.plan.due import (
    AppointmentFacts,
    GiveUp,
    NextChannel,
    NextTry,
    PlannedReminder,
    ReminderFacts,
    after_no_answer,
    reminders_for,
)
from gateway.plan.ladder import PersonFacts, load_ladder
from gateway.plan.timetable import PLACES, place_of
from gateway.records.status import Channel

LADDER = load_ladder()
WINDOW = LADDER.window(time(9), time(19, 30))
TEXTED = PersonFacts(can_text=True, can_call=True, age=30)
ELDER = PersonFacts(can_text=True, can_call=True, age=75)
UNREAD = PersonFacts(can_text=True, can_call=True, age=30, reads=None)
SOURCES = st.sampled_from(["roster", "second_dose", "moved"])
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(lambda naive: naive.replace(tzinfo=UTC))


def bangkok(text: str) -> datetime:
    return datetime.fromisoformat(text + "+07:00")


def planned(
    starts: str, now: str, person: PersonFacts = TEXTED, source: str = "roster", already: tuple[str, ...] = ()
) -> list[PlannedReminder]:
    appointment = AppointmentFacts("a1", bangkok(starts), source)
    return reminders_for(appointment, person, LADDER, WINDOW, bangkok(now), already)


def steps(found: list[PlannedReminder]) -> list[str]:
    return [reminder.step for reminder in found]


def test_an_appointment_in_a_week_gets_a_notice_a_reminder_and_a_word_on_its_morning() -> None:
    found = planned("2026-11-30T13:00", "2026-11-22T08:00")
    assert steps(found) == ["notice", "reminder", "morning"]
    days = [bangkok_day(reminder.due_at).isoformat() for reminder in found]
    assert days == ["2026-11-23", "2026-11-28", "2026-11-30"]
    assert {reminder.channel for reminder in found} == {Channel.SMS}


def test_a_step_expires_when_the_next_is_due_and_the_last_an_hour_before_the_appointment() -> None:
    notice, reminder, morning = planned("2026-11-30T13:00", "2026-11-22T08:00")
    assert notice.expires_at == reminder.due_at
    assert reminder.expires_at == morning.due_at
    assert morning.expires_at == bangkok("2026-11-30T12:00")


@pytest.mark.parametrize("start", ["08:30", "09:00", "09:59", "10:00"])
def test_before_an_early_appointment_the_last_word_comes_the_evening_before(start: str) -> None:
    morning = planned(f"2026-11-30T{start}", "2026-11-22T08:00")[-1]
    assert morning.step == "morning"
    assert bangkok("2026-11-29T17:30") <= morning.due_at < bangkok("2026-11-29T19:00")


def test_a_late_roster_gets_the_steps_that_are_still_of_use() -> None:
    assert steps(planned("2026-11-30T13:00", "2026-11-26T09:00")) == ["notice", "reminder", "morning"]
    assert steps(planned("2026-11-30T13:00", "2026-11-27T09:00")) == ["reminder", "morning"]
    assert steps(planned("2026-11-30T13:00", "2026-11-29T15:00")) == ["reminder", "morning"]
    assert steps(planned("2026-11-30T13:00", "2026-11-30T09:00")) == ["morning"]
    assert steps(planned("2026-11-30T13:00", "2026-11-30T11:45")) == []


def test_a_late_step_goes_out_at_once_in_the_window_and_after_opening_otherwise() -> None:
    assert planned("2026-11-30T13:00", "2026-11-29T15:00")[0].due_at == bangkok("2026-11-29T15:00")
    evening = planned("2026-11-30T15:30", "2026-11-28T22:00")[0]
    assert bangkok("2026-11-29T09:00") <= evening.due_at < bangkok("2026-11-29T10:30")


def test_two_steps_in_one_half_day_become_one() -> None:
    found = planned("2026-11-30T08:30", "2026-11-29T17:00")
    assert steps(found) == ["reminder"]
    assert found[0].expires_at == bangkok("2026-11-30T07:30")


def test_a_second_dose_is_told_at_once_and_later_reminded_like_any_other() -> None:
    found = planned("2026-12-21T13:00", "2026-11-23T11:00", source="second_dose")
    assert steps(found) == ["second_dose", "reminder", "morning"]
    assert found[0].due_at == bangkok("2026-11-23T11:00")
    assert found[0].expires_at == found[1].due_at


def test_a_step_already_planned_is_neither_planned_again_nor_in_the_way() -> None:
    found = planned("2026-11-25T13:00", "2026-11-23T11:00", source="second_dose", already=("second_dose",))
    assert steps(found) == ["reminder", "morning"]


def test_a_step_on_a_holiday_is_brought_forward() -> None:
    notice, reminder, _ = planned("2026-04-17T13:00", "2026-04-09T08:00")  # 13 to 15 April are Songkran
    assert bangkok_day(notice.due_at).isoformat() == "2026-04-10"
    assert bangkok_day(reminder.due_at).isoformat() == "2026-04-12"


def test_when_it_is_too_late_to_bring_it_forward_it_comes_after_the_holiday() -> None:
    found = planned("2026-04-17T13:00", "2026-04-13T08:00")
    assert [bangkok_day(reminder.due_at).isoformat() for reminder in found] == ["2026-04-16", "2026-04-17"]
    assert steps(found) == ["reminder", "morning"]


def test_the_evening_before_on_a_holiday_is_left_alone() -> None:
    assert steps(planned("2026-04-16T08:30", "2026-04-08T08:00")) == ["notice", "reminder"]


def test_nobody_to_contact_means_no_reminder() -> None:
    nobody = PersonFacts(can_text=False, can_call=False)
    assert planned("2026-11-30T13:00", "2026-11-22T08:00", nobody) == []


def test_appointments_are_spread_over_an_hour_and_a_half_by_their_id() -> None:
    starts, now = bangkok("2026-11-30T13:00"), bangkok("2026-11-22T08:00")
    ids = [hashlib.sha256(str(n).encode()).hexdigest()[:32] for n in range(200)]  # random, as `new_id` makes them
    dues = [reminders_for(AppointmentFacts(one, starts), TEXTED, LADDER, WINDOW, now)[0].due_at for one in ids]
    assert bangkok("2026-11-23T10:00") <= min(dues) < bangkok("2026-11-23T10:10")
    assert bangkok("2026-11-23T11:20") < max(dues) < bangkok("2026-11-23T11:30")
    assert len(set(dues)) > 180


@given(starts=INSTANTS, ahead=st.timedeltas(timedelta(0), timedelta(days=40)), source=SOURCES, name=st.text(max_size=8))
def test_reminders_are_inside_the_window_in_order_and_never_due_after_they_expire(
    starts: datetime, ahead: timedelta, source: str, name: str
) -> None:
    now = starts - ahead
    found = reminders_for(AppointmentFacts(name, starts, source), ELDER, LADDER, WINDOW, now)
    for reminder in found:
        assert WINDOW.is_open(reminder.due_at)
        assert now <= reminder.due_at < reminder.expires_at <= starts - timedelta(hours=1)
    halves = [WINDOW.half_day(reminder.due_at) for reminder in found]
    assert len(set(halves)) == len(halves)
    assert [reminder.due_at for reminder in found] == sorted(reminder.due_at for reminder in found)


@given(starts=INSTANTS, source=SOURCES, ahead=st.timedeltas(timedelta(0), timedelta(days=12)))
def test_the_same_facts_give_the_same_reminders(starts: datetime, source: str, ahead: timedelta) -> None:
    facts = AppointmentFacts("a1", starts, source)
    once = reminders_for(facts, ELDER, LADDER, WINDOW, starts - ahead)
    assert reminders_for(facts, ELDER, LADDER, WINDOW, (starts - ahead).astimezone()) == once


def a_call(expires: str = "2026-11-30T12:00", **facts: object) -> ReminderFacts:
    values = {"appointment": "a1", "channel": Channel.VOICE, "can_text": True, "can_call": True}
    values |= {"expires_at": bangkok(expires), "used": frozenset({Channel.VOICE}), **facts}
    return ReminderFacts(**values)  # type: ignore[arg-type]


def a_text(**facts: object) -> ReminderFacts:
    return a_call(**{"channel": Channel.SMS, "used": frozenset({Channel.SMS}), **facts})


def after(reminder: ReminderFacts, now: str, *tries: str) -> NextTry | NextChannel | GiveUp:
    return after_no_answer(reminder, [bangkok(made) for made in tries], bangkok(now), LADDER, WINDOW)


def test_when_nobody_picks_up_two_more_calls_follow_at_other_hours_and_half_days() -> None:
    offset = timedelta(seconds=5400 * place_of("a1") // PLACES)
    first = bangkok("2026-11-28T10:00") + offset
    second = after_no_answer(a_call(), [first], first + timedelta(minutes=1), LADDER, WINDOW)
    assert second == NextTry(bangkok("2026-11-28T17:30") + offset)
    third = after_no_answer(a_call(), [first, second.at], second.at + timedelta(minutes=1), LADDER, WINDOW)
    assert third == NextTry(bangkok("2026-11-29T09:00") + offset)


def test_after_three_calls_a_text_follows() -> None:
    tries = ("2026-11-28T10:00", "2026-11-28T17:30", "2026-11-29T09:00")
    assert after(a_call(), "2026-11-29T09:01", *tries) == NextChannel(Channel.SMS, bangkok("2026-11-29T09:01"))


def test_when_the_next_call_would_come_too_late_the_text_goes_out_now() -> None:
    found = after(a_call(), "2026-11-30T09:40", "2026-11-30T09:39")
    assert found == NextChannel(Channel.SMS, bangkok("2026-11-30T09:40"))


def test_who_cannot_be_texted_or_was_texted_already_is_given_up() -> None:
    tries = ("2026-11-28T10:00", "2026-11-28T17:30", "2026-11-29T09:00")
    assert after(a_call(can_text=False), "2026-11-29T09:01", *tries) == GiveUp()
    assert after(a_call(used=frozenset(Channel)), "2026-11-29T09:01", *tries) == GiveUp()


def test_a_call_that_cannot_work_is_not_tried_again() -> None:
    assert isinstance(after(a_call(has_failed=True), "2026-11-28T10:00"), NextChannel)


def test_a_text_not_delivered_for_a_passing_reason_goes_out_once_more_and_then_a_call_follows() -> None:
    passing = a_text(is_passing=True)
    assert after(passing, "2026-11-28T10:00", "2026-11-28T09:59") == NextTry(bangkok("2026-11-28T10:30"))
    found = after(passing, "2026-11-28T10:31", "2026-11-28T09:59", "2026-11-28T10:30")
    assert found == NextChannel(Channel.VOICE, bangkok("2026-11-28T10:31"))


def test_the_call_after_a_text_waits_when_the_person_was_already_called_in_this_half_day() -> None:
    found = after(a_text(called=(bangkok("2026-11-28T09:05"),)), "2026-11-28T10:00", "2026-11-28T09:59")
    assert found == NextChannel(Channel.VOICE, bangkok("2026-11-28T13:00"))


def test_nothing_follows_a_visit_or_an_expired_reminder() -> None:
    assert after(a_call(channel=Channel.VISIT), "2026-11-28T10:00") == GiveUp()
    assert after(a_call(), "2026-11-30T12:00", "2026-11-30T09:00") == GiveUp()


@given(
    now=INSTANTS,
    room=st.timedeltas(timedelta(minutes=1), timedelta(days=9)),
    back=st.lists(st.timedeltas(timedelta(minutes=1), timedelta(days=2)), max_size=3),
    others=st.lists(st.timedeltas(timedelta(minutes=1), timedelta(days=2)), max_size=3),
    channel=st.sampled_from([Channel.SMS, Channel.VOICE]),
    is_passing=st.booleans(),
)
def test_what_follows_is_open_before_expiry_and_never_a_second_call_in_a_half_day(
    now: datetime,
    room: timedelta,
    back: list[timedelta],
    others: list[timedelta],
    channel: Channel,
    is_passing: bool,
) -> None:
    tries = sorted(now - gone for gone in back)
    called = tuple(sorted(now - gone for gone in others))
    facts = ReminderFacts(
        "a1", channel, now + room, True, True, frozenset({channel}), called=called, is_passing=is_passing
    )
    found = after_no_answer(facts, tries, now, LADDER, WINDOW)
    if isinstance(found, GiveUp):
        return
    assert now <= found.at < facts.expires_at
    assert WINDOW.is_open(found.at)
    goes_by = found.channel if isinstance(found, NextChannel) else channel
    if goes_by is Channel.VOICE:
        calls = [*called, *(tries if channel is Channel.VOICE else [])]
        assert WINDOW.half_day(found.at) not in {WINDOW.half_day(made) for made in calls}
    if isinstance(found, NextTry) and channel is Channel.VOICE:
        assert len(tries) < 3
        assert all(bangkok_time(made).strftime("%H:%M") != bangkok_time(found.at).strftime("%H:%M") for made in tries)


def test_when_the_usual_hours_are_past_the_free_half_day_is_used_before_a_text() -> None:
    found = after(a_call(expires="2026-11-29T17:00"), "2026-11-29T09:20", "2026-11-29T09:19")
    assert isinstance(found, NextTry)
    assert bangkok("2026-11-29T13:00") <= found.at < bangkok("2026-11-29T17:00")


def test_a_step_in_two_channels_is_a_text_and_in_the_evening_a_call() -> None:
    found = planned("2026-11-30T13:00", "2026-11-22T08:00", UNREAD)
    assert [(one.step, one.channel.value, bangkok_time(one.due_at).hour in (17, 18, 19)) for one in found] == [
        ("notice", "sms", False),
        ("notice", "voice", True),
        ("reminder", "sms", False),
        ("reminder", "voice", True),
        ("morning", "sms", False),
        ("morning", "voice", False),  # that morning itself, before it is over
    ]
    assert found[0].expires_at == found[1].expires_at == found[2].due_at


def test_where_there_is_no_time_for_both_the_call_is_made_which_needs_no_reading() -> None:
    found = planned("2026-11-30T11:15", "2026-11-30T09:30", UNREAD)
    assert [(one.step, one.channel) for one in found] == [("morning", Channel.VOICE)]


@given(INSTANTS, st.integers(0, 60 * 24 * 12), SOURCES, st.uuids())
def test_a_text_and_its_call_never_come_at_once(now: datetime, minutes: int, source: str, name: object) -> None:
    appointment = AppointmentFacts(str(name), now + timedelta(minutes=minutes), source)
    found = reminders_for(appointment, UNREAD, LADDER, WINDOW, now)
    assert [one.due_at for one in found] == sorted(one.due_at for one in found)
    for step in {one.step for one in found}:
        *text, call = [one for one in found if one.step == step]
        assert call.channel is Channel.VOICE
        assert WINDOW.is_open(call.due_at)
        assert call.due_at < call.expires_at
        assert all(one.channel is Channel.SMS and call.due_at - one.due_at >= timedelta(hours=1) for one in text)


@given(INSTANTS, st.integers(0, 60 * 24 * 12), SOURCES)
def test_nobody_is_called_for_two_steps_in_one_half_day(now: datetime, minutes: int, source: str) -> None:
    appointment = AppointmentFacts("a1", now + timedelta(minutes=minutes), source)
    found = reminders_for(appointment, UNREAD, LADDER, WINDOW, now)
    calls = [WINDOW.half_day(one.due_at) for one in found if one.channel is Channel.VOICE]
    assert len(calls) == len(set(calls))
