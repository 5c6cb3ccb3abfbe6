"""Telephone sound."""

from __future__ import annotations

import io
import math
import time
from array import array
from itertools import pairwise

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.voice.wav import RATE, AudioError, WavFormat, placeholder, read_wav, seconds_of, to_mulaw, wav_of


def decoded(wav: bytes) -> array[int]:
    samples: array[int] = array("h")
    with av.open(io.BytesIO(wav)) as container:
        for frame in container.decode(audio=0):
            samples.frombytes(bytes(frame.planes[0])[: frame.samples * 2])
    return samples


def test_the_file_is_mono_mu_law_at_8_khz() -> None:
    assert read_wav(wav_of(b"\xff" * 801)) == WavFormat(tag=7, channels=1, rate=8000, bits=8, data_bytes=801)
    assert wav_of(b"\xff" * 800)[58:] == b"\xff" * 800


def test_the_sizes_in_the_header_are_those_of_the_file() -> None:
    for count in (800, 801):
        wav = wav_of(b"\xff" * count)
        assert int.from_bytes(wav[4:8], "little") == len(wav) - 8


@given(st.lists(st.integers(-32768, 32767), min_size=1, max_size=50))
def test_samples_come_back_within_the_steps_of_mu_law(values: list[int]) -> None:
    back = decoded(wav_of(to_mulaw(array("h", values))))
    for sent, heard in zip(values, back, strict=True):
        assert abs(sent - heard) <= max(8, abs(sent) // 16)  # sixteen steps to the octave, G.711 table 2


def test_a_wav_says_how_long_it_plays() -> None:
    assert seconds_of(wav_of(b"\xff" * 12_000)) == 1.5


@pytest.mark.parametrize("data", [b"", b"RIFF", b"RIFF\0\0\0\0WAVE", b"ID3 an mp3", wav_of(b"\xff" * 8)[:30]])
def test_what_is_no_wav_is_refused(data: bytes) -> None:
    with pytest.raises(AudioError):
        seconds_of(data)


def test_a_wav_of_another_kind_is_refused() -> None:
    wav = bytearray(wav_of(b"\xff" * 800))
    wav[20] = 1  # says it is linear
    with pytest.raises(AudioError, match="mu-law"):
        seconds_of(bytes(wav))


@pytest.mark.parametrize(("asked", "lasts"), [(3.21, 3.2), (12.0, 12.0), (0.2, 1.0)])
def test_a_placeholder_lasts_as_long_as_the_words_would(asked: float, lasts: float) -> None:
    assert seconds_of(placeholder(asked)) == pytest.approx(lasts)


def test_a_placeholder_is_two_beeps_of_one_pitch_and_then_mostly_silence() -> None:
    samples = decoded(placeholder(4.0))
    beep = samples[: round(0.12 * RATE)]
    crossings = sum(a < 0 <= b for a, b in pairwise(beep))
    assert crossings / 0.12 == pytest.approx(800, rel=0.05)
    rest = samples[round(0.6 * RATE) :]
    assert sum(sample == 0 for sample in rest) / len(rest) > 0.8
    assert max(rest) > 1000


def test_a_placeholder_is_the_same_every_time() -> None:
    assert placeholder(2.0) == placeholder(2.04)


def test_a_placeholder_is_made_in_no_time() -> None:
    placeholder(1.0)
    start = time.perf_counter()
    for _ in range(10):
        placeholder(10.0)
    assert (time.perf_counter() - start) / 10 < 0.01


def test_loudness_is_kept_by_a_round_trip() -> None:
    tone = array("h", [round(10_000 * math.sin(n / 5)) for n in range(8000)])
    back = decoded(wav_of(to_mulaw(tone)))
    assert sum(map(abs, back)) == pytest.approx(sum(map(abs, tone)), rel=0.02)
