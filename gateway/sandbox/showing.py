"""The phones as the page is told of them: JSON of what is to be seen now, and nothing that need not be.

A number never leaves but masked; a phone is named by a keyed hash of it. Everything here reads under the network's
lock; with six hundred phones a look costs well under a millisecond, and a look at which nothing changed is not taken.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from gateway.kit.clock import DemoClock
from gateway.kit.phones import mask
from gateway.sandbox.directory import Caption, Directory
from gateway.sandbox.events import EventKind
from gateway.sandbox.hands import RINGS_FOR, Armed
from gateway.sandbox.handsets import Handset, Whose
from gateway.sandbox.network import PhoneNetwork
from gateway.sandbox.resources import Announced, Call, CallStatus, Heard, Message, MessageStatus, Programme

Json = dict[str, object]

FEW_ENTRIES, FEW_LINES = 3, 2  # of a phone among many
A_FEW = 2
ALL_ENTRIES = 20  # of the large one
ON_ITS_WAY = frozenset({MessageStatus.ACCEPTED, MessageStatus.QUEUED, MessageStatus.SENDING, MessageStatus.SENT})
LOST = frozenset({MessageStatus.UNDELIVERED, MessageStatus.FAILED})
_SPOKEN = (EventKind.PLAYED, EventKind.SAID)

short = lru_cache(maxsize=4096)(mask)


@dataclass(frozen=True)
class Look:
    """What one page wants to see: `shown` phones of a language, a site and a kind of owner, and one of them in full.

    Empty: any; `whose` is a `Whose`.
    """

    visitor: str = ""
    language: str = ""
    site: str = ""
    whose: str = ""
    shown: int = 12
    featured: str = ""


class Wall:
    """The wall of phones."""

    def __init__(self, network: PhoneNetwork, directory: Directory) -> None:
        self._network = network
        self.directory = directory
        self._numbers: dict[str, str] = {}
        self._keys: dict[str, str] = {}

    def key(self, number: str) -> str:
        """The name of a phone in addresses: nobody can tell its number from it."""
        if number not in self._keys:
            secret = self._network.account.auth_token.encode()
            key = hmac.new(secret, f"handset:{number}".encode(), hashlib.sha256).hexdigest()[:20]
            self._keys[number], self._numbers[key] = key, number
        return self._keys[number]

    def number(self, key: str) -> str | None:
        """The number of the phone named `key`; None when there is no such phone."""
        if key not in self._numbers:
            with self._network.lock:
                for number in self._every_number():
                    self.key(number)
        return self._numbers.get(key)

    def tag(self, look: Look) -> str:
        """An ETag: as long as it is the same, `state` would say the same."""
        network, clock = self._network, self._network.clock
        moved = clock.changes if isinstance(clock, DemoClock) else 0
        about = (network.screens.version, network.hands.version, moved, look, len(network.numbers))
        return hashlib.sha256(repr(about).encode()).hexdigest()[:24]

    def state(self, look: Look) -> Json:
        """Everything the page of `look` shows."""
        with self._network.lock:
            found = self._found(look)
            shown = found[: look.shown]
            featured = self.number(look.featured) if look.featured else None
            held = self._network.hands.held_by(look.visitor)
            return {
                "clock": self.clock(),
                "armed": self._network.hands.armed(look.visitor) is not None,
                "held": self.key(held.call.handset) if held else None,
                "phones": [self._phone(number, look, in_full=False) for number in shown],
                "featured": self._phone(featured, look, in_full=True) if featured else None,
                "found": len(found),
                "live": sum(screen.is_live for screen in self._network.screens.busy.values()),
            }

    def clock(self) -> Json:
        """The hour, how fast it passes, and whether it stands."""
        clock = self._network.clock
        state: Json = {"now": clock.now().isoformat(), "speed": 1.0, "paused": False, "held": False}
        if isinstance(clock, DemoClock):
            state |= {"speed": clock.speed, "paused": clock.is_paused, "held": clock.is_held}
        return state

    def languages(self) -> list[str]:
        """The codes of the languages that any phone speaks, most phones first."""
        return self._counted([self._network.handset(number).language for number in self._every_number()])

    def sites(self) -> list[str]:
        """The codes of the sites that any phone belongs to."""
        return sorted(self._counted([self._network.handset(number).site for number in self._every_number()]))

    def _counted(self, codes: list[str]) -> list[str]:
        return sorted({code for code in codes if code}, key=lambda code: (-codes.count(code), code))

    def _every_number(self) -> list[str]:
        with self._network.lock:
            return list(dict.fromkeys([*self._network.numbers, *self._network.screens.busy]))

    def _found(self, look: Look) -> list[str]:
        """The phones that fit: one's own, nobody's, then where it rings or talks, then the newest contact first.

        Of one language no more than A_FEW stand together, lest the many hide the scripts of the few.
        """
        numbers = [one for one in self._every_number() if _fits(self._network.handset(one), look)]
        numbers.sort(key=lambda one: (-self._network.screens.of(one).contacted, self.key(one)))
        seen: Counter[str] = Counter()
        ranks = {}
        for number in numbers:
            handset, screen = self._network.handset(number), self._network.screens.of(number)
            is_mine = self._network.hands.holder(number) == look.visitor != ""
            belongs = handset.whose is not Whose.NOBODY  # a visitor's own to call the hotline from: found at once
            ranks[number] = (
                not is_mine,
                belongs,
                not screen.is_live,
                not screen.contacted,
                seen[handset.language] // A_FEW,
            )
            seen[handset.language] += 1
        return sorted(numbers, key=ranks.__getitem__)

    def _phone(self, number: str, look: Look, *, in_full: bool) -> Json:
        handset, screen = self._network.handset(number), self._network.screens.of(number)
        holder = self._network.hands.holder(number)
        entries = list(screen.entries)[-(ALL_ENTRIES if in_full else FEW_ENTRIES) :]
        return {
            "key": self.key(number),
            "title": handset.name or handset.label or short(number),
            "number": short(number),
            "language": handset.language,
            "site": handset.site,
            "line": handset.line,
            "people": handset.people,
            "holder": "" if holder is None else "me" if holder == look.visitor else "other",
            "kept": self._network.hands.is_taken(number),
            "changed": screen.changed,
            "entries": [self._entry(entry, look, in_full=in_full) for entry in entries],
        }

    def _entry(self, entry: Call | Message, look: Look, *, in_full: bool) -> Json:
        return self._call(entry, look, in_full=in_full) if isinstance(entry, Call) else _text(entry)

    def _call(self, call: Call, look: Look, *, in_full: bool) -> Json:
        is_mine = self._network.hands.was_handed(call) == look.visitor != ""
        lines = [self._line(heard) for heard in call.transcript]
        shown: Json = {
            "id": call.sid,
            "kind": "call",
            "from_phone": call.direction == "inbound",
            "at": call.created.isoformat(),
            "state": _state(call),
            "outcome": call.status.value,
            "by": call.ended_by,
            "seconds": call.duration,
            "mine": is_mine,
            "records": call.is_recorded,
            "dials": call.is_dialling,
            "lines": lines if in_full else lines[-FEW_LINES:],
            "keys": [heard.text for heard in call.transcript if heard.what == EventKind.PRESSED],
        }
        if is_mine and in_full:
            shown |= self._in_hand(call)
        return shown

    def _in_hand(self, call: Call) -> Json:
        """What only the page that holds the call needs: what to play, and how long it rings."""
        hand = call.process.hand if call.process else None
        now = hand.now() if hand is not None else None
        rung = (now - hand.at).total_seconds() if hand is not None and now is not None else 0.0
        programme = self._programme(call.programme, now) if call.programme else None
        return {"programme": programme, "rings_for": max(0.0, round(RINGS_FOR - rung, 1)), "is_held": hand is not None}

    def _programme(self, programme: Programme, now: datetime | None) -> Json:
        elapsed = (now - programme.at).total_seconds() if now else sum(one.seconds for one in programme.prompts)
        return {
            "number": programme.number,
            "elapsed": round(elapsed, 2),
            "is_cut": programme.is_cut,
            "takes_many": programme.takes_many,
            "prompts": [
                {"what": one.what, "url": self._address(one), "seconds": one.seconds}
                | self._caption(one.what, one.text)
                for one in programme.prompts
            ],
        }

    def _address(self, one: Announced) -> str:
        return one.text if one.what == EventKind.PLAYED and self.directory.is_open(one.text) else ""

    def _line(self, heard: Heard) -> Json:
        return {"what": heard.what, **self._caption(heard.what, heard.text)}

    def _caption(self, what: str, text: str) -> Json:
        if what != EventKind.PLAYED:
            return {"text": text}
        caption = self.directory.caption(text) or Caption("")
        return {
            "text": caption.text,
            "back": caption.back,
            "language": caption.language,
            "is_placeholder": caption.is_placeholder,
        }


def _fits(handset: Handset, look: Look) -> bool:
    return Armed(look.language, look.site, look.whose).wants(handset)


def _state(call: Call) -> str:
    if not call.is_live:
        return "over"
    return "talking" if call.status is CallStatus.IN_PROGRESS else "ringing"


def _text(message: Message) -> Json:
    state = "lost" if message.status in LOST else "travelling" if message.status in ON_ITS_WAY else "arrived"
    return {
        "id": message.sid,
        "kind": "text",
        "from_phone": message.direction == "inbound",
        "at": (message.sent or message.created).isoformat(),
        "body": message.body,
        "state": state,
        "code": message.error_code,
    }
