"""A clip spoken more slowly: longer, at the same pitch, as loud as before."""

from __future__ import annotations

import itertools
import math
from array import array

import pytest

from gateway.voice.loudness import loudness
from gateway.voice.slow import LONGEST, PACE, PAUSE, slowed
from gateway.voice.sound_files import decoded
from gateway.voice.wav import RATE, AudioError, Unfit, placeholder, seconds_of, to_mulaw, wav_of


def tone(hertz: float, seconds: float) -> bytes:
    samples = (8000 * math.sin(2 * math.pi * hertz * at / RATE) for at in range(round(seconds * RATE)))
    return wav_of(to_mulaw(array("h", [round(sample) for sample in samples])))


def crossings(samples: array[float]) -> int:
    return sum(1 for before, after in itertools.pairwise(samples) if before < 0 <= after)


def test_it_lasts_a_quarter_longer_and_ends_in_silence() -> None:
    slow = slowed(tone(400, 2))

    assert seconds_of(slow) == pytest.approx(2 / PACE + PAUSE, abs=0.01)
    assert max(map(abs, decoded(slow)[-RATE // 4 :])) < 0.01


def test_the_voice_keeps_its_pitch_and_its_loudness() -> None:
    before, after = decoded(tone(400, 2)), decoded(slowed(tone(400, 2)))
    sounding = after[: round(2 / PACE * RATE)]

    assert crossings(sounding) / len(sounding) == pytest.approx(crossings(before) / len(before), rel=0.03)
    assert loudness(sounding) == pytest.approx(loudness(before), abs=1.0)


def test_the_same_clip_is_the_same_slowly() -> None:
    assert slowed(placeholder(1)) == slowed(placeholder(1))


def test_what_is_longer_than_any_clip_is_left_as_it_is() -> None:
    with pytest.raises(AudioError) as error:
        slowed(placeholder(LONGEST + 1))
    assert error.value.reason is Unfit.TOO_LONG
