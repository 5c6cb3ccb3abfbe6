"""TwiML read into verbs: what a document says, without doing any of it (facts/twilio.md §3)."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass

MAX_BYTES = 64 * 1024
MAX_INLINE = 4000
XML_TYPES = frozenset({"text/xml", "application/xml", "text/html"})

TOO_LARGE = 11750
NOT_WELL_FORMED = 12100
INVALID_DOCUMENT = 12200
WRONG_TYPE = 12300

# What Twilio plays for <Play loop="0">.
ENDLESS = 1000


class BadDocument(Exception):
    """The document cannot be used; `code` is Twilio's error code."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.code = code


@dataclass(frozen=True)
class Play:
    """Play the sound at `url`, or the keys `digits`."""

    url: str
    loop: int = 1
    digits: str = ""


@dataclass(frozen=True)
class Say:
    """Speak `text`."""

    text: str
    language: str = ""
    loop: int = 1


@dataclass(frozen=True)
class Pause:
    """Wait `seconds`."""

    seconds: float = 1.0


Prompt = Play | Say | Pause


@dataclass(frozen=True)
class Gather:
    """Take keys: posts them to `action` (None: the current URL)."""

    action: str | None = None
    method: str = "POST"
    num_digits: int | None = None
    timeout: float = 5.0
    finish_on_key: str = "#"
    action_on_empty: bool = False
    prompts: tuple[Prompt, ...] = ()


@dataclass(frozen=True)
class Redirect:
    """Go on with the document at `url`."""

    url: str
    method: str = "POST"


@dataclass(frozen=True)
class Record:
    """Record the handset; posts to `action` (None: the current URL)."""

    action: str | None = None
    method: str = "POST"
    timeout: float = 5.0
    max_length: float = 3600.0
    finish_on_key: str = "1234567890*#"
    beeps: bool = True


@dataclass(frozen=True)
class Dial:
    """Connect to `number`; posts to `action` when that leg is over (None: go on with the next verb)."""

    number: str
    action: str | None = None
    method: str = "POST"
    timeout: float = 30.0


@dataclass(frozen=True)
class Reject:
    """Refuse an incoming call unheard."""

    reason: str = "rejected"


@dataclass(frozen=True)
class Hangup:
    """Hang up."""


@dataclass(frozen=True)
class Reply:
    """The <Message> or <Sms> in the answer to an incoming text."""

    body: str


@dataclass(frozen=True)
class Unknown:
    """A verb or a value this network does not know: reported as a warning and passed over."""

    what: str


Verb = Play | Say | Pause | Gather | Redirect | Record | Dial | Reject | Hangup | Reply | Unknown


def read_document(body: bytes, content_type: str = "text/xml") -> tuple[Verb, ...]:
    """Return the verbs of `body` in order; raises BadDocument with Twilio's code."""
    if content_type.partition(";")[0].strip().lower() not in XML_TYPES:
        raise BadDocument(WRONG_TYPE, "wrong content type")
    if len(body) > MAX_BYTES:
        raise BadDocument(TOO_LARGE, "more than 64 kB")
    # An entity bomb from a broken template must not take the network with it; TwiML has no DOCTYPE.
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise BadDocument(NOT_WELL_FORMED, "a DOCTYPE is not allowed")
    try:
        root = ET.fromstring(body)  # noqa: S314 - no DTD can be in it, see above
    except (ET.ParseError, LookupError, ValueError) as error:
        raise BadDocument(NOT_WELL_FORMED, "not well-formed") from error
    if root.tag != "Response":
        raise BadDocument(INVALID_DOCUMENT, "the root is not <Response>")
    return tuple(_verb(element) for element in root)


def _verb(element: ET.Element) -> Verb:
    reader = _READERS.get(str(element.tag))
    if reader is None:
        return Unknown(f"<{element.tag}>")
    try:
        return reader(element)
    except ValueError:
        return Unknown(f"<{element.tag}> with a value it does not take")


def _play(element: ET.Element) -> Verb:
    loop = int(element.get("loop", "1")) or ENDLESS
    return Play(_text(element), loop, element.get("digits", ""))


def _say(element: ET.Element) -> Verb:
    loop = int(element.get("loop", "1")) or ENDLESS
    return Say(_text(element), element.get("language", ""), loop)


def _pause(element: ET.Element) -> Verb:
    return Pause(_seconds(element, "length", "1"))


def _gather(element: ET.Element) -> Verb:
    digits = element.get("numDigits")
    inside = [_verb(child) for child in element]
    return Gather(
        action=element.get("action"),
        method=_method(element),
        num_digits=max(1, int(digits)) if digits else None,
        timeout=5.0 if element.get("timeout") == "auto" else _seconds(element, "timeout", "5"),
        finish_on_key=element.get("finishOnKey", "#"),
        action_on_empty=element.get("actionOnEmptyResult", "false").lower() == "true",
        prompts=tuple(verb for verb in inside if isinstance(verb, Play | Say | Pause)),
    )


def _redirect(element: ET.Element) -> Verb:
    return Redirect(_text(element), _method(element))


def _record(element: ET.Element) -> Verb:
    return Record(
        element.get("action"),
        _method(element),
        _seconds(element, "timeout", "5"),
        _seconds(element, "maxLength", "3600"),
        element.get("finishOnKey", "1234567890*#"),
        element.get("playBeep", "true").lower() != "false",
    )


def _dial(element: ET.Element) -> Verb:
    number = element.find("Number")
    dialled = _text(number) if number is not None else _text(element)
    return Dial(dialled, element.get("action"), _method(element), _seconds(element, "timeout", "30"))


def _reject(element: ET.Element) -> Verb:
    return Reject(element.get("reason", "rejected"))


def _hangup(element: ET.Element) -> Verb:
    return Hangup()


def _message(element: ET.Element) -> Verb:
    body = element.find("Body")
    return Reply(_text(body) if body is not None else _text(element))


_READERS: dict[str, Callable[[ET.Element], Verb]] = {
    "Play": _play,
    "Say": _say,
    "Pause": _pause,
    "Gather": _gather,
    "Redirect": _redirect,
    "Record": _record,
    "Dial": _dial,
    "Reject": _reject,
    "Hangup": _hangup,
    "Message": _message,
    "Sms": _message,
}


def _text(element: ET.Element) -> str:
    return "".join(element.itertext()).strip()


def _method(element: ET.Element) -> str:
    return "GET" if element.get("method", "POST").upper() == "GET" else "POST"


def _seconds(element: ET.Element, name: str, default: str) -> float:
    value = float(element.get(name, default))
    if not 0 <= value < 1e6:
        raise ValueError(name)
    return value
