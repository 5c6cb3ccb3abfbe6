"""Taking sound in: whatever a recorder or a synthesiser gave becomes a telephone WAV of one loudness.

PyAV alone does it, without an ffmpeg program (facts/thailand.md §8). Only taking in needs it, never a call.
"""

from __future__ import annotations

import io
from array import array
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

import av
import av.filter

from gateway.voice.wav import RATE, AudioError, to_mulaw, wav_of

SHORTEST: Final = 0.3
LONGEST: Final = 60.0
LARGEST: Final = 20_000_000
"""What is taken in: seconds, seconds, bytes. Below 0.3 s the loudness filter makes a clip 12 dB too loud."""

_SILENT_PEAK: Final = 330  # of 32768: -40 dB; the quietest speech peaks far above it
_PHONE: Final = ("aformat", "sample_fmts=s16:sample_rates=8000:channel_layouts=mono")
_LEVEL: Final = (("highpass", "f=120"), ("loudnorm", "I=-19:TP=-3:LRA=7"), _PHONE)


def normalise(data: bytes) -> bytes:
    """Turn an MP3, WebM, Ogg or WAV recording into a telephone WAV at -19 LUFS, its rumble cut below 120 Hz.

    About 35 ms a second of sound. Raises AudioError when it cannot be read, is too short, too long or silent.
    """
    if len(data) > LARGEST:
        raise AudioError(f"larger than {LARGEST // 1_000_000} MB")
    plain = _decoded(data, (_PHONE,))
    seconds = len(plain) / RATE
    if not SHORTEST <= seconds <= LONGEST:
        raise AudioError(f"{seconds:.1f} s long: must be between {SHORTEST} s and {LONGEST:.0f} s")
    # Asked before the loudness filter, which would raise the hiss of an empty room to the level of a voice.
    if max(max(plain), -min(plain)) < _SILENT_PEAK:
        raise AudioError("silent")
    return wav_of(to_mulaw(_decoded(data, _LEVEL)))


def _decoded(data: bytes, filters: tuple[tuple[str, str], ...]) -> array[int]:
    samples: array[int] = array("h")
    try:
        with av.open(io.BytesIO(data)) as container:
            if not container.streams.audio:
                raise AudioError("there is no sound in this file")
            for frame in _filtered(container, filters):
                samples.frombytes(bytes(frame.planes[0])[: frame.samples * 2])
                if len(samples) > (LONGEST + 1) * RATE:
                    raise AudioError(f"longer than {LONGEST:.0f} s")
    except av.FFmpegError as error:
        raise AudioError(f"cannot be read as sound: {error.strerror}") from error
    return samples


def _filtered(container: Any, filters: tuple[tuple[str, str], ...]) -> Iterator[Any]:
    stream = container.streams.audio[0]
    graph = av.filter.Graph()
    nodes = [graph.add_abuffer(template=stream), *(graph.add(*step) for step in filters), graph.add("abuffersink")]
    graph.link_nodes(*nodes).configure()
    for frame in _frames(container, stream):
        graph.push(frame)
        yield from _waiting(graph)
    graph.push(None)
    yield from _waiting(graph)


def _frames(container: Any, stream: Any) -> Iterator[Any]:
    for packet in container.demux(stream):
        # Where two MP3 files were joined, the second one's tag stands amid the sound: players skip it, and so do we.
        with suppress(av.InvalidDataError):
            yield from packet.decode()


def _waiting(graph: Any) -> Iterator[Any]:
    while True:
        try:
            yield graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return
