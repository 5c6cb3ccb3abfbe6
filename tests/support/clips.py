"""A store of clips without tables: bytes in a folder, the rest in memory. Everything counts as not approved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from gateway.voice.assets import Clip, ClipFolder, ClipSource, Kept
from gateway.voice.prompts import Prompt


class MemoryClips(ClipFolder):
    """A ClipStore for unit tests."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._kept: dict[str, dict[str, tuple[Kept, ...]]] = defaultdict(dict)

    def kept(self, language: str) -> Mapping[str, tuple[Kept, ...]]:
        """Every clip of a language by key, the newest first."""
        return self._kept[language]

    def keep(self, language: str, prompt: Prompt, wav: bytes, source: ClipSource, voice: str = "somebody") -> Clip:
        """Keep a telephone WAV as what `voice` says for this key."""
        clip = replace(self.keep_loose(wav, source), voice=voice, text=prompt.text)
        before = self._kept[language].get(prompt.key, ())
        kept = Kept(clip, prompt.text_sha256)
        self._kept[language] = {**self._kept[language], prompt.key: (kept, *before)}
        return clip

    def approve(self, language: str) -> None:
        """Let two people approve all of it."""
        self._kept[language] = {
            key: tuple(replace(one, approved=True) for one in clips) for key, clips in self._kept[language].items()
        }
