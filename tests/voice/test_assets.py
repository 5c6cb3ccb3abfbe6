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


DAMAGES = [b"", SOUND[:900], placeholder(1, "another phrase"), SOUND[:-1] + b"x"]


@pytest.mark.parametrize("content", DAMAGES)
@pytest.mark.parametrize("settled", [-1, 10**12])
def test_a_file_whose_content_is_not_its_name_is_no_clip_until_the_sound_is_kept_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, settled: int
) -> None:
    monkeypatch.setattr("gateway.voice.assets._SETTLED", settled)
    clips = ClipFolder(tmp_path)
    sha256 = clips.keep_loose(SOUND, ClipSource.RECORDING).sha256
    file = clips.path(sha256)
    assert file is not None
    other = tmp_path / "other"
    other.write_bytes(content)
    other.replace(file)
    for folder in (clips, ClipFolder(tmp_path)):
        assert (folder.path(sha256), folder.read(sha256), folder.is_damaged(sha256)) == (None, None, True)
    clips.keep_loose(SOUND, ClipSource.RECORDING)
    assert (clips.path(sha256), clips.read(sha256), clips.is_damaged(sha256)) == (file, SOUND, False)
    file.unlink()
    assert (clips.path(sha256), clips.is_damaged(sha256)) == (None, False)


def test_another_sound_of_the_same_length_written_at_once_is_noticed_too(tmp_path: Path) -> None:
    clips, other = ClipFolder(tmp_path), bytes(reversed(SOUND))
    sha256 = clips.keep_loose(SOUND, ClipSource.RECORDING).sha256
    for content, is_clip in [(SOUND, True), (other, False)] * 20:
        (tmp_path / f"{sha256}.wav").write_bytes(content)
        assert (clips.path(sha256) is not None) is is_clip


def test_a_file_that_stays_as_it_is_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.voice.assets._SETTLED", -1)
    clips = ClipFolder(tmp_path)
    sha256 = clips.keep_loose(SOUND, ClipSource.RECORDING).sha256
    assert clips.path(sha256) is not None
    with monkeypatch.context() as blind:
        blind.delattr(Path, "read_bytes")
        assert clips.path(sha256) is not None


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
