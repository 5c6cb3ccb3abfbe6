"""The small moves that every conversation is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Final

from gateway.calls.flow import Ask, CallState, Command, Dial, Event, HangUp, Keys, Note, Play, RecordPhrase
from gateway.kit.answers import Answer
from gateway.voice.keys import Key

Step = tuple[CallState, tuple[Command, ...]]
Handler = Callable[[CallState, Event], Step]
Handlers = Mapping[tuple[str, type], Handler]

MOST_MISSES: Final = 2  # at each question; the third time nothing usable is keyed, the call goes on without an answer
MOST_REPEATS: Final = 3  # of key 9 in the whole call; after that it counts as a miss
MOST_ASIDES: Final = 3  # side menus for each person a call speaks of; after that their keys count as misses
BACK: Final = "back"
"""No node: the flow puts the question of `CallState.back` again (`go_back`)."""
AFRESH: Final = "afresh"
"""No node: the flow begins again, in another language; in the middle of a question it puts that question again."""
CHOSEN: Final = "chosen"
"""No node: the flow puts its question to the one who was chosen of a household, for the first time."""


class Node(StrEnum):
    """Where a call stands."""

    START = "start"  # nothing was said
    LOBBY = "lobby"  # somebody called us to whom nothing personal can be said
    HOUSEHOLD = "household"  # several people: all of them at once, or one by one?
    NAMES = "names"  # which of them?
    EVERYBODY = "everybody"  # are they all coming?
    QUESTION = "question"  # coming, or another day?
    RIDE = "ride"  # after a yes: a ride? another day after all?
    OTHER = "other"  # after 3: had it already, not this person, stop, staff?
    STOP = "stop"  # really no more calls?
    NOBODY = "nobody"  # really nobody of this household?
    PART = "part"  # morning, or afternoon?
    SEATS = "seats"  # waiting for free sessions
    HOLDING = "holding"  # waiting for the seats to be held
    OFFER = "offer"  # which of the held days?
    TAKING = "taking"  # waiting for the move
    MOVED = "moved"  # after a move: another day after all?
    LANGUAGES = "languages"  # waiting for the languages that can be spoken
    LANGUAGE = "language"  # which of them?
    SPEAKING = "speaking"  # waiting for the other language
    STAFF = "staff"  # waiting to hear whether somebody can be rung
    DIALLING = "dialling"  # connected with staff, or ringing them
    MESSAGE = "message"  # being recorded
    KEEPING = "keeping"  # waiting for the message to be kept
    ENDED = "ended"


class Because(StrEnum):
    """Why staff are asked, for their eyes: the detail of a note."""

    ASKED = ""  # pressed 3 at the question
    NO_SEAT = "no_seat"  # wanted another day and none was free
    NEITHER = "neither"  # none of the offered days suited
    NO_CHOICE = "no_choice"  # wanted another day, then chose none
    UNSPEAKABLE = "unspeakable_time"  # there is no clip for the hour of this appointment
    SEVERAL = "several_appointments"  # another day for more than one appointment: not moved by one key
    CHANGES = "changed_often"  # changed their mind oftener than a call can follow
    MUST_NOT_WAIT = "must_not_wait"  # wants another day for a course that must not be postponed
    RENEWED = "renewed"  # pressed a key in a call that was begun by another version of the gateway
    REACHED = "reached"  # spoke with staff: nobody has to call back


def keyed(event: Event) -> str:
    """Return the keys of an event, "" for silence."""
    return event.digits.strip() if isinstance(event, Keys) else ""


def ask(state: CallState, node: str, prompts: tuple[str, ...]) -> Step:
    """Put a new question."""
    return replace(state, node=node, misses=0, back=""), (Ask(prompts),)


def ask_again(
    state: CallState, event: Event, prompts: tuple[str, ...], at_last: tuple[str, ...] | None = None
) -> Step | None:
    """Put the same question once more, after 9, silence or a key that means nothing; None when it was put enough.

    `at_last` is said the last time in the place of `prompts`: another help than the one that did not help.
    """
    digits = keyed(event)
    if digits == "9" and state.repeats < MOST_REPEATS:
        return replace(state, repeats=state.repeats + 1), (Ask(prompts),)
    if state.misses >= MOST_MISSES or (not digits and _left_it_to_staff(state)):
        return None
    sorry = Key.SORRY_WRONG_KEY if digits else Key.SORRY_SILENCE
    misses = state.misses + 1
    said = at_last if at_last is not None and misses == MOST_MISSES else prompts
    return replace(state, misses=misses), (Ask((sorry, *said)),)


def _left_it_to_staff(state: CallState) -> bool:
    """Whether staff were wished for and could not be reached: the question comes once more for who still wants to
    answer it, and is not put to somebody who said all they wanted and laid the phone aside."""
    return Answer.STAFF in state.noted and state.node not in (Node.PART, Node.OFFER, Node.LANGUAGE)


def aside(state: CallState, node: str) -> CallState:
    """Leave the question that is open for a side menu; `go_back` comes back to it."""
    return replace(state, node=node, back=state.back or state.node, misses=0, asides=state.asides + 1)


def may_go_aside(state: CallState) -> bool:
    """Whether a side menu may still be gone to: a jammed key must not hold a line."""
    return state.asides < MOST_ASIDES


def go_back(state: CallState, *first: str) -> Step:
    """Say `first`, then put the question again that was left; where none was, say goodbye."""
    if not state.back:
        return end(state, *first, Key.BYE)
    return replace(state, node=BACK), ((Play(first),) if first else ())


def saying(first: tuple[str, ...], step: Step) -> Step:
    """Do `step`, saying `first` before its words."""
    state, commands = step
    if not first:
        return step
    for at, command in enumerate(commands):
        if isinstance(command, Play | Ask | RecordPhrase | Dial):
            fuller = replace(command, prompts=(*first, *command.prompts))
            return state, (*commands[:at], fuller, *commands[at + 1 :])
    return state, (Play(first), *commands)


def end(state: CallState, *prompts: str) -> Step:
    """Say the last words and hang up."""
    return replace(state, node=Node.ENDED, back=""), (Play(prompts), HangUp())


def noting(note: Note, step: Step) -> Step:
    """Do `step`, remembering `note` first: a line that breaks during our last words must not lose the answer."""
    state, commands = step
    return replace(state, noted=(*state.noted, note.answer)), (note, *commands)


def note_about(state: CallState, answer: Answer, because: str = "") -> Note:
    """An answer about whom the call speaks of now: each appointment by name where there is more than one."""
    facts = state.facts
    if len(state.chosen) > 1:
        return Note(answer, because, tuple(one for at in state.chosen for one in facts.subjects[at].appointments))
    if facts.appointment is None or not (state.chosen or facts.also):
        return Note(answer, because)
    return Note(answer, because, (facts.appointment, *facts.also))
