"""When each reminder of an appointment is due, and what follows when nobody answered. Pure: values in, values out.

Sources: issue 2 point 5, DESIGN laws 3-5, facts/evidence.md (proposed defaults).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Final, NamedTuple

from gateway.kit.clock import at_bangkok, bangkok_day
from gateway.plan.ladder import Ladder, PersonFacts, Step, first_channels
from gateway.plan.timetable import StepTime, Stretch, place_of, since_midnight, timetable
from gateway.plan.window import Window
from gateway.records.status import Channel

_ANOTHER_HOUR: Final = timedelta(minutes=30)  # nearer than this to an earlier try is the same hour to a person
_OTHER: Final = {Channel.VOICE: Channel.SMS, Channel.SMS: Channel.VOICE}


@dataclass(frozen=True, slots=True)
class AppointmentFacts:
    """What decides when an appointment's reminders go out; `starts_at` is aware."""

    id: str
    starts_at: datetime
    source: str = "roster"


@dataclass(frozen=True, slots=True)
class PlannedReminder:
    """One contact to come, in UTC; it is not made at or after `expires_at`."""

    purpose: str
    step: str
    channel: Channel
    due_at: datetime
    expires_at: datetime


class Way(NamedTuple):
    """How a person can be contacted: the channels tried first, and what a step that names its channel may use."""

    first: tuple[Channel, ...]
    takes_texts: bool
    takes_calls: bool


@dataclass(frozen=True, slots=True)
class ReminderFacts:
    """A reminder whose attempt ended without an answer.

    `used` are the channels this step has already been planned for, this one among them; `called` are the instants of
    other calls to the same person, so that nobody is rung twice in one half-day.
    """

    appointment: str
    channel: Channel
    expires_at: datetime
    can_text: bool = False
    can_call: bool = False
    used: frozenset[Channel] = frozenset()
    called: tuple[datetime, ...] = ()
    has_failed: bool = False  # this channel will not work, however often it is tried
    is_passing: bool = False  # the text was not delivered, but may be another time


@dataclass(frozen=True, slots=True)
class NextTry:
    """The same reminder again."""

    at: datetime


@dataclass(frozen=True, slots=True)
class NextChannel:
    """A new reminder of the same step by another channel."""

    channel: Channel
    at: datetime


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Nothing more can be done by telephone at this step."""


def reminders_for(
    appointment: AppointmentFacts,
    person: PersonFacts,
    ladder: Ladder,
    window: Window,
    now: datetime,
    already: Collection[str] = (),
) -> list[PlannedReminder]:
    """Return the reminders still to come, the earliest first; empty when nobody can be contacted or it is too late.

    `already` are the steps that have been planned. Of two steps in one half-day only the first is kept. A step expires
    when the next one is due, the last one when `quiet_before_start` begins. A step may be a text and, some hours later,
    a call: two reminders.
    """
    way, place = way_of(person, ladder), place_of(appointment.id)
    if not way.first:
        return []
    planned = [
        PlannedReminder(time.step.purpose, time.step.name, channel, due.at(place), time.end.at(place))
        for time in timetable(appointment.starts_at, appointment.source, ladder, window, now, already)
        for channel, due in contacts(time, way)
    ]
    return sorted(planned, key=lambda one: one.due_at)


def after_no_answer(
    reminder: ReminderFacts, tries: Sequence[datetime], now: datetime, ladder: Ladder, window: Window
) -> NextTry | NextChannel | GiveUp:
    """Return what follows an attempt without an answer; `tries` are the instants of this reminder's own attempts.

    Calls: further tries at other hours, never twice in one half-day. Texts: once more when the fault may pass. Then
    the other channel, if the person can be reached by it and this step has not used it; then nothing. Never after the
    reminder has expired.
    """
    again = None if reminder.has_failed else _next_try(reminder, tries, now, ladder, window)
    if again is not None:
        return NextTry(again)
    other = _OTHER.get(reminder.channel)
    can_use = reminder.can_text if other is Channel.SMS else reminder.can_call
    if other is None or not can_use or other in reminder.used:
        return GiveUp()
    at = window.next_open(now)
    if other is Channel.VOICE and window.half_day(at) in {window.half_day(call) for call in reminder.called}:
        at = window.next_half_day(at)
    return NextChannel(other, at) if at < reminder.expires_at else GiveUp()


def way_of(person: PersonFacts, ladder: Ladder) -> Way:
    """Return what of a person decides the channels of all their steps."""
    return Way(first_channels(person, ladder), person.can_text and person.reads is not False, person.can_call)


def contacts(time: StepTime, way: Way) -> list[tuple[Channel, Stretch]]:
    """How a step is made, and when; a text and a call where time allows both, else the call, which needs no reading."""
    channels = _channels(time.step, way)
    if len(channels) < 2:
        return [(channel, time.due) for channel in channels]
    if time.both is None:
        return [(Channel.VOICE, time.due)]
    return [(Channel.SMS, time.both.text), (Channel.VOICE, time.both.call)]


def _channels(step: Step, way: Way) -> Sequence[Channel]:
    """The step's own channel where it names one that can be used, and read; else those the person is tried by first."""
    if step.channel is Channel.SMS and way.takes_texts:
        return (Channel.SMS,)
    if step.channel is Channel.VOICE and way.takes_calls:
        return (Channel.VOICE,)
    return way.first


def _next_try(
    reminder: ReminderFacts, tries: Sequence[datetime], now: datetime, ladder: Ladder, window: Window
) -> datetime | None:
    if reminder.channel is Channel.VOICE:
        if len(tries) >= ladder.voice_tries:
            return None
        made = {window.half_day(call) for call in (*tries, *reminder.called)}
        slots = chain(_call_slots(reminder, now, ladder, window), _half_days(reminder, now, window))
        return next((at for at in slots if window.half_day(at) not in made and _is_another_hour(at, tries)), None)
    allowed = ladder.sms_tries + (ladder.sms_transient_retries if reminder.is_passing else 0)
    if reminder.channel is not Channel.SMS or len(tries) >= allowed:
        return None
    at = window.next_open(now + ladder.sms_transient_wait)
    return at if at < reminder.expires_at else None


def _call_slots(reminder: ReminderFacts, now: datetime, ladder: Ladder, window: Window) -> Iterator[datetime]:
    """The ladder's hours after `now`, moved by the appointment's place in the spread, until the reminder expires."""
    spread, place = int(ladder.spread.total_seconds()), place_of(reminder.appointment)
    day, last_day = bangkok_day(now), bangkok_day(reminder.expires_at)
    while day <= last_day:
        for hour in sorted(ladder.voice_hours):
            at = Stretch(at_bangkok(day, hour), spread).at(place)
            if now < at < reminder.expires_at and window.is_open(at):
                yield at
        day += timedelta(days=1)


def _half_days(reminder: ReminderFacts, now: datetime, window: Window) -> Iterator[datetime]:
    """Where none of the usual hours is left before it expires: the beginnings of the half-days that are."""
    at = window.next_half_day(now)
    while at < reminder.expires_at:
        yield at
        at = window.next_half_day(at)


def _is_another_hour(at: datetime, tries: Sequence[datetime]) -> bool:
    return all(abs(since_midnight(at) - since_midnight(made)) >= _ANOTHER_HOUR for made in tries)
