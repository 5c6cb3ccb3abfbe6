"""Prompt keys into clips: what a voice plays for them, and that there is something to play for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from gateway.voice.assets import Clip, ClipSource, ClipStore
from gateway.voice.phrases import is_optional
from gateway.voice.prompts import Prompt, Script, estimate_seconds
from gateway.voice.voices import Voice
from gateway.voice.wav import placeholder

NO_NAMES: Final[Mapping[str, Prompt]] = MappingProxyType({})


class MissingPrompt(LookupError):
    """There is nothing to play for this key in this language: the call is refused, and staff see why (law 6)."""

    def __init__(self, language: str, key: str) -> None:
        super().__init__(f"no prompt {key} in {language}")
        self.language, self.key = language, key


def sounds_for(
    store: ClipStore, script: Script, voice: Voice, keys: Sequence[str], extra: Mapping[str, Prompt] = NO_NAMES
) -> list[Clip | Prompt]:
    """Return what says these keys in this voice, in order: clips, or texts where the carrier reads them aloud.

    Beeps of about the same length stand in for what was not spoken yet, where the voice allows it. `extra` are the
    words of names and places, which stand in no script: nobody outside is ever handed them to read aloud. Raises
    MissingPrompt for a key without text, or without a current clip of it.
    """
    return [_sound(store, script, voice, key, extra) for key in keys]


def can_name(voice: Voice | None, prompt: Prompt | None) -> bool:
    """Whether a call in this voice can say this name or place: it was spoken, or beeps may stand in for it."""
    if voice is None or prompt is None or voice.is_carrier:
        return False
    return voice.says(prompt) or voice.stands_in


def _sound(store: ClipStore, script: Script, voice: Voice, key: str, extra: Mapping[str, Prompt]) -> Clip | Prompt:
    clip = voice.clip(key)
    prompt = script.prompts.get(key) or (None if voice.is_carrier else extra.get(key))
    if clip is not None and (voice.says(prompt) or is_optional(key)):
        return clip
    if prompt is None:
        raise MissingPrompt(script.language, str(key))
    if voice.is_carrier and (voice.may_read is None or key in voice.may_read):
        return prompt
    if not voice.stands_in:
        raise MissingPrompt(script.language, str(key))
    return store.keep_loose(placeholder_of(prompt, script), ClipSource.PLACEHOLDER)


def placeholder_of(prompt: Prompt, script: Script) -> bytes:
    """The sound that stands in for a prompt nobody spoke yet: its own, so that its caption can be found again."""
    return placeholder(estimate_seconds(prompt.text, script.letters_per_second), prompt.text_sha256)
