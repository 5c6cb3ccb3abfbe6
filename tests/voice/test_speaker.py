"""Prompt keys into what is played for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.voice.assets import Clip, ClipSource, Kept
from gateway.voice.prompts import Prompt, Script
from gateway.voice.speaker import MissingPrompt, can_name, sounds_for
from gateway.voice.voices import CARRIER, Voice
from gateway.voice.wav import placeholder
from tests.support.clips import MemoryClips

BYE, SAFETY, TODAY = Prompt("bye", "ขอบคุณค่ะ"), Prompt("safety", "เราไม่ขอเงิน" * 5), Prompt("relative.today", "วันนี้")
SCRIPTS = {"th": Script("th", {"bye": BYE, "safety": SAFETY, "relative.today": TODAY})}


@pytest.fixture
def store(tmp_path: Path) -> MemoryClips:
    return MemoryClips(tmp_path)


def voice_of(store: MemoryClips, *, stands_in: bool = False) -> Voice:
    return Voice("th", "somebody", {key: clips[0] for key, clips in store.kept("th").items()}, stands_in)


def test_clips_come_in_the_order_of_the_keys(store: MemoryClips) -> None:
    bye = store.keep("th", BYE, placeholder(1), ClipSource.RECORDING)
    safety = store.keep("th", SAFETY, placeholder(3), ClipSource.RECORDING)
    found = sounds_for(store, SCRIPTS["th"], voice_of(store), ["safety", "bye", "safety"])
    assert found == [safety, bye, safety]


def test_without_placeholders_a_key_without_sound_refuses_the_call(store: MemoryClips) -> None:
    with pytest.raises(MissingPrompt) as error:
        sounds_for(store, SCRIPTS["th"], voice_of(store), ["bye"])
    assert (error.value.language, error.value.key) == ("th", "bye")


def test_a_stale_clip_is_not_played(store: MemoryClips) -> None:
    store.keep("th", Prompt("bye", "an older text"), placeholder(1), ClipSource.RECORDING)
    with pytest.raises(MissingPrompt):
        sounds_for(store, SCRIPTS["th"], voice_of(store), ["bye"])


def test_a_key_without_text_refuses_the_call_even_where_placeholders_are_allowed(store: MemoryClips) -> None:
    with pytest.raises(MissingPrompt):
        sounds_for(store, SCRIPTS["th"], voice_of(store, stands_in=True), ["ask.coming"])


def test_a_placeholder_stands_in_where_nobody_is_reached(store: MemoryClips) -> None:
    (clip,) = sounds_for(store, SCRIPTS["th"], voice_of(store, stands_in=True), ["safety"])
    assert isinstance(clip, Clip)
    assert clip.source is ClipSource.PLACEHOLDER
    assert clip.seconds == pytest.approx(len(SAFETY.text) / 12, abs=0.06)
    assert store.read(clip.sha256) is not None


def test_a_placeholder_never_hides_that_the_sound_is_missing(store: MemoryClips) -> None:
    sounds_for(store, SCRIPTS["th"], voice_of(store, stands_in=True), ["bye"])
    with pytest.raises(MissingPrompt):
        sounds_for(store, SCRIPTS["th"], voice_of(store), ["bye"])


def test_the_carriers_own_voice_is_given_the_text(store: MemoryClips) -> None:
    assert sounds_for(store, SCRIPTS["th"], Voice("th", CARRIER), ["bye", "safety"]) == [BYE, SAFETY]


def test_a_sites_name_needs_a_clip_and_no_script(store: MemoryClips) -> None:
    name = Prompt("site.LP01", "ที่โรงพยาบาลตัวอย่าง")
    clip = store.keep("th", name, placeholder(1), ClipSource.RECORDING)
    voice = Voice("th", "somebody", {"site.LP01": Kept(clip, name.text_sha256)}, stands_in=True)
    assert sounds_for(store, SCRIPTS["th"], voice, ["site.LP01"]) == [clip]
    with pytest.raises(MissingPrompt):
        sounds_for(store, SCRIPTS["th"], voice, ["site.LP02"])


def test_beeps_stand_in_for_a_name_that_stands_in_no_script(store: MemoryClips) -> None:
    name = Prompt("name.0123456789ab", "ของคุณสมศรี")
    voice = voice_of(store, stands_in=True)
    [sound] = sounds_for(store, SCRIPTS["th"], voice, [name.key], {name.key: name})
    assert isinstance(sound, Clip)
    assert sound.source is ClipSource.PLACEHOLDER
    assert can_name(voice, name)


def test_no_name_is_handed_to_the_carrier_to_read_aloud(store: MemoryClips) -> None:
    name, carrier = Prompt("name.0123456789ab", "ของคุณสมศรี"), Voice("th", CARRIER)
    with pytest.raises(MissingPrompt):
        sounds_for(store, SCRIPTS["th"], carrier, [name.key], {name.key: name})
    assert not can_name(carrier, name)


def test_who_speaks_for_people_says_only_the_names_they_recorded(store: MemoryClips) -> None:
    name, other = Prompt("name.0123456789ab", "ของคุณสมศรี"), Prompt("name.ba9876543210", "ของคุณสมชาย")
    store.keep("th", name, placeholder(1), ClipSource.RECORDING)
    voice = voice_of(store)
    assert [can_name(voice, one) for one in (name, other, None)] == [True, False, False]
