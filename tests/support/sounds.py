"""Sounds made for tests: a tone, something like a voice, and both as recorders would have written them."""

from __future__ import annotations

import io
import math
import wave
from array import array

import av


def pcm(samples: list[float], rate: int = 16000) -> bytes:
    """A WAV file of 16 bits; what is beyond full scale is cut off, as a recorder would."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(array("h", [round(32767 * max(-1.0, min(1.0, sample))) for sample in samples]).tobytes())
    return buffer.getvalue()


def tone(seconds: float = 1.0, loudness: int = 8000, rate: int = 16000) -> bytes:
    """A steady tone of 440 Hz; its loudness of 32767."""
    return pcm([loudness / 32767 * math.sin(2 * math.pi * 440 * n / rate) for n in range(round(seconds * rate))], rate)


def voice(seconds: float, level: float = 0.3, *, quiet: float = 0.5, hiss: float = 0.0, rate: int = 16000) -> bytes:
    """Syllables of a low voice, four a second, with as much quiet before and after; all in parts of full scale."""
    noise = [hiss * math.sin(n * n * 0.7) for n in range(997)]
    silence = [0.0] * round(quiet * rate)
    said = [level * _syllable(n / rate) * _larynx(n / rate) for n in range(round(seconds * rate))]
    sound = silence + said + silence
    return pcm([sample + noise[n % 997] for n, sample in enumerate(sound)], rate)


def encoded(wav: bytes, container: str, codec: str, rate: int = 48000, **tags: str) -> bytes:
    """The same sound as a browser or a telephone would have kept it; `tags` are written into the file."""
    buffer = io.BytesIO()
    with av.open(io.BytesIO(wav)) as source, av.open(buffer, "w", format=container) as target:
        target.metadata.update(tags)
        stream = target.add_stream(codec, rate=rate)
        resampler = av.AudioResampler(
            format=stream.format, layout="mono", rate=rate, frame_size=stream.frame_size or 960
        )
        for frame in [*source.decode(audio=0), None]:
            for piece in resampler.resample(frame):
                target.mux(stream.encode(piece))
        target.mux(stream.encode(None))
    return buffer.getvalue()


def _syllable(at: float) -> float:
    return max(0.05, math.sin(math.pi * (at * 4 % 1)))


def _larynx(at: float) -> float:
    return sum(math.sin(2 * math.pi * 160 * harmonic * at) / harmonic for harmonic in range(1, 8)) / 1.9
