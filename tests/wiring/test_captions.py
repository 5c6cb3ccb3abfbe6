"""From a sound's address back to its words."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from gateway.records.contacts import Attempt, Direction
from gateway.records.conversations import Call, Turn
from gateway.records.people import Phone
from gateway.records.status import Channel
from gateway.sandbox.directory import Caption
from gateway.voice.assets import ClipSource
from gateway.voice.prompts import Prompt, Script
from gateway.voice.speaker import placeholder_of, sounds_for
from gateway.voice.voices import Voice
from gateway.voice.wav import placeholder
from gateway.wiring import captions
from gateway.wiring.captions import Captions, said_lately
from tests.support.clips import MemoryClips
from tests.support.world import NINE, World

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


def test_a_clip_played_slowly_has_the_same_caption(store: MemoryClips) -> None:
    clip = store.keep("th", BYE, placeholder(2), ClipSource.RECORDING)
    slow = url(clip.sha256).replace("/audio/", "/audio/slow/")
    assert Captions(SCRIPTS, store)(slow) == Caption("ขอบคุณค่ะ", "th", "Thank you.")


def test_a_name_that_was_just_said_has_the_words_the_call_kept(store: MemoryClips, tmp_path: Path) -> None:
    world = World(tmp_path)
    phone = Phone(e164="+66812345678", line_type="mobile")
    world.add(phone)
    attempt = Attempt(phone=phone.id, direction=Direction.IN, channel=Channel.VOICE, created_at=NINE)
    world.add(attempt)
    call = Call(attempt=attempt.id, carrier_sid="CA1", flow="f", state={"facts": {"language": "nod"}}, opened_at=NINE)
    world.add(call)
    heard = [
        {"prompt": "name.0", "text": "ของสมศรี", "clip": "a" * 64, "back": "for สมศรี"},
        {"prompt": "my/press.1", "text": "၁", "clip": "b" * 64},
    ]
    world.add(Turn(call=call.id, turn_no=0, heard=heard, at=NINE))
    found = Captions(SCRIPTS, store, said_lately(world.database))
    assert found(url("a" * 64)) == Caption("ของสมศรี", "nod", "for สมศรี", is_placeholder=True)
    assert found(url("b" * 64)) == Caption("၁", "my", is_placeholder=True)
    assert found(url("c" * 64)) is None
