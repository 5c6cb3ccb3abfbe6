"""Speaking a script ahead of time, so that no call ever waits for a machine elsewhere."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from gateway.voice.assets import ClipSource, ClipStore, Kept
from gateway.voice.audio import normalise
from gateway.voice.outgoing import Held, Outgoing
from gateway.voice.phrases import is_optional
from gateway.voice.prompts import Prompt, Script
from gateway.voice.speaker import MissingPrompt
from gateway.voice.synthesis import Synthesiser, SynthesisError
from gateway.voice.wav import AudioError, seconds_of

MACHINE = "machine"  # the voice of what was synthesised
Progress = Callable[[int, int, str], None]
"""Called before each key with: keys done, keys in all, the key."""

_TAKEN_IN_AS: Final = "1"  # another number where `normalise` makes something else of the same answer


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What became of each key. `stopped`: the machine could not be reached, and the rest was not tried."""

    language: str
    made: tuple[str, ...] = ()
    there: tuple[str, ...] = ()  # the machine had spoken them already
    failed: Mapping[str, str] = field(default_factory=dict)  # key -> reason
    stopped: bool = False
    sent_back: tuple[str, ...] = ()  # somebody heard that it says them wrong: a person has to record them
    held: Mapping[str, Held] = field(default_factory=dict)  # key -> why it must not be sent to a machine elsewhere


class SpokenBefore:
    """What a machine has spoken, by machine, language and text, in a folder: nothing is asked for twice.

    It outlives the database, and the clips that were made of it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, machine: Synthesiser, language: str, text: str) -> bytes | None:
        """Return the telephone WAV it made of this text; None where it did not, or where the file was damaged."""
        try:
            wav = self._path(machine, language, text).read_bytes()
            seconds_of(wav)
        except (OSError, AudioError):
            return None
        return wav

    def keep(self, machine: Synthesiser, language: str, text: str, wav: bytes) -> None:
        """Keep what it made."""
        path = self._path(machine, language, text)
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_name(f".{path.name}.{os.getpid()}")
        half.write_bytes(wav)
        half.replace(path)

    def _path(self, machine: Synthesiser, language: str, text: str) -> Path:
        about = "\0".join((_TAKEN_IN_AS, machine.engine, language, text))
        return self._folder / f"{hashlib.sha256(about.encode()).hexdigest()}.wav"


def build(
    scripts: Mapping[str, Script],
    store: ClipStore,
    synthesiser: Synthesiser,
    language: str,
    progress: Progress,
    before: SpokenBefore | None = None,
    refused: Collection[str] = (),
    outgoing: Outgoing | None = None,
) -> BuildReport:
    """Have a machine speak every fixed prompt of a language that it has not spoken yet; recordings stay as they are.

    A call is in one voice, so the machine says all of it, also what somebody has recorded already. Names of people and
    places are left out: they are recorded by people or not said (law 7, facts/thailand.md §9).
    `refused`: the hashes of texts that it said wrong, as somebody heard: it would only say them so again.
    `outgoing`: what may be sent at all; None: the scripts given, as they are, since nothing in them was edited.
    May be broken off and begun again. Gives up after three failures in a row. Raises MissingPrompt without a script.
    """
    if language not in scripts:
        raise MissingPrompt(language, "*")
    may_leave = outgoing or Outgoing(scripts)
    prompts = {key: prompt for key, prompt in scripts[language].prompts.items() if not is_optional(key)}
    made, there, sent_back, failed, held, in_a_row = [], [], [], dict[str, str](), dict[str, Held](), 0
    kept = store.kept(language)  # once: every clip that is kept below makes another of it
    for position, (key, prompt) in enumerate(prompts.items()):
        progress(position, len(prompts), key)
        if _is_there(store, kept.get(key, ()), prompt):
            there.append(key)
            continue
        if (why := may_leave.held(language, prompt)) is not None:
            held[key] = why
            continue
        if prompt.text_sha256 in refused:
            sent_back.append(key)
            continue
        reason = _speak(store, synthesiser, language, prompt, before)
        in_a_row = in_a_row + 1 if reason else 0
        if reason:
            failed[key] = reason
        else:
            made.append(key)
        if in_a_row == 3:
            return BuildReport(language, tuple(made), tuple(there), failed, True, tuple(sent_back), held)
    return BuildReport(language, tuple(made), tuple(there), failed, False, tuple(sent_back), held)


def _is_there(store: ClipStore, clips: Collection[Kept], prompt: Prompt) -> bool:
    """Whether it has spoken this text, and the file is still what it was."""
    spoken = [one.clip for one in clips if one.clip.source is ClipSource.SYNTHESIS and one.speaks(prompt)]
    return any(store.path(clip.sha256) is not None for clip in spoken)


def _speak(
    store: ClipStore, synthesiser: Synthesiser, language: str, prompt: Prompt, before: SpokenBefore | None
) -> str:
    """Keep the spoken prompt; return why it could not be, or nothing."""
    try:
        wav = _wav(synthesiser, language, prompt.text, before)
        store.keep(language, prompt, wav, ClipSource.SYNTHESIS, MACHINE)
    except (SynthesisError, AudioError) as error:
        return str(error)
    return ""


def _wav(synthesiser: Synthesiser, language: str, text: str, before: SpokenBefore | None) -> bytes:
    wav = before.find(synthesiser, language, text) if before else None
    if wav is not None:
        return wav
    wav = normalise(synthesiser.speak(text, language))
    if before is not None:
        before.keep(synthesiser, language, text, wav)
    return wav
