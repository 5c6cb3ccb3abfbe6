"""The small moves that every conversation is made of."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Final

from gateway.calls.flow import Ask, CallState, Command, Event, FindSeats, HangUp, Keys, Note, Play
from gateway.kit.answers import Answer
from gateway.voice.keys import Key

Step = tuple[CallState, tuple[Command, ...]]

MOST_MISSES: Final = 2  # at each question; the third time nothing usable is keyed, the call ends
MOST_REPEATS: Final = 3  # of key 9 in the whole call; after that it counts as a miss
MOST_LOOKS: Final = 2  # for free seats
MOST_TURNS: Final = 12
"""Questions in the longest possible call: three rounds (question, offers, offers again) of misses, and the repeats."""


class Node(StrEnum):
    """Where a call stands."""

    START = "start"  # nothing was said
    LOBBY = "lobby"  # somebody called us to whom nothing personal can be said
    QUESTION = "question"  # coming, or another day?
    RIDE = "ride"  # a ride? after a yes
    SEATS = "seats"  # waiting for free sessions
    HOLDING = "holding"  # waiting for the seats to be held
    OFFER = "offer"  # which of the held days?
    TAKING = "taking"  # waiting for the move
    ENDED = "ended"


class Because(StrEnum):
    """Why somebody has to call back, for staff: the detail of a callback note."""

    ASKED = ""  # pressed 3 at the question
    NO_SEAT = "no_seat"  # wanted another day and none was free
    NEITHER = "neither"  # none of the offered days suited
    NO_CHOICE = "no_choice"  # wanted another day, then chose none
    UNSPEAKABLE = "unspeakable_time"  # there is no clip for the hour of this appointment


def keyed(event: Event) -> str:
    """Return the keys of an event, "" for silence."""
    return event.digits.strip() if isinstance(event, Keys) else ""


def ask(state: CallState, node: Node, prompts: tuple[str, ...]) -> Step:
    """Put a new question."""
    return replace(state, node=node, misses=0), (Ask(prompts),)


def ask_again(state: CallState, event: Event, prompts: tuple[str, ...]) -> Step | None:
    """Put the same question once more, after 9, silence or a key that means nothing; None when it was put enough."""
    digits = keyed(event)
    if digits == "9" and state.repeats < MOST_REPEATS:
        return replace(state, repeats=state.repeats + 1), (Ask(prompts),)
    if state.misses >= MOST_MISSES:
        return None
    sorry = Key.SORRY_WRONG_KEY if digits else Key.SORRY_SILENCE
    return replace(state, misses=state.misses + 1), (Ask((sorry, *prompts)),)


def look_for_seats(state: CallState) -> Step:
    """Look for other days; where they were taken from under us too often, somebody calls back."""
    if state.looks >= MOST_LOOKS:
        return call_back(state, Because.NO_SEAT)
    return replace(state, node=Node.SEATS, looks=state.looks + 1), (FindSeats(),)


def call_back(state: CallState, because: Because, *first: str) -> Step:
    """Promise that staff will call, and see that they do."""
    promise = Key.END_NO_SEAT if because is Because.NO_SEAT else Key.ACK_CALLBACK
    return noting(Note(Answer.CALLBACK, because), end(state, *first, promise, Key.BYE))


def end(state: CallState, *prompts: str) -> Step:
    """Say the last words and hang up."""
    return replace(state, node=Node.ENDED), (Play(prompts), HangUp())


def noting(note: Note, step: Step) -> Step:
    """Do `step`, remembering `note` first: a line that breaks during our last words must not lose the answer."""
    state, commands = step
    return replace(state, noted=(*state.noted, note.answer)), (note, *commands)
