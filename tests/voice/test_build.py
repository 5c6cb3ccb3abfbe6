"""A script spoken ahead of time by a machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.voice.assets import ClipSource
from gateway.voice.build import build
from gateway.voice.prompts import Prompt, Script
from gateway.voice.speaker import MissingPrompt
from gateway.voice.synthesis import PlaceholderSynthesiser, SynthesisError
from gateway.voice.wav import placeholder
from tests.support.clips import MemoryClips

BYE, SAFETY, TODAY = Prompt("bye", "ขอบคุณค่ะ"), Prompt("safety", "เราไม่ขอเงิน" * 5), Prompt("relative.today", "วันนี้")
SCRIPTS = {"th": Script("th", {"bye": BYE, "safety": SAFETY, "relative.today": TODAY})}


@pytest.fixture
def store(tmp_path: Path) -> MemoryClips:
    return MemoryClips(tmp_path)


class Speaker:
    """A machine that beeps and counts; it fails at the texts it was told to fail at."""

    source = ClipSource.SYNTHESIS

    def __init__(self, *fails_at: str) -> None:
        self.spoken: list[str] = []
        self.fails_at = fails_at

    def can_speak(self, language: str) -> bool:
        return True

    def speak(self, text: str, language: str) -> bytes:
        if text in self.fails_at:
            raise SynthesisError("no")
        self.spoken.append(text)
        return placeholder(1)


def silent(done: int, total: int, key: str) -> None:
    """Nobody watches."""


def test_building_speaks_every_prompt_once(store: MemoryClips) -> None:
    speaker = Speaker()
    assert set(build(SCRIPTS, store, speaker, "th", silent).made) == {"bye", "safety", "relative.today"}
    assert build(SCRIPTS, store, speaker, "th", silent).made == ()
    assert len(speaker.spoken) == 3


def test_building_leaves_recordings_alone(store: MemoryClips) -> None:
    recording = store.keep("th", BYE, placeholder(2), ClipSource.RECORDING)
    report = build(SCRIPTS, store, Speaker(), "th", silent)
    assert report.there == ("bye",)
    assert [kept.clip for kept in store.kept("th")["bye"]] == [recording]


def test_building_makes_a_changed_text_anew(store: MemoryClips) -> None:
    build(SCRIPTS, store, Speaker(), "th", silent)
    changed = {"th": Script("th", {**SCRIPTS["th"].prompts, "bye": Prompt("bye", "ลาก่อน")})}
    assert build(changed, store, Speaker(), "th", silent).made == ("bye",)


def test_one_prompt_that_fails_does_not_stop_the_others(store: MemoryClips) -> None:
    report = build(SCRIPTS, store, Speaker(SAFETY.text), "th", silent)
    assert report.failed == {"safety": "no"}
    assert set(report.made) == {"bye", "relative.today"}
    assert not report.stopped


def test_three_failures_in_a_row_are_enough(store: MemoryClips) -> None:
    prompts = {f"day.{number}": Prompt(f"day.{number}", "x") for number in range(1, 10)}
    report = build({"th": Script("th", prompts)}, store, Speaker("x"), "th", silent)
    assert report.stopped
    assert len(report.failed) == 3


def test_progress_is_told_before_each_prompt(store: MemoryClips) -> None:
    told: list[tuple[int, int, str]] = []
    build(SCRIPTS, store, Speaker(), "th", lambda *step: told.append(step))
    assert told == [(0, 3, "bye"), (1, 3, "safety"), (2, 3, "relative.today")]


def test_beeps_are_never_taken_for_speech_that_was_built(store: MemoryClips) -> None:
    build(SCRIPTS, store, PlaceholderSynthesiser(), "th", silent)
    assert not store.kept("th")


def test_a_language_without_a_script_cannot_be_built(store: MemoryClips) -> None:
    with pytest.raises(MissingPrompt):
        build(SCRIPTS, store, Speaker(), "nod", silent)
