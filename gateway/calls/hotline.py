"""Somebody calls us: who we are, their appointment if their number is known, and the reminder call's question.

At the greeting # leads to the studio, where speakers record phrases (`studio_call`); it is not spoken of, because it is
for those who were told. Who pressed it by accident and keys no PIN comes back to where they were, in their own
language. The key * is kept for choosing a language.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from gateway.calls.flow import Answered, Ask, CallFacts, CallState, Event, Keys, Studio, WayBack
from gateway.calls.reminder_call import ReminderCall
from gateway.calls.steps import Node, Step, end, keyed
from gateway.calls.studio_call import StudioCall
from gateway.voice.keys import Key

TO_THE_STUDIO: Final = "#"
LOBBY_SECONDS: Final = 3  # for a key, after the office hours
QUESTION_SECONDS: Final = 6
MOST_VISITS: Final = 3  # to the studio in one call; after that # is a key like others


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
        if _wants_studio(state, event):
            return self._enter(state, (Key.OFFICE_HOURS,), LOBBY_SECONDS)
        return end(state, Key.BYE)

    def _at_question(self, state: CallState, event: Event) -> Step:
        if _wants_studio(state, event):
            return self._enter(state, self._question_again(state.facts), QUESTION_SECONDS)
        return super()._at_question(state, event)

    def _enter(self, state: CallState, prompts: tuple[str, ...], seconds: int) -> Step:
        """Lead to the studio; `prompts` are asked again by `seconds` when no PIN comes."""
        facts, studio = state.facts, state.studio or Studio()
        back = WayBack(
            state.flow, state.version, state.node, facts.language, facts.voice, state.misses, prompts, seconds
        )
        studio = replace(studio, back=back, visits=studio.visits + 1)
        return self._studio.step(self._studio.enter(state, studio), Answered())


def _wants_studio(state: CallState, event: Event) -> bool:
    visits = state.studio.visits if state.studio else 0
    return state.facts.may_record and visits < MOST_VISITS and keyed(event) == TO_THE_STUDIO
