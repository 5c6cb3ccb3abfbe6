"""A clip spoken more slowly, at the same pitch, with a little silence after it: for who could not follow.

Made of the very sound that was approved: nobody says the words anew, and none is left out.
"""

from __future__ import annotations

from array import array
from pathlib import Path
from threading import Lock
from typing import Final

from gateway.voice.assets import write_whole
from gateway.voice.wav import RATE, AudioError, Unfit, seconds_of, to_mulaw, wav_of

PACE: Final = 0.8
"""Of the usual one: a fifth slower is clearly slower and still sounds like the speaker."""
PAUSE: Final = 0.4
"""Seconds of silence after each clip, in which a word can sink in before the next one comes."""
LONGEST: Final = 60.0
"""Seconds of sound that are slowed down at all; no clip is longer."""
FOLDER: Final = "slow"

_one_at_a_time = Lock()


def slowly(path: Path) -> Path:
    """The file of the same clip spoken slowly, made when it is first asked for and kept beside the clips.

    One at a time: ten callers who ask at once must not take the machine from the calls that go on. Raises AudioError
    for what is too long or is no telephone WAV.
    """
    slow = path.parent / FOLDER / path.name
    if slow.is_file():
        return slow
    with _one_at_a_time:
        if not slow.is_file():
            slow.parent.mkdir(parents=True, exist_ok=True)
            write_whole(slow, slowed(path.read_bytes()))
    return slow


def slowed(wav: bytes) -> bytes:
    """A telephone WAV at PACE with PAUSE behind it; raises AudioError. A few ms for a second of sound."""
    from gateway.voice.loudness import filtered  # PyAV is large, and most calls go at their usual pace
    from gateway.voice.sound_files import decoded

    if seconds_of(wav) > LONGEST:
        raise AudioError(Unfit.TOO_LONG, longest=LONGEST)
    samples = decoded(wav)
    room = array("f", [0.0] * (round(len(samples) / PACE) - len(samples)))
    drawn_out = filtered(samples + room, ("atempo", str(PACE)))
    quiet = array("f", [0.0] * round(PAUSE * RATE))
    return wav_of(to_mulaw(array("h", [_as_integer(sample) for sample in drawn_out + quiet])))


def _as_integer(sample: float) -> int:
    return max(-32768, min(32767, round(sample * 32767)))
