"""How long a prompt lasts: sounds by their length in bytes, words by their number of letters."""

from __future__ import annotations

import struct

# Telephone sound: 8 kHz mono mu-law, one byte a sample; Twilio turns everything else into it.
BYTES_PER_SECOND = 8000
# About 14 letters a second, which is how fast Thai and English are read aloud; an assumption.
SECONDS_PER_LETTER = 0.07
NOT_A_SOUND = 13420

_AUDIO_TYPES = ("audio/", "application/octet-stream")
_MP3_BYTES_PER_SECOND = 4000  # 32 kbit/s, as speech is usually packed


def is_sound(content_type: str) -> bool:
    """Say whether a network would play something served as `content_type`."""
    return content_type.lower().startswith(_AUDIO_TYPES)


def sound_seconds(body: bytes, content_type: str = "audio/wav") -> float:
    """Return how long `body` plays; a WAV by its header, other formats by their usual rate."""
    if body[:4] == b"RIFF" and body[8:12] == b"WAVE":
        return _wav_seconds(body)
    rate = _MP3_BYTES_PER_SECOND if "mpeg" in content_type or "mp3" in content_type else BYTES_PER_SECOND
    return len(body) / rate


def speech_seconds(text: str) -> float:
    """Return how long it takes to say `text`."""
    return len(text) * SECONDS_PER_LETTER


def _wav_seconds(body: bytes) -> float:
    """Walk the chunks: a header is not always 44 bytes (PyAV writes 92), and a streamed one does not know its size."""
    rate, at = BYTES_PER_SECOND, 12
    while at + 8 <= len(body):
        name, size = struct.unpack_from("<4sI", body, at)
        at += 8
        if name == b"fmt " and at + 12 <= len(body):
            rate = struct.unpack_from("<I", body, at + 8)[0] or BYTES_PER_SECOND
        if name == b"data":
            return float(min(size, len(body) - at) / rate)
        at += size + size % 2
    return len(body) / BYTES_PER_SECOND
