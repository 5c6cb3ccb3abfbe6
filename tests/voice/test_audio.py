"""Taking recordings in."""

from __future__ import annotations

import io
import math
import wave
from array import array

import av
import pytest

from gateway.voice import audio
from gateway.voice.audio import normalise
from gateway.voice.wav import AudioError, placeholder, seconds_of, wav_of


def tone(seconds: float = 1.0, loudness: int = 8000, rate: int = 16000) -> bytes:
    samples = array("h", [round(loudness * math.sin(2 * math.pi * 440 * n / rate)) for n in range(int(seconds * rate))])
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(samples.tobytes())
    return buffer.getvalue()


def encoded(wav: bytes, container: str, codec: str, rate: int = 48000) -> bytes:
    buffer = io.BytesIO()
    with av.open(io.BytesIO(wav)) as source, av.open(buffer, "w", format=container) as target:
        stream = target.add_stream(codec, rate=rate)
        resampler = av.AudioResampler(
            format=stream.format, layout="mono", rate=rate, frame_size=stream.frame_size or 960
        )
        for frame in [*source.decode(audio=0), None]:
            for piece in resampler.resample(frame):
                target.mux(stream.encode(piece))
        target.mux(stream.encode(None))
    return buffer.getvalue()


def loudness(wav: bytes) -> float:
    with av.open(io.BytesIO(wav)) as container:
        samples = [
            s for frame in container.decode(audio=0) for s in array("h", bytes(frame.planes[0]))[: frame.samples]
        ]
    return 10 * math.log10(sum(s * s for s in samples) / len(samples) / 32768**2)


@pytest.mark.parametrize(("container", "codec"), [("mp3", "libmp3lame"), ("webm", "libopus"), ("ogg", "libopus")])
def test_what_browsers_and_machines_record_becomes_a_telephone_wav(container: str, codec: str) -> None:
    assert seconds_of(normalise(encoded(tone(), container, codec))) == pytest.approx(1.0, abs=0.15)


def test_soft_and_loud_recordings_come_out_alike() -> None:
    assert loudness(normalise(tone(2.0, 600))) == pytest.approx(loudness(normalise(tone(2.0, 20000))), abs=1.5)


def test_joined_mp3_pieces_are_one_sound() -> None:
    piece = encoded(tone(), "mp3", "libmp3lame")
    assert seconds_of(normalise(piece + piece)) == pytest.approx(2.0, abs=0.3)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "cannot be read"),
        (b"not a sound" * 50, "cannot be read"),
        (tone(0.2), "long: must be"),
        (tone(1.0, 0), "silent"),
        (tone(1.0, 100), "silent"),
        (wav_of(b"\xff" * 8000), "silent"),
    ],
)
def test_what_cannot_be_played_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(AudioError, match=reason):
        normalise(data)


def test_a_recording_that_is_too_long_is_refused() -> None:
    with pytest.raises(AudioError, match="long"):
        normalise(placeholder(63))


def test_a_file_that_is_too_large_is_not_even_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio, "LARGEST", 10)
    with pytest.raises(AudioError, match="larger"):
        normalise(tone())
