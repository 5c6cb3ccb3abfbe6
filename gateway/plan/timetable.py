"""When the steps of a ladder are due, the same for all who come at one time. Pure: values in, values out.

What a step's hour is follows from the appointment's time, its source and the steps that were planned before; only the
place in the spread is each appointment's own. So the planner asks once for thousands, and adds the place in SQL.

Sources: issue 2 point 5, DESIGN laws 3-5, facts/evidence.md (proposed defaults).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import chain
from typing import Final

from gateway.kit.clock import at_bangkok, bangkok_day, bangkok_time
from gateway.plan.ladder import Ladder, Step
from gateway.plan.window import NOON, Window

PLACES: Final = 65536
"""How many places there are in a spread: enough for each second of it, and four digits of an identifier."""
_FARTHEST_BACK: Final = 5  # days a step is brought forward so that it does not fall on holidays


@dataclass(frozen=True, slots=True)
class Stretch:
    """Instants one of which is each appointment's own: from `begins` on, `seconds` long."""

    begins: datetime
    seconds: int = 0

    def at(self, place: int) -> datetime:
        """Return the instant of who has this place, 0 … PLACES - 1."""
        return self.begins + timedelta(seconds=self.seconds * place // PLACES)

    @property
    def ends(self) -> datetime:
        """Return the instant that no place reaches."""
        return self.begins + timedelta(seconds=self.seconds)

    def later(self, wait: timedelta) -> Stretch:
        """Return the same stretch, moved."""
        return replace(self, begins=self.begins + wait)


@dataclass(frozen=True, slots=True)
class Pair:
    """A text and the call that goes with it."""

    text: Stretch
    call: Stretch


@dataclass(frozen=True, slots=True)
class StepTime:
    """A step that is still of use; `both` where time allows a text and a call."""

    step: Step
    due: Stretch
    end: Stretch
    both: Pair | None


def place_of(appointment: str) -> int:
    """Return a number from 0 to PLACES - 1 that is always the same for an appointment: its place in the spread.

    It is the last four digits of the identifier, which are random. `place_sql` gives the same.
    """
    value = 0
    for letter in ("0000" + appointment)[-4:]:
        value = value * 16 + "123456789abcdef".find(letter) + 1
    return value


def place_sql(appointment: str, *, is_sqlite: bool) -> str:
    """Return `place_of` as an expression over another one."""
    last, find = (f"substr('0000' || {appointment}, -4)", "instr") if is_sqlite else (
        f"right('0000' || {appointment}, 4)", "strpos")  # fmt: skip
    digits = (f"{find}('123456789abcdef', substr({last}, {n}, 1)) * {16 ** (4 - n)}" for n in range(1, 5))
    return " + ".join(digits)


def timetable(
    starts_at: datetime, source: str, ladder: Ladder, window: Window, now: datetime, already: Collection[str] = ()
) -> tuple[StepTime, ...]:
    """Return the steps still to come of an appointment at `starts_at` (aware) from `source`, the earliest first.

    `already` are the steps that have been planned. Of two steps in one half-day only the first is kept. A step ends
    when the next one is due, the last one when `quiet_before_start` begins.
    """
    timed: list[tuple[Step, Stretch]] = []
    for step in ladder.steps_for(source):
        due = None if step.name in already else _due(step, starts_at, ladder, window, now)
        if due is None or (timed and due.begins < window.next_half_day(timed[-1][1].begins)):
            continue
        timed.append((step, due))
    ends = [due for _, due in timed[1:]] + [Stretch(starts_at - ladder.quiet_before_start)]
    return tuple(
        StepTime(step, due, end, _both(due, end, ladder, window, is_last=place == len(timed)))
        for place, ((step, due), end) in enumerate(zip(timed, ends, strict=False), 1)
    )


def _due(step: Step, starts_at: datetime, ladder: Ladder, window: Window, now: datetime) -> Stretch | None:
    """When a step is due, or None when it is of no use any more."""
    last = starts_at - ladder.quiet_before_start
    planned_for = now if step.hour is None else _planned_for(step, starts_at, last, ladder, window, now)
    if planned_for is None:
        return None
    base = window.next_open(max(planned_for, now))
    if bangkok_day(base) > bangkok_day(starts_at) - timedelta(days=step.latest_days_before):
        return None
    if last - base < ladder.least_room:
        return None
    if base == now:  # late, or at once: this very minute, and the dispatcher's pace does the spreading
        return Stretch(base)
    return _spread(base, ladder, window, last - ladder.least_room)


def _spread(base: datetime, ladder: Ladder, window: Window, until: datetime) -> Stretch:
    """The stretch from `base` on; within the half-day, so that the place decides nothing but the minute."""
    room = min(ladder.spread, _end_of_half(base, window) - base, until - base)
    return Stretch(base, int(room.total_seconds()))


def _end_of_half(at: datetime, window: Window) -> datetime:
    noon = at_bangkok(bangkok_day(at), NOON)
    return min(noon, window.closes_at(at)) if at < noon else window.closes_at(at)


def _planned_for(
    step: Step, starts_at: datetime, last: datetime, ladder: Ladder, window: Window, now: datetime
) -> datetime | None:
    """The instant the ladder names, moved away from holidays."""
    day = bangkok_day(starts_at) - timedelta(days=step.days_before)
    hour = step.hour or time(0)
    if step.days_before:
        earlier = at_bangkok(_open_day_before(day, window), hour)
        return earlier if earlier >= now else at_bangkok(day, hour)
    at = at_bangkok(day, hour)
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


def _both(text: Stretch, end: Stretch, ladder: Ladder, window: Window, *, is_last: bool) -> Pair | None:
    """The text and the call that goes with it; None where the step is over too soon.

    Not in the half-day in which the next step begins, for that one may be a call, too. Whatever the place: the call
    comes `after_text_least` after the text or later, in the window, and `least_room` before the end or earlier.
    """
    taken = None if is_last else window.half_day(end.begins)
    until = end.later(-ladder.least_room)
    for pair in chain(_in_usual_hours(text, until, ladder, window), _soon(text, ladder, window)):
        least, call = text.later(ladder.after_text_least), pair.call
        is_in_time = call.begins <= until.begins and call.ends <= until.ends
        is_apart = call.begins >= least.begins and call.ends >= pair.text.ends + ladder.after_text_least
        if is_in_time and is_apart and taken not in (window.half_day(call.begins), window.half_day(call.ends)):
            return pair
    return None


def _in_usual_hours(text: Stretch, until: Stretch, ladder: Ladder, window: Window) -> Iterator[Pair]:
    """The call at the ladder's hours that lie the usual time after the text."""
    after = text.later(ladder.after_text)
    day = bangkok_day(after.begins)
    while day <= bangkok_day(until.ends):
        for hour in sorted(ladder.voice_hours):
            at = at_bangkok(day, hour)
            if not (after.begins < at < until.ends and window.is_open(at)):
                continue
            call = _spread(at, ladder, window, until.ends)
            if call.ends >= after.ends:
                yield Pair(text, call)
        day += timedelta(days=1)


def _soon(text: Stretch, ladder: Ladder, window: Window) -> Iterator[Pair]:
    """The call the usual or the least time after the text, at any hour; where the day ends before, both are closer."""
    for wait in (ladder.after_text, ladder.after_text_least):
        call = text.later(wait)
        if window.is_open(call.begins):
            seconds = min(text.seconds, int((window.closes_at(call.begins) - call.begins).total_seconds()))
            yield Pair(replace(text, seconds=seconds), replace(call, seconds=seconds))
        elif window.next_open(call.begins) == window.next_open(call.ends):
            yield Pair(text, Stretch(window.next_open(call.begins)))


def since_midnight(instant: datetime) -> timedelta:
    """Return how far into its Bangkok day an instant lies, to the second."""
    local = bangkok_time(instant)
    return timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)
