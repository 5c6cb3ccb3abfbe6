"""From a sound's address back to its words."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from gateway.sandbox.directory import Caption
from gateway.voice.assets import ClipSource
from gateway.voice.prompts import Prompt, Script
from gateway.voice.speaker import placeholder_of, sounds_for
from gateway.voice.voices import Voice
from gateway.voice.wav import placeholder
from gateway.wiring import captions
from gateway.wiring.captions import Captions
from tests.support.clips import MemoryClips

BYE, BYE_TOO = Prompt("bye", "ขอบคุณค่ะ", back="Thank you."), Prompt("safety", "ขอบคุณคะ")
SCRIPTS = {"th": Script("th", {"bye": BYE, "safety": BYE_TOO})}


@pytest.fixture
def store(tmp_path: Path) -> MemoryClips:
    return MemoryClips(tmp_path)


def url(sha256: str) -> str:
    return f"http://127.0.0.1:8000/audio/{sha256}.wav"


def test_a_placeholder_says_its_own_text_and_not_another_of_the_same_length(store: MemoryClips) -> None:
    found = Captions(SCRIPTS, store)
    first, second = sounds_for(store, SCRIPTS["th"], Voice("th", "", stands_in=True), ["bye", "safety"])
    assert found(url(first.sha256)) == Caption("ขอบคุณค่ะ", "th", "Thank you.", is_placeholder=True)
    assert found(url(second.sha256)) == Caption("ขอบคุณคะ", "th", "", is_placeholder=True)
    assert first.seconds == second.seconds


def test_a_clip_that_was_spoken_is_no_placeholder(store: MemoryClips) -> None:
    clip = store.keep("th", BYE, placeholder(2), ClipSource.SYNTHESIS)
    assert Captions(SCRIPTS, store)(url(clip.sha256)) == Caption("ขอบคุณค่ะ", "th", "Thank you.")


def test_a_clip_of_an_older_text_has_no_caption(store: MemoryClips) -> None:
    clip = store.keep("th", Prompt("bye", "สวัสดีค่ะ"), placeholder(2), ClipSource.SYNTHESIS)
    assert Captions(SCRIPTS, store)(url(clip.sha256)) is None


def test_a_clip_that_was_made_meanwhile_is_found_at_the_next_look(
    store: MemoryClips, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(captions, "LOOK_AGAIN", 0.0)
    found = Captions(SCRIPTS, store)
    assert found(url("0" * 64)) is None
    clip = store.keep("th", BYE, placeholder(2), ClipSource.RECORDING)
    assert found(url(clip.sha256)) == Caption("ขอบคุณค่ะ", "th", "Thank you.")


@pytest.mark.parametrize("address", ["", "/audio/x.wav", "http://127.0.0.1/other.wav", url("0" * 63)])
def test_a_sound_that_is_none_of_ours_has_no_caption(store: MemoryClips, address: str) -> None:
    assert Captions(SCRIPTS, store)(address) is None


def test_the_comment_in_a_placeholder_is_its_texts_hash(store: MemoryClips) -> None:
    sound = placeholder_of(BYE, SCRIPTS["th"])
    assert hashlib.sha256(BYE.text.encode()).hexdigest().encode() in sound
