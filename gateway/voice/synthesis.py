"""Machines that speak: the port, and gTTS behind it.

gTTS sends text to a translation service that promises nothing and may change any day. It is given only fixed phrases
of the scripts, ahead of time, never a name, a number or a date of anybody, and never during a call.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any, Final, Protocol

import gtts.tts
import requests
from gtts.lang import tts_langs
from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError

LONGEST_PIECE: Final = 99
"""Code points sent at once; gTTS cuts what is longer than 100, Thai in the middle of a syllable (facts/thailand.md)."""

_WAITS: Final = (5.0, 20.0, 60.0)  # seconds after a "too many requests", then we give up
_LONGEST_WAIT: Final = 120.0  # whatever the service asks for
_AFTER_A_CUT: Final = 1.0  # a connection that broke is tried once more
_LARGEST_ANSWER: Final = 4_000_000  # bytes; a hundred letters take a hundredth of it
_PHRASE_ENDS: Final = frozenset(".,;:!?…။၊។៕៖ฯ")
_BUSY: Final = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


class SynthesisError(Exception):
    """The machine did not speak; the message holds the reason and not the text."""


class Synthesiser(Protocol):
    """Speaks a text. `engine` names the machine: another one speaks otherwise."""

    engine: str

    def speak(self, text: str, language: str) -> bytes:
        """Return the spoken text as MP3 or WAV; raises SynthesisError."""
        ...


class GttsSynthesiser:
    """Speaks through gTTS, with a time-out for the whole answer and with the server's certificate checked."""

    engine = "gtts"

    def __init__(
        self, timeout: float = 15.0, waits: Sequence[float] = _WAITS, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        """`timeout` and `waits` (after "too many requests") in seconds, real time."""
        self._timeout, self._waits, self._sleep = timeout, waits, sleep

    def can_speak(self, language: str) -> bool:
        """Whether gTTS knows this very language; of ours it has th, my, km, vi and en, and none of the dialects."""
        return language in tts_langs()

    def speak(self, text: str, language: str) -> bytes:
        """Return the spoken text as MP3; raises SynthesisError.

        A text with a digit in it is not sent: scripts write numbers as words, so it is somebody's number or date.
        """
        if not self.can_speak(language):
            raise SynthesisError(f"gTTS does not speak {language}: somebody has to record it")
        if any(letter.isdigit() for letter in text):
            raise SynthesisError("there is a digit in it, and digits are not sent out: write numbers as words")
        return b"".join(self._speak_piece(piece, language) for piece in pieces_of(text))

    def _speak_piece(self, piece: str, language: str) -> bytes:
        waits = iter(self._waits)
        may_be_cut = True
        while True:
            try:
                return _asked(piece, language, self._timeout)
            except gtts.tts.gTTSError as error:
                wait = _wait(error, waits, may_be_cut)
                if wait is None:
                    raise SynthesisError(_reason(error)) from error
                may_be_cut = may_be_cut and error.rsp is not None
                self._sleep(wait)


def pieces_of(text: str) -> tuple[str, ...]:
    """Cut a text at its spaces into pieces of at most LONGEST_PIECE, at punctuation rather than between two words.

    Where a script has no spaces between words they stand at phrase ends. Raises SynthesisError where a phrase without
    a space is longer.
    """
    words, pieces = text.split(), []
    while words:
        size = _words_that_fit(words)
        pieces.append(" ".join(words[:size]))
        words = words[size:]
    return tuple(pieces)


def _words_that_fit(words: Sequence[str]) -> int:
    fits = 0
    length = -1
    for word in words:
        length += 1 + len(word)
        if length > LONGEST_PIECE:
            break
        fits += 1
    if fits == 0:
        raise SynthesisError(f"a phrase of {len(words[0])} letters: put a space where the speaker may breathe")
    if fits == len(words):
        return fits
    ends = [place for place, word in enumerate(words[:fits], 1) if word[-1] in _PHRASE_ENDS]
    return ends[-1] if ends else fits


def _asked(piece: str, language: str, timeout: float) -> bytes:
    """One request, exactly these words in it; raises gTTSError and SynthesisError."""
    machine = gtts.tts.gTTS(piece, lang=language, timeout=timeout, pre_processor_funcs=[])
    try:
        sound = b"".join(machine.stream())
    except AssertionError as error:
        raise SynthesisError("there is nothing to say in this text") from error
    except ValueError as error:  # broken base64, or letters that are none
        raise SynthesisError("the service's answer could not be understood") from error
    if not sound:
        raise SynthesisError("the service's answer had no sound in it")
    return sound


def _wait(error: gtts.tts.gTTSError, waits: Iterator[float], may_be_cut: bool) -> float | None:
    """Return how long to wait before another try, in seconds; None: there is none."""
    if error.rsp is None:
        return _AFTER_A_CUT if may_be_cut and isinstance(error.__context__, _Cut) else None
    if error.rsp.status_code not in _BUSY:
        return None
    wait = next(waits, None)
    asked = str(error.rsp.headers.get("Retry-After", ""))
    return min(max(wait, float(asked)), _LONGEST_WAIT) if wait is not None and asked.isdecimal() else wait


def _reason(error: gtts.tts.gTTSError) -> str:
    if error.rsp is not None:
        status = int(error.rsp.status_code)
        if status in _BUSY:
            return f"the service is busy ({status}): try again in an hour"
        return f"the service answered {status}, without sound: its form may have changed"
    if isinstance(error.__context__, requests.exceptions.SSLError):
        return "the service's certificate could not be verified: nothing was sent"
    if isinstance(error.__context__, requests.exceptions.Timeout):
        return "the service did not answer in time"
    return "could not connect to the service"


class _Cut(requests.exceptions.ConnectionError):
    """The connection was there and broke: another try may do."""


class _CheckedSession(requests.Session):
    """gTTS sends with verify=False, so that anybody on the way could put words into our mouth; this does not.

    Nor does it follow to another address, or read an answer for ever: gTTS's own time-out begins anew at each byte.
    """

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        options |= {"verify": True, "allow_redirects": False, "stream": True}
        until = time.monotonic() + options["timeout"]
        try:
            response = super().send(request, **options)
        except requests.exceptions.ConnectionError as error:
            if any(isinstance(cause, ProtocolError) for cause in error.args):
                raise _Cut from error
            raise
        with response:
            response._content, response._content_consumed = _read(response, until), True
        return response


def _read(response: requests.Response, until: float) -> bytes:
    answer = b""
    try:
        while chunk := response.raw.read1(65536, decode_content=True):
            answer += chunk
            if time.monotonic() > until:
                raise requests.exceptions.ReadTimeout
            if len(answer) > _LARGEST_ANSWER:
                raise requests.exceptions.RequestException  # no sound is as large
    except ReadTimeoutError as error:
        raise requests.exceptions.ReadTimeout from error
    except HTTPError as error:
        raise _Cut from error
    return answer


# Only gTTS's own view of `requests` is replaced. Its attempt to silence the warnings about unverified connections
# for the whole process fails quietly, too: there is no `packages` here.
gtts.tts.requests = SimpleNamespace(Session=_CheckedSession, Request=requests.Request, exceptions=requests.exceptions)
