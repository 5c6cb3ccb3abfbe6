"""What the house asks of a carrier, in words no carrier invented.

A carrier is five small things: it takes a text (`SmsCarrier`), it places a call (`VoiceCarrier`), it reads what comes
back (`CallbackReader`), it writes what a call shall do next (`CallRenderer`) and it has what was recorded in a call
(`RecordingStore`). Its own words end in its folder.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, TypeVar

from gateway.kit.deadline import Deadline

log = logging.getLogger(__name__)
Order = TypeVar("Order")


class CarrierStatus(StrEnum):
    """How far one submission got. The same words as `records.status.AttemptStatus`; a test holds them together."""

    SUBMITTED = "submitted"  # the carrier has taken it
    SENT = "sent"  # a text left the carrier
    RINGING = "ringing"
    IN_PROGRESS = "in_progress"  # somebody, or something, answered
    COMPLETED = "completed"  # a call that was answered has ended; voicemail completes, too
    DELIVERED = "delivered"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    MACHINE = "machine"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Fault(StrEnum):
    """Why a carrier did not take a submission or could not deliver it: a closed list, whatever the carrier calls it."""

    THROTTLED = "throttled"  # not processed: safe to try again later
    NOT_CONNECTED = "not_connected"  # refused, DNS or TLS: nothing was written, safe to try again later
    IN_DOUBT = "in_doubt"  # bytes were written and no clear answer came: look before trying again
    BAD_NUMBER = "bad_number"  # no such number
    NOT_MOBILE = "not_mobile"  # this number cannot take a text
    OPTED_OUT = "opted_out"  # the person told the carrier to stop
    BLOCKED = "blocked"  # blocked by the network or the handset
    UNREACHABLE = "unreachable"  # off, no signal, roaming: may work later
    FILTERED = "filtered"  # taken for spam: content or sender needs a person
    EXPIRED = "expired"  # stayed in a queue past its validity
    MISCONFIGURED = "misconfigured"  # credentials, sender or permissions: stop the channel and tell staff
    REJECTED = "rejected"  # refused for another reason; not to be repeated as it is
    UNKNOWN = "unknown"


class CarrierError(Exception):
    """A submission that was not taken, or may not have been.

    `permanent`: the same submission will not work later. `in_doubt`: it may have gone out all the same (law 2).
    `code` is the carrier's own, for staff. The message never holds a number or a secret.
    """

    def __init__(
        self, fault: Fault, *, permanent: bool = False, in_doubt: bool = False, code: str = "", retry_after: float = 0.0
    ) -> None:
        super().__init__(f"{fault.value} (carrier code {code})" if code else fault.value)
        self.fault, self.permanent, self.in_doubt = fault, permanent, in_doubt
        self.code, self.retry_after = code, retry_after


@dataclass(frozen=True, slots=True)
class SmsOrder:
    """One text to be sent. `valid_for` bounds how long the carrier may keep trying."""

    attempt: str
    to: str
    body: str
    status_url: str
    valid_for: timedelta


@dataclass(frozen=True, slots=True)
class CallOrder:
    """One call to be placed. The URLs are absolute and bear the attempt's id.

    `longest` is for a line that hangs: a conversation ends by itself long before. A family's may take its time, and
    whoever is connected with staff must not be cut off in the middle of a sentence.
    """

    attempt: str
    to: str
    answer_url: str
    status_url: str
    fallback_url: str
    ring_seconds: int = 30
    longest: timedelta = timedelta(minutes=14)


@dataclass(frozen=True, slots=True)
class Submission:
    """The carrier's word that it took an order."""

    carrier_id: str
    status: CarrierStatus = CarrierStatus.SUBMITTED


@dataclass(frozen=True, slots=True)
class Found:
    """A submission as the carrier's own list shows it. `at` is when it was made (aware, UTC)."""

    carrier_id: str
    to: str
    status: CarrierStatus
    at: datetime | None
    body: str | None = None
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class CallbackRequest:
    """A request that claims to come from the carrier, as it arrived. `url` is absolute, as the carrier wrote it."""

    method: str
    url: str
    headers: Mapping[str, str]
    form: Sequence[tuple[str, str]] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the carrier says became of a submission. `seq` orders a call's receipts; -1 where the carrier gives none."""

    carrier_id: str
    status: CarrierStatus
    seq: int = -1
    fault: Fault | None = None
    code: str = ""
    raw: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InboundSms:
    """A text somebody sent to us."""

    carrier_id: str
    sender: str
    to: str
    body: str


@dataclass(frozen=True, slots=True)
class CallEvent:
    """A call asks what to do next. `digits` is "" for silence and None where no keys were asked for.

    `recording` names what was just recorded, for `RecordingStore`, and `recording_seconds` is about how long it is;
    None where nothing was heard. `recording_url` is what the carrier says of it, and nothing is ever asked there.
    `hung_up`: the caller put the phone down while recording, so that no answer will be heard. `dialled`: whether
    somebody took the call that was connected, now that it is over; None where none was. `dialled_seconds` is how long
    they were connected, None where the carrier does not say.
    """

    carrier_id: str
    caller: str
    called: str
    inbound: bool
    digits: str | None = None
    recording_url: str | None = None
    recording: str | None = None
    recording_seconds: int = 0
    hung_up: bool = False
    dialled: bool | None = None
    dialled_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class PlayClip:
    """Play the clip at this absolute URL."""

    url: str


@dataclass(frozen=True, slots=True)
class Speak:
    """Have the carrier's own voice say this text. `language` is ours, such as "th".

    `slowly` leaves a pause after it: what a machine's voice does to a tone language at another speed, nobody promises.
    """

    text: str
    language: str
    slowly: bool = False


@dataclass(frozen=True, slots=True)
class AskKey:
    """Play `prompts`, during which a key may be pressed, then wait `seconds` for up to `digits` keys.

    The keys, or "" for silence, go to `action_url`: silence is an event, not a way to fall off the end. With a
    `finish` key the answer may be shorter than `digits`; that key is not part of it.
    """

    prompts: tuple[PlayClip | Speak, ...]
    action_url: str
    digits: int = 1
    seconds: int = 6
    finish: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """After a tone, record what is spoken until the `finish` key, `silence` seconds of quiet or `longest` seconds.

    What was recorded goes to `action_url`; so does the news that nothing was heard.
    """

    action_url: str
    longest: int = 60
    silence: int = 5
    finish: str = "#"


@dataclass(frozen=True, slots=True)
class DialNumber:
    """Connect the caller with `number` (E.164), which rings `seconds` long; both may talk for `longest` seconds.

    When that call is over, or nobody took it, `action_url` is asked what to do next. The other side sees our number,
    not the caller's.
    """

    number: str = field(repr=False)
    action_url: str
    seconds: int = 25
    longest: int = 600


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call."""


Verb = PlayClip | Speak | AskKey | Record | DialNumber | HangUp


@dataclass(frozen=True, slots=True)
class Rendered:
    """A response body in the carrier's own form."""

    content_type: str
    body: str


def one_by_one(
    submit: Callable[[Order], Submission], orders: Sequence[Order], *, within: float
) -> list[Submission | CarrierError]:
    """Submit these orders one after another, as `SmsCarrier.send_all` promises it."""
    give_up, told, results = Deadline(within), list[CarrierError](), list[Submission | CarrierError]()
    for order in orders:
        if told or give_up.is_over():
            results.append(told[0] if told else CarrierError(Fault.NOT_CONNECTED, code="too slow"))
            continue
        try:
            results.append(submit(order))
        except CarrierError as error:
            results.append(error)
            if error.fault is Fault.THROTTLED and error.retry_after > 0:
                told.append(error)
        except Exception:  # whatever it was, bytes may have been written: look before trying again (law 2)
            log.exception("a submission failed in a way the carrier's folder does not know")
            results.append(CarrierError(Fault.IN_DOUBT, in_doubt=True))
    return results


class SmsCarrier(Protocol):
    """Takes texts."""

    name: str
    reaches_people: bool

    def send_sms(self, order: SmsOrder) -> Submission:
        """Submit one text; raises CarrierError."""
        ...

    def send_all(self, orders: Sequence[SmsOrder], *, within: float) -> list[Submission | CarrierError]:
        """Submit these texts, side by side where the carrier can; what came of each, in their order.

        None is begun after `within` real seconds, nor after the carrier said when to come back: those are errors of
        the kind that nothing was written of. Raises nothing of the carrier's.
        """
        ...

    def find_sms(self, to: str, since: datetime) -> Sequence[Found]:
        """List texts to `to` made at or after `since` (aware), newest first; raises CarrierError."""
        ...


class VoiceCarrier(Protocol):
    """Places calls."""

    name: str
    reaches_people: bool

    def place_call(self, order: CallOrder) -> Submission:
        """Submit one call; raises CarrierError."""
        ...

    def place_all(self, orders: Sequence[CallOrder], *, within: float) -> list[Submission | CarrierError]:
        """Submit these calls; as `SmsCarrier.send_all`."""
        ...

    def find_calls(self, to: str, since: datetime) -> Sequence[Found]:
        """List calls to `to` made at or after `since` (aware), newest first; raises CarrierError."""
        ...

    def cancel_call(self, carrier_id: str) -> None:
        """Stop a call that is queued or under way; one already over is not an error; raises CarrierError."""
        ...


class RecordingStore(Protocol):
    """Has what was recorded in calls, until we have taken it."""

    def fetch(self, recording: str) -> bytes:
        """The sound of a recording as a WAV; raises CarrierError, also where it is not ready yet or was deleted."""
        ...

    def delete(self, recording: str) -> None:
        """Have the carrier forget a recording; one it does not know is not an error; raises CarrierError."""
        ...


class CallbackReader(Protocol):
    """Reads what the carrier sends us."""

    name: str

    def verify(self, request: CallbackRequest) -> bool:
        """Whether the request is signed by the carrier; never raises."""
        ...

    def sms_receipt(self, request: CallbackRequest) -> Receipt | None:
        """The receipt in a text's status callback; None when it says nothing we know."""
        ...

    def call_receipt(self, request: CallbackRequest) -> Receipt | None:
        """The receipt in a call's status callback; None when it says nothing we know."""
        ...

    def inbound_sms(self, request: CallbackRequest) -> InboundSms | None:
        """The text in an inbound-message callback; None when it is not one."""
        ...

    def call_event(self, request: CallbackRequest) -> CallEvent | None:
        """What a call asks or brings; None when it is not a call's request."""
        ...


class CallRenderer(Protocol):
    """Writes what a call shall do in the carrier's own form."""

    def can_speak(self, language: str) -> bool:
        """Whether the carrier has a voice of its own for this language of ours."""
        ...

    def render(self, verbs: Sequence[Verb]) -> Rendered:
        """Render one response; after its last verb the call ends."""
        ...

    def empty(self) -> Rendered:
        """The polite answer to a callback that asks for nothing."""
        ...


class Carrier(Protocol):
    """One carrier as wiring hands it out: its five parts, and whether what goes in comes out at a person's phone."""

    @property
    def name(self) -> str:
        """The word stored with each attempt."""
        ...

    @property
    def reaches_people(self) -> bool:
        """Whether drafts, sample people and a moved clock are to be refused (laws 7 and 9)."""
        ...

    @property
    def sms(self) -> SmsCarrier:
        """Takes texts."""
        ...

    @property
    def voice(self) -> VoiceCarrier:
        """Places calls."""
        ...

    @property
    def callbacks(self) -> CallbackReader:
        """Reads what comes back."""
        ...

    @property
    def renderer(self) -> CallRenderer:
        """Writes what a call shall do."""
        ...

    @property
    def recordings(self) -> RecordingStore:
        """Has what was recorded."""
        ...
