"""How long a call may get: a number of questions, whatever is keyed.

The counters of `steps` end a call that goes nowhere long before; this holds where their sum would not.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from gateway.calls.flow import Ask, CallFacts, HangUp, Note, Play, RecordPhrase
from gateway.calls.last_words import is_waiting_for_a_day, statement
from gateway.calls.steps import Because, Node, Step, note_about
from gateway.kit.answers import Answer
from gateway.voice.keys import Key

MOST_TURNS: Final = 24
"""Questions in a call about one person, some eight minutes of them: the question (3), a yes and its undoing (2), a half
of the day (1), four pages of days (4), a move and its undoing (2), the language (2), staff and a message (3) are 17;
seven are left for being asked again."""
TURNS_A_PERSON: Final = 4
"""More for each person of a household: the menu, the question, what follows a yes, and one to be asked again."""


def most_turns(facts: CallFacts) -> int:
    """Questions in the longest possible call of this flow about these people."""
    return MOST_TURNS + TURNS_A_PERSON * len(facts.subjects)


def counted(step: Step) -> Step:
    """Count the questions of this step; the one that is too much is not put, and the call ends politely instead."""
    state, commands = step
    asked = sum(isinstance(command, Ask | RecordPhrase) for command in commands)
    if state.turns + asked <= most_turns(state.facts):
        return (replace(state, turns=state.turns + asked) if asked else state), commands
    notes = tuple(command for command in commands if isinstance(command, Note))
    if is_waiting_for_a_day(state):
        notes = (*notes, note_about(state, Answer.CALLBACK, Because.NO_CHOICE))
    words = Play((*statement(state, commands), Key.BYE))
    noted = (*state.noted, *(note.answer for note in notes if note not in commands))
    return replace(state, node=Node.ENDED, back="", noted=noted), (*notes, words, HangUp())
