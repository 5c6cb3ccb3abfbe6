"""Opening hours as somebody writes them on a door: "Mon-Fri 08:30-16:30, Sat 09:00-12:00", or "always".

Hours are Bangkok's. A part that ends at 24:00 ends with the day; hours past midnight are written as two parts. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Final

from gateway.kit.clock import at_bangkok, bangkok_time

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ALWAYS: Final = "always"
MIDNIGHT: Final = 24 * 60
_LONGEST_REST: Final = 60  # days looked ahead; a longer rest is a mistake in the list of holidays
_PART: Final = re.compile(r"([A-Za-z]+)(?:\s*-\s*([A-Za-z]+))?\s+(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")


class OpeningHoursError(ValueError):
    """What is wrong with the hours, in words for who wrote them."""


@dataclass(frozen=True, slots=True)
class Span:
    """One part of a day: `opens` and `closes` in minutes since midnight; `closes` may be 24:00."""

    opens: int
    closes: int


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """When somebody is there. `week` has the parts of each weekday, Monday first; `is_always`: by night, too.

    On a day in `holidays` it is closed, whatever the weekday, unless it is always open.
    """

    week: tuple[tuple[Span, ...], ...]
    is_always: bool = False
    holidays: frozenset[date] = field(default=frozenset(), repr=False)

    def is_open(self, instant: datetime) -> bool:
        """Whether somebody is there at `instant` (aware)."""
        local = bangkok_time(instant)
        minute = local.hour * 60 + local.minute
        return self.is_always or any(span.opens <= minute < span.closes for span in self.on(local.date()))

    def on(self, day: date) -> tuple[Span, ...]:
        """The parts of this Bangkok day, the earliest first; empty on a day off."""
        if self.is_always:
            return (Span(0, MIDNIGHT),)
        return () if day in self.holidays else self.week[day.weekday()]

    def meets(self, opens: time, closes: time) -> bool:
        """Whether on any weekday somebody is there between these hours of the day."""
        first, last = (hour.hour * 60 + hour.minute for hour in (opens, closes))
        spans = [span for day in self.week for span in day]
        return self.is_always or any(span.opens < last and span.closes > first for span in spans)

    def next_open(self, instant: datetime) -> datetime:
        """The first instant at or after `instant` (aware) at which it is open, in UTC; raises ValueError for never."""
        if self.is_open(instant):
            return instant
        local = bangkok_time(instant)
        for days in range(_LONGEST_REST):
            day = local.date() + timedelta(days=days)
            for span in self.on(day):
                starts = at_bangkok(day, clock(span.opens))
                if starts >= instant:
                    return starts
        raise ValueError(f"nobody is there for {_LONGEST_REST} days: check the list of holidays")

    def next_span(self, instant: datetime) -> Span:
        """The part of a day that is running at `instant` (aware), or the next to come."""
        local = bangkok_time(self.next_open(instant))
        minute = local.hour * 60 + local.minute
        return next(span for span in self.on(local.date()) if span.opens <= minute < span.closes)


def read_hours(text: str, holidays: Collection[date] = ()) -> OpeningHours:
    """Read hours such as "Mon-Sat 08:00-24:00"; raises OpeningHoursError.

    Parts are set apart by commas; days by their English names, of which three letters are enough.
    """
    if text.strip().lower() == ALWAYS:
        return OpeningHours(week=((),) * len(DAYS), is_always=True)
    week: list[list[Span]] = [[] for _ in DAYS]
    for part in text.split(","):
        days, span = _read_part(part.strip())
        for day in days:
            week[day].append(span)
    for name, spans in zip(DAYS, week, strict=True):
        spans.sort(key=lambda span: span.opens)
        if any(before.closes > after.opens for before, after in pairwise(spans)):
            raise OpeningHoursError(f"expected parts of a day that do not overlap, unlike those of {name}")
    return OpeningHours(tuple(map(tuple, week)), holidays=frozenset(holidays))


def clock(minutes: int) -> time:
    """Minutes since midnight as a time of day; 24:00 is the midnight that ends the day, as 00:00."""
    return time(minutes // 60 % 24, minutes % 60)


def _read_part(part: str) -> tuple[tuple[int, ...], Span]:
    found = _PART.fullmatch(part)
    if found is None:
        raise OpeningHoursError('expected days and hours such as "Mon-Sat 08:00-18:00", or always')
    first, last = _weekday(found[1]), _weekday(found[2] or found[1])
    days = tuple((first + n) % len(DAYS) for n in range((last - first) % len(DAYS) + 1))
    span = Span(_minutes(found[3], found[4]), _minutes(found[5], found[6]))
    if span.opens >= span.closes:
        raise OpeningHoursError(f"expected an end after the beginning, unlike {part}; past midnight write two parts")
    return days, span


def _weekday(name: str) -> int:
    short = name[:3].capitalize()
    if short not in DAYS or len(name) > len("Wednesday"):
        raise OpeningHoursError(f"expected days such as Mon or Sat, not {name}")
    return DAYS.index(short)


def _minutes(hours: str, minutes: str) -> int:
    total = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or total > MIDNIGHT:
        raise OpeningHoursError(f"expected an hour from 00:00 to 24:00, not {hours}:{minutes}")
    return total
