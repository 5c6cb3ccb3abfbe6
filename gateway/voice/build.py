"""Speaking a script ahead of time, so that no call ever waits for a machine elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gateway.voice.assets import ClipSource, ClipStore
from gateway.voice.audio import normalise
from gateway.voice.prompts import Prompt, Script
from gateway.voice.speaker import MissingPrompt
from gateway.voice.synthesis import Synthesiser, SynthesisError
from gateway.voice.wav import AudioError

MACHINE = "machine"  # the voice of what was synthesised
Progress = Callable[[int, int, str], None]
"""Called before each key with: keys done, keys in all, the key."""


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What became of each key. `stopped`: the machine could not be reached, and the rest was not tried."""

    language: str
    made: tuple[str, ...] = ()
    there: tuple[str, ...] = ()  # had a current clip already
    failed: Mapping[str, str] = field(default_factory=dict)  # key -> reason
    stopped: bool = False


def build(
    scripts: Mapping[str, Script], store: ClipStore, synthesiser: Synthesiser, language: str, progress: Progress
) -> BuildReport:
    """Have every prompt of a language spoken that has no current clip; what is there, recordings above all, stays.

    May be broken off and begun again. Gives up after three failures in a row. Raises MissingPrompt without a script.
    """
    if language not in scripts:
        raise MissingPrompt(language, "*")
    prompts = scripts[language].prompts
    made, there, failed, in_a_row = [], [], dict[str, str](), 0
    for position, (key, prompt) in enumerate(prompts.items()):
        progress(position, len(prompts), key)
        if any(kept.speaks(prompt) for kept in store.kept(language).get(key, ())):
            there.append(key)
            continue
        reason = _speak(store, synthesiser, language, prompt)
        in_a_row = in_a_row + 1 if reason else 0
        if reason:
            failed[key] = reason
        else:
            made.append(key)
        if in_a_row == 3:
            return BuildReport(language, tuple(made), tuple(there), failed, stopped=True)
    return BuildReport(language, tuple(made), tuple(there), failed)


def _speak(store: ClipStore, synthesiser: Synthesiser, language: str, prompt: Prompt) -> str:
    """Keep the spoken prompt; return why it could not be, or nothing."""
    try:
        spoken = synthesiser.speak(prompt.text, language)
        if synthesiser.source is ClipSource.PLACEHOLDER:
            store.keep_loose(spoken, synthesiser.source)
        else:
            store.keep(language, prompt, normalise(spoken), synthesiser.source, MACHINE)
    except (SynthesisError, AudioError) as error:
        return str(error)
    return ""
