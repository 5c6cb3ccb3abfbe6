"""Business time: one clock for everything a person would notice, so that a fortnight can be played in a minute.

Leases, cookies and HTTP time-outs do not belong here: they use real time.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from typing import Protocol
from zoneinfo import ZoneInfo

BANGKOK = ZoneInfo("Asia/Bangkok")


class Clock(Protocol):
    """Tells business time."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


class RealClock:
    """The wall clock: the only one a carrier that reaches people accepts."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.now(UTC)


class SteppedClock:
    """Stands still until somebody moves it; never moves back."""

    def __init__(self, start: datetime) -> None:
        self._now = in_utc(start)

    def now(self) -> datetime:
        """Return the instant it was last moved to, in UTC."""
        return self._now

    def advance_to(self, instant: datetime) -> None:
        """Move on to `instant` (aware); an instant already past is ignored."""
        self._now = max(self._now, in_utc(instant))


class DemoClock:
    """Runs `speed` times as fast as real time from `start`, and can be held, paused and moved on.

    Holding is counted, so that two people holding two handsets do not set it going when the first lets go. Pausing is
    a switch of its own: whoever paused it finds it paused when every handset was let go.
    """

    def __init__(self, start: datetime, speed: float = 1.0, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._monotonic = monotonic
        self._base = in_utc(start)
        self._since = monotonic()
        self._speed = _above_nothing(speed)
        self._holds = 0
        self._is_paused = False
        self._changes = 0

    @property
    def speed(self) -> float:
        """Demo seconds per real second while it runs."""
        return self._speed

    @property
    def is_held(self) -> bool:
        """Whether somebody holds it."""
        return self._holds > 0

    @property
    def is_paused(self) -> bool:
        """Whether it was paused."""
        return self._is_paused

    @property
    def stands_still(self) -> bool:
        """Whether it is held or paused."""
        return self._is_paused or self._holds > 0

    @property
    def changes(self) -> int:
        """Grows with everything that makes it show another time than it would have shown by itself."""
        return self._changes

    def now(self) -> datetime:
        """Return the present demo instant, in UTC."""
        with self._lock:
            return self._read()

    def hold(self) -> None:
        """Stand still until `release` was called as often as `hold`."""
        with self._lock:
            self._rebase(self._read())
            self._holds += 1

    def release(self) -> None:
        """Undo one `hold`; a release too many is ignored."""
        with self._lock:
            self._rebase(self._read())
            self._holds = max(0, self._holds - 1)

    def pause(self) -> None:
        """Stand still until `resume`, however often it was paused."""
        with self._lock:
            self._rebase(self._read())
            self._is_paused = True

    def resume(self) -> None:
        """Undo `pause`; who holds it still holds it."""
        with self._lock:
            self._rebase(self._read())
            self._is_paused = False

    def set_speed(self, speed: float) -> None:
        """Run at `speed` demo seconds per real second from now on; raises ValueError unless it is above 0."""
        with self._lock:
            self._rebase(self._read())
            self._speed = _above_nothing(speed)

    def jump_to(self, instant: datetime) -> None:
        """Continue from `instant`; an instant already past is ignored."""
        with self._lock:
            self._rebase(max(self._read(), in_utc(instant)))

    def _read(self) -> datetime:
        if self.stands_still:
            return self._base
        return self._base + timedelta(seconds=(self._monotonic() - self._since) * self._speed)

    def _rebase(self, instant: datetime) -> None:
        self._base, self._since = instant, self._monotonic()
        self._changes += 1


def _above_nothing(speed: float) -> float:
    if not 0 < speed < math.inf:
        raise ValueError("speed must be above 0")
    return speed


def in_utc(instant: datetime) -> datetime:
    """Return `instant` in UTC; a naive one raises ValueError, because a guessed zone once called people at night."""
    if instant.tzinfo is None:
        raise ValueError("a naive date and time has no meaning here: give it an offset, such as +07:00")
    return instant.astimezone(UTC)


def bangkok_day(instant: datetime) -> date:
    """Return the day it is in Bangkok at `instant` (aware)."""
    return in_utc(instant).astimezone(BANGKOK).date()


def bangkok_time(instant: datetime) -> datetime:
    """Return `instant` (aware) as Bangkok's wall clock shows it."""
    return in_utc(instant).astimezone(BANGKOK)


def at_bangkok(day: date, hour: time_of_day) -> datetime:
    """Return the UTC instant at which clocks in Bangkok show `day` and `hour`."""
    return datetime.combine(day, hour.replace(tzinfo=None), tzinfo=BANGKOK).astimezone(UTC)
