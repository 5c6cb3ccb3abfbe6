"""The clips of a call joined into one sound, against copying the same bytes.

Nothing is re-encoded: what comes out holds the very samples that were approved, which the row checks.
"""

from __future__ import annotations

import random

from benchmarks.harness import Result, against, best_of
from gateway.voice.joined import joined
from gateway.voice.wav import wav_of

CLIPS = 14
"""Of a reminder call that is heard to its end; 1 to 5 seconds each."""


def run(quick: bool) -> Result:
    """Measure joining in bytes of sound a second."""
    dice = random.Random(1)
    sounds = [dice.randbytes(dice.randrange(8_000, 40_000)) for _ in range(CLIPS)]
    clips = [wav_of(sound, "which words these are") for sound in sounds]
    size, times = sum(map(len, sounds)), 300 if quick else 3_000
    assert joined(clips) == wav_of(b"".join(sounds))
    copied = bytearray(size)
    whole = b"".join(sounds)

    def copy() -> None:
        for _ in range(times):
            copied[:] = whole

    def fresh_copy() -> None:
        for _ in range(times):
            bytearray(whole)

    def join() -> None:
        for _ in range(times):
            joined(clips)

    ours, fresh, warm = (size * times / best_of(5, work) / 1e6 for work in (join, fresh_copy, copy))
    figures = [
        against("joined against memcpy into memory kept", ours, warm, 0.3, "MB/s"),
        against("joined against memcpy into fresh memory", ours, fresh, 0.3, "MB/s"),
    ]
    return Result("clips", figures, [f"{CLIPS} clips of a call, {size / 8000:.0f} s of sound in all; no re-encoding."])
