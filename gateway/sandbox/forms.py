"""The forms Twilio's REST takes, checked in Twilio's order and refused with Twilio's codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl

from gateway.sandbox.addresses import is_loopback
from gateway.sandbox.errors import bad_request
from gateway.sandbox.handsets import is_e164
from gateway.sandbox.resources import CallOptions
from gateway.sandbox.signing import Form
from gateway.sandbox.twiml import MAX_INLINE

MAX_BODY = 1600
EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})


class PostedForm:
    """A posted form; a name may stand in it more than once."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self.pairs: Form = tuple(pairs)

    @classmethod
    def of(cls, body: bytes) -> PostedForm:
        """Read an urlencoded body; raises RestError when it is not UTF-8."""
        try:
            return cls(parse_qsl(body.decode(), keep_blank_values=True))
        except ValueError as error:
            raise bad_request(20001, "The form is not urlencoded UTF-8") from error

    def get(self, name: str, default: str = "") -> str:
        """Return the last value of `name`."""
        return next((value for key, value in reversed(self.pairs) if key == name), default)

    def all(self, name: str) -> list[str]:
        """Return every value of `name`, those with several words taken apart."""
        return [word for key, value in self.pairs if key == name for word in value.split()]

    def has(self, name: str) -> bool:
        """Say whether `name` was posted, be it empty."""
        return any(key == name for key, _ in self.pairs)


Formlike = PostedForm | Mapping[str, str]


def posted(form: Formlike) -> PostedForm:
    """Return `form` as it would have been posted."""
    return form if isinstance(form, PostedForm) else PostedForm(list(form.items()))


@dataclass(frozen=True)
class MessageForm:
    """A checked request for a text; `validity` in seconds, `send_at` aware."""

    to: str
    sender: str
    service_sid: str
    body: str
    status_callback: str
    validity: float
    send_at: datetime | None


@dataclass(frozen=True)
class CallForm:
    """A checked request for a call."""

    to: str
    sender: str
    options: CallOptions


def read_message(form: PostedForm, now: datetime) -> MessageForm:
    """Check a request for a text; raises RestError with Twilio's code."""
    to = _number(form.get("To"), missing=21604)
    sender, service = form.get("From"), form.get("MessagingServiceSid")
    if not sender and not service:
        raise bad_request(21603, "A 'From' phone number is required")
    body = form.get("Body")
    if not body and not form.get("ContentSid"):
        raise bad_request(21602, "Message body is required")
    if len(body) > MAX_BODY:
        raise bad_request(21617, "The concatenated message body exceeds the 1600 character limit")
    callback = _callback(form)
    return MessageForm(
        to, sender, service, body, callback, _seconds(form, "ValidityPeriod", 36_000, 1), _send_at(form, now)
    )


def read_call(form: PostedForm) -> CallForm:
    """Check a request for a call; raises RestError with Twilio's code."""
    to = _number(form.get("To"), missing=21201)
    sender = form.get("From")
    if not sender:
        raise bad_request(21213, "A 'From' phone number is required")
    if not form.get("Url") and not form.get("Twiml"):
        raise bad_request(21205, "Url parameter is required")
    return CallForm(to, sender, call_options(form))


def call_options(form: PostedForm) -> CallOptions:
    """Read what a call is to do; raises RestError for an address that is not this machine's."""
    url = form.get("Url")
    twiml = "" if url else form.get("Twiml")
    if len(twiml) > MAX_INLINE:
        raise bad_request(32018, "Twiml is longer than 4000 characters")
    events = frozenset(form.all("StatusCallbackEvent")) or frozenset({"completed"})
    if events - EVENTS:
        raise bad_request(21626, "Invalid StatusCallbackEvents")
    return CallOptions(
        url=_address(url),
        method=_method(form, "Method"),
        twiml=twiml,
        fallback_url=_address(form.get("FallbackUrl")),
        fallback_method=_method(form, "FallbackMethod"),
        status_callback=_callback(form),
        status_method=_method(form, "StatusCallbackMethod"),
        events=events,
        timeout=min(600.0, _seconds(form, "Timeout", 60, 0)),
        time_limit=_seconds(form, "TimeLimit", 14_400, 1),
    )


def _number(to: str, *, missing: int) -> str:
    if not to:
        raise bad_request(missing, "A 'To' phone number is required")
    if not is_e164(to):
        raise bad_request(21211, "The 'To' number is not a valid phone number")
    return to


def _address(url: str) -> str:
    if url and not is_loopback(url):
        raise bad_request(21205, "Url is not valid: the sandbox calls this machine only")
    return url


def _callback(form: PostedForm) -> str:
    url = form.get("StatusCallback")
    if url and not is_loopback(url):
        raise bad_request(21609, "StatusCallback is not valid: the sandbox calls this machine only")
    return url


def _method(form: PostedForm, name: str) -> str:
    return "GET" if form.get(name).upper() == "GET" else "POST"


def _seconds(form: PostedForm, name: str, default: int, least: int) -> float:
    text = form.get(name) or str(default)
    if not (text.isascii() and text.isdigit()) or int(text) < least:
        raise bad_request(20001, f"{name} is not a number of seconds")
    return float(min(int(text), 10**6))


def _send_at(form: PostedForm, now: datetime) -> datetime | None:
    """SendAt needs a Messaging Service and lies 5 minutes to 35 days ahead (35114, 35115: facts/twilio.md §1)."""
    text = form.get("SendAt")
    if not text:
        return None
    if form.get("ScheduleType") != "fixed" or not form.get("MessagingServiceSid"):
        raise bad_request(35118, "SendAt needs ScheduleType=fixed and a MessagingServiceSid")
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise bad_request(35114, "SendAt is not a date and time") from error
    if at.tzinfo is None:
        raise bad_request(35114, "SendAt has no offset")
    if not 300 < (at - now).total_seconds() <= 35 * 86_400:
        raise bad_request(35115, "SendAt is not 5 minutes to 35 days ahead")
    return at
