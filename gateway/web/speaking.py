"""From what a flow wants said to what the carrier shall do, clip by clip."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.calls.flow import Ask, HangUp, PhoneCommand
from gateway.carriers import port
from gateway.dispatch.prepare import Refusal, sounds_of
from gateway.voice.assets import Clip
from gateway.web.desk import Desk


class NothingToPlay(Exception):
    """A prompt is missing in this language: the call ends rather than go on in another (law 6)."""


def render(desk: Desk, commands: Sequence[PhoneCommand], *, language: str, attempt: str, next_turn: int) -> str:
    """Write the carrier's response for these commands; raises NothingToPlay.

    URLs are absolute: Twilio documents relative ones for an action, but not for a clip.
    """
    verbs: list[port.Verb] = []
    for command in commands:
        if isinstance(command, HangUp):
            verbs.append(port.HangUp())
        elif isinstance(command, Ask):
            action = f"{desk.public_url}{desk.webhook_prefix}/voice/turn/{attempt}?turn={next_turn}"
            verbs.append(port.AskKey(_sounds(desk, command, language), action, command.digits, command.seconds))
        else:
            verbs.extend(_sounds(desk, command, language))
    return desk.renderer.render(verbs).body


def hang_up(desk: Desk) -> str:
    """The response that ends a call without a word."""
    return desk.renderer.render([port.HangUp()]).body


def _sounds(desk: Desk, command: PhoneCommand, language: str) -> tuple[port.PlayClip | port.Speak, ...]:
    sounds = sounds_of(desk.speech, language, (command,))
    if isinstance(sounds, Refusal):
        raise NothingToPlay(sounds.reason)
    return tuple(
        port.PlayClip(f"{desk.public_url}/audio/{sound.sha256}.wav")
        if isinstance(sound, Clip)
        else port.Speak(sound.text, language)
        for sound in sounds
    )
