"""What a call shall do next, as TwiML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from gateway.carriers.port import AskKey, DialNumber, HangUp, PlayClip, Record, Rendered, Speak, Verb

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
        response = VoiceResponse()
        for verb in verbs:
            if isinstance(verb, DialNumber):
                response.append(_dial(verb, self._caller))
            else:
                _add(response, verb)
        body = str(response)
        if len(body.encode()) > MOST_BYTES:
            raise ValueError(f"a response of {len(body.encode())} bytes; Twilio takes {MOST_BYTES}")
        return Rendered(CONTENT_TYPE, body)

    def empty(self) -> Rendered:
        """The polite answer to a callback that asks for nothing."""
        return Rendered(CONTENT_TYPE, str(VoiceResponse()))


def _add(parent: Any, verb: Verb) -> None:
    match verb:
        case PlayClip(url):
            parent.play(_absolute(url))
        case Speak(text, language, slowly):
            locale, voice = _voice(language)
            parent.say(_NOT_XML.sub(" ", text), language=locale, voice=voice)
            if slowly:
                parent.pause(length=1)
        case AskKey():
            parent.append(_gather(verb))
        case Record():
            _record(parent, verb)
        case HangUp():
            parent.hangup()


def _gather(ask: AskKey) -> Gather:
    """Keys only: # and * are keys like others unless one finishes, and silence is posted, too (actionOnEmptyResult)."""
    gather = Gather(
        input="dtmf",
        num_digits=ask.digits,
        timeout=ask.seconds,
        finish_on_key=ask.finish,
        action_on_empty_result=True,
        action=_absolute(ask.action_url),
        method="POST",
    )
    for prompt in ask.prompts:
        _add(gather, prompt)
    return gather


def _record(parent: Any, record: Record) -> None:
    """Twilio asks for no action after a recording in which nothing was heard, and goes on with the next verb.

    Its ends are not trimmed there: that is done here, where it is checked as well.
    """
    action = _absolute(record.action_url)
    parent.record(
        action=action,
        method="POST",
        timeout=record.silence,
        finish_on_key=record.finish,
        max_length=record.longest,
        play_beep=True,
        trim="do-not-trim",
    )
    parent.redirect(action, method="POST")


def _dial(dial: DialNumber, caller: str | None) -> Dial:
    """Our own number is shown: without callerId a call goes on under the number of the person in it."""
    if not _NUMBER.fullmatch(dial.number):
        raise ValueError("a number to dial must be E.164")
    dialled = Dial(
        action=_absolute(dial.action_url),
        method="POST",
        timeout=dial.seconds,
        time_limit=dial.longest,
        caller_id=caller,
    )
    dialled.number(dial.number)
    return dialled


def _voice(language: str) -> tuple[str, str | None]:
    if language not in VOICES:
        raise ValueError(f"Twilio has no voice for {language!r}: play a clip")
    return VOICES[language]


def _absolute(url: str) -> str:
    if not url.startswith(("https://", "http://")) or _NOT_XML.search(url):
        raise ValueError("a clip and an action need an absolute http(s) URL")
    return url
