"""What a handset says when it is recorded: a hum with syllables, another each time. Nobody takes it for words.

Made of the recording's name alone, so that nothing but the name need be kept.
"""

from __future__ import annotations

import io
import math
import wave
from array import array

from gateway.sandbox.chance import between

RATE = 8000  # samples a second: 16-bit, one channel, as Twilio gives them
LOUDEST = 9000
LONGEST = 120.0
_BEFORE_AND_AFTER = 0.4  # seconds of quiet
_SYLLABLE = 0.22  # seconds


def utterance(name: str, seconds: float) -> bytes:
    """Return a WAV of somebody humming for `seconds`, with a little quiet around it; the same name, the same sound."""
    quiet = array("h", [0]) * round(_BEFORE_AND_AFTER * RATE)
    samples, at, left = quiet[:], 0, round(min(max(seconds, 0.0), LONGEST) * RATE)
    while left > 0:
        length = min(left, round(_SYLLABLE * RATE))
        samples.extend(_syllable(between(110.0, 240.0, "pitch", name, at), length))
        at, left = at + 1, left - length
    samples.extend(quiet)
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(RATE)
        wav.writeframes(samples.tobytes())
    return file.getvalue()


def _syllable(hertz: float, length: int) -> array[int]:
    """One swell of a tone with two harmonics, 200 to 700 Hz: what a telephone carries of a voice."""
    step = 2 * math.pi * hertz / RATE
    swell = math.pi / length
    return array(
        "h",
        [
            round(
                LOUDEST
                * math.sin(swell * n)
                * (math.sin(step * n) + 0.6 * math.sin(2 * step * n) + 0.4 * math.sin(3 * step * n))
                / 2
            )
            for n in range(length)
        ],
    )
