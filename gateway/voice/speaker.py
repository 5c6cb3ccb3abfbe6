"""Prompt keys into clips: the one place that decides whether a call can be heard in a language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gateway.voice.assets import Clip, ClipSource, ClipStore
from gateway.voice.prompts import Prompt, Script, estimate_seconds
from gateway.voice.wav import placeholder


class MissingPrompt(LookupError):
    """There is nothing to play for this key in this language: the call is refused, and staff see why (law 6)."""

    def __init__(self, language: str, key: str) -> None:
        super().__init__(f"no prompt {key} in {language}")
        self.language, self.key = language, key


def clips_for(
    store: ClipStore, scripts: Mapping[str, Script], language: str, keys: Sequence[str], allow_placeholder: bool
) -> list[Clip]:
    """Return the clips that say these keys, in order, in this very language.

    Where `allow_placeholder` (nobody is reached), beeps of about the same length stand in for what was not made yet.
    Raises MissingPrompt for a key without text, or without a current clip of it.
    """
    return [_clip(store, language, _prompt(scripts, language, key), allow_placeholder) for key in keys]


def _prompt(scripts: Mapping[str, Script], language: str, key: str) -> Prompt:
    script = scripts.get(language)
    if script is None or key not in script.prompts:
        raise MissingPrompt(language, str(key))
    return script.prompts[key]


def _clip(store: ClipStore, language: str, prompt: Prompt, allow_placeholder: bool) -> Clip:
    clip = store.find(language, prompt)
    if clip is not None:
        return clip
    if not allow_placeholder:
        raise MissingPrompt(language, prompt.key)
    return store.keep_loose(placeholder_of(prompt), ClipSource.PLACEHOLDER)


def placeholder_of(prompt: Prompt) -> bytes:
    """The sound that stands in for a prompt nobody spoke yet: its own, so that its caption can be found again."""
    return placeholder(estimate_seconds(prompt.text), prompt.text_sha256)
