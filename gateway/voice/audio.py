"""Taking sound in: whatever a recorder or a synthesiser gave becomes a telephone WAV of one loudness.

PyAV alone does it, without an ffmpeg program (facts/thailand.md §8). Only taking in needs it, never a call.
"""

from __future__ import annotations

import math
from array import array
from operator import mul
from typing import Final

from gateway.voice.loudness import filtered, levelled
from gateway.voice.sound_files import decoded
from gateway.voice.wav import RATE, AudioError, Unfit, to_mulaw, wav_of

SHORTEST: Final = 0.2
LONGEST: Final = 60.0
LARGEST: Final = 20_000_000
"""What is taken in: seconds of sound between its first and its last, bytes. A Thai "six" alone lasts 0.3 s."""

MARGIN: Final = 0.15
"""Seconds of quiet left before and after the sound: clips follow one another without running into one another."""

_RUMBLE: Final = ("highpass", "f=120")  # a telephone does not carry it, and a fan would hide where speech begins
_WINDOW: Final = RATE // 50
_SILENT: Final = -46.0  # dB of full scale, the loudest 20 ms: the quietest speech is far above it
_FADE: Final = RATE // 200  # 5 ms, so that a cut does not click
_FULL: Final = 0.97  # mu-law's own greatest value is 0.98 of full scale
_MOST_AT_FULL: Final = 0.005  # a share of the sound: below it nobody hears on a telephone that tops were cut


def normalise(data: bytes) -> bytes:
    """Turn a recording of any usual kind into a telephone WAV at -19 LUFS, without rumble, its ends trimmed to MARGIN.

    Nothing but the sound is kept: no name, place or date that a recorder wrote into the file. What comes out goes in
    again unchanged in loudness and length. About 5 ms a second of sound. Raises AudioError saying what is wrong.
    """
    if len(data) > LARGEST:
        raise AudioError(Unfit.TOO_LARGE, megabytes=math.ceil(len(data) / 1e6), largest=LARGEST // 1_000_000)
    heard = decoded(data)
    sound = _trimmed(filtered(heard, _RUMBLE))
    _check_tops(heard, len(sound))
    return wav_of(to_mulaw(_as_integers(levelled(sound))))


def _check_tops(heard: array[float], sounding: int) -> None:
    at_full = sum(1 for sample in heard if not -_FULL < sample < _FULL)
    share = at_full / sounding
    if share > _MOST_AT_FULL:
        raise AudioError(Unfit.CLIPPED, percent=round(100 * share, 1))


def _trimmed(samples: array[float]) -> array[float]:
    """Return the sound with MARGIN of what was around it, or of silence; raises AudioError by its length."""
    first, last = _ends(_levels(samples))
    seconds = (last - first) / RATE
    if seconds < SHORTEST:
        raise AudioError(Unfit.TOO_SHORT, seconds=round(seconds, 2), shortest=SHORTEST)
    if seconds > LONGEST:
        raise AudioError(Unfit.TOO_LONG, longest=LONGEST)
    margin = round(MARGIN * RATE)
    start, end = max(0, first - margin), min(len(samples), last + margin)
    before, after = margin - (first - start), margin - (end - min(last, len(samples)))
    return array("f", [0.0] * before) + _faded(samples[start:end]) + array("f", [0.0] * after)


def _levels(samples: array[float]) -> list[float]:
    """The level of each 20 ms in dB of full scale."""
    windows = (samples[at : at + _WINDOW] for at in range(0, len(samples), _WINDOW))
    return [10 * math.log10(sum(map(mul, window, window)) / len(window) + 1e-12) for window in windows]


def _ends(levels: list[float]) -> tuple[int, int]:
    """Return where sound begins and where it ends, in samples; raises AudioError where there is none."""
    loudest, quiet = max(levels), sorted(levels)[len(levels) // 10]
    if loudest < _SILENT:
        raise AudioError(Unfit.SILENT)
    # A little above the room's own noise; yet a phrase without any pause has no noise to go by.
    threshold = max(_SILENT - 6, loudest - 35, min(quiet + 6, loudest - 20))
    sounding = [position for position, level in enumerate(levels) if level > threshold]
    return sounding[0] * _WINDOW, (sounding[-1] + 1) * _WINDOW


def _faded(samples: array[float]) -> array[float]:
    for position in range(_FADE):
        samples[position] *= position / _FADE
        samples[-1 - position] *= position / _FADE
    return samples


def _as_integers(samples: array[float]) -> array[int]:
    return array("h", [max(-32768, min(32767, round(sample * 32767))) for sample in samples])
