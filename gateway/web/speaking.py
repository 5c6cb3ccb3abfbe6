"""From what a flow wants said to what the carrier shall do, clip by clip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.calls.flow import Ask, CallFacts, HangUp, PhoneCommand, Play, RecordPhrase
from gateway.carriers import port
from gateway.dispatch.prepare import Refusal, sounds_of
from gateway.voice.assets import Clip
from gateway.voice.prompts import Prompt
from gateway.web.desk import Desk


class NothingToPlay(Exception):
    """A prompt is missing in this language: the call ends rather than go on in another (law 6)."""


@dataclass(frozen=True, slots=True)
class Said:
    """The carrier's response, and in order what it plays: {"prompt", "text", "clip": a hash, or "" where it is spoken}.

    What is played is kept beside the response, so that nobody has to read a carrier's own form again (law 10).
    """

    response: str
    heard: list[dict[str, str]]


def put(
    desk: Desk, commands: Sequence[PhoneCommand], facts: CallFacts, *, attempt: str, next_turn: int, replay: str = ""
) -> Said:
    """Put these commands into sounds and the carrier's response; raises NothingToPlay.

    URLs are absolute: Twilio documents relative ones for an action, but not for a clip. `replay` is where a recording
    is that the caller wants to hear.
    """
    action = f"{desk.public_url}{desk.webhook_prefix}/voice/turn/{attempt}?turn={next_turn}"
    verbs: list[port.Verb] = []
    heard: list[dict[str, str]] = []
    for command in commands:
        if isinstance(command, HangUp):
            verbs.append(port.HangUp())
            continue
        sounds = _sounds(desk, command, facts)
        heard.extend(_heard(desk, key, sound, facts) for key, sound in zip(command.prompts, sounds, strict=True))
        played = tuple(_played(desk, sound, facts.language) for sound in sounds)
        verbs.extend(_verbs(command, played, action, replay))
    return Said(desk.renderer.render(verbs).body, heard)


def _verbs(
    command: Play | Ask | RecordPhrase, played: tuple[port.PlayClip | port.Speak, ...], action: str, replay: str
) -> tuple[port.Verb, ...]:
    match command:
        case Ask():
            own = (port.PlayClip(replay),) if command.replay and replay else ()
            return (port.AskKey((*own, *played), action, command.digits, command.seconds, command.finish),)
        case RecordPhrase():
            return (*played, port.Record(action, command.longest, command.silence, command.finish))
    return played


def as_it_stands(desk: Desk, facts: CallFacts) -> CallFacts:
    """The facts of a call under way at this moment; a name withdrawn meanwhile is left out, like one never spoken."""
    voice = desk.speech.voices.named(facts.language, facts.voice)
    place, name = (key if voice and voice.clip(key) else "" for key in (facts.place, facts.name))
    return replace(facts, now=desk.clock.now(), place=place, name=name)


def hang_up(desk: Desk) -> str:
    """The response that ends a call without a word."""
    return desk.renderer.render([port.HangUp()]).body


def _sounds(desk: Desk, command: Play | Ask | RecordPhrase, facts: CallFacts) -> tuple[Clip | Prompt, ...]:
    sounds = sounds_of(desk.speech, facts, (Play(command.prompts),))
    if isinstance(sounds, Refusal):
        raise NothingToPlay(sounds.reason)
    return sounds


def _played(desk: Desk, sound: Clip | Prompt, language: str) -> port.PlayClip | port.Speak:
    if isinstance(sound, Clip):
        return port.PlayClip(f"{desk.public_url}/audio/{sound.sha256}.wav")
    return port.Speak(sound.text, language)


def _heard(desk: Desk, key: str, sound: Clip | Prompt, facts: CallFacts) -> dict[str, str]:
    """One phrase as the person heard it; its words, too: a script may say it otherwise tomorrow."""
    if isinstance(sound, Prompt):
        return {"prompt": str(key), "text": sound.text, "clip": ""}
    prompt = desk.speech.scripts[facts.language].prompts.get(key)
    return {"prompt": str(key), "text": prompt.text if prompt else sound.text, "clip": sound.sha256}
