"""The hours and days on which anybody may be contacted. Days are Bangkok days, whatever the server's zone.

Source of the hours: facts/evidence.md ("Evening": 09-12 and 17-19:30); holidays: facts/thailand.md §3. Pure.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

import holidays as calendar

from gateway.kit.clock import at_bangkok, bangkok_day, bangkok_time, in_utc

NOON: Final = time(13, 0)
"""Where a half-day ends: vaccination sites work 08:30-12:00 and 13:00-16:30."""
CALENDAR_YEARS: Final = range(2020, 2046)
_LONGEST_REST: Final = 60  # days; a longer closed stretch is a mistake in the settings


class Half(StrEnum):
    """Half of a day."""

    MORNING = "morning"  # before 13:00
    AFTERNOON = "afternoon"  # from 13:00


class HalfDay(NamedTuple):
    """One half of one Bangkok day."""

    day: date
    half: Half


@dataclass(frozen=True, slots=True)
class Window:
    """Contact is allowed from `opens` until just before `closes`, Bangkok time, on days that are not in `holidays`.

    Raises ValueError when it would never open.
    """

    opens: time = time(9, 0)
    closes: time = time(19, 30)
    holidays: frozenset[date] = field(default=frozenset(), repr=False)

    def __post_init__(self) -> None:
        """Refuse hours the wrong way round: they would silence everything, or allow the night."""
        if self.opens >= self.closes:
            raise ValueError(f"the window opens at {self.opens:%H:%M} and must close later, not at {self.closes:%H:%M}")

    def is_open(self, instant: datetime) -> bool:
        """Whether anybody may be contacted at `instant` (aware)."""
        local = bangkok_time(instant)
        return self.is_open_day(local.date()) and self.opens <= local.time() < self.closes

    def is_open_day(self, day: date) -> bool:
        """Whether `day` is no holiday."""
        return day not in self.holidays

    def next_open(self, instant: datetime) -> datetime:
        """Return the first allowed instant at or after `instant` (aware), in UTC."""
        if self.is_open(instant):
            return in_utc(instant)
        local = bangkok_time(instant)
        day = local.date() if local.time() < self.opens else local.date() + timedelta(days=1)
        return at_bangkok(self._first_open_day(day), self.opens)

    def closes_at(self, instant: datetime) -> datetime:
        """Return the end of the window on the Bangkok day of `instant` (aware), in UTC."""
        return at_bangkok(bangkok_day(instant), self.closes)

    def half_day(self, instant: datetime) -> HalfDay:
        """Return the half-day in which `instant` (aware) lies, open or not."""
        local = bangkok_time(instant)
        return HalfDay(local.date(), Half.MORNING if local.time() < NOON else Half.AFTERNOON)

    def next_half_day(self, instant: datetime) -> datetime:
        """Return the first allowed instant that lies in a later half-day than `instant` (aware), in UTC."""
        day, half = self.half_day(instant)
        if half is Half.MORNING:
            return self.next_open(at_bangkok(day, NOON))
        return self.next_open(at_bangkok(day + timedelta(days=1), time(0, 0)))

    def _first_open_day(self, day: date) -> date:
        for days in range(_LONGEST_REST):
            if self.is_open_day(day + timedelta(days=days)):
                return day + timedelta(days=days)
        raise ValueError(f"no day is open in the {_LONGEST_REST} days from {day}: check the list of holidays")


def thai_holidays(worked: Collection[str] = (), extra: Collection[date] = ()) -> frozenset[date]:
    """Return Thailand's public holidays and their substitute days, 2020-2045, with `extra` days added.

    `worked` are names (in English, as the holidays package 0.109 spells them) of days on which people work though the
    package lists them. A day that is also another holiday stays one.
    """
    listed = calendar.country_holidays("TH", years=CALENDAR_YEARS, language="en_US", categories=("public",))
    days = {day for day, names in listed.items() if not set(names.split("; ")) <= set(worked)}
    return frozenset(days | set(extra))
