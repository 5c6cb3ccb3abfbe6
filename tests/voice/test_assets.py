"""Where clips are kept."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.voice.assets import AssetError, ClipSource, FolderClips
from gateway.voice.prompts import Prompt
from gateway.voice.wav import AudioError, placeholder, wav_of

BYE = Prompt("bye", "ลาก่อน")
SOUND, OTHER = placeholder(1), placeholder(2)


@pytest.fixture
def store(tmp_path: Path) -> FolderClips:
    return FolderClips(tmp_path / "audio")


def test_a_clip_is_found_again_and_read(store: FolderClips) -> None:
    clip = store.keep("th", BYE, SOUND, ClipSource.SYNTHESIS)
    assert store.find("th", BYE) == clip
    assert store.read(clip.sha256) == SOUND
    assert clip.seconds == pytest.approx(1.0)


def test_a_clip_outlives_the_process(tmp_path: Path) -> None:
    clip = FolderClips(tmp_path).keep("th", BYE, SOUND, ClipSource.SYNTHESIS)
    assert FolderClips(tmp_path).find("th", BYE) == clip


def test_a_clip_made_beside_a_running_server_is_seen(tmp_path: Path) -> None:
    server, command = FolderClips(tmp_path), FolderClips(tmp_path)
    assert server.find("th", BYE) is None
    clip = command.keep("th", BYE, SOUND, ClipSource.SYNTHESIS)
    assert server.find("th", BYE) == clip


def test_a_clip_of_an_older_text_is_stale(store: FolderClips) -> None:
    store.keep("th", BYE, SOUND, ClipSource.RECORDING)
    assert store.find("th", Prompt("bye", "สวัสดี")) is None
    assert len(store.kept("th", Prompt("bye", "สวัสดี"))) == 1


def test_a_recording_goes_before_a_machine_whatever_came_last(store: FolderClips) -> None:
    recording = store.keep("th", BYE, SOUND, ClipSource.RECORDING)
    store.keep("th", BYE, OTHER, ClipSource.SYNTHESIS)
    assert store.find("th", BYE) == recording


def test_a_machine_that_speaks_the_present_text_goes_before_a_stale_recording(store: FolderClips) -> None:
    store.keep("th", Prompt("bye", "เก่า"), SOUND, ClipSource.RECORDING)
    machine = store.keep("th", BYE, OTHER, ClipSource.SYNTHESIS)
    assert store.find("th", BYE) == machine


def test_a_clip_belongs_to_one_language(store: FolderClips) -> None:
    store.keep("th", BYE, SOUND, ClipSource.SYNTHESIS)
    assert store.find("nod", BYE) is None


def test_a_loose_sound_belongs_to_no_key(store: FolderClips) -> None:
    clip = store.keep_loose(SOUND, ClipSource.PLACEHOLDER)
    assert store.read(clip.sha256) == SOUND
    assert store.find("th", BYE) is None


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "a" * 63, "A" * 64, "a" * 64 + "\n", "index", "0" * 64])
def test_only_clips_can_be_read(store: FolderClips, name: str) -> None:
    store.keep("th", BYE, SOUND, ClipSource.SYNTHESIS)
    assert store.read(name) is None


def test_what_is_no_telephone_sound_is_not_kept(store: FolderClips) -> None:
    with pytest.raises(AudioError):
        store.keep("th", BYE, b"ID3", ClipSource.RECORDING)
    assert store.find("th", BYE) is None


def test_nothing_is_lost_when_many_threads_and_stores_keep_at_once(tmp_path: Path) -> None:
    stores = [FolderClips(tmp_path), FolderClips(tmp_path)]
    prompts = [Prompt(f"day.{number}", str(number)) for number in range(1, 32)]

    def keep(position: int) -> None:
        wav = wav_of(bytes([position]) * 800)
        stores[position % 2].keep("th", prompts[position], wav, ClipSource.SYNTHESIS)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(keep, range(31)))
    assert all(store.find("th", prompt) for store in stores for prompt in prompts)
    assert not list(tmp_path.glob(".new-*"))


def test_a_write_that_fails_leaves_the_old_index_and_no_litter(
    store: FolderClips, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = store.keep("th", BYE, SOUND, ClipSource.SYNTHESIS)

    def fail(source: str, target: Path) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        store.keep("th", Prompt("safety", "x"), OTHER, ClipSource.SYNTHESIS)
    assert FolderClips(tmp_path / "audio").find("th", BYE) == clip
    assert not list((tmp_path / "audio").glob(".new-*"))


def test_a_broken_index_is_named(store: FolderClips, tmp_path: Path) -> None:
    store.keep("th", BYE, SOUND, ClipSource.SYNTHESIS)
    (tmp_path / "audio" / "index.json").write_text("{", encoding="utf-8")
    with pytest.raises(AssetError, match=r"index\.json"):
        store.find("th", BYE)
