"""An end in real time that a suspended machine does not put off."""

from __future__ import annotations

import time


class Deadline:
    """So many real seconds from now, by two clocks, whichever is there first.

    The monotonic one stands still while a machine is suspended; the wall clock may be set back.
    """

    def __init__(self, within: float) -> None:
        self._steady, self._wall = time.monotonic() + within, time.time() + within

    def is_over(self) -> bool:
        """Whether nothing may be begun any more."""
        return time.monotonic() > self._steady or time.time() > self._wall
