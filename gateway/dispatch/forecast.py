"""What a day's lines, rates and money carry of what is planned for it. Pure: values in, values out.

Calls × expected length ÷ lines, reckoned through the day: a call waits until it is due and until a line is free, and
what is still waiting when the window closes is not carried. So a line that stands idle before the first call is due, or
between the morning's calls and the evening's second tries, carries nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

STEP: Final = timedelta(minutes=15)
MOST_LINES: Final = 100_000
"""No more are asked for: where these do not do either, it is the window that is too short."""


def quarter_of(instant: datetime) -> datetime:
    """The quarter of the clock's hour (of UTC's and of Bangkok's) in which `instant` (aware) lies: its beginning."""
    return instant - timedelta(minutes=instant.minute % 15, seconds=instant.second, microseconds=instant.microsecond)


class Limit(StrEnum):
    """What keeps a day from carrying all that is planned for it."""

    NONE = "none"
    LINES = "lines"
    RATE = "rate"  # calls, or parts of texts, a second
    MONEY = "money"
    CLOSED = "closed"  # a day off: nobody may be contacted
    OVER = "over"  # the day's window is over
    TIME = "time"  # too much of it falls due too late in the day, whatever the lines


@dataclass(frozen=True, slots=True)
class Due:
    """So many contacts that fall due at `at` (aware); `elders` of them by age, and `texted` of the others can be."""

    at: datetime
    n: float
    elders: float = 0.0
    texted: float = 0.0


@dataclass(frozen=True, slots=True)
class Means:
    """What one channel has: `lines` at once (None: they do not count), units a second, how many the money pays for."""

    rate: float
    lines: int | None = None
    paid: float = math.inf


@dataclass(frozen=True, slots=True)
class Expected:
    """What the last days say: seconds a call holds its line (a text its parts), and from how many that is known.

    `again`: second tries in the same day for each first one of its morning. `people`: reminders that one call carries.
    """

    each: float
    again: float = 0.0
    people: float = 1.0
    known: int = 0


@dataclass(frozen=True, slots=True)
class Hour:
    """A stretch of the day: what falls due in it, what is carried, what still waits at its end."""

    at: datetime
    due: float
    carried: float
    waiting: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """One channel's day. Figures of calls (of texts) are whole; `again` of the `total` are second tries.

    `elders`, `rest` and `texted` count first tries alone: they are people, or households.
    """

    day: date
    opens: datetime | None  # None: nobody may be contacted that day, or its window is over
    closes: datetime | None
    total: int
    again: int
    carried: int
    elders: int
    texted: int  # of those who are not elders: who can be sent a text instead
    limit: Limit
    needed: float  # lines, or units a second, that would carry all; 0 where more of it would not help
    means: Means
    expected: Expected
    hours: tuple[Hour, ...] = ()

    @property
    def is_enough(self) -> bool:
        """Whether everything planned is carried."""
        return self.carried >= self.total

    @property
    def rest(self) -> int:
        """Who is not called where the elders are called first."""
        return self.total - self.again - self.elders

    @property
    def are_elders_carried(self) -> bool:
        """Whether all elders can be called, their second tries too; and there are any."""
        return 0 < self.elders * self.total <= self.carried * (self.total - self.again)

    @property
    def seconds(self) -> float:
        """How long the window is open."""
        return (self.closes - self.opens).total_seconds() if self.opens and self.closes else 0.0


def forecast(
    day: date,
    window: tuple[datetime, datetime] | None,
    due: Sequence[Due],
    means: Means,
    expected: Expected,
    *,
    again_at: tuple[datetime, datetime] | None = None,
    closed: Limit = Limit.CLOSED,
) -> Forecast:
    """What `means` carry of `due` within `window` (aware, from and to; None: closed).

    What fell due before is due as it opens. `again_at`: the second tries of what was placed before the one instant come
    round at the other. `closed`: why there is no window, CLOSED or OVER.
    """
    calls = [replace(one, n=one.n / expected.people, elders=one.elders / expected.people,
                     texted=one.texted / expected.people) for one in due]  # fmt: skip
    planned = sum(one.n for one in calls)
    arriving = _arriving(window, calls)
    again = _Again(*again_at, expected.again) if again_at else None
    hours = _play(window, arriving, means, expected, again)
    tried_again = sum(hour.due for hour in hours) - planned if window else 0.0
    total, carried = planned + max(0.0, tried_again), sum(hour.carried for hour in hours) + 1e-6
    limit, needed = _what_lacks(window, arriving, means, expected, again, total - carried)
    return Forecast(
        day=day, opens=window[0] if window else None, closes=window[1] if window else None,
        total=round(total), again=round(total - planned), carried=round(total) if limit is Limit.NONE else int(carried),
        elders=round(sum(one.elders for one in calls)), texted=int(sum(one.texted for one in calls)),
        limit=closed if limit is Limit.CLOSED else limit, needed=needed, means=means, expected=expected,
        hours=tuple(hours),
    )  # fmt: skip


Window = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class _Again:
    """Of what is placed `before`, this `share` falls due once more `at`."""

    before: datetime
    at: datetime
    share: float


_NEARLY: Final = 0.5  # half a call is a rounding


def _arriving(window: Window | None, due: Sequence[Due]) -> dict[datetime, float]:
    """By the beginning of each stretch of the window, how many fall due in it; what is too late stands at the end."""
    if window is None:
        return {}
    opens, closes = window
    found: dict[datetime, float] = {}
    for one in due:
        at = min(max(opens, quarter_of(one.at)), closes) if one.at < closes else closes
        found[at] = found.get(at, 0.0) + one.n
    return found


def _play(
    window: Window | None, arriving: Mapping[datetime, float], means: Means, expected: Expected,
    again: _Again | None,
) -> list[Hour]:  # fmt: skip
    if window is None:
        return []
    at, closes = window
    hours, waiting, paid, first = list[Hour](), 0.0, means.paid, 0.0
    while at < closes:
        until = min(quarter_of(at) + STEP, closes)  # of a day that has begun the first is a short one
        due = arriving.get(at, 0.0) + (first * again.share if again and at <= again.at < until else 0.0)
        carried = min(waiting + due, paid, _capacity(means, expected, (until - at).total_seconds()))
        if again and at < again.before:  # the afternoon's are tried again on another day
            first += carried
        paid, waiting = paid - carried, waiting + due - carried
        hours.append(Hour(at, due, carried, waiting))
        at = until
    late = sum(n for then, n in arriving.items() if then >= closes)
    if late and hours:
        last = hours[-1]
        hours[-1] = replace(last, due=last.due + late, waiting=last.waiting + late)
    return hours


def _capacity(means: Means, expected: Expected, seconds: float) -> float:
    """How many one stretch carries: by the lines, and by the rate. A text's `each` is its parts."""
    if means.lines is None:
        return means.rate * seconds / expected.each
    return min(means.lines * seconds / expected.each, means.rate * seconds)


def _what_lacks(
    window: Window | None, arriving: Mapping[datetime, float], means: Means, expected: Expected,
    again: _Again | None, missing: float,
) -> tuple[Limit, float]:  # fmt: skip
    """What is the matter, and how much of it would do: lines, units a second, or money for so many."""
    if missing < _NEARLY:
        return Limit.NONE, 0.0
    if window is None:
        return Limit.CLOSED, 0.0

    def left(tried: Means) -> float:
        hours = _play(window, arriving, tried, expected, again)
        return hours[-1].waiting if hours else missing

    paid = replace(means, paid=math.inf)
    if left(replace(paid, lines=None if means.lines is None else MOST_LINES, rate=math.inf)) >= _NEARLY:
        return Limit.TIME, 0.0
    if left(paid) < _NEARLY:
        hours = _play(window, arriving, paid, expected, again)
        return Limit.MONEY, float(math.ceil(sum(hour.carried for hour in hours) - 1e-6))
    if means.lines is not None and left(replace(paid, rate=math.inf)) >= _NEARLY:
        return Limit.LINES, float(_least(lambda n: left(replace(paid, lines=n, rate=math.inf)), means.lines))
    tenths = _least(lambda n: left(replace(paid, rate=n / 10)), max(1, int(means.rate * 10)))
    return Limit.RATE, tenths / 10


def _least(left: Callable[[int], float], more_than: int) -> int:
    """The least whole number above `more_than` with which nothing is left."""
    low, high = more_than, more_than + 1
    while left(high) >= _NEARLY and high < MOST_LINES:
        low, high = high, min(MOST_LINES, high * 2)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if left(middle) >= _NEARLY else (low, middle)
    return high
