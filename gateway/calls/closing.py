"""What follows an answer: goodbye, or the next person of those who share the telephone."""

from __future__ import annotations

from dataclasses import replace

from gateway.calls.flow import CallState
from gateway.calls.people import ask_whom, left
from gateway.calls.steps import Because, Step, end, note_about, noting
from gateway.kit.answers import Answer
from gateway.voice.keys import Key


def done(state: CallState, *prompts: str) -> Step:
    """Whom the call spoke of has answered: say `prompts`, then goodbye, or ask the others of the household."""
    state = replace(state, settled=tuple(sorted({*state.settled, *state.chosen})))
    if not state.chosen or not left(state):
        return end(state, *prompts, Key.BYE)
    return ask_whom(state, *prompts, Key.ANOTHER_PERSON)


def call_back(state: CallState, because: Because, *first: str) -> Step:
    """Promise that staff will call, and see that they do."""
    promise = Key.END_NO_SEAT if because is Because.NO_SEAT else Key.ACK_CALLBACK
    return noting_done(state, Answer.CALLBACK, because, *first, promise)


def noting_done(state: CallState, answer: Answer, because: str, *prompts: str) -> Step:
    """Note an answer that settles it for whom the call speaks of."""
    return noting(note_about(state, answer, because), done(state, *prompts))
