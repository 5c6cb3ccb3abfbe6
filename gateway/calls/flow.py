"""A call as a pure state machine: `step(state, event) -> (state, commands)`.

Events are keys, silence, what was recorded and the answers to what the flow asked for. Commands either go to the phone
(`Play`, `Ask`, `RecordPhrase`, `HangUp`), are answered at once by the caller of the flow (`FindSeats`, `CheckPin` …),
or are remembered (`Note`).
No web, no database, no carrier: a call can be played in a unit test, and is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from gateway.calls.commands import (
    Ask,
    CheckPin,
    Command,
    Dial,
    FindHours,
    FindLanguages,
    FindPhrase,
    FindSeats,
    FindStaff,
    HangUp,
    Hold,
    KeepMessage,
    KeepNumber,
    Note,
    PhoneCommand,
    Play,
    RecordPhrase,
    Request,
    Settle,
    SpeakIn,
    Take,
)
from gateway.calls.events import (
    Answered,
    Dialled,
    Event,
    Held,
    HoursFound,
    Keys,
    LanguagesFound,
    MessageKept,
    NumberKept,
    PhraseFound,
    PinChecked,
    PutDown,
    SeatsFound,
    Settled,
    Spoken,
    SpokenIn,
    StaffFound,
    Taken,
)
from gateway.calls.facts import CallFacts, CallState, Offer, OpenHours, Phrase, Speaker, Studio, Subject, WayBack

__all__ = [
    "Answered",
    "Ask",
    "CallFacts",
    "CallState",
    "CheckPin",
    "Command",
    "Dial",
    "Dialled",
    "Event",
    "FindHours",
    "FindLanguages",
    "FindPhrase",
    "FindSeats",
    "FindStaff",
    "Flow",
    "HangUp",
    "Held",
    "Hold",
    "HoursFound",
    "KeepMessage",
    "KeepNumber",
    "Keys",
    "LanguagesFound",
    "MessageKept",
    "Note",
    "NumberKept",
    "Offer",
    "OpenHours",
    "PhoneCommand",
    "Phrase",
    "PhraseFound",
    "PinChecked",
    "Play",
    "PutDown",
    "RecordPhrase",
    "Request",
    "SeatsFound",
    "Settle",
    "Settled",
    "SpeakIn",
    "Speaker",
    "Spoken",
    "SpokenIn",
    "StaffFound",
    "Studio",
    "Subject",
    "Take",
    "Taken",
    "WayBack",
    "advance",
    "in_language",
    "language_of",
]


class Flow(Protocol):
    """One kind of call."""

    name: str
    version: int

    def begin(self, facts: CallFacts) -> CallState:
        """The state before anything was said."""
        ...

    def step(self, state: CallState, event: Event) -> tuple[CallState, tuple[Command, ...]]:
        """What happens next; an event that does not fit ends the call politely, never raises.

        The state that is returned may be another flow's: from there on that flow goes on with the call.
        """
        ...


def advance(
    flow: Flow,
    state: CallState,
    event: Event,
    answer: Callable[[Request], Event],
    note: Callable[[Note], None],
) -> tuple[CallState, tuple[PhoneCommand, ...]]:
    """Run `flow` until it has only words for the phone left: requests go to `answer`, notes to `note`, in order."""
    spoken: list[PhoneCommand] = []
    waiting: list[Event] = [event]
    while waiting:
        state, commands = flow.step(state, waiting.pop(0))
        for command in commands:
            if isinstance(command, Note):
                note(command)
            elif isinstance(command, Play | Ask | RecordPhrase | Dial | HangUp):
                spoken.append(command)
            else:
                waiting.append(answer(command))
    return state, tuple(spoken)


def in_language(language: str, *prompts: str) -> tuple[str, ...]:
    """These prompts in another language than the call's."""
    return tuple(f"{language}/{prompt}" for prompt in prompts)


def language_of(prompt: str, present: str) -> tuple[str, str]:
    """The language a prompt is played in, and its key there."""
    language, _, key = str(prompt).rpartition("/")
    return (language or present, key)
