"""The bytes of clips, by their hash."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.records.wordings import AssetSource
from gateway.voice.assets import ClipFolder, ClipSource
from gateway.voice.wav import AudioError, placeholder

SOUND = placeholder(1)


def test_a_sound_is_found_by_its_hash_and_read(tmp_path: Path) -> None:
    clip = ClipFolder(tmp_path / "audio").keep_loose(SOUND, ClipSource.RECORDING)
    assert clip.sha256 == hashlib.sha256(SOUND).hexdigest()
    assert clip.seconds == pytest.approx(1)
    assert ClipFolder(tmp_path / "audio").read(clip.sha256) == SOUND
    assert ClipFolder(tmp_path / "audio").path(clip.sha256) == tmp_path / "audio" / f"{clip.sha256}.wav"


@pytest.mark.parametrize("name", ["", "..", "0" * 64, "../" + "0" * 61, "0" * 63, "A" * 64, "index.json"])
def test_only_clips_can_be_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "index.json").write_text("{}")
    assert ClipFolder(tmp_path).read(name) is None
    assert ClipFolder(tmp_path).path(name) is None


def test_what_is_no_telephone_sound_is_not_kept(tmp_path: Path) -> None:
    with pytest.raises(AudioError):
        ClipFolder(tmp_path).keep_loose(b"not a sound", ClipSource.RECORDING)
    assert not list(tmp_path.iterdir())


def test_one_sound_kept_by_many_at_once_is_one_whole_file(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        clips = set(pool.map(lambda _: ClipFolder(tmp_path).keep_loose(SOUND, ClipSource.RECORDING), range(40)))
    assert [path.name for path in tmp_path.iterdir()] == [f"{clip.sha256}.wav" for clip in clips]


def test_a_store_that_breaks_off_while_writing_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("gateway.voice.assets.os.replace", no_space)
    with pytest.raises(OSError, match="no space"):
        ClipFolder(tmp_path).keep_loose(SOUND, ClipSource.RECORDING)
    assert not list(tmp_path.iterdir())


def test_the_sources_of_clips_are_words_of_the_table() -> None:
    assert {source.value for source in ClipSource if source is not ClipSource.PLACEHOLDER} < set(AssetSource)
