"""Where clips are kept: the port, and the folder of their bytes.

A clip's bytes are `<sha256>.wav`: another sound is another name, so a carrier may cache it for ever. Which clip speaks
which key, whose voice it is and whether two people approved it, the store knows.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

from gateway.voice.prompts import Prompt
from gateway.voice.wav import seconds_of

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


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
    """The bytes of clips in a folder; safe under several threads and several processes."""

    def __init__(self, audio_dir: Path) -> None:
        self._dir = audio_dir

    def keep_loose(self, wav: bytes, source: ClipSource) -> Clip:
        """Keep a sound; raises AudioError when it is no telephone WAV."""
        clip = Clip(hashlib.sha256(wav).hexdigest(), seconds_of(wav), source)
        path = self._dir / f"{clip.sha256}.wav"
        if not path.exists():
            self._dir.mkdir(parents=True, exist_ok=True)
            _write_whole(path, wav)
        return clip

    def read(self, sha256: str) -> bytes | None:
        """The bytes of a clip; None when there is no such clip, whatever was asked for."""
        path = self.path(sha256)
        return path.read_bytes() if path else None

    def path(self, sha256: str) -> Path | None:
        """The file of a clip; None when there is no such clip, whatever was asked for."""
        if not _SHA256.fullmatch(sha256):
            return None
        path = self._dir / f"{sha256}.wav"
        return path if path.is_file() else None


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
