"""Everything in one process, from the first call to an orderly end."""

from __future__ import annotations

import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from gateway.cli import demo
from gateway.cli.alone import is_lost
from gateway.cli.context import say
from gateway.cli.feed import Feed, heading
from gateway.cli.serving import asked_to_stop, serving
from gateway.kit.clock import DemoClock, RealClock, bangkok_day, bangkok_time
from gateway.records.leader import Leader
from gateway.records.status import Channel
from gateway.settings import CarrierName
from gateway.wiring import House
from gateway.worker import Ticks

if TYPE_CHECKING:
    from gateway.sandbox.loop import NetworkLoop

log = logging.getLogger(__name__)

LOOK = 0.5  # real seconds between two looks for news
KEEP_EVERY = 4  # looks between two notes of where the clock stands
HANG_UP_WITHIN = 2.0  # real seconds for calls under way to come to their end before the telephones fall silent
OVER = (
    "Nothing more is due: nobody on record has an appointment ahead. `gateway report rates` shows how it went; "
    "to begin again, stop and delete the database, or give `gateway run --from` an earlier instant."
)
UNITS = {Channel.SMS: "text", Channel.VOICE: "call", Channel.VISIT: "visit"}
NOBODY = "Nobody is on record: `gateway roster load` brings people in, `gateway run --sample` invented ones."


class Running:
    """A house at work: its web, its ticks, its feed and, with the sandbox, its telephone network."""

    def __init__(self, house: House, lock: Leader) -> None:
        self.house = house
        self._lock = lock  # of who ticks
        self._is_ours = True
        self._stop = threading.Event()
        self._has_said_over = False
        self._feed = Feed(house.database, house.clock.now())

    def until_stopped(self, listener: socket.socket) -> bool:
        """Serve on `listener` until Ctrl-C, SIGTERM or a reader of the feed who left; what was begun is ended.

        False where it ended because somebody else ticks, who came while the server was away.
        """
        from gateway.app import create_app

        now = self.house.clock.now()
        if not demo.has_people(self.house):
            say(NOBODY)
        say(f"It is {heading(bangkok_day(now))}, {bangkok_time(now):%H:%M} in Bangkok. Ctrl-C stops.")
        self._stop = asked_to_stop()
        self.say_next()
        app = create_app(self.house, next_morning=self._next_morning())
        with serving(app, listener, trusted_proxies=self.house.settings.trusted_proxies):
            self._work()
        if self._is_ours:
            self._keep_time()
        self.house.close()
        say("stopped; everything is kept")
        return self._is_ours

    def _next_morning(self) -> Callable[[], bool] | None:
        """How a visitor moves the demo's clock on; nobody moves the wall clock."""
        house, clock = self.house, self.house.clock
        if not isinstance(clock, DemoClock):
            return None
        return lambda: demo.move_to_morning(house, clock)

    def say_next(self) -> None:
        """By the wall clock the terminal may stay empty for days: say until when, and how not to wait."""
        try:
            Ticks(self.house).plan()
            coming = demo.next_due(self.house, self.house.clock.now())
        except Exception:  # the ticks try again
            log.exception("what is next could not be told; the work goes on")
            return
        if coming is None:
            return
        first, counts = coming
        when = bangkok_time(first)
        say(f"next: {_counted(counts)} from {when:%a} {when.day} {when:%b %H:%M}")
        if self.house.settings.carrier is CarrierName.SANDBOX and isinstance(self.house.clock, RealClock):
            say(
                "The clock is the wall clock. To play ahead on the sandbox, best on a copy of the database: "
                f"gateway run --from {bangkok_time(first - demo.LEAD):%Y-%m-%dT%H:%M}"
            )

    def _work(self) -> None:
        from gateway import worker
        from gateway.sandbox.loop import NetworkLoop

        on_sandbox = self.house.settings.carrier is CarrierName.SANDBOX
        loop = NetworkLoop(self.house.network, self.house.clock) if on_sandbox else None
        if loop is not None:
            loop.start()
        scheduler = worker.start(self.house, may_tick=self._lock.leads)
        self._watch()
        scheduler.shutdown()
        if loop is not None:
            self._end(loop)

    def _end(self, loop: NetworkLoop) -> None:
        """No more calls are placed: let those under way end, and only then silence the telephones.

        A call in a visitor's hand would end only with their patience: it is hung up, and time goes on.
        """
        self.house.network.let_all_go()
        if isinstance(self.house.clock, DemoClock):
            self.house.clock.resume()
        give_up = time.monotonic() + HANG_UP_WITHIN
        while self.house.network.live_calls and time.monotonic() < give_up:
            time.sleep(0.05)
        loop.stop()
        self._look()

    def _watch(self) -> None:
        """Print the news, keep the demo's time, skip its dull hours."""
        looks = 0
        while not self._stop.wait(LOOK):
            self._look()
            looks += 1
            if looks % KEEP_EVERY == 0 and self._still_ours():
                self._mind_the_clock()

    def _still_ours(self) -> bool:
        if is_lost(self._lock):
            self._is_ours = False
            self._stop.set()
        return self._is_ours

    def _look(self) -> None:
        try:
            for line in self._feed.lines():
                print(line, flush=True)  # noqa: T201  # the feed is what this command is watched for
        except BrokenPipeError:  # `gateway run | head`: whoever read it has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            self._stop.set()
        except Exception:  # a watcher must not end what it watches
            log.exception("the feed stumbled; it goes on")

    def _mind_the_clock(self) -> None:
        try:
            self._keep_time()
            clock = self.house.clock
            if not isinstance(clock, DemoClock) or demo.skip_dull_hours(self.house, clock):
                return
            if demo.next_happening(self.house, clock.now()) is None:
                self._say_over()
        except Exception:  # a watcher must not end what it watches
            log.exception("the demo's clock stumbled; it goes on")

    def _keep_time(self) -> None:
        if isinstance(self.house.clock, DemoClock):
            demo.keep_time(self.house, self.house.clock.speed)

    def _say_over(self) -> None:
        if not self._has_said_over and demo.has_people(self.house):
            self._has_said_over = True
            say(OVER)


def _counted(counts: Mapping[Channel, int]) -> str:
    """For example "12 texts, 3 calls and 1 visit"."""
    parts = [f"{n} {UNITS[channel]}{'' if n == 1 else 's'}" for channel, n in sorted(counts.items(), key=_order)]
    return " and ".join(part for part in (", ".join(parts[:-1]), parts[-1]) if part)


def _order(item: tuple[Channel, int]) -> int:
    return list(UNITS).index(item[0])
