"""Calls and messages as Twilio keeps them, and as its JSON shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from enum import StrEnum

from gateway.kit.clock import in_utc
from gateway.sandbox.timeline import Process

API_VERSION = "2010-04-01"


class CallStatus(StrEnum):
    """Twilio's states of a call."""

    QUEUED = "queued"
    INITIATED = "initiated"  # in callbacks only; the resource still says queued
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    FAILED = "failed"
    NO_ANSWER = "no-answer"
    CANCELED = "canceled"


class MessageStatus(StrEnum):
    """Twilio's states of a message."""

    SCHEDULED = "scheduled"
    ACCEPTED = "accepted"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    CANCELED = "canceled"
    RECEIVED = "received"


FINAL_CALL = frozenset(
    {CallStatus.COMPLETED, CallStatus.BUSY, CallStatus.FAILED, CallStatus.NO_ANSWER, CallStatus.CANCELED}
)

# What StatusCallbackEvent calls the state; every final one is "completed" there.
CALLBACK_EVENTS = {
    CallStatus.INITIATED: "initiated",
    CallStatus.RINGING: "ringing",
    CallStatus.IN_PROGRESS: "answered",
} | dict.fromkeys(FINAL_CALL, "completed")


@dataclass(frozen=True)
class Heard:
    """One line of a transcript, `at` (aware): `what` is played, said, pressed, silent, recorded or dialled."""

    at: datetime
    what: str
    text: str


@dataclass(frozen=True)
class CallOptions:
    """What the creator of a call asked for; times in seconds."""

    url: str = ""
    method: str = "POST"
    twiml: str = ""
    fallback_url: str = ""
    fallback_method: str = "POST"
    status_callback: str = ""
    status_method: str = "POST"
    events: frozenset[str] = frozenset({"completed"})
    timeout: float = 60.0
    time_limit: float = 14_400.0


@dataclass(frozen=True)
class Announced:
    """A prompt that is about to be heard: the address of a sound, or words; `seconds` long."""

    what: str
    text: str
    seconds: float


@dataclass
class Programme:
    """Prompts that follow one another without a pause from `at` (aware) on; a key may cut them short.

    `number` counts the programmes of a call from 1. `takes_many` keys: a number is keyed after them, not a choice.
    """

    number: int
    at: datetime
    prompts: tuple[Announced, ...]
    is_cut: bool = False
    takes_many: bool = False


@dataclass
class Call:
    """One call; `handset` is the number at the other end, whichever side dialled."""

    sid: str
    account_sid: str
    to: str
    sender: str
    handset: str
    direction: str
    created: datetime
    options: CallOptions
    status: CallStatus = CallStatus.QUEUED
    started: datetime | None = None
    ended: datetime | None = None
    sequence: int = 0
    transcript: list[Heard] = field(default_factory=list)
    programme: Programme | None = None
    ended_by: str = ""
    is_recorded: bool = False  # at this moment, after the tone
    is_dialling: bool = False  # at this moment a second leg rings
    process: Process | None = None

    @property
    def is_live(self) -> bool:
        """Not over yet."""
        return self.status not in FINAL_CALL

    @property
    def duration(self) -> int:
        """Whole seconds from answer to end; 0 for a call nobody answered."""
        if not (self.started and self.ended):
            return 0
        return max(1, round((self.ended - self.started).total_seconds()))

    def to_json(self) -> dict[str, object]:
        """Return Twilio's resource."""
        return {
            "sid": self.sid,
            "account_sid": self.account_sid,
            "parent_call_sid": None,
            "to": self.to,
            "to_formatted": self.to,
            "from": self.sender,
            "from_formatted": self.sender,
            "phone_number_sid": None,
            "status": self.status.value,
            "direction": self.direction,
            "answered_by": None,
            "date_created": rfc2822(self.created),
            "date_updated": rfc2822(self.ended or self.started or self.created),
            "start_time": rfc2822(self.started) if self.started else None,
            "end_time": rfc2822(self.ended) if self.ended else None,
            "duration": str(self.duration) if self.ended else None,
            "price": None,
            "price_unit": "USD",
            "api_version": API_VERSION,
            "forwarded_from": None,
            "group_sid": None,
            "caller_name": None,
            "queue_time": "0",
            "trunk_sid": None,
            "uri": f"/{API_VERSION}/Accounts/{self.account_sid}/Calls/{self.sid}.json",
            "subresource_uris": {},
        }


@dataclass
class Message:
    """One text; `handset` is the number at the other end, whichever side wrote."""

    sid: str
    account_sid: str
    to: str
    sender: str
    handset: str
    body: str
    direction: str
    created: datetime
    status: MessageStatus = MessageStatus.QUEUED
    status_callback: str = ""
    service_sid: str = ""
    validity: float = 36_000.0
    send_at: datetime | None = None
    sent: datetime | None = None
    error_code: int | None = None
    process: Process | None = None

    def to_json(self) -> dict[str, object]:
        """Return Twilio's resource."""
        return {
            "sid": self.sid,
            "account_sid": self.account_sid,
            "messaging_service_sid": self.service_sid or None,
            "to": self.to,
            "from": self.sender or None,
            "body": self.body,
            "status": self.status.value,
            "direction": self.direction,
            "num_segments": str(segments(self.body)),
            "num_media": "0",
            "date_created": rfc2822(self.created),
            "date_updated": rfc2822(self.sent or self.created),
            "date_sent": rfc2822(self.sent) if self.sent else None,
            "error_code": self.error_code,
            "error_message": None,
            "price": None,
            "price_unit": "USD",
            "api_version": API_VERSION,
            "uri": f"/{API_VERSION}/Accounts/{self.account_sid}/Messages/{self.sid}.json",
            "subresource_uris": {},
        }


@dataclass(frozen=True)
class Recording:
    """What was recorded in a call; its sound is made when it is asked for."""

    sid: str
    account_sid: str
    call_sid: str
    created: datetime
    seconds: float

    @property
    def path(self) -> str:
        """Where it is, from the version on; .wav and .json are its two forms."""
        return f"/{API_VERSION}/Accounts/{self.account_sid}/Recordings/{self.sid}"

    @property
    def duration(self) -> int:
        """Whole seconds, as it is told."""
        return max(1, round(self.seconds))

    def to_json(self) -> dict[str, object]:
        """Return Twilio's resource."""
        return {
            "sid": self.sid,
            "account_sid": self.account_sid,
            "call_sid": self.call_sid,
            "conference_sid": None,
            "status": "completed",
            "source": "RecordVerb",
            "channels": 1,
            "duration": str(self.duration),
            "date_created": rfc2822(self.created),
            "date_updated": rfc2822(self.created),
            "start_time": rfc2822(self.created),
            "price": None,
            "price_unit": "USD",
            "error_code": None,
            "encryption_details": None,
            "media_url": self.path,
            "api_version": API_VERSION,
            "uri": f"{self.path}.json",
            "subresource_uris": {},
        }


def rfc2822(instant: datetime) -> str:
    """Write `instant` (aware) as Twilio does: RFC 2822 in UTC."""
    return format_datetime(in_utc(instant).replace(microsecond=0))


def segments(body: str) -> int:
    """Return how many parts `body` is charged as; ASCII stands in for GSM-7, everything else is UCS-2."""
    single, joined = (160, 153) if body.isascii() else (70, 67)
    units = len(body) if body.isascii() else len(body.encode("utf-16-le")) // 2
    return 1 if units <= single else -(-units // joined)
