"""Opening files that somebody sent: recorders' kinds, and whatever else it may be."""

from __future__ import annotations

import io
import math
import random
import struct
import time
from array import array
from collections.abc import Iterable, Iterator
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any, ClassVar

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.voice import sound_files
from gateway.voice.audio import normalise
from gateway.voice.sound_files import decoded
from gateway.voice.wav import AudioError, Unfit, seconds_of
from tests.support.sounds import encoded, tone, voice


class Elsewhere(BaseHTTPRequestHandler):
    """Somebody's server, which must not be asked for anything."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_error(404)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    Elsewhere.asked.clear()
    with HTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/track.mp3"
        server.shutdown()
        thread.join()


def film(*, sound: bool, streams: int = 1, width: int = 64) -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="matroska") as target:
        pictures = [target.add_stream("mpeg4", rate=Fraction(5)) for _ in range(streams)]
        for picture in pictures:
            picture.width, picture.height, picture.pix_fmt = width, 64, "yuv420p"
        track = target.add_stream("libopus", rate=48000) if sound else None
        for picture in pictures:
            target.mux(picture.encode(av.VideoFrame(width, 64, "yuv420p")))
            target.mux(picture.encode(None))
        if track is not None:
            resampler = av.AudioResampler(format=track.format, layout="mono", rate=48000, frame_size=960)
            with av.open(io.BytesIO(tone())) as source:
                for frame in source.decode(audio=0):
                    for piece in resampler.resample(frame):
                        target.mux(track.encode(piece))
            target.mux(track.encode(None))
    return buffer.getvalue()


def then_it_is_refused(data: bytes, *reasons: Unfit) -> None:
    begin = time.perf_counter()
    with pytest.raises(AudioError) as refused:
        decoded(data)
    assert refused.value.reason in reasons
    assert time.perf_counter() - begin < 5


def outcome_of(data: bytes) -> str:
    begin = time.perf_counter()
    try:
        outcome = "sound" if len(decoded(data)) <= sound_files.LONGEST_FILE * 8000 else "endless"
    except AudioError as refused:
        outcome = refused.reason
    return outcome if time.perf_counter() - begin < 5 else "slow"


def test_a_list_of_addresses_is_no_sound_and_nobody_is_asked(elsewhere: str) -> None:
    for text in (f"#EXTM3U\n#EXTINF:1,\n{elsewhere}\n", f"ffconcat version 1.0\nfile '{elsewhere}'\n"):
        then_it_is_refused(text.encode(), Unfit.NOT_SOUND)
    assert Elsewhere.asked == []


def test_a_list_of_files_on_this_machine_is_no_sound() -> None:
    then_it_is_refused(b"ffconcat version 1.0\nfile '/etc/passwd'\n", Unfit.NOT_SOUND)


def test_the_sound_of_a_film_is_taken_and_its_pictures_are_not_looked_at() -> None:
    assert len(decoded(film(sound=True))) == pytest.approx(8000, abs=800)


def test_a_film_without_sound_is_said_to_have_none() -> None:
    then_it_is_refused(film(sound=False), Unfit.NO_SOUND)


def test_a_file_of_many_tracks_is_refused() -> None:
    then_it_is_refused(film(sound=True, streams=30), Unfit.NOT_SOUND, Unfit.NO_SOUND)


def test_a_file_that_claims_more_than_it_has_is_taken_for_what_it_has() -> None:
    wav = bytearray(tone(1.0))
    wav[40:44] = struct.pack("<I", 0xFFFFFFF0)
    assert len(decoded(bytes(wav))) == pytest.approx(8000, abs=10)


def test_a_small_file_of_endless_sound_is_broken_off() -> None:
    silence = encoded(tone(125, 0, rate=8000), "flac", "flac", rate=8000)
    assert len(silence) < 50_000
    then_it_is_refused(silence, Unfit.TOO_LONG)


def test_a_file_of_nothing_but_rubbish_behind_a_good_beginning_ends_soon() -> None:
    rubbish = random.Random(4).randbytes(2_000_000)
    good = encoded(tone(), "mp3", "libmp3lame")
    assert outcome_of(good + rubbish) in ("sound", Unfit.NOT_SOUND, Unfit.TOO_LONG)


def test_a_file_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound_files, "_PATIENCE", -1.0)
    then_it_is_refused(tone(), Unfit.NOT_SOUND)


def fractions(samples: Iterable[float], kind: str = "f", *, channels: int = 1, rate: int = 16000) -> bytes:
    """A WAV file of 32-bit ("f") or 64-bit ("d") fractions, where anything may stand for a sample."""
    data, size = array(kind, samples).tobytes(), array(kind).itemsize
    shape = struct.pack("<HHIIHH", 3, channels, rate, rate * channels * size, channels * size, 8 * size)
    body = b"WAVEfmt " + struct.pack("<I", 16) + shape + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


SINE = [0.3 * math.sin(n / 6) for n in range(16000)]


@pytest.mark.parametrize("kind", ["f", "d"])
@pytest.mark.parametrize("strange", [math.nan, math.inf, -math.inf, 3e38])
def test_what_is_no_number_is_no_sound_be_it_all_or_one_sample(kind: str, strange: float) -> None:
    assert len(decoded(fractions(SINE, kind))) == 8000
    then_it_is_refused(fractions([strange] * 16000, kind), Unfit.NOT_SOUND)
    then_it_is_refused(fractions([*SINE, strange, *SINE], kind), Unfit.NOT_SOUND)


@settings(max_examples=40, deadline=None)
@given(
    st.binary(min_size=8, max_size=80).map(lambda some: some * 200), st.sampled_from("fd"), st.sampled_from([1, 2, 8])
)
def test_any_bytes_at_all_as_fractions_are_a_telephone_sound_or_a_sentence(
    data: bytes, kind: str, channels: int
) -> None:
    whole = array(kind, data[: len(data) // 16 * 16])
    assert taken_in(fractions(whole, kind, channels=channels, rate=8000)) in ("a clip", *Unfit)


def taken_in(data: bytes) -> str:
    try:
        return "a clip" if seconds_of(normalise(data)) > 0 else "nothing"
    except AudioError as refused:
        return refused.reason


@pytest.mark.parametrize(("channels", "rate"), [(0, 16000), (1, 0), (1, 1), (1, 3), (1, 192_001), (9, 16000)])
def test_a_file_of_no_channel_or_of_a_rate_no_recorder_has_is_refused_at_once(channels: int, rate: int) -> None:
    begin = time.perf_counter()
    then_it_is_refused(fractions(SINE, channels=channels, rate=rate), Unfit.NOT_SOUND, Unfit.NO_SOUND)
    assert time.perf_counter() - begin < 2


@pytest.mark.parametrize("seed", range(6))
def test_a_damaged_file_is_a_sound_or_a_sentence_and_nothing_else(seed: int) -> None:
    chance = random.Random(seed)
    kinds = [("webm", "libopus"), ("mp3", "libmp3lame"), ("ipod", "aac")]
    data = bytearray(encoded(voice(0.5), *kinds[seed % 3]))
    for _ in range(40):
        data[chance.randrange(12, len(data))] = chance.randrange(256)
    assert outcome_of(bytes(data[: chance.randrange(200, len(data))])) in ("sound", *Unfit)
