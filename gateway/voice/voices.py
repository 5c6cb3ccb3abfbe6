"""Who speaks a call: one voice for all of it, chosen before it is placed.

Trials say that a machine's word inside a person's sentence is disliked more than a machine throughout
(facts/evidence.md), so clips of two voices are never played in one call.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from gateway.kit.marks import mark_of
from gateway.voice.assets import Clip, ClipSource, ClipStore, Kept
from gateway.voice.keys import wanted_keys
from gateway.voice.phrases import is_optional
from gateway.voice.prompts import Prompt, Script

CARRIER: Final = "carrier"
"""The name of the carrier's own voice, which reads the text of each phrase."""
NOBODY: Final = ""
"""The name of a voice that has no clip yet: placeholders say everything."""

_BEST_FIRST: Final = {source: place for place, source in enumerate(ClipSource)}


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice in a language: its clips by key. With `stands_in`, placeholders say what it has not spoken.

    `may_read` are the keys of the texts the carrier's own voice may read aloud; None: every one.
    """

    language: str
    name: str
    clips: Mapping[str, Kept] = field(default_factory=dict)
    stands_in: bool = False
    may_read: frozenset[str] | None = None

    @property
    def is_carrier(self) -> bool:
        """Whether the carrier reads texts aloud instead of playing clips."""
        return self.name == CARRIER

    def clip(self, key: str) -> Clip | None:
        """Its clip of this key."""
        kept = self.clips.get(key)
        return kept.clip if kept else None

    def says(self, prompt: Prompt | None) -> bool:
        """Whether it has a clip of this very text."""
        kept = self.clips.get(prompt.key) if prompt else None
        return kept is not None and prompt is not None and kept.speaks(prompt)


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may be played: drafts and placeholders only where nobody is reached (law 7)."""

    drafts: bool
    placeholders: bool
    carrier_speaks: Callable[[str], bool]


class Voices:
    """The voices of every language; each is worked out once and anew when a script, a clip or an approval changes."""

    def __init__(
        self,
        scripts: Mapping[str, Script],
        clips: ClipStore,
        allowed: Allowed,
        approved_texts: Callable[[], Collection[str]] = frozenset,
    ) -> None:
        """`approved_texts` gives the marks of the texts two people approved; the same object while none changed."""
        self._scripts, self._clips, self._allowed, self._approved = scripts, clips, allowed, approved_texts
        self._known: dict[str, tuple[tuple[object, ...], tuple[Voice, ...]]] = {}

    def with_stores(
        self, scripts: Mapping[str, Script], clips: ClipStore, approved_texts: Callable[[], Collection[str]]
    ) -> Voices:
        """The same voices asked of other stores that hold the same; what one has worked out the other knows, too."""
        other = Voices(scripts, clips, self._allowed, approved_texts)
        other._known = self._known
        return other

    def of(self, language: str) -> Voice | None:
        """The voice a call in this language is spoken in; None when none could say all of it."""
        return next(iter(self._of(language)), None)

    def named(self, language: str, name: str) -> Voice | None:
        """That voice, for a call under way: it goes on in the voice it began with, with what that may still say.

        A clip that was withdrawn, or whose words were edited since, is not said; the voice's other clips are.
        """
        whole = next((voice for voice in self._of(language) if voice.name == name), None)
        return whole or self._what_is_left_of(language, name)

    def able(self, language: str, keys: Collection[str]) -> Voice | None:
        """The best voice that can say all of these keys now; None when there is none.

        Who can answer calls: `able(language, (*wanted_keys(), *hotline_keys()))`.
        """
        script, approved = self._scripts.get(language), self._approved()
        if script is None:
            return None
        voices = (voice for voice in self._of(language) if says_all(voice, script, keys, self._allowed, approved))
        return next(voices, None)

    def _what_is_left_of(self, language: str, name: str) -> Voice | None:
        script = self._scripts.get(language)
        if script is None:
            return None
        if name == CARRIER and self._allowed.carrier_speaks(language):
            return _carrier_voice(script, self._allowed, self._approved())
        playable = _by_voice(script, self._clips.kept(language), self._allowed)
        return next((voice for voice in playable if voice.name == name), None)

    def _of(self, language: str) -> tuple[Voice, ...]:
        script = self._scripts.get(language)
        if script is None:
            return ()
        seen = (script, self._clips.kept(language), self._approved())
        known = self._known.get(language)
        if known is None or any(now is not then for now, then in zip(seen, known[0], strict=True)):
            known = seen, tuple(voices_of(script, seen[1], self._allowed, seen[2]))
            self._known[language] = known
        return known[1]


def voices_of(
    script: Script, kept: Mapping[str, tuple[Kept, ...]], allowed: Allowed, approved_texts: Collection[str] = ()
) -> Iterator[Voice]:
    """Every voice that may speak a whole call, the best first.

    A person who spoke every phrase, else the machine; then the carrier's own voice, or where placeholders are allowed
    whoever spoke most phrases, with placeholders for the rest: what was just recorded is heard in the next call.
    """
    if script.missing:
        return
    playable = _by_voice(script, kept, allowed)
    complete = [voice for voice in playable if all(voice.clip(key) for key in wanted_keys())]
    yield from complete
    if allowed.placeholders:
        yield from (replace(voice, stands_in=True) for voice in playable if voice not in complete)
        yield Voice(script.language, NOBODY, stands_in=True)
    elif allowed.carrier_speaks(script.language) and (allowed.drafts or _all_approved(script, approved_texts)):
        yield _carrier_voice(script, allowed, approved_texts)


def says_all(
    voice: Voice, script: Script, keys: Collection[str], allowed: Allowed, approved_texts: Collection[str]
) -> bool:
    """Whether a voice of this script can say all of these keys, as far as it is allowed to."""
    prompts = [script.prompts.get(key) for key in keys]
    if voice.is_carrier and not allowed.drafts:
        return all(prompt is not None and text_mark(voice.language, prompt) in approved_texts for prompt in prompts)
    stands_in = voice.stands_in or voice.is_carrier
    return all(prompt is not None and (stands_in or voice.says(prompt)) for prompt in prompts)


def _carrier_voice(script: Script, allowed: Allowed, approved_texts: Collection[str]) -> Voice:
    """The carrier's own voice, where people are reached with approved texts alone."""
    approved = (key for key, prompt in script.prompts.items() if text_mark(script.language, prompt) in approved_texts)
    return Voice(script.language, CARRIER, may_read=None if allowed.drafts else frozenset(approved))


def text_mark(language: str, prompt: Prompt) -> str:
    """What an approval of a phrase's words is bound to."""
    return mark_of(language, str(prompt.key), prompt.text_sha256)


def _all_approved(script: Script, approved_texts: Collection[str]) -> bool:
    return all(text_mark(script.language, script.prompts[key]) in approved_texts for key in wanted_keys())


def _by_voice(script: Script, kept: Mapping[str, tuple[Kept, ...]], allowed: Allowed) -> list[Voice]:
    """The voices with what each may play, people before machines, who spoke most first."""
    found: dict[tuple[ClipSource, str], dict[str, Kept]] = defaultdict(dict)
    for key, clips in kept.items():
        for one in reversed(clips):  # the newest is written last
            if (one.approved or allowed.drafts) and _is_current(script, key, one):
                found[one.clip.source, one.clip.voice][key] = one
    ranked = sorted(found, key=lambda who: (_BEST_FIRST[who[0]], -len(found[who]), who[1]))
    return [Voice(script.language, name, found[source, name]) for source, name in ranked]


def _is_current(script: Script, key: str, kept: Kept) -> bool:
    """Whether a clip says what the script says now; a site's or a person's name is compared when it is known."""
    prompt = script.prompts.get(key)
    return kept.speaks(prompt) if prompt else is_optional(key)
