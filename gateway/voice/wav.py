"""Sound as telephones carry it: mu-law, 8,000 samples a second, one channel, in a WAV file."""

from __future__ import annotations

import math
import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final

RATE: Final = 8000
_MULAW: Final = 7  # WAVE format tag
_BIAS, _CLIP = 132, 32635


class Unfit(StrEnum):
    """Why a sound cannot be taken."""

    NOT_SOUND = "not_sound"  # of no kind that is known, or broken
    NO_SOUND = "no_sound"  # a file without a sound track, or without anything in it
    SILENT = "silent"
    TOO_SHORT = "too_short"  # numbers: seconds, shortest
    TOO_LONG = "too_long"  # numbers: longest
    TOO_LARGE = "too_large"  # numbers: megabytes, largest
    CLIPPED = "clipped"  # its tops are cut off; numbers: percent
    WRONG_KIND = "wrong_kind"  # a WAV, but not as telephones carry it: our own mistake, no speaker's


_SENTENCES: Final = {
    Unfit.NOT_SOUND: "this file cannot be opened as sound: record it again, or save it as MP3, M4A, WAV, WebM or OGG",
    Unfit.NO_SOUND: "there is no sound in this file",
    Unfit.SILENT: "nothing can be heard: speak closer to the microphone, and see that it is switched on",
    Unfit.TOO_SHORT: "only {seconds:g} s of sound, and {shortest:g} s is the least: say the whole phrase",
    Unfit.TOO_LONG: "longer than {longest:g} s: record one phrase at a time",
    Unfit.TOO_LARGE: "{megabytes:g} MB, and {largest:g} MB is the most: record one phrase at a time",
    Unfit.CLIPPED: "so loud that {percent:g} % of it crackles: hold the microphone further away and say it again",
    Unfit.WRONG_KIND: "not 8 kHz mono mu-law",
}


class AudioError(ValueError):
    """This is not a sound that can be played to anybody: the `reason`, its `numbers`, and a sentence of both."""

    def __init__(self, reason: Unfit, **numbers: float) -> None:
        super().__init__(_SENTENCES[reason].format(**numbers))
        self.reason, self.numbers = reason, numbers


@dataclass(frozen=True, slots=True)
class WavFormat:
    """What a WAV file says of itself."""

    tag: int
    channels: int
    rate: int
    bits: int
    data_bytes: int


def wav_of(mulaw: bytes, comment: str = "") -> bytes:
    """Return mu-law bytes as a WAV file with a 58-byte header (format tag 7 wants a fact chunk).

    A `comment` (ASCII) is kept behind the sound, where no player looks.
    """
    pad = b"\0" * (len(mulaw) % 2)
    behind = _comment(comment) if comment else b""
    return b"".join((wav_header(len(mulaw), len(behind)), mulaw, pad, behind))


def wav_header(length: int, behind: int = 0) -> bytes:
    """Return the 58 bytes before `length` bytes of mu-law, with `behind` bytes of other chunks after them."""
    fmt = struct.pack("<4sIHHIIHHH", b"fmt ", 18, _MULAW, 1, RATE, RATE, 1, 8, 0)
    fact = struct.pack("<4sII", b"fact", 4, length)
    data = struct.pack("<4sI", b"data", length)
    size = 4 + len(fmt) + len(fact) + len(data) + length + length % 2 + behind
    return struct.pack("<4sI4s", b"RIFF", size, b"WAVE") + fmt + fact + data


def read_wav(wav: bytes) -> WavFormat:
    """Return a WAV file's format and the size of its sound; raises AudioError when it is none."""
    if wav[:4] != b"RIFF" or wav[8:12] != b"WAVE":
        raise AudioError(Unfit.NOT_SOUND)
    chunks = dict(_chunks(wav))
    if b"data" not in chunks or len(chunks.get(b"fmt ", b"")) < 16:
        raise AudioError(Unfit.NO_SOUND)
    tag, channels, rate, _, _, bits = struct.unpack("<HHIIHH", chunks[b"fmt "][:16])
    return WavFormat(tag, channels, rate, bits, len(chunks[b"data"]))


def seconds_of(wav: bytes) -> float:
    """Return how long a telephone WAV file plays; raises AudioError when it is of another kind."""
    if not is_telephone(wav):
        raise AudioError(Unfit.WRONG_KIND)
    return read_wav(wav).data_bytes / RATE


def is_telephone(wav: bytes) -> bool:
    """Whether a WAV file is as telephones carry it; raises AudioError when it is no WAV file."""
    found = read_wav(wav)
    return (found.tag, found.channels, found.rate) == (_MULAW, 1, RATE)


def mulaw_of(wav: bytes) -> memoryview:
    """Return the samples of a WAV file."""
    return memoryview(dict(_chunks(wav))[b"data"])


def to_mulaw(samples: array[int]) -> bytes:
    """Return 16-bit samples as mu-law (ITU-T G.711)."""
    table = _mulaw_table()
    return bytes([table[sample] for sample in samples])


def placeholder(seconds: float, about: str = "") -> bytes:
    """Return a telephone WAV that nobody takes for speech: two soft beeps, then a low tick every half second.

    It lasts about as long as the words would (to a tenth, at least one second); a call in a real voice is a little
    longer, by the quiet that `audio.MARGIN` leaves around every clip. `about` (ASCII) is kept as a comment: with it,
    each text has a sound of its own content, and a page can tell from the sound which words it stands for.
    """
    beep, tick = _placeholder_parts()
    length = max(1.0, round(seconds, 1))
    sound = beep + tick * math.ceil(length * 2)
    return wav_of(sound[: round(length * RATE)], about)


def _comment(text: str) -> bytes:
    words = text.encode("ascii") + b"\0"
    words += b"\0" * (len(words) % 2)
    return struct.pack("<4sI4s4sI", b"LIST", 12 + len(words), b"INFO", b"ICMT", len(words)) + words


def _chunks(wav: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = 12
    while position + 8 <= len(wav):
        name, size = struct.unpack_from("<4sI", wav, position)
        yield name, wav[position + 8 : position + 8 + size]
        position += 8 + size + size % 2


def _encode(sample: int) -> int:
    sign = 0x80 if sample < 0 else 0
    magnitude = min(abs(sample), _CLIP) + _BIAS
    exponent = magnitude.bit_length() - 8
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    return ~(sign | exponent << 4 | mantissa) & 0xFF


@cache
def _mulaw_table() -> bytes:
    # A negative index counts from the end, which is where the negative samples stand.
    return bytes([*map(_encode, range(32768)), *map(_encode, range(-32768, 0))])


@cache
def _placeholder_parts() -> tuple[bytes, bytes]:
    beep = _tone(800, 0.12, 5000)
    opening = beep + _quiet(0.08) + beep + _quiet(0.22)
    return opening, _tone(200, 0.05, 3000) + _quiet(0.45)


def _tone(hertz: int, seconds: float, loudness: int) -> bytes:
    count = round(seconds * RATE)
    fade = count // 5  # without it the ear hears a click
    return bytes(
        _encode(round(loudness * min(1.0, n / fade, (count - n) / fade) * math.sin(2 * math.pi * hertz * n / RATE)))
        for n in range(count)
    )


def _quiet(seconds: float) -> bytes:
    return b"\xff" * round(seconds * RATE)
