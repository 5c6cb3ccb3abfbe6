"""Handsets in the hands of visitors: who waits for the next call, who took which phone, and the calls they hold.

Business time stands still from the moment a held call rings until it is over, and the call itself goes on in real
time. A hold is let go when the call ends in any way, when the visitor is gone, and when the network stops: a demo
that stands still because somebody closed a tab is a demo that is broken.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from gateway.kit.clock import Clock, DemoClock
from gateway.sandbox.handsets import Handset
from gateway.sandbox.resources import Call, CallStatus
from gateway.sandbox.timeline import HandClock, Process, Signal, Timeline

GONE_AFTER = 15.0  # real seconds without a word from the page: its tab was closed
RINGS_FOR = 25.0  # real seconds a call rings for a visitor before the handset does what it would have done
MOST_VISITORS = 50  # of each kind at a time; a machine of one person has one or two


@dataclass(frozen=True)
class LetGo(Signal):
    """The visitor is gone: the handset goes on by its habits."""


@dataclass(frozen=True)
class Armed:
    """Wishes for the next call: of a language, a site and a kind of owner (see `Whose`), or of any (empty)."""

    language: str = ""
    site: str = ""
    whose: str = ""

    def wants(self, handset: Handset) -> bool:
        """Whether a call to `handset` is such a one."""
        fits = self.language in ("", handset.language) and self.site in ("", handset.site)
        return fits and self.whose in ("", handset.whose)


@dataclass(frozen=True)
class HeldCall:
    """A call in a visitor's hand."""

    visitor: str
    call: Call
    process: Process


class NotYours(Exception):
    """Somebody else has this phone in hand."""


class Hands:
    """Everything is done under the lock of `timeline`. `monotonic` tells real seconds."""

    def __init__(self, timeline: Timeline, clock: Clock, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._timeline = timeline
        self._clock = clock
        self.monotonic = monotonic
        self._seen: dict[str, float] = {}
        self._armed: dict[str, Armed] = {}
        self._taken: dict[str, str] = {}  # number: visitor
        self._held: dict[str, HeldCall] = {}  # sid: call
        self._handed: dict[str, str] = {}  # sid: who has or had it in hand, for the page to know its own call
        self.version = 0

    def see(self, visitor: str) -> None:
        """The visitor's page is open."""
        with self._timeline.lock:
            self._seen[visitor] = self.monotonic()

    def arm(self, visitor: str, wish: Armed) -> None:
        """Let the next call that fits `wish` ring for `visitor`; raises NotYours when too many wait already."""
        with self._timeline.lock:
            if len(self._armed) >= MOST_VISITORS:
                raise NotYours
            self.see(visitor)
            self._armed[visitor] = wish
            self.version += 1

    def disarm(self, visitor: str) -> None:
        """Wait for no call any more."""
        with self._timeline.lock:
            self.version += self._armed.pop(visitor, None) is not None

    def armed(self, visitor: str) -> Armed | None:
        """What `visitor` waits for."""
        return self._armed.get(visitor)

    def take(self, visitor: str, number: str) -> None:
        """Let every call to `number` ring for `visitor` from now on; raises NotYours."""
        with self._timeline.lock:
            if self.holder(number) not in (None, visitor) or len(self._taken) >= MOST_VISITORS:
                raise NotYours
            self.see(visitor)
            self._taken[number] = visitor
            self.version += 1

    def give_back(self, visitor: str, number: str) -> None:
        """Leave `number` to its habits again; a call in hand stays in hand until it is over."""
        with self._timeline.lock:
            if self._taken.get(number) == visitor:
                del self._taken[number]
                self.version += 1

    def holder(self, number: str) -> str | None:
        """Who has `number` in hand, be it for this call only."""
        with self._timeline.lock:
            for held in self._held.values():
                if held.call.handset == number:
                    return held.visitor
            return self._taken.get(number)

    def is_taken(self, number: str) -> bool:
        """Whether a visitor keeps `number` beyond one call."""
        return number in self._taken

    def held_by(self, visitor: str) -> HeldCall | None:
        """The call that `visitor` has in hand."""
        with self._timeline.lock:
            return next((held for held in self._held.values() if held.visitor == visitor), None)

    def was_handed(self, call: Call) -> str:
        """Who has or had `call` in hand; empty: nobody."""
        return self._handed.get(call.sid, "")

    def wanted_by(self, handset: Handset) -> str | None:
        """Who is to answer a call to `handset` that rings now; a visitor has one call in hand at a time."""
        with self._timeline.lock:
            taker = self._taken.get(handset.number)
            if taker is not None:
                return taker if self._is_free(taker) else None
            return next((who for who, wish in self._armed.items() if wish.wants(handset) and self._is_free(who)), None)

    def begin(self, call: Call, process: Process, visitor: str) -> None:
        """Give `call` to `visitor`: business time stands, and the call goes by a clock of its own from here on."""
        with self._timeline.lock:
            process.hand = HandClock(process.at, self.monotonic)
            self.keep(call, process, visitor)

    def keep(self, call: Call, process: Process, visitor: str) -> None:
        """Count `call`, whose story has a clock of its own already, as the one in the hand of `visitor`."""
        with self._timeline.lock:
            if isinstance(self._clock, DemoClock):
                self._clock.hold()
            self._armed.pop(visitor, None)
            self._held[call.sid] = HeldCall(visitor, call, process)
            self._handed[call.sid] = visitor
            self.version += 1

    def end(self, call: Call) -> None:
        """Let go of `call`; one that nobody holds is none of ours."""
        with self._timeline.lock:
            held = self._held.pop(call.sid, None)
            if held is None:
                return
            held.process.hand = None
            if isinstance(self._clock, DemoClock):
                self._clock.release()
            self.version += 1

    def release_all(self) -> None:
        """Let time go on, whatever call is in whose hand: nothing is played any more."""
        with self._timeline.lock:
            for held in list(self._held.values()):
                self.end(held.call)

    def forget(self, call: Call) -> None:
        """The call went on without the visitor: it is not theirs any more."""
        with self._timeline.lock:
            self._handed.pop(call.sid, None)

    def mind(self, hang_up: Callable[[HeldCall, Signal], None], hung_up: Signal) -> None:
        """Hang up for those who are gone, and forget what they waited for; a ringing call goes on by its habits."""
        with self._timeline.lock:
            if not self._seen:
                return
            latest = self.monotonic() - GONE_AFTER
            for visitor in [who for who, seen in self._seen.items() if seen < latest]:
                self._leave(visitor, hang_up, hung_up)

    def let_all_go(self, hang_up: Callable[[HeldCall, Signal], None], hung_up: Signal) -> None:
        """Everybody is gone: the network is about to stop."""
        with self._timeline.lock:
            for visitor in list(self._seen):
                self._leave(visitor, hang_up, hung_up)

    def _leave(self, visitor: str, hang_up: Callable[[HeldCall, Signal], None], hung_up: Signal) -> None:
        del self._seen[visitor]
        self._armed.pop(visitor, None)
        self._taken = {number: who for number, who in self._taken.items() if who != visitor}
        self.version += 1
        held = self.held_by(visitor)
        if held is not None:
            hang_up(held, hung_up if held.call.status is CallStatus.IN_PROGRESS else LetGo())

    def _is_free(self, visitor: str) -> bool:
        return visitor in self._seen and self.held_by(visitor) is None
