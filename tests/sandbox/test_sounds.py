"""How long sounds last."""

from __future__ import annotations

import struct

import pytest

from gateway.sandbox.sounds import is_sound, sound_seconds, speech_seconds


def wav(data: bytes, *, rate: int = 8000, claimed: int | None = None, extra: bytes = b"") -> bytes:
    size = len(data) if claimed is None else claimed
    form = struct.pack("<IHHIIHH", 16, 7, 1, 8000, rate, 1, 8)
    return b"RIFF\x00\x00\x00\x00WAVEfmt " + form + extra + b"data" + struct.pack("<I", size) + data


LIST_CHUNK = b"LIST" + struct.pack("<I", 5) + b"hello\x00"


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        (wav(bytes(16_000)), 2.0),
        (wav(bytes(16_000), extra=LIST_CHUNK), 2.0),
        (wav(bytes(16_000), claimed=0xFFFFFFFF), 2.0),
        (wav(bytes(32_000), rate=16_000), 2.0),
        (wav(b""), 0.0),
        (b"", 0.0),
    ],
)
def test_a_wav_lasts_what_its_data_lasts(body: bytes, seconds: float) -> None:
    assert sound_seconds(body) == seconds


def test_other_sounds_are_reckoned_by_their_usual_rate() -> None:
    assert (sound_seconds(bytes(8000), "audio/basic"), sound_seconds(bytes(8000), "audio/mpeg")) == (1.0, 2.0)


def test_a_page_is_no_sound() -> None:
    assert (is_sound("Audio/WAV"), is_sound("text/html; charset=utf-8")) == (True, False)


def test_a_longer_sentence_takes_longer() -> None:
    assert speech_seconds("สวัสดีครับ") > speech_seconds("ครับ") > 0
