"""When each reminder of an appointment is due, and what follows when nobody answered. Pure: values in, values out.

Sources: issue 2 point 5, DESIGN laws 3-5, facts/evidence.md (proposed defaults).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Final

from gateway.kit.clock import at_bangkok, bangkok_day, bangkok_time
from gateway.plan.ladder import Ladder, PersonFacts, Step, first_channels
from gateway.plan.window import Window
from gateway.records.status import Channel

_FARTHEST_BACK: Final = 5  # days a step is brought forward so that it does not fall on holidays
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
    first = first_channels(person, ladder)
    if not first:
        return []
    timed: list[tuple[Step, datetime]] = []
    for step in ladder.steps_for(appointment.source):
        due = None if step.name in already else _due(step, appointment, ladder, window, now)
        if due is None or (timed and due < window.next_half_day(timed[-1][1])):
            continue
        timed.append((step, due))
    ends = [due for _, due in timed[1:]] + [appointment.starts_at - ladder.quiet_before_start]
    planned: list[PlannedReminder] = []
    for place, ((step, due), end) in enumerate(zip(timed, ends, strict=False), 1):
        call_at = _after_text(appointment.id, due, end, ladder, window, is_last=place == len(timed))
        for channel, at in _contacts(_channels(step, person, first), due, call_at):
            planned.append(PlannedReminder(step.purpose, step.name, channel, at, end))
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


def fraction_of(appointment: str) -> float:
    """Return a number from 0 up to 1 that is always the same for an appointment: its place in the spread."""
    return int.from_bytes(hashlib.sha256(appointment.encode()).digest()[:6], "big") / 2**48


def _contacts(
    channels: Sequence[Channel], due: datetime, call_at: datetime | None
) -> Sequence[tuple[Channel, datetime]]:
    """How a step is made, and when; a text and a call where time allows both, else the call, which needs no reading."""
    if len(channels) == 1:
        return [(channels[0], due)]
    return [(Channel.SMS, due), (Channel.VOICE, call_at)] if call_at else [(Channel.VOICE, due)]


def _channels(step: Step, person: PersonFacts, first: Sequence[Channel]) -> Sequence[Channel]:
    """The step's own channel where it names one that can be used, and read; else those the person is tried by first."""
    if step.channel is Channel.SMS and person.can_text and person.reads is not False:
        return (Channel.SMS,)
    if step.channel is Channel.VOICE and person.can_call:
        return (Channel.VOICE,)
    return first


def _after_text(
    appointment: str, texted: datetime, end: datetime, ladder: Ladder, window: Window, *, is_last: bool
) -> datetime | None:
    """When the call that goes with a text is made; None where the step is over too soon.

    Not in the half-day in which the next step begins, for that one may be a call, too.
    """
    until = end - ladder.least_room
    usual = _slots(appointment, texted + ladder.after_text, until, ladder, window)
    early = (window.next_open(texted + wait) for wait in (ladder.after_text, ladder.after_text_least))
    is_free = (at for at in chain(usual, early) if is_last or window.half_day(at) != window.half_day(end))
    return next((at for at in is_free if at <= until), None)


def _due(step: Step, appointment: AppointmentFacts, ladder: Ladder, window: Window, now: datetime) -> datetime | None:
    """The instant a step is due, or None when it is of no use any more."""
    last = appointment.starts_at - ladder.quiet_before_start
    planned_for = now if step.hour is None else _planned_for(step, appointment.starts_at, last, ladder, window, now)
    if planned_for is None:
        return None
    base = window.next_open(max(planned_for, now))
    if bangkok_day(base) > bangkok_day(appointment.starts_at) - timedelta(days=step.latest_days_before):
        return None
    if last - base < ladder.least_room:
        return None
    if base == now:  # late, or at once: this very minute, and the dispatcher's pace does the spreading
        return base
    room = min(ladder.spread, window.closes_at(base) - base, last - base - ladder.least_room)
    return base + timedelta(seconds=int(room.total_seconds() * fraction_of(appointment.id)))


def _planned_for(
    step: Step, starts_at: datetime, last: datetime, ladder: Ladder, window: Window, now: datetime
) -> datetime | None:
    """The instant the ladder names, moved away from holidays."""
    if step.hour is None:
        return now
    day = bangkok_day(starts_at) - timedelta(days=step.days_before)
    if step.days_before:
        earlier = at_bangkok(_open_day_before(day, window), step.hour)
        return earlier if earlier >= now else at_bangkok(day, step.hour)
    at = at_bangkok(day, step.hour)
    if step.evening_before is None or last - window.next_open(at) >= ladder.least_room:
        return at
    evening = day - timedelta(days=1)
    return at_bangkok(evening, step.evening_before) if window.is_open_day(evening) else None


def _open_day_before(day: date, window: Window) -> date:
    """The open day nearest to `day`, not later: a reminder should rather be early than come after a holiday."""
    for days in range(_FARTHEST_BACK + 1):
        if window.is_open_day(day - timedelta(days=days)):
            return day - timedelta(days=days)
    return day


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
    """The instants after `now` at which this reminder may be called, until it expires."""
    return _slots(reminder.appointment, now, reminder.expires_at, ladder, window)


def _slots(appointment: str, after: datetime, before: datetime, ladder: Ladder, window: Window) -> Iterator[datetime]:
    """The ladder's hours for calls between two instants, each moved by this appointment's place in the spread."""
    offset = timedelta(seconds=int(ladder.spread.total_seconds() * fraction_of(appointment)))
    day, last_day = bangkok_day(after), bangkok_day(before)
    while day <= last_day:
        for hour in sorted(ladder.voice_hours):
            at = at_bangkok(day, hour) + offset
            if after < at < before and window.is_open(at):
                yield at
        day += timedelta(days=1)


def _half_days(reminder: ReminderFacts, now: datetime, window: Window) -> Iterator[datetime]:
    """Where none of the usual hours is left before it expires: the beginnings of the half-days that are."""
    at = window.next_half_day(now)
    while at < reminder.expires_at:
        yield at
        at = window.next_half_day(at)


def _is_another_hour(at: datetime, tries: Sequence[datetime]) -> bool:
    return all(abs(_since_midnight(at) - _since_midnight(made)) >= _ANOTHER_HOUR for made in tries)


def _since_midnight(instant: datetime) -> timedelta:
    local = bangkok_time(instant)
    return timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)
