"""Words and voices as they stand at one moment: the stores are asked once a batch, and not for every reminder.

They look at the database whether anything changed each time they are asked, which costs more than the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from gateway.dispatch.prepare import Speech
from gateway.voice.assets import Clip, ClipSource, ClipStore, Kept
from gateway.voice.prompts import Prompt, Script


def at_this_moment(speech: Speech) -> Speech:
    """The same speech, of which nothing changes any more; for one batch."""
    approved = speech.approved_texts()
    scripts, clips = _StillScripts(speech.scripts), _StillClips(speech.clips)
    still = replace(
        speech,
        catalogue=speech.catalogue.at_this_moment(),
        scripts=scripts,
        clips=clips,
        approved_texts=lambda: approved,
    )
    # What was worked out for the batch before holds while nothing changed.
    still.__dict__["voices"] = speech.voices.with_stores(scripts, clips, still.approved_texts)
    return still


class _StillScripts(Mapping[str, Script]):
    """Each language's script as it was when it was first asked for."""

    def __init__(self, scripts: Mapping[str, Script]) -> None:
        self._scripts = scripts
        self._known: dict[str, Script] = {}
        self._codes: tuple[str, ...] | None = None

    def __getitem__(self, language: str) -> Script:
        if language not in self._known:
            self._known[language] = self._scripts[language]
        return self._known[language]

    def __iter__(self) -> Iterator[str]:
        if self._codes is None:
            self._codes = tuple(self._scripts)
        return iter(self._codes)

    def __len__(self) -> int:
        return len(tuple(iter(self)))

    def __contains__(self, language: object) -> bool:
        return language in tuple(iter(self))


class _StillClips(ClipStore):
    """Which clips there are, as it was when it was first asked; sounds made on the way are kept in the store."""

    def __init__(self, clips: ClipStore) -> None:
        self._clips = clips
        self._kept: dict[str, Mapping[str, tuple[Kept, ...]]] = {}
        self._paths: dict[str, Path] = {}

    def kept(self, language: str) -> Mapping[str, tuple[Kept, ...]]:
        if language not in self._kept:
            self._kept[language] = self._clips.kept(language)
        return self._kept[language]

    def keep(self, language: str, prompt: Prompt, wav: bytes, source: ClipSource, voice: str) -> Clip:
        return self._clips.keep(language, prompt, wav, source, voice)

    def keep_loose(self, wav: bytes, source: ClipSource) -> Clip:
        return self._clips.keep_loose(wav, source)

    def read(self, sha256: str) -> bytes | None:
        return self._clips.read(sha256)

    def path(self, sha256: str) -> Path | None:
        known = self._paths.get(sha256) or self._clips.path(sha256)
        if known is not None:
            self._paths[sha256] = known
        return known
