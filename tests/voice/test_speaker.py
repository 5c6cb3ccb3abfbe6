"""Prompt keys into clips, and what is still missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.voice.assets import ClipSource, FolderClips
from gateway.voice.build import build
from gateway.voice.coverage import Coverage, Have, coverage
from gateway.voice.keys import wanted_keys
from gateway.voice.prompts import Prompt, Script
from gateway.voice.speaker import MissingPrompt, clips_for
from gateway.voice.synthesis import PlaceholderSynthesiser, SynthesisError
from gateway.voice.wav import placeholder

BYE, SAFETY, TODAY = Prompt("bye", "ขอบคุณค่ะ"), Prompt("safety", "เราไม่ขอเงิน" * 5), Prompt("relative.today", "วันนี้")
SCRIPTS = {"th": Script("th", {"bye": BYE, "safety": SAFETY, "relative.today": TODAY})}


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


@pytest.fixture
def store(tmp_path: Path) -> FolderClips:
    return FolderClips(tmp_path)


def silent(done: int, total: int, key: str) -> None:
    """Nobody watches."""


def test_clips_come_in_the_order_of_the_keys(store: FolderClips) -> None:
    bye = store.keep("th", BYE, placeholder(1), ClipSource.RECORDING)
    safety = store.keep("th", SAFETY, placeholder(3), ClipSource.RECORDING)
    assert clips_for(store, SCRIPTS, "th", ["safety", "bye", "safety"], False) == [safety, bye, safety]


def test_without_placeholders_a_key_without_sound_refuses_the_call(store: FolderClips) -> None:
    with pytest.raises(MissingPrompt) as error:
        clips_for(store, SCRIPTS, "th", ["bye"], False)
    assert (error.value.language, error.value.key) == ("th", "bye")


def test_a_stale_clip_is_not_played(store: FolderClips) -> None:
    store.keep("th", Prompt("bye", "an older text"), placeholder(1), ClipSource.RECORDING)
    with pytest.raises(MissingPrompt):
        clips_for(store, SCRIPTS, "th", ["bye"], False)


@pytest.mark.parametrize(("language", "key"), [("th", "ask.coming"), ("nod", "bye")])
def test_a_key_without_text_refuses_the_call_even_where_placeholders_are_allowed(
    store: FolderClips, language: str, key: str
) -> None:
    with pytest.raises(MissingPrompt):
        clips_for(store, SCRIPTS, language, [key], True)


def test_a_placeholder_stands_in_where_nobody_is_reached(store: FolderClips) -> None:
    (clip,) = clips_for(store, SCRIPTS, "th", ["safety"], True)
    assert clip.source is ClipSource.PLACEHOLDER
    assert clip.seconds == pytest.approx(len(SAFETY.text) / 12, abs=0.06)
    assert store.read(clip.sha256) is not None


def test_a_placeholder_never_hides_that_the_sound_is_missing(store: FolderClips) -> None:
    clips_for(store, SCRIPTS, "th", ["bye"], True)
    with pytest.raises(MissingPrompt):
        clips_for(store, SCRIPTS, "th", ["bye"], False)


def of_thai(store: FolderClips) -> Coverage:
    (found,) = coverage(SCRIPTS, store)
    return found


def test_coverage_puts_every_key_in_one_state(store: FolderClips) -> None:
    store.keep("th", BYE, placeholder(1), ClipSource.RECORDING)
    store.keep("th", Prompt("safety", "older"), placeholder(1), ClipSource.RECORDING)
    store.keep("th", TODAY, placeholder(1), ClipSource.SYNTHESIS)
    found = of_thai(store)
    assert found.which(Have.RECORDED) == ("bye",)
    assert found.which(Have.STALE) == ("safety",)
    assert found.which(Have.SYNTHESISED) == ("relative.today",)
    assert (found.wanted, found.written) == (len(wanted_keys()), 3)
    assert sum(found.count(have) for have in Have) == found.wanted
    assert not found.is_callable


def test_a_text_without_sound_is_shown_as_placeholder_only(store: FolderClips) -> None:
    assert set(of_thai(store).which(Have.PLACEHOLDER_ONLY)) == {"bye", "safety", "relative.today"}


def test_a_language_is_callable_when_every_key_is_spoken(store: FolderClips) -> None:
    script = Script("th", {str(key): Prompt(key, "x") for key in wanted_keys()})
    for prompt in script.prompts.values():
        store.keep("th", prompt, placeholder(1), ClipSource.SYNTHESIS)
    assert coverage({"th": script}, store)[0].is_callable


def test_building_speaks_every_prompt_once(store: FolderClips) -> None:
    speaker = Speaker()
    assert set(build(SCRIPTS, store, speaker, "th", silent).made) == {"bye", "safety", "relative.today"}
    assert build(SCRIPTS, store, speaker, "th", silent).made == ()
    assert len(speaker.spoken) == 3


def test_building_leaves_recordings_alone(store: FolderClips) -> None:
    recording = store.keep("th", BYE, placeholder(2), ClipSource.RECORDING)
    report = build(SCRIPTS, store, Speaker(), "th", silent)
    assert report.there == ("bye",)
    assert store.find("th", BYE) == recording


def test_building_makes_a_changed_text_anew(store: FolderClips) -> None:
    build(SCRIPTS, store, Speaker(), "th", silent)
    changed = {"th": Script("th", {**SCRIPTS["th"].prompts, "bye": Prompt("bye", "ลาก่อน")})}
    assert build(changed, store, Speaker(), "th", silent).made == ("bye",)


def test_one_prompt_that_fails_does_not_stop_the_others(store: FolderClips) -> None:
    report = build(SCRIPTS, store, Speaker(SAFETY.text), "th", silent)
    assert report.failed == {"safety": "no"}
    assert set(report.made) == {"bye", "relative.today"}
    assert not report.stopped


def test_three_failures_in_a_row_are_enough(store: FolderClips) -> None:
    prompts = {f"day.{number}": Prompt(f"day.{number}", "x") for number in range(1, 10)}
    report = build({"th": Script("th", prompts)}, store, Speaker("x"), "th", silent)
    assert report.stopped
    assert len(report.failed) == 3


def test_progress_is_told_before_each_prompt(store: FolderClips) -> None:
    told: list[tuple[int, int, str]] = []
    build(SCRIPTS, store, Speaker(), "th", lambda *step: told.append(step))
    assert told == [(0, 3, "bye"), (1, 3, "safety"), (2, 3, "relative.today")]


def test_beeps_are_never_taken_for_speech_that_was_built(store: FolderClips) -> None:
    build(SCRIPTS, store, PlaceholderSynthesiser(), "th", silent)
    assert of_thai(store).count(Have.PLACEHOLDER_ONLY) == 3


def test_a_language_without_a_script_cannot_be_built(store: FolderClips) -> None:
    with pytest.raises(MissingPrompt):
        build(SCRIPTS, store, Speaker(), "nod", silent)
