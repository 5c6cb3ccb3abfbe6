"""How loud a sound is, and making it as loud as all others: one voice must not shout where another whispers."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator
from typing import Any, Final

import av
import av.filter

from gateway.voice.wav import RATE

TARGET: Final = -19.0
"""LUFS (EBU R 128) of every clip, measured as it is played, with the short silence around it."""

_NEAR: Final = 0.2  # dB; nobody hears less
_ROUNDS: Final = 4
_MOST_GAIN: Final = 40.0  # dB; what needs more is hiss
# Peaks are held at -3 dB without making quiet parts louder; what that takes away the next round gives back.
_CEILING: Final = ("alimiter", "limit=0.7:level=disabled:attack=5:release=50:latency=1")


def loudness(samples: array[float]) -> float:
    """Return the integrated loudness in LUFS; -inf for silence and for less than 0.4 s."""
    frames = list(_through(samples, ("ebur128", "metadata=1")))
    measured = [frame.metadata["lavfi.r128.I"] for frame in frames if "lavfi.r128.I" in frame.metadata]
    found = float(measured[-1]) if measured else -math.inf
    return found if found > -70 else -math.inf  # -70 is where R 128 stops listening


def levelled(samples: array[float]) -> array[float]:
    """Return the sound at TARGET, or as near to it as peaks and _MOST_GAIN allow; silence stays silent."""
    gain = TARGET - loudness(samples)
    if math.isinf(gain):
        return samples
    result = samples
    for _ in range(_ROUNDS):
        gain = min(gain, _MOST_GAIN)
        result = filtered(samples, ("volume", f"{gain:.2f}dB"), _CEILING)
        off = TARGET - loudness(result)
        if abs(off) <= _NEAR or math.isinf(off):
            break
        gain += off
    return result


def filtered(samples: array[float], *filters: tuple[str, str]) -> array[float]:
    """Return the sound after these filters of the library; it stays as long as it was."""
    result = array("f")
    for frame in _through(samples, *filters):
        result.frombytes(bytes(frame.planes[0])[: frame.samples * 4])
    result.extend([0.0] * (len(samples) - len(result)))
    return result[: len(samples)]


def _through(samples: array[float], *filters: tuple[str, str]) -> Iterator[Any]:
    graph = av.filter.Graph()
    source = graph.add_abuffer(format="flt", sample_rate=RATE, layout="mono")
    shape = graph.add("aformat", f"sample_fmts=flt:sample_rates={RATE}:channel_layouts=mono")
    graph.link_nodes(source, *(graph.add(*step) for step in filters), shape, graph.add("abuffersink")).configure()
    graph.push(_frame(samples))
    graph.push(None)
    while True:
        try:
            yield graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return


def _frame(samples: array[float]) -> Any:
    frame = av.AudioFrame(format="flt", layout="mono", samples=len(samples))
    frame.sample_rate = RATE
    frame.planes[0].update(samples.tobytes().ljust(frame.planes[0].buffer_size, b"\0"))
    return frame
