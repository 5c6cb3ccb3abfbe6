"""What each language can say already, and what is still to be written, spoken, approved or spoken anew."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.voice.assets import ClipSource, ClipStore, Kept
from gateway.voice.keys import hotline_keys, wanted_keys
from gateway.voice.prompts import Prompt, Script
from gateway.voice.voices import Allowed, says_all, text_mark, voices_of


class Have(StrEnum):
    """The state of one key in one language."""

    UNWRITTEN = "unwritten"  # there is no text
    RECORDED = "recorded"  # a person speaks the present text
    SYNTHESISED = "synthesised"  # a machine speaks it
    STALE = "stale"  # there is a clip, of a text that has changed since
    PLACEHOLDER_ONLY = "placeholder_only"  # there is a text and no sound


@dataclass(frozen=True, slots=True)
class Coverage:
    """One language: each key that a call may need, in the state it is in, and what two people approved of it.

    `in_drafts` and `in_earnest`: whether one voice has every phrase, drafts counted or not. `hotline` is the same of
    what only those hear who call us; there the voice must have the call's phrases as well.
    """

    language: str
    keys: Mapping[str, Have] = field(default_factory=dict)
    approved_words: frozenset[str] = frozenset()
    unheard: frozenset[str] = frozenset()  # recorded, and no second person has approved any of the recordings
    in_drafts: bool = False
    in_earnest: bool = False
    hotline: Coverage | None = None

    @property
    def wanted(self) -> int:
        """How many keys there are to say."""
        return len(self.keys)

    @property
    def written(self) -> int:
        """How many of them have a text."""
        return self.wanted - self.count(Have.UNWRITTEN)

    @property
    def approved(self) -> int:
        """How many have a text that two people approved."""
        return len(self.approved_words)

    @property
    def recorded(self) -> int:
        """How many somebody has spoken as they are written now."""
        return self.count(Have.RECORDED)

    @property
    def waiting(self) -> int:
        """How many of those recordings wait for a second person."""
        return len(self.unheard)

    @property
    def stale(self) -> int:
        """How many were spoken before their text was changed."""
        return self.count(Have.STALE)

    @property
    def synthesised(self) -> int:
        """How many only a machine speaks."""
        return self.count(Have.SYNTHESISED)

    def answerable(self, live: bool) -> bool:
        """Whether one voice can answer those who call us; `live` as in `callable`."""
        return self.hotline is not None and self.hotline.callable(live)

    def callable(self, live: bool) -> bool:
        """Whether one voice can say every phrase; `live`: to real people, so that drafts and placeholders are out."""
        return self.in_earnest if live else self.in_drafts

    def count(self, have: Have) -> int:
        """How many keys are in this state."""
        return sum(state is have for state in self.keys.values())

    def which(self, have: Have) -> tuple[str, ...]:
        """The keys in this state."""
        return tuple(key for key, state in self.keys.items() if state is have)


def coverage(
    scripts: Mapping[str, Script],
    store: ClipStore,
    *,
    approved_texts: Collection[str] = (),
    codes: Collection[str] = (),
    carrier_speaks: Callable[[str], bool] = lambda _: False,
) -> list[Coverage]:
    """Return the coverage of the languages `codes`, in that order, then of every other that has a script.

    `approved_texts`: the marks of the texts two people approved; `carrier_speaks`: what it has a voice for.
    """
    languages = dict.fromkeys([*codes, *sorted(scripts)])
    found = (scripts.get(language, Script(language)) for language in languages)
    return [_of_script(script, store, approved_texts, carrier_speaks) for script in found]


def _of_script(
    script: Script, store: ClipStore, approved: Collection[str], carrier_speaks: Callable[[str], bool]
) -> Coverage:
    kept = store.kept(script.language)

    def spoken(keys: Sequence[str], drafts: bool) -> bool:
        allowed = Allowed(drafts, placeholders=False, carrier_speaks=carrier_speaks)
        voices = voices_of(script, kept, allowed, approved)
        return any(says_all(voice, script, keys, allowed, approved) for voice in voices)

    def of(keys: Sequence[str], needed: Sequence[str], hotline: Coverage | None = None) -> Coverage:
        current = {key: _current(script.prompts.get(key), kept.get(key, ())) for key in keys}
        return Coverage(
            script.language,
            {key: _have(script.prompts.get(key), current[key], bool(kept.get(key))) for key in keys},
            frozenset(p.key for p in script.prompts.values() if text_mark(script.language, p) in approved) & {*keys},
            frozenset(key for key, clips in current.items() if _waits(clips)),
            spoken(needed, drafts=True),
            spoken(needed, drafts=False),
            hotline,
        )

    calls, more = [str(key) for key in wanted_keys()], [str(key) for key in hotline_keys()]
    return of(calls, calls, hotline=of(more, [*calls, *more]))


def _current(prompt: Prompt | None, kept: Collection[Kept]) -> list[Kept]:
    """The clips that speak the present text."""
    return [one for one in kept if one.speaks(prompt)] if prompt else []


def _waits(current: Collection[Kept]) -> bool:
    recorded = [one for one in current if one.clip.source is ClipSource.RECORDING]
    return bool(recorded) and not any(one.approved for one in recorded)


def _have(prompt: Prompt | None, current: Collection[Kept], any_clip: bool) -> Have:
    if prompt is None:
        return Have.UNWRITTEN
    if not current:
        return Have.STALE if any_clip else Have.PLACEHOLDER_ONLY
    sources = {one.clip.source for one in current}
    return Have.RECORDED if ClipSource.RECORDING in sources else Have.SYNTHESISED
