"""The phone network as a whole: both its sides, and how its time passes.

Business time comes from the clock it is given. In a test or a tick, `play_until_idle` moves a SteppedClock from one
event to the next; in `run`, loop.NetworkLoop plays what falls due as a running clock passes it.
"""

from __future__ import annotations

from datetime import datetime

from gateway.kit.clock import SteppedClock
from gateway.sandbox.owner import Owner
from gateway.sandbox.timeline import Process


class PhoneNetwork(Owner):
    """One account's telephone network, from any thread; webhooks are fetched without holding its lock.

    `fetch` is asked for webhooks and sounds. `on_event` is called under the lock: let it be quick. Raises
    ValueError when an inbound address is not this machine's.
    """

    @property
    def is_idle(self) -> bool:
        """True when nothing is waiting to happen and nothing is under way."""
        return self._timeline.is_idle

    @property
    def live_calls(self) -> int:
        """How many calls are queued, ringing or in progress."""
        with self._lock:
            return sum(call.is_live for call in self._calls.values())

    def next_event_at(self) -> datetime | None:
        """Return when the next thing happens (aware), None when nothing is waiting."""
        return self._timeline.next_at()

    def take_due(self, now: datetime) -> Process | None:
        """Take one story due at or before `now`, to be given to `play` exactly once, in any thread."""
        return self._timeline.take_due(now)

    def play(self, process: Process) -> None:
        """Let a story taken by `take_due` go on until it waits again."""
        self._timeline.play(process)

    def run_due(self, now: datetime | None = None) -> int:
        """Play everything due at or before `now` (None: the clock's), in this thread; returns how many steps."""
        steps = 0
        while process := self.take_due(now or self._clock.now()):
            self.play(process)
            steps += 1
        return steps

    def play_until(self, end: datetime) -> int:
        """Play everything up to `end`, the SteppedClock moving from event to event and then to `end`."""
        clock = self._stepped()
        steps = 0
        while (due := self.next_event_at()) is not None and due <= end:
            clock.advance_to(due)
            steps += self.run_due(due)
        clock.advance_to(end)
        return steps

    def play_until_idle(self) -> int:
        """Play everything there is, the SteppedClock moving from event to event; returns how many steps."""
        clock = self._stepped()
        steps = 0
        while (due := self.next_event_at()) is not None:
            clock.advance_to(due)
            steps += self.run_due(due)
        return steps

    def _stepped(self) -> SteppedClock:
        if not isinstance(self._clock, SteppedClock):
            raise TypeError("only a SteppedClock can be moved from event to event")
        return self._clock
