"""Opening a sound file somebody sent: only the kinds of recorders and synthesisers, within bounded time and memory.

A file is given to the one reader its first bytes ask for. Left to itself the library tries every reader it has, and
some of those are lists of addresses that it would then go and fetch.
"""

from __future__ import annotations

import io
import time
from array import array
from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final

import av

from gateway.voice.wav import RATE, AudioError, Unfit

LONGEST_FILE: Final = 120.0
"""Seconds that are read at all: a phrase, and the silence around it while somebody looks for the button."""

_PATIENCE: Final = 15.0  # real seconds for one file; two minutes of sound take less than one
_BEYOND_SOUND: Final = 1e6  # a file of fractions may hold anything; the most that a careless program writes is 32768
_MOST_CHANNELS, _LOWEST_RATE, _HIGHEST_RATE = 8, 4_000, 192_000  # one sample a second is hours out of a few kilobytes
_READERS: Final = ((b"OggS", "ogg"), (b"\x1a\x45\xdf\xa3", "matroska"), (b"fLaC", "flac"), (b"ID3", "mp3"),
                   (b"#!AMR", "amr"))  # fmt: skip
_LIMITS: Final = {
    # Sound only: a picture in a video file is not even looked at.
    "codec_whitelist": "opus,libopus,vorbis,libvorbis,mp3,mp3float,mp2,mp2float,aac,flac,alac,amrnb,amrwb,pcm_mulaw,"
    "pcm_alaw,pcm_u8,pcm_s16le,pcm_s24le,pcm_s32le,pcm_f32le,pcm_f64le,pcm_s16be",
    "protocol_whitelist": "none",
    "max_streams": "8",
    "probesize": "1000000",
}


def decoded(data: bytes) -> array[float]:
    """Return the first sound in a WAV, MP3, M4A, WebM, Ogg, FLAC or AMR file: one channel, 8,000 a second, full is 1.

    Raises AudioError where it is none of these, holds no sound or no numbers, or takes longer than LONGEST_FILE.
    """
    samples = array("f")
    until = time.monotonic() + _PATIENCE
    try:
        with av.open(io.BytesIO(data), format=_reader(data), options=_LIMITS) as container:
            for frame in _at_telephone_rate(_frames(container, until)):
                samples.frombytes(bytes(frame.planes[0])[: frame.samples * 4])
                if len(samples) > LONGEST_FILE * RATE:
                    raise AudioError(Unfit.TOO_LONG, longest=LONGEST_FILE)
    except (av.FFmpegError, ValueError, MemoryError) as error:
        raise error if isinstance(error, AudioError) else AudioError(Unfit.NOT_SOUND) from error
    if not samples:
        raise AudioError(Unfit.NO_SOUND)
    if not all(-_BEYOND_SOUND < sample < _BEYOND_SOUND for sample in samples):  # what is no number is not within either
        raise AudioError(Unfit.NOT_SOUND)
    return samples


def _reader(data: bytes) -> str:
    """Name the reader for what these bytes say they are."""
    if data[:4] in (b"RIFF", b"RF64") and data[8:12] == b"WAVE":
        return "wav"
    if data[4:8] == b"ftyp":
        return "mp4"
    if len(data) > 4 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0:
        return "aac" if data[1] & 0xF6 == 0xF0 else "mp3"
    for magic, reader in _READERS:
        if data.startswith(magic):
            return reader
    raise AudioError(Unfit.NOT_SOUND)


def _frames(container: Any, until: float) -> Iterator[Any]:
    if not container.streams.audio:
        raise AudioError(Unfit.NO_SOUND)
    stream = container.streams.audio[0]
    for packet in container.demux(stream):
        if time.monotonic() > until:
            raise AudioError(Unfit.NOT_SOUND)
        try:
            frames = packet.decode()
        except av.InvalidDataError:
            # Where two MP3 files were joined, the second one's tag stands amid the sound: players skip it, too.
            continue
        yield from frames


def _at_telephone_rate(frames: Iterator[Any]) -> Iterator[Any]:
    """Resample; a file whose parts differ, as joined ones may, is taken part by part."""
    for (_, channels, rate), part in groupby(frames, _shape):
        if channels > _MOST_CHANNELS or not _LOWEST_RATE <= rate <= _HIGHEST_RATE:
            raise AudioError(Unfit.NOT_SOUND)
        resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
        for frame in part:
            frame.pts = None
            yield from resampler.resample(frame)
        yield from resampler.resample(None)


def _shape(frame: Any) -> tuple[str, int, int]:
    return frame.format.name, frame.layout.nb_channels, frame.sample_rate
