"""From what a flow wants said to what the carrier shall do, clip by clip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from gateway.calls.flow import Ask, CallFacts, Dial, HangUp, PhoneCommand, Play, RecordPhrase, Subject, language_of
from gateway.carriers import port
from gateway.voice.assets import Clip
from gateway.voice.prompts import Prompt
from gateway.voice.speaker import NO_NAMES, MissingPrompt, sounds_for
from gateway.voice.voices import Voice
from gateway.web.desk import Desk


class NothingToPlay(Exception):
    """A prompt is missing in this language: the call ends rather than go on in another (law 6)."""


@dataclass(frozen=True, slots=True)
class Said:
    """The carrier's response, and in order what it plays: {"prompt", "text", "clip": a hash, or "" where it is spoken},
    and of a name or place "back", its English.

    What is played is kept beside the response, so that nobody has to read a carrier's own form again (law 10).
    """

    response: str
    heard: list[dict[str, str]]


_Phrase = tuple[port.PlayClip | port.Speak, dict[str, str]]
Shelf = dict[str, _Phrase]
"""Of one voice, speaking as fast as it does: what is played for a prompt, and how it is heard."""


@dataclass(frozen=True, slots=True)
class _Next:
    """What a response needs besides its words: whose call and which turn answers it.

    `replay` is where a recording is that the caller wants to hear, `dials` the number they are connected with, `names`
    the words of names and places by key.
    """

    attempt: str
    number: int
    replay: str = ""
    dials: str = ""
    names: Mapping[str, Prompt] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Sound:
    """What says one prompt, in which language, in which words; `back` of a name or place alone: no script has it."""

    key: str
    language: str
    plays: Clip | Prompt
    text: str
    back: str = ""


def put(
    desk: Desk,
    commands: Sequence[PhoneCommand],
    facts: CallFacts,
    *,
    attempt: str,
    next_turn: int,
    replay: str = "",
    dials: str = "",
    names: Mapping[str, Prompt] = NO_NAMES,
    shelf: Shelf | None = None,
) -> Said:
    """Put these commands into sounds and the carrier's response; raises NothingToPlay.

    URLs are absolute: Twilio documents relative ones for an action, but not for a clip. `shelf` is where what says each
    phrase is kept, by who knows that it is still this voice as it is now.
    """
    turn = _Next(attempt, next_turn, replay, dials, names)
    verbs: list[port.Verb] = []
    heard: list[dict[str, str]] = []
    for command in commands:
        if isinstance(command, HangUp):
            verbs.append(port.HangUp())
            continue
        sounds = [_phrase(desk, facts, str(key), turn, shelf) for key in command.prompts]
        heard.extend(words for _, words in sounds)
        verbs.extend(_verbs(desk, command, tuple(played for played, _ in sounds), turn))
    return Said(desk.renderer.render(verbs).body, heard)


def _verbs(
    desk: Desk,
    command: Play | Ask | RecordPhrase | Dial,
    played: tuple[port.PlayClip | port.Speak, ...],
    turn: _Next,
) -> tuple[port.Verb, ...]:
    match command:
        case Ask():
            own = (port.PlayClip(turn.replay),) if command.replay and turn.replay else ()
            action = _action(desk, "turn", turn)
            return (port.AskKey((*own, *played), action, command.digits, command.seconds, command.finish),)
        case RecordPhrase():
            action = _action(desk, "turn", turn)
            return (*played, port.Record(action, command.longest, command.silence, command.finish))
        case Dial():
            if not turn.dials:
                raise NothingToPlay("nobody to be dialled")
            return (*played, port.DialNumber(turn.dials, _action(desk, "dial", turn), command.seconds))
    return played


def _action(desk: Desk, what: str, turn: _Next) -> str:
    return f"{desk.public_url}{desk.webhook_prefix}/voice/{what}/{turn.attempt}?turn={turn.number}"


def as_it_stands(desk: Desk, facts: CallFacts) -> CallFacts:
    """The facts of a call under way at this moment; a name withdrawn meanwhile is left out, like one never spoken."""
    voice = desk.speech.voices.named(facts.language, facts.voice)
    subjects = tuple(_without_lost_names(voice, subject) for subject in facts.subjects)
    place, name = (key if _can_still_say(voice, key) else "" for key in (facts.place, facts.name))
    return replace(facts, now=desk.clock.now(), place=place, name=name, subjects=subjects)


def hang_up(desk: Desk) -> str:
    """The response that ends a call without a word."""
    return desk.renderer.render([port.HangUp()]).body


def _without_lost_names(voice: Voice | None, subject: Subject) -> Subject:
    place, name = (key if _can_still_say(voice, key) else "" for key in (subject.place, subject.name))
    return replace(subject, place=place, name=name)


def _can_still_say(voice: Voice | None, key: str) -> bool:
    return bool(key) and voice is not None and (voice.clip(key) is not None or voice.stands_in)


def _sound(desk: Desk, facts: CallFacts, prompt: str, turn: _Next) -> _Sound:
    """What says one prompt: all of a call in the voice it began with, and a menu of languages each in its own.

    Two voices in one sentence are worse than one machine's (facts/evidence.md).
    """
    language, key = language_of(prompt, facts.language)
    speech, is_own = desk.speech, language == facts.language
    voice = speech.voices.named(language, facts.voice) if is_own else speech.voices.of(language)
    if voice is None:
        raise NothingToPlay("no_prompt")
    names = turn.names if is_own else NO_NAMES
    try:
        [plays] = sounds_for(speech.clips, speech.scripts[language], voice, (key,), names)
    except MissingPrompt:
        raise NothingToPlay("no_prompt") from None
    scripted, named = speech.scripts[language].prompts.get(key), names.get(key)
    words = scripted or named
    back = named.back if named and not scripted else ""
    return _Sound(prompt, language, plays, words.text if words else plays.text, back)


def _phrase(desk: Desk, facts: CallFacts, prompt: str, turn: _Next, shelf: Shelf | None) -> _Phrase:
    """What is played for a prompt, and how it is heard; names and other languages are looked up each time."""
    known = shelf.get(prompt) if shelf is not None else None
    if known is None:
        sound = _sound(desk, facts, prompt, turn)
        known = _played(desk, sound, facts), _heard(sound)
        if shelf is not None and prompt not in turn.names and "/" not in prompt:
            shelf[prompt] = known
    return known


def _played(desk: Desk, sound: _Sound, facts: CallFacts) -> port.PlayClip | port.Speak:
    if isinstance(sound.plays, Clip):
        slowly = "slow/" if facts.is_slow else ""
        return port.PlayClip(f"{desk.public_url}/audio/{slowly}{sound.plays.sha256}.wav")
    return port.Speak(sound.plays.text, sound.language, facts.is_slow)


def _heard(sound: _Sound) -> dict[str, str]:
    """One phrase as the person heard it; its words, too: a script may say it otherwise tomorrow."""
    clip = sound.plays.sha256 if isinstance(sound.plays, Clip) else ""
    heard = {"prompt": sound.key, "text": sound.text, "clip": clip}
    return {**heard, "back": sound.back} if sound.back else heard
