"""Where clips are kept: the port, and the folder of their bytes.

A clip's bytes are `<sha256>.wav`: another sound is another name, so a carrier may cache it for ever. Which clip speaks
which key, whose voice it is and whether two people approved it, the store knows.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

from gateway.voice.prompts import Prompt
from gateway.voice.wav import seconds_of

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_Stamp = tuple[int, int, int, int]
"""Size, the time of its content, the time of its entry (a copy may bring the first along), and inode."""

_SETTLED: Final = 2_000_000_000  # ns: the clock of a file system is coarse, and a second change may fall into one tick


class ClipSource(StrEnum):
    """Where a sound comes from, best first."""

    RECORDING = "recording"  # a person of that place spoke it
    SYNTHESIS = "synthesis"  # a machine spoke it
    PLACEHOLDER = "placeholder"  # beeps, for the sandbox: never kept for a key


@dataclass(frozen=True, slots=True)
class Clip:
    """A sound that can be played, `seconds` long; `voice` is who speaks (a speaker, or the machine), `text` what."""

    sha256: str
    seconds: float
    source: ClipSource
    voice: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A clip of a key: the hash of the text that it speaks, and whether two people approved this very sound."""

    clip: Clip
    text_sha256: str
    approved: bool = False

    def speaks(self, prompt: Prompt) -> bool:
        """Whether it says this very text: else the text has changed since, and the clip is stale."""
        return self.text_sha256 == prompt.text_sha256


class ClipStore(Protocol):
    """Keeps clips. What it returns from `kept` is the same object as long as nothing changed."""

    def kept(self, language: str) -> Mapping[str, tuple[Kept, ...]]:
        """Every clip of a language by key, the newest first, also stale ones; none that was sent back or retired."""
        ...

    def keep(self, language: str, prompt: Prompt, wav: bytes, source: ClipSource, voice: str) -> Clip:
        """Keep a telephone WAV as what `voice` says for this key; raises AudioError when it is of another kind."""
        ...

    def keep_loose(self, wav: bytes, source: ClipSource) -> Clip:
        """Keep a sound that belongs to no key; raises AudioError."""
        ...

    def read(self, sha256: str) -> bytes | None:
        """The bytes of a clip; None when there is no such clip, whatever was asked for."""
        ...

    def path(self, sha256: str) -> Path | None:
        """The file of a clip; None when there is no such clip, whatever was asked for."""
        ...


class ClipFolder:
    """The bytes of clips in a folder; safe under several threads and several processes.

    A file counts only while its content is what its name says: one that a full disk cut short, or that somebody wrote
    over with another sound, is no clip, or an approved phrase would be heard as another one.
    """

    def __init__(self, audio_dir: Path) -> None:
        self._dir = audio_dir
        self._looked_at: dict[str, tuple[_Stamp, bool]] = {}

    def keep_loose(self, wav: bytes, source: ClipSource) -> Clip:
        """Keep a sound, also in the place of a damaged file; raises AudioError when it is no telephone WAV."""
        clip = Clip(hashlib.sha256(wav).hexdigest(), seconds_of(wav), source)
        if self.path(clip.sha256) is None:
            self._dir.mkdir(parents=True, exist_ok=True)
            write_whole(self._file(clip.sha256), wav)
        return clip

    def read(self, sha256: str) -> bytes | None:
        """The bytes of a clip; None when there is no such clip or its file is damaged, whatever was asked for."""
        path = self.path(sha256)
        return path.read_bytes() if path else None

    def path(self, sha256: str) -> Path | None:
        """The file of a clip; None when there is no such clip or its file is damaged, whatever was asked for."""
        if not _SHA256.fullmatch(sha256):
            return None
        path = self._file(sha256)
        return path if self._is_whole(path, sha256) else None

    def is_damaged(self, sha256: str) -> bool:
        """Whether there is a file of this name, and another content in it."""
        return self._file(sha256).is_file() and self.path(sha256) is None

    def _file(self, sha256: str) -> Path:
        return self._dir / f"{sha256}.wav"

    def _is_whole(self, path: Path, sha256: str) -> bool:
        """Read each file once, and again after it changed: a call asks for some hundred and fifty of them."""
        try:
            found = path.stat()
            stamp = (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
            before, is_whole = self._looked_at.get(sha256, (None, False))
            if stamp == before:
                return is_whole
            is_whole = hashlib.sha256(path.read_bytes()).hexdigest() == sha256
        except OSError:
            return False
        if abs(time.time_ns() - found.st_ctime_ns) > _SETTLED:
            self._looked_at[sha256] = (stamp, is_whole)
        return is_whole


def write_whole(path: Path, data: bytes) -> None:
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
