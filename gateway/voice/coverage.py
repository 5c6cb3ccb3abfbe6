"""What each language can say already, and what is still to be written, spoken or spoken anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.voice.assets import ClipSource, ClipStore
from gateway.voice.keys import wanted_keys
from gateway.voice.prompts import Prompt, Script


class Have(StrEnum):
    """The state of one key in one language."""

    UNWRITTEN = "unwritten"  # there is no text
    RECORDED = "recorded"  # a person speaks the present text
    SYNTHESISED = "synthesised"  # a machine speaks it
    STALE = "stale"  # there is a clip, of a text that has changed since
    PLACEHOLDER_ONLY = "placeholder_only"  # there is a text and no sound


@dataclass(frozen=True, slots=True)
class Coverage:
    """One language's keys, each in the state it is in. `wanted` counts the keys every language needs, and its sites."""

    language: str
    keys: Mapping[str, Have] = field(default_factory=dict)

    @property
    def wanted(self) -> int:
        """How many keys there are to say."""
        return len(self.keys)

    @property
    def written(self) -> int:
        """How many of them have a text."""
        return self.wanted - self.count(Have.UNWRITTEN)

    @property
    def is_callable(self) -> bool:
        """Whether a call to real people could be played: every key has a current clip."""
        return all(have in (Have.RECORDED, Have.SYNTHESISED) for have in self.keys.values())

    def count(self, have: Have) -> int:
        """How many keys are in this state."""
        return sum(state is have for state in self.keys.values())

    def which(self, have: Have) -> tuple[str, ...]:
        """The keys in this state."""
        return tuple(key for key, state in self.keys.items() if state is have)


def coverage(scripts: Mapping[str, Script], store: ClipStore) -> list[Coverage]:
    """Return the coverage of every language that has a script, by language code."""
    return [_of_script(script, store) for _, script in sorted(scripts.items())]


def _of_script(script: Script, store: ClipStore) -> Coverage:
    keys = dict.fromkeys([*map(str, wanted_keys()), *script.prompts])
    return Coverage(script.language, {key: _have(store, script.language, script.prompts.get(key)) for key in keys})


def _have(store: ClipStore, language: str, prompt: Prompt | None) -> Have:
    if prompt is None:
        return Have.UNWRITTEN
    kept = store.kept(language).get(prompt.key, ())
    current = {one.clip.source for one in kept if one.speaks(prompt)}
    if not current:
        return Have.STALE if kept else Have.PLACEHOLDER_ONLY
    return Have.RECORDED if ClipSource.RECORDING in current else Have.SYNTHESISED
