"""When a pass last looked at everything: in between it looks at what is new. All of a province costs seconds.

Kept in memory: a process that starts, or begins to lead, looks at everything first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.kit.clock import bangkok_day


@dataclass(slots=True)
class Looks:
    """Of one kind of pass. `every` is the business time after which everything is looked at again."""

    every: timedelta
    _whole: datetime | None = None
    _latest: datetime | None = None
    _facts: object = None

    def since(self, now: datetime, facts: object = None) -> datetime | None:
        """When the latest pass was; None where everything is to be looked at: at first, at times, on a new day.

        So it is after the clock was set back, and when `facts`, on which every decision rests, have changed.
        """
        if self._whole is None or self._latest is None or facts != self._facts:
            return None
        is_another_day = bangkok_day(now) != bangkok_day(self._whole)
        return None if is_another_day or not self._latest <= now < self._whole + self.every else self._latest

    def done(self, now: datetime, facts: object = None, *, was_whole: bool) -> None:
        """Note a pass that was committed, by the `now` it began with."""
        self._latest = now
        if was_whole:
            self._whole, self._facts = now, facts

    def forget(self) -> None:
        """Let the next pass look at everything: this one did not come to the end."""
        self._whole = None
