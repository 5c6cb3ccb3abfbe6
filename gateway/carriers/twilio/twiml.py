"""What a call shall do next, as TwiML: written here, byte for byte as the SDK would, which takes ten times as long."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from gateway.carriers.port import AskKey, DialNumber, HangUp, PlayClip, Record, Rendered, Speak, Verb

_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>'
CONTENT_TYPE: Final = "text/xml"
"""Anything else is Twilio's error 12300."""

MOST_BYTES: Final = 64_000
"""Twilio's limit for one response is 64 kB (error 11750); the smaller reading of it."""

VOICES: Final[dict[str, tuple[str, str | None]]] = {
    "th": ("th-TH", "Google.th-TH-Neural2-C"),
    "en": ("en-GB", None),
    "vi": ("vi-VN", "Google.vi-VN-Neural2-A"),
    "id": ("id-ID", "Google.id-ID-Wavenet-A"),
    "ms": ("ms-MY", "Google.ms-MY-Wavenet-A"),
    "hi": ("hi-IN", "Google.hi-IN-Neural2-A"),
    "bn": ("bn-IN", "Google.bn-IN-Wavenet-A"),
}
"""Our language -> Twilio's locale and voice (None: the account's own for that locale).

From the types of twilio-node 6.2.0, Twilio's own list, read in November 2026 (en: its voices were not checked, so none
is named). Burmese, Khmer, Lao, Nepali, the dialects of Thai and the languages of the hills are not in it: those are
played, never spoken. No one is read a neighbour's language.
"""

_NUMBER: Final = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class TwimlRenderer:
    """Writes TwiML. `caller` is the number that who is dialled sees."""

    def __init__(self, caller: str | None = None) -> None:
        self._caller = caller

    def can_speak(self, language: str) -> bool:
        """Whether Twilio has a voice of its own for this language of ours."""
        return language in VOICES

    def render(self, verbs: Sequence[Verb]) -> Rendered:
        """Render one response; after its last verb the call ends.

        Raises ValueError for a language without a voice, a URL that is not absolute, a number that is not E.164 and a
        response above 64 kB.
        """
        body = _document("".join([_verb(verb, self._caller) for verb in verbs]))
        if len(body.encode()) > MOST_BYTES:
            raise ValueError(f"a response of {len(body.encode())} bytes; Twilio takes {MOST_BYTES}")
        return Rendered(CONTENT_TYPE, body)

    def empty(self) -> Rendered:
        """The polite answer to a callback that asks for nothing."""
        return Rendered(CONTENT_TYPE, _document(""))


def _document(verbs: str) -> str:
    """A whole response, byte for byte as the SDK writes it."""
    written = f"<Response>{verbs}</Response>" if verbs else "<Response />"
    return _HEAD + written


def _verb(verb: Verb, caller: str | None) -> str:
    match verb:
        case PlayClip(url):
            return f"<Play>{_text(_absolute(url))}</Play>"
        case Speak():
            return _say(verb)
        case AskKey():
            return _gather(verb)
        case Record():
            return _record(verb)
        case DialNumber():
            return _dial(verb, caller)
        case HangUp():
            return "<Hangup />"


def _element(name: str, inner: str, **attributes: str | int | None) -> str:
    """An element with its attributes in the order given, which must be that of their names."""
    said = "".join([f' {key}="{_quoted(str(value))}"' for key, value in attributes.items() if value is not None])
    return f"<{name}{said}>{inner}</{name}>" if inner else f"<{name}{said} />"


def _text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _quoted(value: str) -> str:
    """An attribute's value; a line break in it would be read as a space."""
    quoted = _text(value).replace('"', "&quot;")
    return quoted.replace("\r", "&#13;").replace("\n", "&#10;").replace("\t", "&#09;")


def _say(speak: Speak) -> str:
    locale, voice = _voice(speak.language)
    said = _element("Say", _text(_NOT_XML.sub(" ", speak.text)), language=locale, voice=voice)
    return said + '<Pause length="1" />' if speak.slowly else said


def _gather(ask: AskKey) -> str:
    """Keys only: # and * are keys like others unless one finishes, and silence is posted, too (actionOnEmptyResult)."""
    return _element(
        "Gather",
        "".join([_verb(prompt, None) for prompt in ask.prompts]),
        action=_absolute(ask.action_url),
        actionOnEmptyResult="true",
        finishOnKey=ask.finish,
        input="dtmf",
        method="POST",
        numDigits=ask.digits,
        timeout=ask.seconds,
    )


def _record(record: Record) -> str:
    """Twilio asks for no action after a recording in which nothing was heard, and goes on with the next verb.

    Its ends are not trimmed there: that is done here, where it is checked as well.
    """
    action = _absolute(record.action_url)
    recorded = _element(
        "Record",
        "",
        action=action,
        finishOnKey=record.finish,
        maxLength=record.longest,
        method="POST",
        playBeep="true",
        timeout=record.silence,
        trim="do-not-trim",
    )
    return recorded + _element("Redirect", _text(action), method="POST")


def _dial(dial: DialNumber, caller: str | None) -> str:
    """Our own number is shown: without callerId a call goes on under the number of the person in it."""
    if not _NUMBER.fullmatch(dial.number):
        raise ValueError("a number to dial must be E.164")
    return _element(
        "Dial",
        f"<Number>{dial.number}</Number>",
        action=_absolute(dial.action_url),
        callerId=caller,
        method="POST",
        timeLimit=dial.longest,
        timeout=dial.seconds,
    )


def _voice(language: str) -> tuple[str, str | None]:
    if language not in VOICES:
        raise ValueError(f"Twilio has no voice for {language!r}: play a clip")
    return VOICES[language]


def _absolute(url: str) -> str:
    if not url.startswith(("https://", "http://")) or _NOT_XML.search(url):
        raise ValueError("a clip and an action need an absolute http(s) URL")
    return url
