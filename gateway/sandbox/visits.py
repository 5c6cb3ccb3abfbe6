"""What a visitor does with the phones: waits for a call, takes one, answers, presses, texts, calls, moves the clock.

What cannot be done is told by the key of a sentence in words.toml, never half done.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from gateway.kit.clock import DemoClock
from gateway.sandbox.hands import Armed, HeldCall, NotYours
from gateway.sandbox.handsets import is_e164
from gateway.sandbox.network import PhoneNetwork
from gateway.sandbox.resources import Call, CallStatus, Message
from gateway.sandbox.showing import Wall

LONGEST_TEXT = 480  # about seven parts of Thai; who writes more on a telephone?
FASTEST = 3600.0
WORDS = 3.0  # seconds that a visitor speaks at a time
_KEYS = re.compile(r"[0-9*#]{1,20}")


class Complaint(Exception):
    """It cannot be done: `word` names the sentence that says why, `status` is HTTP's."""

    def __init__(self, status: int, word: str) -> None:
        super().__init__(word)
        self.status = status
        self.word = word


class Visits:
    """One method for each thing a visitor can do; all raise Complaint.

    `number` is a handset's, `visitor` the name its page gave itself.
    """

    def __init__(
        self,
        network: PhoneNetwork,
        wall: Wall,
        *,
        sms_number: str,
        voice_number: str,
        next_morning: Callable[[], bool] | None,
    ) -> None:
        self._network = network
        self._wall = wall
        self._sms_number = sms_number
        self._voice_number = voice_number
        self._next_morning = next_morning

    @property
    def moves_mornings(self) -> bool:
        """Whether there is a next morning to move to."""
        return self._next_morning is not None and isinstance(self._network.clock, DemoClock)

    @property
    def has_hotline(self) -> bool:
        """Whether anybody would answer the phones' calls."""
        return bool(self._network.account.inbound_voice_url and self._voice_number)

    def number(self, key: str) -> str:
        """The number of the handset named `key`."""
        number = self._wall.number(key)
        if number is None:
            raise Complaint(404, "error.no_handset")
        return number

    def arm(self, visitor: str, wish: Armed) -> None:
        """Let the next call that fits ring for `visitor`."""
        try:
            self._network.hands.arm(visitor, wish)
        except NotYours as error:
            raise Complaint(409, "error.too_many") from error

    def disarm(self, visitor: str) -> None:
        """Wait no more."""
        self._network.hands.disarm(visitor)

    def take(self, visitor: str, number: str) -> None:
        """Let every call to this phone ring for `visitor`."""
        try:
            self._network.hands.take(visitor, number)
        except NotYours as error:
            raise Complaint(409, "error.other_hands") from error

    def release(self, visitor: str, number: str) -> None:
        """Leave this phone to its habits again."""
        self._not_in_other_hands(visitor, number)
        self._network.hands.give_back(visitor, number)

    def answer(self, visitor: str, number: str) -> None:
        """Pick up."""
        with self._network.lock:
            call = self._held(visitor, number).call
            if call.status is not CallStatus.RINGING:
                raise Complaint(409, "error.not_ringing")
            self._network.pick_up(call.sid)

    def decline(self, visitor: str, number: str) -> None:
        """Refuse the call that rings."""
        with self._network.lock:
            call = self._held(visitor, number).call
            if call.status is not CallStatus.RINGING:
                raise Complaint(409, "error.not_ringing")
            self._network.hang_up(call.sid)

    def press(self, visitor: str, number: str, keys: str) -> None:
        """Press keys."""
        if not _KEYS.fullmatch(keys):
            raise Complaint(400, "error.no_key")
        with self._network.lock:
            call = self._held(visitor, number).call
            if call.status is not CallStatus.IN_PROGRESS:
                raise Complaint(409, "error.not_talking")
            self._network.press(call.sid, keys)

    def speak(self, visitor: str, number: str) -> None:
        """Say something into a call that is recorded just now; the handset hums in the visitor's place."""
        with self._network.lock:
            call = self._held(visitor, number).call
            if not call.is_recorded:
                raise Complaint(409, "error.not_recorded")
            self._network.speak(call.sid, WORDS)

    def let_staff(self, visitor: str, number: str, answer: str) -> None:
        """Choose whether the clinic, whose phone rings in this call, picks up: "yes" or "no"."""
        if answer not in ("yes", "no"):
            raise Complaint(400, "error.bad_request")
        with self._network.lock:
            call = self._held(visitor, number).call
            if not call.is_dialling:
                raise Complaint(409, "error.not_dialling")
            self._network.let_staff(call.sid, answer == "yes")

    def hang_up(self, visitor: str, number: str) -> None:
        """Put the phone down."""
        with self._network.lock:
            self._network.hang_up(self._held(visitor, number).call.sid)

    def text(self, visitor: str, number: str, body: str) -> None:
        """Text back to whoever texted last, else to the house's number."""
        body = body.strip()
        if not body:
            raise Complaint(400, "error.empty_text")
        if len(body) > LONGEST_TEXT:
            raise Complaint(400, "error.long_text")
        with self._network.lock:
            self._not_in_other_hands(visitor, number)
            if self._network.handset(number).line == "landline":
                raise Complaint(409, "error.landline")
            self._network.text_from(number, self._sender(number), body)

    def call(self, visitor: str, number: str) -> None:
        """Call the house's number, with the phone in hand."""
        if not self.has_hotline:
            raise Complaint(409, "error.no_hotline")
        with self._network.lock:
            self._not_in_other_hands(visitor, number)
            if self._network.hands.held_by(visitor) is not None:
                raise Complaint(409, "error.one_call")
            if self._network.screens.of(number).is_live:
                raise Complaint(409, "error.engaged")
            self._network.hands.see(visitor)
            self._network.call_from(number, self._voice_number, visitor=visitor)

    def pause(self) -> None:
        """Stop the demo's clock."""
        self._clock().pause()

    def resume(self) -> None:
        """Let the demo's clock go on."""
        self._clock().resume()

    def speed(self, speed: float) -> None:
        """Let the demo's clock run `speed` times as fast as real time."""
        if not 0.1 <= speed <= FASTEST:
            raise Complaint(400, "error.no_speed")
        self._clock().set_speed(speed)

    def morning(self) -> None:
        """Move to the next morning on which something is due; not while somebody is on the phone."""
        if self._next_morning is None:
            raise Complaint(409, "error.no_clock")
        if self._clock().is_held:
            raise Complaint(409, "error.in_call")
        if not self._next_morning():
            raise Complaint(409, "error.no_morning")

    def _clock(self) -> DemoClock:
        clock = self._network.clock
        if not isinstance(clock, DemoClock):
            raise Complaint(409, "error.no_clock")
        return clock

    def _held(self, visitor: str, number: str) -> HeldCall:
        """The call that `visitor` has in hand on this phone."""
        self._not_in_other_hands(visitor, number)
        held = self._network.hands.held_by(visitor)
        if held is None or held.call.handset != number or not held.call.is_live:
            raise Complaint(409, "error.call_over")
        return held

    def _not_in_other_hands(self, visitor: str, number: str) -> None:
        if self._network.hands.holder(number) not in (None, visitor):
            raise Complaint(409, "error.other_hands")

    def _sender(self, number: str) -> str:
        for entry in reversed(self._network.screens.of(number).entries):
            if isinstance(entry, Message) and entry.direction != "inbound" and is_e164(entry.sender):
                return entry.sender
            if isinstance(entry, Call) and entry.direction == "inbound":
                break
        return self._sms_number
