"""A discrete-event timeline: stories that wait and fetch, woken in the order of business time.

A story is a generator. It yields `Wait` to let time pass and a `FetchRequest` to ask the web; between two yields it
runs under the one lock, so that what it reads and writes is consistent. The lock is never held while fetching: the
webhook that is asked may itself create a call, from this thread or another.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from gateway.kit.clock import Clock
from gateway.sandbox.fetching import HTTP_FAILURE, Fetch, FetchRequest, FetchResponse

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wait:
    """Let `span` pass, or less when a signal comes."""

    span: timedelta


@dataclass(frozen=True)
class Signal:
    """Something from outside that wakes a waiting story; subclasses say what."""


T = TypeVar("T")
Steps = Generator[Wait | FetchRequest, FetchResponse | Signal | None, T]


@dataclass
class HandClock:
    """The clock of a call in a visitor's hand: it runs in real time from the instant `at`, while all others stand.

    `since` is a reading of `monotonic` (seconds).
    """

    at: datetime
    monotonic: Callable[[], float] = time.monotonic
    since: float = field(default=-1.0)

    def __post_init__(self) -> None:
        """Begin now unless told when it began."""
        self.since = self.monotonic() if self.since < 0 else self.since

    def now(self) -> datetime:
        """Return the instant it is in that call (aware)."""
        return self.at + timedelta(seconds=self.monotonic() - self.since)


@dataclass(eq=False)
class Process:
    """One story under way; `at` is its own time (aware), which does not depend on how busy the machine is.

    With a `hand` clock it goes by that one instead of business time: real seconds, also while everything else waits.
    """

    at: datetime
    hand: HandClock | None = None
    steps: Steps[None] | None = None
    has_begun: bool = False  # a generator takes no signal before its first yield
    alarm: int | None = None  # the heap entry that may wake it; any other of its entries is stale
    mailbox: deque[Signal] = field(default_factory=deque)


class Timeline:
    """Holds the stories and their alarms; `lock` guards everything on the network."""

    def __init__(self, clock: Clock, fetch: Fetch) -> None:
        self.lock = threading.RLock()
        self._clock = clock
        self._fetch = fetch
        self._alarms: list[tuple[datetime, int, Process]] = []
        self._in_hand: list[tuple[datetime, int, Process]] = []  # a few at most: each by a clock of its own
        self._numbers = itertools.count()
        self._under_way = 0

    def now(self) -> datetime:
        """Return the present instant of business time (aware)."""
        return self._clock.now()

    def start(self, story: Callable[[Process], Steps[None]], at: datetime, hand: HandClock | None = None) -> Process:
        """Begin `story` at `at` by business time, or by the clock of the call in hand that it belongs to.

        It does nothing before the timeline is played.
        """
        process = Process(at, hand)
        with self.lock:
            process.steps = story(process)
            self._set_alarm(process, at)
        return process

    def signal(self, process: Process, signal: Signal) -> None:
        """Wake `process` with `signal` now; one that is fetching gets it at its next wait, an ended one never."""
        with self.lock:
            process.mailbox.append(signal)
            if process.alarm is not None:
                self._set_alarm(process, max(process.at, self._now_for(process)))

    def next_at(self) -> datetime | None:
        """Return when the next story that goes by business time wakes; None when all have ended or are fetching."""
        with self.lock:
            self._drop_stale()
            return self._alarms[0][0] if self._alarms else None

    @property
    def is_idle(self) -> bool:
        """True when nothing is waiting and nothing is under way in any thread."""
        with self.lock:
            self._drop_stale()
            return not self._alarms and not self._in_hand and not self._under_way

    def take_due(self, now: datetime) -> Process | None:
        """Take the next story due, to be handed to `play` once: by its own clock, else at or before `now`."""
        with self.lock:
            self._drop_stale()
            process = self._take_in_hand()
            if process is None:
                if not self._alarms or self._alarms[0][0] > now:
                    return None
                process = self._woken(heapq.heappop(self._alarms))
            self._under_way += 1
            return process

    def _take_in_hand(self) -> Process | None:
        for entry in sorted(self._in_hand, key=lambda one: one[:2]):
            process = entry[2]
            if entry[0] <= self._now_for(process):
                self._in_hand.remove(entry)
                woken = self._woken(entry)
                # A person is listening: what is late is late for them too, and must not be cut short later.
                woken.at = max(woken.at, self._now_for(woken)) if woken.hand else woken.at
                return woken
        return None

    def _woken(self, entry: tuple[datetime, int, Process]) -> Process:
        due, _, process = entry
        process.at, process.alarm = due, None
        return process

    def _now_for(self, process: Process) -> datetime:
        return process.hand.now() if process.hand is not None else self._clock.now()

    def play(self, process: Process) -> None:
        """Let `process` go on until it waits or ends; fetches without the lock."""
        try:
            reply: FetchResponse | Signal | None = None
            while request := self._advance(process, reply):
                reply = self._ask(request)
        finally:
            with self.lock:
                self._under_way -= 1

    def _advance(self, process: Process, reply: FetchResponse | Signal | None) -> FetchRequest | None:
        with self.lock:
            if process.steps is None:
                return None
            if reply is None and process.has_begun and process.mailbox:
                reply = process.mailbox.popleft()
            process.has_begun = True
            if isinstance(reply, FetchResponse) and process.hand is not None:
                process.at = max(process.at, process.hand.now())
            try:
                step = process.steps.send(reply)
                while isinstance(step, Wait):
                    if not process.mailbox:
                        self._set_alarm(process, process.at + step.span)
                        return None
                    step = process.steps.send(process.mailbox.popleft())
            except StopIteration:
                process.steps = None
                return None
            return step

    def _ask(self, request: FetchRequest) -> FetchResponse:
        try:
            return self._fetch(request)
        except Exception:  # a webhook that blows up is Twilio's 11200, not the end of the network
            log.exception("fetching a webhook failed")
            return FetchResponse(0, error=HTTP_FAILURE)

    def _set_alarm(self, process: Process, at: datetime) -> None:
        process.alarm = next(self._numbers)
        if process.hand is not None:
            self._in_hand.append((at, process.alarm, process))
        else:
            heapq.heappush(self._alarms, (at, process.alarm, process))

    def _drop_stale(self) -> None:
        self._in_hand = [entry for entry in self._in_hand if entry[2].alarm == entry[1]]
        while self._alarms and self._alarms[0][2].alarm != self._alarms[0][1]:
            heapq.heappop(self._alarms)


def pause(seconds: float) -> Steps[Signal | None]:
    """Let `seconds` of the story's time pass; returns the signal that cut it short, None when none did."""
    heard = yield Wait(timedelta(seconds=max(0.0, seconds)))
    return heard if isinstance(heard, Signal) else None


def ask(request: FetchRequest) -> Steps[FetchResponse]:
    """Fetch `request`."""
    heard = yield request
    if not isinstance(heard, FetchResponse):
        raise TypeError("a fetch is answered by a response")
    return heard
