"""A script spoken ahead of time by a machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.voice.assets import ClipSource
from gateway.voice.build import MACHINE, SpokenBefore, build
from gateway.voice.outgoing import Held, Outgoing
from gateway.voice.prompts import Prompt, Script, load_scripts
from gateway.voice.speaker import MissingPrompt
from gateway.voice.synthesis import GttsSynthesiser, SynthesisError, pieces_of
from gateway.voice.wav import placeholder
from gateway.wiring import data_dir
from tests.support.clips import MemoryClips
from tests.support.translator import translator

BYE, SAFETY, TODAY = Prompt("bye", "ขอบคุณค่ะ"), Prompt("safety", "เราไม่ขอเงิน" * 5), Prompt("relative.today", "วันนี้")
SCRIPTS = {"th": Script("th", {"bye": BYE, "safety": SAFETY, "relative.today": TODAY})}


@pytest.fixture
def store(tmp_path: Path) -> MemoryClips:
    return MemoryClips(tmp_path)


class Speaker:
    """A machine that beeps and counts; it fails at the texts it was told to fail at."""

    engine = "beeper"

    def __init__(self, *fails_at: str, sound: bytes = placeholder(1)) -> None:
        self.spoken: list[str] = []
        self.fails_at = fails_at
        self.sound = sound

    def speak(self, text: str, language: str) -> bytes:
        if text in self.fails_at:
            raise SynthesisError("no")
        self.spoken.append(text)
        return self.sound


def silent(done: int, total: int, key: str) -> None:
    """Nobody watches."""


def test_building_speaks_every_prompt_once(store: MemoryClips) -> None:
    speaker = Speaker()
    assert set(build(SCRIPTS, store, speaker, "th", silent).made) == {"bye", "safety", "relative.today"}
    assert build(SCRIPTS, store, speaker, "th", silent).made == ()
    assert len(speaker.spoken) == 3


def test_building_leaves_recordings_alone_and_makes_its_own_voice_whole(store: MemoryClips) -> None:
    recording = store.keep("th", BYE, placeholder(2), ClipSource.RECORDING)
    report = build(SCRIPTS, store, Speaker(), "th", silent)
    assert set(report.made) == {"bye", "safety", "relative.today"}
    assert recording in [kept.clip for kept in store.kept("th")["bye"]]
    assert {clips[0].clip.voice for clips in store.kept("th").values()} == {MACHINE}


def test_names_of_people_and_places_are_never_given_to_a_machine(store: MemoryClips) -> None:
    named = {"site.LPG01": Prompt("site.LPG01", "ที่ โรงพยาบาลลำปาง"), "name.0123456789ab": Prompt("x", "ถึงคุณมาลี")}
    speaker = Speaker()
    report = build({"th": Script("th", {**SCRIPTS["th"].prompts, **named})}, store, speaker, "th", silent)
    assert set(report.made) == set(SCRIPTS["th"].prompts)
    assert not {prompt.text for prompt in named.values()} & set(speaker.spoken)


def test_what_may_not_leave_is_named_and_the_rest_is_made(store: MemoryClips) -> None:
    speaker, edit = Speaker(), Prompt("bye", "ขอบคุณค่ะ คุณดวงใจ")
    scripts = {"th": Script("th", {**SCRIPTS["th"].prompts, "bye": edit})}
    report = build(scripts, store, speaker, "th", silent, outgoing=Outgoing(SCRIPTS, names={"ดวงใจ"}))
    assert (report.held, set(report.made)) == ({"bye": Held.NAME}, {"safety", "relative.today"})
    assert edit.text not in speaker.spoken
    assert not report.failed


def test_a_clip_whose_file_was_lost_or_damaged_is_made_again(store: MemoryClips, tmp_path: Path) -> None:
    build(SCRIPTS, store, Speaker(), "th", silent)
    (file,) = tmp_path.glob("*.wav")
    file.write_bytes(b"")
    assert build(SCRIPTS, store, Speaker(), "th", silent).made == ("bye",)  # all three are one beep, in one file
    assert len(build(SCRIPTS, store, Speaker(), "th", silent).there) == 3


def test_what_somebody_heard_to_be_wrong_is_not_made_again(store: MemoryClips) -> None:
    speaker = Speaker()
    report = build(SCRIPTS, store, speaker, "th", silent, refused={BYE.text_sha256})
    assert report.sent_back == ("bye",)
    assert BYE.text not in speaker.spoken


def test_what_was_spoken_once_is_not_asked_for_again_when_the_index_is_lost(tmp_path: Path) -> None:
    speaker, before = Speaker(), SpokenBefore(tmp_path / "spoken")
    first, second = MemoryClips(tmp_path / "one"), MemoryClips(tmp_path / "two")
    build(SCRIPTS, first, speaker, "th", silent, before)
    report = build(SCRIPTS, second, speaker, "th", silent, before)
    assert (len(report.made), len(speaker.spoken)) == (3, 3)
    assert [clips[0].clip.sha256 for clips in second.kept("th").values()] == [
        clips[0].clip.sha256 for clips in first.kept("th").values()
    ]


def test_another_machine_another_language_or_another_text_is_spoken_anew(tmp_path: Path) -> None:
    before, speaker = SpokenBefore(tmp_path), Speaker()
    before.keep(speaker, "th", "หนึ่ง", placeholder(1))
    assert before.find(speaker, "th", "หนึ่ง") == placeholder(1)
    assert before.find(speaker, "en", "หนึ่ง") is None
    assert before.find(speaker, "th", "สอง") is None
    speaker.engine = "another"
    assert before.find(speaker, "th", "หนึ่ง") is None


def test_a_damaged_file_is_spoken_anew(tmp_path: Path) -> None:
    before, speaker = SpokenBefore(tmp_path), Speaker()
    before.keep(speaker, "th", "หนึ่ง", placeholder(1))
    (file,) = tmp_path.iterdir()
    file.write_bytes(b"RIFF")
    assert before.find(speaker, "th", "หนึ่ง") is None


def test_an_answer_that_is_no_sound_is_not_remembered(tmp_path: Path) -> None:
    before, store = SpokenBefore(tmp_path / "spoken"), MemoryClips(tmp_path)
    report = build(SCRIPTS, store, Speaker(sound=b"\0" * 999), "th", silent, before)
    assert report.stopped
    assert "cannot be opened as sound" in report.failed["bye"]
    assert len(build(SCRIPTS, store, Speaker(), "th", silent, before).made) == 3


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


def test_a_language_without_a_script_cannot_be_built(store: MemoryClips) -> None:
    with pytest.raises(MissingPrompt):
        build(SCRIPTS, store, Speaker(), "nod", silent)


def test_a_service_that_answers_with_silence_leaves_no_phrase(
    store: MemoryClips, monkeypatch: pytest.MonkeyPatch
) -> None:
    with translator(monkeypatch) as service:
        service.answers = ["ok", "silent"]
        report = build(SCRIPTS, store, GttsSynthesiser(), "th", silent)
    assert len(report.made) == 1
    assert [reason.split(":")[0] for reason in report.failed.values()] == ["nothing can be heard"] * 2


def test_every_phrase_that_ships_can_be_sent_to_the_machine_that_knows_its_language() -> None:
    machine = GttsSynthesiser()
    scripts = load_scripts(data_dir("voice_prompts"))
    spoken = [
        prompt for code, script in scripts.items() if machine.can_speak(code) for prompt in script.prompts.values()
    ]
    assert len(spoken) > 500
    assert [prompt.key for prompt in spoken if any(letter.isdigit() for letter in prompt.text)] == []
    assert all(pieces_of(prompt.text) for prompt in spoken)
