"""A carrier in memory, for unit tests: takes every order, fails when told to, forgets at the end."""

from __future__ import annotations

import hmac
import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import count
from threading import Lock
from typing import Final

from gateway.carriers.port import (
    AskKey,
    CallbackRequest,
    CallEvent,
    CallOrder,
    CarrierError,
    CarrierStatus,
    Fault,
    Found,
    InboundSms,
    Receipt,
    Rendered,
    SmsOrder,
    Speak,
    Submission,
    Verb,
    one_by_one,
)
from gateway.kit.clock import RealClock, in_utc

SIGNATURE_HEADER: Final = "X-Memory-Signature"


@dataclass(frozen=True, slots=True)
class _Failure:
    error: CarrierError
    taken: bool


class MemoryCarrier:
    """All of a carrier's ports in one object; `sms`, `voice`, `callbacks`, `renderer`, `recordings` are itself.

    `orders` is every order taken, in order. `now` tells when (aware). It speaks the languages of `speaks`.
    A callback is genuine when its header X-Memory-Signature is `secret`.
    """

    def __init__(
        self,
        *,
        name: str = "memory",
        reaches_people: bool = False,
        now: Callable[[], datetime] | None = None,
        speaks: Sequence[str] = ("th", "en"),
        secret: str = "memory",  # noqa: S107 - a word of tests, it guards nothing
    ) -> None:
        self.name, self.reaches_people = name, reaches_people
        self.orders: list[SmsOrder | CallOrder] = []
        self.cancelled: list[str] = []
        self.recorded: dict[str, bytes] = {}
        self._now = now or RealClock().now
        self._speaks, self._secret = frozenset(speaks), secret
        self._taken: list[tuple[Found, type]] = []
        self._failures: deque[_Failure] = deque()
        self._numbers = count(1)
        self._lock = Lock()

    @property
    def sms(self) -> MemoryCarrier:
        """Itself."""
        return self

    @property
    def voice(self) -> MemoryCarrier:
        """Itself."""
        return self

    @property
    def callbacks(self) -> MemoryCarrier:
        """Itself."""
        return self

    @property
    def renderer(self) -> MemoryCarrier:
        """Itself."""
        return self

    @property
    def recordings(self) -> MemoryCarrier:
        """Itself."""
        return self

    @property
    def texts(self) -> list[SmsOrder]:
        """The texts taken."""
        return [order for order in self.orders if isinstance(order, SmsOrder)]

    @property
    def calls(self) -> list[CallOrder]:
        """The calls taken."""
        return [order for order in self.orders if isinstance(order, CallOrder)]

    def fail_next(self, error: CarrierError, *, taken: bool = False) -> None:
        """Raise `error` at the next request, whatever it is; with `taken` the order went out all the same."""
        self._failures.append(_Failure(error, taken))

    def send_sms(self, order: SmsOrder) -> Submission:
        """Take one text; raises CarrierError when told to."""
        return self._take(order, "SM", order.body)

    def place_call(self, order: CallOrder) -> Submission:
        """Take one call; raises CarrierError when told to."""
        return self._take(order, "CA", None)

    def send_all(self, orders: Sequence[SmsOrder], *, within: float = 60.0) -> list[Submission | CarrierError]:
        """Take texts one after another; what came of each."""
        return one_by_one(self.send_sms, orders, within=within)

    def place_all(self, orders: Sequence[CallOrder], *, within: float = 60.0) -> list[Submission | CarrierError]:
        """Take calls one after another; what came of each."""
        return one_by_one(self.place_call, orders, within=within)

    def find_sms(self, to: str, since: datetime) -> Sequence[Found]:
        """List texts to `to` taken at or after `since` (aware), newest first; raises CarrierError when told to."""
        return self._find(SmsOrder, to, since)

    def find_calls(self, to: str, since: datetime) -> Sequence[Found]:
        """List calls to `to` taken at or after `since` (aware), newest first; raises CarrierError when told to."""
        return self._find(CallOrder, to, since)

    def cancel_call(self, carrier_id: str) -> None:
        """Note the cancelled call; one unknown is not an error; raises CarrierError when told to."""
        self._fail_if_told()
        self.cancelled.append(carrier_id)
        self.set_status(carrier_id, CarrierStatus.CANCELLED)

    def fetch(self, recording: str) -> bytes:
        """The sound put into `recorded` under this name; raises CarrierError where there is none, or when told to."""
        self._fail_if_told()
        with self._lock:
            if recording not in self.recorded:
                raise CarrierError(Fault.REJECTED, permanent=True, code="not found")
            return self.recorded[recording]

    def delete(self, recording: str) -> None:
        """Forget a recording; one unknown is not an error; raises CarrierError when told to."""
        self._fail_if_told()
        with self._lock:
            self.recorded.pop(recording, None)

    def set_status(self, carrier_id: str, status: CarrierStatus, fault: Fault | None = None) -> None:
        """Change what `find_…` shows of one submission."""
        with self._lock:
            self._taken = [
                (replace(found, status=status, fault=fault), kind) if found.carrier_id == carrier_id else (found, kind)
                for found, kind in self._taken
            ]

    def verify(self, request: CallbackRequest) -> bool:
        """Whether the header X-Memory-Signature is the secret; never raises."""
        given = {key.lower(): value for key, value in request.headers.items()}.get(SIGNATURE_HEADER.lower(), "")
        return hmac.compare_digest(given.encode(errors="replace"), self._secret.encode())

    def sms_receipt(self, request: CallbackRequest) -> Receipt | None:
        """Read the fields id, status, seq, fault, code; None when status is not one of ours."""
        fields = dict(request.form)
        if not fields.get("id") or fields.get("status") not in set(CarrierStatus):
            return None
        fault = Fault(fields["fault"]) if fields.get("fault") in set(Fault) else None
        seq = int(fields["seq"]) if fields.get("seq", "").isdecimal() else -1
        return Receipt(fields["id"], CarrierStatus(fields["status"]), seq, fault, fields.get("code", ""), fields)

    def call_receipt(self, request: CallbackRequest) -> Receipt | None:
        """The same as for texts."""
        return self.sms_receipt(request)

    def inbound_sms(self, request: CallbackRequest) -> InboundSms | None:
        """Read the fields id, from, to, body; None when one is missing."""
        fields = dict(request.form)
        if not {"id", "from", "to", "body"} <= fields.keys():
            return None
        return InboundSms(fields["id"], fields["from"], fields["to"], fields["body"])

    def call_event(self, request: CallbackRequest) -> CallEvent | None:
        """Read the fields id, from, to, and where given digits, recording, seconds, and dialled_seconds, and yes or no:
        inbound, hung_up, dialled; None when one of the first is missing.
        """
        fields = dict(request.form)
        if not {"id", "from", "to"} <= fields.keys():
            return None
        return CallEvent(
            fields["id"],
            caller=fields["from"],
            called=fields["to"],
            inbound=fields.get("inbound") == "yes",
            digits=fields.get("digits"),
            recording_url=fields.get("recording"),
            recording=fields.get("recording") or None,
            recording_seconds=_whole(fields.get("seconds", "")) or 0,
            hung_up=fields.get("hung_up") == "yes",
            dialled={"yes": True, "no": False}.get(fields.get("dialled", "")),
            dialled_seconds=_whole(fields.get("dialled_seconds", "")),
        )

    def can_speak(self, language: str) -> bool:
        """Whether it was told that it speaks this language."""
        return language in self._speaks

    def render(self, verbs: Sequence[Verb]) -> Rendered:
        """Render JSON: a list of objects with their verbs' names; raises ValueError where it has no voice."""
        for verb in verbs:
            for part in (verb, *(verb.prompts if isinstance(verb, AskKey) else ())):
                if isinstance(part, Speak) and not self.can_speak(part.language):
                    raise ValueError(f"no voice for {part.language!r}")
        return Rendered("application/json", json.dumps([_shown(verb) for verb in verbs], ensure_ascii=False))

    def empty(self) -> Rendered:
        """An empty list."""
        return Rendered("application/json", "[]")

    def _take(self, order: SmsOrder | CallOrder, prefix: str, body: str | None) -> Submission:
        with self._lock:
            failure = self._failures.popleft() if self._failures else None
            if failure is not None and not failure.taken:
                raise failure.error
            carrier_id = f"{prefix}{next(self._numbers):032x}"
            self.orders.append(order)
            found = Found(carrier_id, order.to, CarrierStatus.SUBMITTED, in_utc(self._now()), body)
            self._taken.append((found, type(order)))
        if failure is not None:
            raise failure.error
        return Submission(carrier_id)

    def _find(self, kind: type, to: str, since: datetime) -> Sequence[Found]:
        self._fail_if_told()
        earliest = in_utc(since)
        with self._lock:
            mine = [found for found, taken_as in self._taken if taken_as is kind and found.to == to]
        return [found for found in reversed(mine) if found.at is None or found.at >= earliest]

    def _fail_if_told(self) -> None:
        with self._lock:
            failure = self._failures.popleft() if self._failures else None
        if failure is not None:
            raise failure.error


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


def _shown(verb: Verb) -> Mapping[str, object]:
    shown = {"verb": type(verb).__name__, **asdict(verb)}
    if isinstance(verb, AskKey):
        shown["prompts"] = [_shown(prompt) for prompt in verb.prompts]
    return shown
