"""A speaker calls and records phrase after phrase: PIN, "phrase number …", a tone, then keep it, again, or hear it.

Whatever is keyed, spoken or not, the call ends within MOST_TURNS. Nothing counts as kept but by key 1: what was spoken
and not kept is thrown away. Who keys no whole PIN came by accident and goes back to the hotline, in their language.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Final

from gateway.calls.flow import (
    Answered,
    Ask,
    CallFacts,
    CallState,
    CheckPin,
    Command,
    Event,
    FindPhrase,
    HangUp,
    Keys,
    PhraseFound,
    PinChecked,
    Play,
    RecordPhrase,
    Settle,
    Settled,
    Speaker,
    Spoken,
    Studio,
)
from gateway.calls.steps import MOST_MISSES, Step, keyed
from gateway.voice.keys import StudioKey, digit_key

MOST_PHRASES: Final = 40  # in one call, about twenty minutes of a voice; the next call goes on behind them
MOST_TURNS: Final = 300
MOST_PINS: Final = 3
PIN_DIGITS: Final = 6
LONGEST_PIN: Final = 12  # keys; a finish key ends it before, and is not left over for the recording
LONGEST: Final = 60  # seconds of one phrase
SILENCE: Final = 5  # seconds after which nothing more is expected
EXPLAINED: Final = 2  # phrases before which it is said what to do; then the number alone


class StudioNode(StrEnum):
    """Where such a call stands."""

    START = "studio_start"
    PIN = "studio_pin"
    CHECKING = "studio_checking"
    FINDING = "studio_finding"
    SPEAK = "studio_speak"  # being recorded
    CHOICE = "studio_choice"  # keep, again, hear?
    ENDED = "studio_ended"


class StudioCall:
    """Takes a speaker's phrases; see the module."""

    name = "studio_call"
    version = 1

    def __init__(self) -> None:
        self._handlers: Mapping[tuple[str, type], Callable[[CallState, Event], Step]] = {
            (StudioNode.START, Answered): self._open,
            (StudioNode.PIN, Keys): self._at_pin,
            (StudioNode.CHECKING, PinChecked): self._pin_checked,
            (StudioNode.FINDING, Settled): lambda state, _: (state, ()),
            (StudioNode.FINDING, PhraseFound): self._phrase_found,
            (StudioNode.SPEAK, Spoken): self._spoken,
            (StudioNode.SPEAK, Keys): self._unheard,
            (StudioNode.SPEAK, Settled): lambda state, _: (state, ()),
            (StudioNode.CHOICE, Keys): self._at_choice,
            (StudioNode.ENDED, Settled): lambda state, _: (state, ()),
        }

    def begin(self, facts: CallFacts) -> CallState:
        """The state before anything was said; of the facts only the language and the voice are of matter."""
        return CallState(self.name, StudioNode.START, facts, version=self.version, studio=Studio())

    def enter(self, state: CallState, studio: Studio) -> CallState:
        """The same for a call that comes from another flow: `studio` knows the way back."""
        return replace(state, flow=self.name, version=self.version, node=StudioNode.START, studio=studio)

    def step(self, state: CallState, event: Event) -> Step:
        """What happens next; an event that does not fit ends the call politely, never raises."""
        handler = self._handlers.get((state.node, type(event)))
        studio = state.studio
        if studio is None or handler is None or (state.flow, state.version) != (self.name, self.version):
            return _over(state)
        if isinstance(event, Keys | Spoken):
            studio = replace(studio, turns=studio.turns + 1)
            state = replace(state, studio=studio)
        return _over(state, StudioKey.BYE) if studio.turns >= MOST_TURNS else handler(state, event)

    # Who is it?

    def _open(self, state: CallState, _: Event) -> Step:
        return _ask_pin(state, StudioKey.GREET, StudioKey.PIN)

    def _at_pin(self, state: CallState, event: Event) -> Step:
        pin = keyed(event).strip("#*")
        if len(pin) == PIN_DIGITS and pin.isascii() and pin.isdecimal():
            return replace(state, node=StudioNode.CHECKING, misses=0), (CheckPin(pin),)
        return _go_back(state)

    def _pin_checked(self, state: CallState, event: Event) -> Step:
        speaker, studio = _speaker(event), _studio(state)
        if speaker is not None:
            return _find(replace(state, studio=replace(studio, speaker=speaker)))
        studio = replace(studio, wrong_pins=studio.wrong_pins + 1)
        state = replace(state, studio=studio)
        if studio.wrong_pins >= MOST_PINS:
            return _over(state, StudioKey.BAD_PIN, StudioKey.BYE)
        return _ask_pin(state, StudioKey.BAD_PIN, StudioKey.PIN)

    # One phrase

    def _phrase_found(self, state: CallState, event: Event) -> Step:
        phrase, studio = event.phrase if isinstance(event, PhraseFound) else None, _studio(state)
        kept = (StudioKey.KEPT,) if studio.has_kept else ()
        if phrase is None:
            return _over(state, *kept, StudioKey.DONE, StudioKey.BYE)
        if studio.phrases >= MOST_PHRASES:
            return _over(state, *kept, StudioKey.BYE)
        studio = replace(studio, phrase=phrase, phrases=studio.phrases + 1, has_kept=False)
        return _record(replace(state, studio=studio), *kept, explained=studio.phrases > EXPLAINED)

    def _spoken(self, state: CallState, _: Event) -> Step:
        return replace(state, node=StudioNode.CHOICE, misses=0), (Ask((StudioKey.CHOICE,)),)

    def _unheard(self, state: CallState, _: Event) -> Step:
        if state.misses >= MOST_MISSES:
            return _over(state, StudioKey.UNHEARD, StudioKey.BYE)
        return _record(replace(state, misses=state.misses + 1), StudioKey.UNHEARD)

    def _at_choice(self, state: CallState, event: Event) -> Step:
        match keyed(event):
            case "1":
                return _settle(replace(state, studio=replace(_studio(state), has_kept=True)), keep=True)
            case "2":
                state, commands = _record(replace(state, misses=0))
                return state, (Settle(keep=False), *commands)
            case "9":
                return replace(state, misses=0), (Ask((StudioKey.CHOICE,), replay=True),)
            case "*":
                return _settle(state, keep=False)
        if state.misses < MOST_MISSES:
            return replace(state, misses=state.misses + 1), (Ask((StudioKey.CHOICE,)),)
        return _over(state, StudioKey.BYE)


def _go_back(state: CallState) -> Step:
    """No PIN came: somebody's finger slipped. Nothing is counted against them, and their question is put again."""
    back = _studio(state).back
    if back is None:
        return _over(state, StudioKey.BYE)
    facts = replace(state.facts, language=back.language, voice=back.voice)
    state = replace(state, flow=back.flow, version=back.version, node=back.node, facts=facts, misses=back.misses)
    return state, (Ask(back.prompts, seconds=back.seconds),)


def _ask_pin(state: CallState, *prompts: str) -> Step:
    return replace(state, node=StudioNode.PIN), (Ask(prompts, LONGEST_PIN, 8, finish="#"),)


def _record(state: CallState, *first: str, explained: bool = False) -> Step:
    """Say the number, say what to do where it was not said often enough, and record."""
    phrase = _studio(state).phrase
    digits = tuple(digit_key(digit) for digit in str(phrase.number)) if phrase else ()
    how = () if explained else (StudioKey.SPEAK,)
    record = RecordPhrase((*first, StudioKey.PHRASE, *digits, *how), LONGEST, SILENCE)
    return replace(state, node=StudioNode.SPEAK), (record,)


def _settle(state: CallState, *, keep: bool) -> Step:
    state, commands = _find(state)
    return state, (Settle(keep), *commands)


def _find(state: CallState) -> Step:
    studio = _studio(state)
    if studio.speaker is None:
        return _over(state)
    after = studio.phrase.number if studio.phrase else 0
    return replace(state, node=StudioNode.FINDING, misses=0), (FindPhrase(studio.speaker, after),)


def _over(state: CallState, *prompts: str) -> Step:
    """Say the last words and hang up; what was spoken last and not kept is thrown away."""
    unkept: tuple[Command, ...] = (Settle(keep=False),) if state.node in (StudioNode.CHOICE, StudioNode.SPEAK) else ()
    words: tuple[Command, ...] = (Play(tuple(map(str, prompts))),) if prompts else ()
    return replace(state, node=StudioNode.ENDED), (*unkept, *words, HangUp())


def _speaker(event: Event) -> Speaker | None:
    return event.speaker if isinstance(event, PinChecked) else None


def _studio(state: CallState) -> Studio:
    return state.studio or Studio()
