"""Somebody calls us: who we are, their appointment if their number is known, and the reminder call's question.

At the greeting # leads to the studio, where speakers record phrases (`studio_call`); it is not spoken of, because it is
for those who were told. The key * is kept for choosing a language.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from gateway.calls.flow import Answered, Ask, CallFacts, CallState, Event, Keys
from gateway.calls.reminder_call import ReminderCall
from gateway.calls.steps import Node, Step, end, keyed
from gateway.calls.studio_call import StudioCall
from gateway.voice.keys import Key

TO_THE_STUDIO: Final = "#"
LOBBY_SECONDS: Final = 3  # for a key, after the office hours


class Hotline(ReminderCall):
    """Answers an incoming call; `facts.appointment` is None for a number we do not know or that has nothing ahead.

    To those it says when the office is open and nothing about anybody: a number is not a proof of who is calling.
    An appointment that was confirmed already is to be given as open: they may want to hear or move it.
    """

    name = "hotline"
    version = 1

    def __init__(self) -> None:
        super().__init__()
        self._studio = StudioCall()
        self._handlers = {**self._handlers, (Node.LOBBY, Keys): self._in_the_lobby}

    def _greeting(self, facts: CallFacts) -> tuple[str, ...]:
        return (Key.GREET_HOTLINE, Key.YOUR_APPOINTMENT)

    def _reasons(self, facts: CallFacts) -> tuple[str, ...]:
        return ()

    def _nothing_to_ask(self, state: CallState) -> Step:
        return replace(state, node=Node.LOBBY), (Ask((Key.GREET_HOTLINE, Key.OFFICE_HOURS), seconds=LOBBY_SECONDS),)

    def _in_the_lobby(self, state: CallState, event: Event) -> Step:
        return self._enter(state) if _wants_studio(state, event) else end(state, Key.BYE)

    def _at_question(self, state: CallState, event: Event) -> Step:
        return self._enter(state) if _wants_studio(state, event) else super()._at_question(state, event)

    def _enter(self, state: CallState) -> Step:
        return self._studio.step(self._studio.begin(state.facts), Answered())


def _wants_studio(state: CallState, event: Event) -> bool:
    return state.facts.may_record and keyed(event) == TO_THE_STUDIO
