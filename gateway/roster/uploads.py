"""Files that wait for a person's yes: kept for an hour in a folder of their own, readable by this program alone.

A file is known by a random id; the name its sender gave it is shown to them and written nowhere else.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Final

from gateway.kit.ids import new_id

LARGEST_UPLOAD: Final = 20 * 1024 * 1024
"""Bytes; about 100,000 rows."""
KEPT_FOR: Final = timedelta(hours=1)
_CHUNK: Final = 256 * 1024
_ID: Final = re.compile(r"[0-9a-f]{32}")


class UploadTooLarge(Exception):
    """More bytes came than are taken; nothing of them was kept."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file and what was said of it. `at` is real time (aware), by which it is swept away; `sent_at` business time.

    `bound` is the site its sender is bound to.
    """

    id: str
    staff: str
    at: datetime
    sent_at: datetime
    sha: str = ""
    size: int = 0
    name: str = ""
    bound: str | None = None
    site: str | None = None
    first: date | None = None
    last: date | None = None
    default_time: time | None = None
    batch: str | None = None  # once it was loaded

    def __repr__(self) -> str:
        """Without the file's name, which may be a patient's, because a repr ends in logs."""
        return f"Upload({self.id})"


class Uploads:
    """The files waiting in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, source: BinaryIO, told: Upload, limit: int = LARGEST_UPLOAD) -> Upload:
        """Store what `source` gives under `told.id`; returns `told` with size and hash. Raises UploadTooLarge."""
        self._make_folder()
        partial = self._folder / f"{told.id}.part"
        try:
            sha, size = _copy(source, partial, limit)
            partial.replace(self.file(told))
        finally:
            partial.unlink(missing_ok=True)
        upload = replace(told, sha=sha, size=size)
        self._write(upload)
        return upload

    def file(self, upload: Upload) -> Path:
        """Where its bytes are; the file may be gone."""
        return self._folder / f"{upload.id}.csv"

    def find(self, upload_id: str) -> Upload | None:
        """The upload of this id; None when there is none (any more)."""
        if not _ID.fullmatch(upload_id):
            return None
        try:
            return _read(json.loads((self._folder / f"{upload_id}.json").read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def waiting(self) -> list[Upload]:
        """Every upload, the newest first."""
        found = (self.find(path.stem) for path in self._folder.glob("*.json"))
        return sorted((one for one in found if one is not None), key=lambda one: one.at, reverse=True)

    def loaded(self, upload: Upload, batch: str) -> Upload:
        """Remember what came of it; its file is removed."""
        done = replace(upload, batch=batch)
        self._write(done)
        self.file(upload).unlink(missing_ok=True)
        return done

    def discard(self, upload_id: str) -> None:
        """Remove an upload and its file; one that is gone already stays gone."""
        if _ID.fullmatch(upload_id):
            for path in self._folder.glob(f"{upload_id}.*"):
                path.unlink(missing_ok=True)

    def sweep(self, at: datetime) -> list[str]:
        """Remove what is older than an hour, remains of a crash too; returns the ids. `at` is real time."""
        over = at - KEPT_FOR
        ids = [path.stem for path in self._folder.glob("*") if _ID.fullmatch(path.stem) and _changed(path) < over]
        gone = {one for one in ids if (found := self.find(one)) is None or found.at < over}
        for one in gone:
            self.discard(one)
        return sorted(gone)

    def _make_folder(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.chmod(0o700)  # it may have been there before, made by somebody more generous

    def _write(self, upload: Upload) -> None:
        path = self._folder / f"{upload.id}.json"
        partial = path.with_suffix(".part")
        with os.fdopen(_open_new(partial), "w", encoding="utf-8") as file:
            json.dump(_plain(upload), file)
        partial.replace(path)


def new_upload(staff: str, at: datetime, *, sent_at: datetime | None = None, **told: Any) -> Upload:
    """An upload that is about to be kept, under a fresh id; `sent_at` is `at` unless the clock is another."""
    return Upload(new_id(), staff, at, sent_at or at, **told)


def _copy(source: BinaryIO, path: Path, limit: int) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with os.fdopen(_open_new(path), "wb") as file:
        for chunk in _chunks(source):
            size += len(chunk)
            if size > limit:
                raise UploadTooLarge
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest(), size


def _chunks(source: BinaryIO) -> Iterator[bytes]:
    while chunk := source.read(_CHUNK):
        yield chunk


def _open_new(path: Path) -> int:
    """Open a fresh file that nobody else may read, whatever the process's umask is."""
    path.unlink(missing_ok=True)
    return os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)


def _changed(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:  # swept by another visit at this moment
        return datetime.max.replace(tzinfo=UTC)


def _plain(upload: Upload) -> dict[str, Any]:
    values = {name: getattr(upload, name) for name in Upload.__slots__}
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}


def _read(plain: dict[str, Any]) -> Upload:
    readers: dict[str, Any] = {
        "at": datetime.fromisoformat,
        "sent_at": datetime.fromisoformat,
        "first": date.fromisoformat,
        "last": date.fromisoformat,
        "default_time": time.fromisoformat,
    }
    return Upload(**{name: readers.get(name, lambda v: v)(value) if value else value for name, value in plain.items()})
