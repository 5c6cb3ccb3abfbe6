"""Machines that speak: the port, gTTS behind it, and beeps.

gTTS sends text to a translation service that promises nothing and may change any day. It is given only fixed phrases
of the scripts, ahead of time, never a name, a number or a date of anybody, and never during a call.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, Final, Protocol

import gtts.tts
import requests
from gtts.lang import tts_langs

from gateway.voice.assets import ClipSource
from gateway.voice.prompts import estimate_seconds
from gateway.voice.wav import placeholder

LONGEST_PIECE: Final = 100
"""Code points the service takes at once; gTTS cuts longer Thai in the middle of a syllable (facts/thailand.md §6)."""

_WAITS: Final = (5.0, 20.0, 60.0)  # seconds after a "too many requests", then we give up


class SynthesisError(Exception):
    """The machine did not speak; the message holds the reason and not the text."""


class Synthesiser(Protocol):
    """Speaks a text."""

    source: ClipSource

    def can_speak(self, language: str) -> bool:
        """Whether there is a voice for this language."""
        ...

    def speak(self, text: str, language: str) -> bytes:
        """Return the spoken text as MP3 or WAV; raises SynthesisError."""
        ...


class PlaceholderSynthesiser:
    """Beeps for as long as the words would take, in any language."""

    source = ClipSource.PLACEHOLDER

    def can_speak(self, language: str) -> bool:
        """Every language."""
        return True

    def speak(self, text: str, language: str) -> bytes:
        """Return the beeps as a telephone WAV."""
        return placeholder(estimate_seconds(text))


class GttsSynthesiser:
    """Speaks through gTTS, with a time-out and with the server's certificate checked."""

    source = ClipSource.SYNTHESIS

    def __init__(
        self, timeout: float = 15.0, waits: Sequence[float] = _WAITS, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        """`timeout` and `waits` (after "too many requests") in seconds, real time."""
        self._timeout, self._waits, self._sleep = timeout, waits, sleep

    def can_speak(self, language: str) -> bool:
        """Whether gTTS knows this very language; of ours it has th, my, km, vi and en, and none of the dialects."""
        return language in tts_langs()

    def speak(self, text: str, language: str) -> bytes:
        """Return the spoken text as MP3; raises SynthesisError."""
        if not self.can_speak(language):
            raise SynthesisError(f"gTTS does not speak {language}")
        return b"".join(self._speak_piece(piece, language) for piece in pieces_of(text))

    def _speak_piece(self, piece: str, language: str) -> bytes:
        for wait in (*self._waits, None):
            try:
                return b"".join(gtts.tts.gTTS(piece, lang=language, timeout=self._timeout).stream())
            except gtts.tts.gTTSError as error:
                if wait is None or _status(error) != requests.codes.too_many_requests:
                    raise SynthesisError(str(error.msg)) from error
                self._sleep(wait)
            except AssertionError as error:
                raise SynthesisError("there is nothing to say in this text") from error
        raise AssertionError("unreachable")


def pieces_of(text: str) -> tuple[str, ...]:
    """Cut a text at its spaces, which scripts have at phrase ends, into pieces of at most LONGEST_PIECE.

    Raises SynthesisError where a phrase is longer.
    """
    pieces: list[str] = []
    for phrase in text.split():
        if len(phrase) > LONGEST_PIECE:
            raise SynthesisError(f"a phrase of {len(phrase)} letters: put a space where the speaker may breathe")
        if pieces and len(pieces[-1]) + 1 + len(phrase) <= LONGEST_PIECE:
            pieces[-1] += f" {phrase}"
        else:
            pieces.append(phrase)
    return tuple(pieces)


def _status(error: gtts.tts.gTTSError) -> int | None:
    response = error.rsp
    return None if response is None else int(response.status_code)


class _CheckedSession(requests.Session):
    """gTTS sends with verify=False, so that anybody on the way could put words into our mouth; this does not."""

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        options["verify"] = True
        return super().send(request, **options)


# Only gTTS's own view of `requests` is replaced. Its attempt to silence the warnings about unverified connections
# for the whole process fails quietly, too: there is no `packages` here.
gtts.tts.requests = SimpleNamespace(Session=_CheckedSession, Request=requests.Request, exceptions=requests.exceptions)
