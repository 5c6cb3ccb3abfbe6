"""Where clips are kept: the port, and a folder behind it.

A clip's bytes are `<sha256>.wav`: another sound is another name, so a carrier may cache it for ever. `index.json`
says which clip speaks which key of which language, and of which text it was made: when the text changes it is stale.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Protocol

from gateway.voice.prompts import Prompt
from gateway.voice.wav import seconds_of

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class ClipSource(StrEnum):
    """Where a sound comes from, best first."""

    RECORDING = "recording"  # a person of that place spoke it
    SYNTHESIS = "synthesis"  # a machine spoke it
    PLACEHOLDER = "placeholder"  # beeps, for the sandbox: never in the index


@dataclass(frozen=True, slots=True)
class Clip:
    """A sound that can be played; `seconds` long."""

    sha256: str
    seconds: float
    source: ClipSource


@dataclass(frozen=True, slots=True)
class Kept:
    """A clip in the index, and the hash of the text that it speaks."""

    clip: Clip
    text_sha256: str


class AssetError(Exception):
    """The store cannot be read; the message names the file."""


class ClipStore(Protocol):
    """Keeps clips."""

    def kept(self, language: str, prompt: Prompt) -> tuple[Kept, ...]:
        """Every clip of this key, the best source first, stale ones included."""
        ...

    def find(self, language: str, prompt: Prompt) -> Clip | None:
        """The best clip that speaks this very text; None when there is none, or only stale ones."""
        ...

    def keep(self, language: str, prompt: Prompt, wav: bytes, source: ClipSource) -> Clip:
        """Keep a telephone WAV as what this key says; raises AudioError when it is of another kind."""
        ...

    def keep_loose(self, wav: bytes, source: ClipSource) -> Clip:
        """Keep a sound that belongs to no key; raises AudioError."""
        ...

    def read(self, sha256: str) -> bytes | None:
        """The bytes of a clip; None when there is no such clip, whatever was asked for."""
        ...


class FolderClips:
    """Clips in a folder; safe under several threads and several processes."""

    def __init__(self, audio_dir: Path) -> None:
        self._dir = audio_dir
        self._index_path = audio_dir / "index.json"
        self._lock = threading.RLock()
        self._seen: tuple[int, int] | None = None
        self._index: dict[str, dict[str, Kept]] = {}

    def kept(self, language: str, prompt: Prompt) -> tuple[Kept, ...]:
        """Every clip of this key, the best source first, stale ones included."""
        with self._lock:
            self._refresh()
            by_source = self._index.get(_entry(language, prompt), {})
            return tuple(by_source[source] for source in ClipSource if source in by_source)

    def find(self, language: str, prompt: Prompt) -> Clip | None:
        """The best clip that speaks this very text; None when there is none, or only stale ones."""
        fresh = (kept.clip for kept in self.kept(language, prompt) if kept.text_sha256 == prompt.text_sha256)
        return next(fresh, None)

    def keep(self, language: str, prompt: Prompt, wav: bytes, source: ClipSource) -> Clip:
        """Keep a telephone WAV as what this key says; raises AudioError when it is of another kind."""
        clip = self.keep_loose(wav, source)
        with self._lock, self._alone():
            self._refresh()
            by_source = self._index.setdefault(_entry(language, prompt), {})
            by_source[source] = Kept(clip, prompt.text_sha256)
            self._write_index()
        return clip

    def keep_loose(self, wav: bytes, source: ClipSource) -> Clip:
        """Keep a sound that belongs to no key; raises AudioError."""
        clip = Clip(hashlib.sha256(wav).hexdigest(), seconds_of(wav), source)
        path = self._path(clip.sha256)
        if not path.exists():
            self._dir.mkdir(parents=True, exist_ok=True)
            _write_whole(path, wav)
        return clip

    def read(self, sha256: str) -> bytes | None:
        """The bytes of a clip; None when there is no such clip, whatever was asked for."""
        if not _SHA256.fullmatch(sha256):
            return None
        try:
            return self._path(sha256).read_bytes()
        except FileNotFoundError:
            return None

    def _path(self, sha256: str) -> Path:
        return self._dir / f"{sha256}.wav"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other processes out: `gateway prompts build` may run beside the server."""
        with (self._dir / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _refresh(self) -> None:
        try:
            stat = self._index_path.stat()
        except FileNotFoundError:
            return
        if (seen := (stat.st_mtime_ns, stat.st_ino)) != self._seen:
            self._index, self._seen = _read_index(self._index_path), seen

    def _write_index(self) -> None:
        entries = {
            entry: {
                source: {**asdict(kept.clip), "text_sha256": kept.text_sha256} for source, kept in by_source.items()
            }
            for entry, by_source in sorted(self._index.items())
        }
        _write_whole(self._index_path, json.dumps(entries, indent=1, ensure_ascii=False).encode())
        stat = self._index_path.stat()
        self._seen = (stat.st_mtime_ns, stat.st_ino)


def _entry(language: str, prompt: Prompt) -> str:
    return f"{language}/{prompt.key}"


def _read_index(path: Path) -> dict[str, dict[str, Kept]]:
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        return {entry: {s: _kept(fields) for s, fields in by_source.items()} for entry, by_source in entries.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise AssetError(f"{path} cannot be read; `gateway prompts build` makes another if it is removed") from error


def _kept(fields: Mapping[str, Any]) -> Kept:
    clip = Clip(str(fields["sha256"]), float(fields["seconds"]), ClipSource(fields["source"]))
    return Kept(clip, str(fields["text_sha256"]))


def _write_whole(path: Path, data: bytes) -> None:
    """Write under another name and rename: a reader sees the old file or the new one, never half of it."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
