"""Files that wait for a yes: whole or not at all, for nobody else to read, gone after an hour."""

from __future__ import annotations

import hashlib
import io
import stat
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from gateway.roster.uploads import KEPT_FOR, Uploads, UploadTooLarge, new_upload

AT = datetime(2026, 11, 23, 2, tzinfo=UTC)
STAFF = "s" * 32


@pytest.fixture
def uploads(tmp_path: Path) -> Uploads:
    return Uploads(tmp_path / "in" / "uploads")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "in" / "uploads"


def kept(uploads, content=b"HN,name\n1,x\n", **told):
    return uploads.keep(io.BytesIO(content), new_upload(STAFF, told.pop("at", AT), **told))


def test_what_was_said_of_a_file_is_read_again(uploads):
    told = {"name": "รายชื่อ.csv", "bound": "S1", "site": "S1", "first": date(2026, 8, 3), "last": date(2026, 8, 7)}
    upload = kept(uploads, default_time=time(9, 30), **told)
    assert uploads.find(upload.id) == upload
    assert (upload.size, upload.sha) == (12, hashlib.sha256(b"HN,name\n1,x\n").hexdigest())
    assert uploads.file(upload).read_bytes() == b"HN,name\n1,x\n"


def test_nobody_else_on_the_machine_can_read_it(uploads, folder):
    folder.mkdir(parents=True, mode=0o755)
    kept(uploads)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_file_that_is_too_large_leaves_nothing(uploads, folder):
    with pytest.raises(UploadTooLarge):
        uploads.keep(io.BytesIO(b"x" * 1001), new_upload(STAFF, AT), limit=1000)
    assert list(folder.iterdir()) == []


def test_its_name_is_in_no_file_name_and_no_repr(uploads, folder):
    upload = kept(uploads, name="สมชาย ใจดี.csv")
    assert "สมชาย" not in repr(upload) + "".join(path.name for path in folder.iterdir())


@pytest.mark.parametrize("wrong", ["", "../../etc/passwd", "x" * 32, "A" * 32, "0" * 32])
def test_what_is_no_upload_is_not_found_and_removes_nothing(uploads, folder, wrong):
    kept(uploads)
    uploads.discard(wrong)
    assert uploads.find(wrong) is None
    assert len(list(folder.iterdir())) == 2


def test_a_damaged_note_is_as_good_as_none(uploads, folder):
    upload = kept(uploads)
    (folder / f"{upload.id}.json").write_text('{"id": 1')
    assert uploads.find(upload.id) is None
    assert uploads.waiting() == []


def test_a_loaded_file_is_gone_and_what_came_of_it_is_known(uploads):
    upload = kept(uploads)
    uploads.loaded(upload, "b" * 32)
    assert not uploads.file(upload).exists()
    assert uploads.find(upload.id).batch == "b" * 32


def test_after_an_hour_it_is_swept_away(uploads, folder):
    real = datetime.now(UTC)
    old, new = kept(uploads, at=real - KEPT_FOR), kept(uploads, at=real)
    assert uploads.sweep(real) == []
    assert uploads.sweep(real + timedelta(seconds=1)) == []  # the file itself is young: it may still be being read
    assert uploads.sweep(real + KEPT_FOR + timedelta(seconds=1)) == sorted([old.id, new.id])
    assert list(folder.iterdir()) == []


def test_what_a_crash_left_is_swept_away_too(uploads, folder):
    folder.mkdir(parents=True)
    (folder / f"{'a' * 32}.part").write_bytes(b"half")
    (folder / "notes.txt").write_text("somebody's own")
    uploads.sweep(datetime.now(UTC) + KEPT_FOR + timedelta(minutes=1))
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]


def test_those_waiting_are_listed_the_newest_first(uploads):
    older, newer = kept(uploads, at=AT), kept(uploads, at=AT + timedelta(minutes=1))
    assert uploads.waiting() == [newer, older]


def test_without_a_folder_nothing_waits(uploads):
    assert (uploads.waiting(), uploads.sweep(AT)) == ([], [])
