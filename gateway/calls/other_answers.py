"""The keys that are not spoken at first: 8 had it already, 7 not this person, 5 stop, 0 staff, 6 slower, * language.

They work at once at the question for those who know them; they are spoken after 3, and after the second silence.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from gateway.calls.closing import done, noting_done
from gateway.calls.flow import Ask, CallState, Event, Keys
from gateway.calls.languages_menu import offer_languages
from gateway.calls.staff import may_reach_staff, reach_staff
from gateway.calls.steps import (
    Because,
    Handlers,
    Node,
    Step,
    aside,
    ask,
    ask_again,
    go_back,
    keyed,
    may_go_aside,
    note_about,
    noting,
)
from gateway.kit.answers import Answer
from gateway.voice.keys import Key

OTHER_MENU: Final = (Key.ASK_ALREADY, Key.ASK_WRONG_PERSON, Key.ASK_STOP, Key.ASK_STAFF)
HELP_MENU: Final = (Key.ASK_SLOWER, Key.ASK_LANGUAGE, Key.ASK_STAFF, Key.ASK_AGAIN)
"""After the second silence: another help than the question that did not help."""


def other_answer(state: CallState, event: Event) -> Step | None:
    """What keys 8, 7, 5, 0, 6 and * do at a question about one person; None for any other."""
    match keyed(event):
        case "8":
            return noting_done(state, Answer.ALREADY_VACCINATED, "", Key.ACK_ALREADY)
        case "7":
            return noting_done(state, Answer.WRONG_PERSON, "", Key.ACK_WRONG_PERSON)
        case "5" if may_go_aside(state):
            return aside(state, Node.STOP), (Ask((Key.STOP_SURE,)),)
    return aside_keys(state, event)


def aside_keys(state: CallState, event: Event) -> Step | None:
    """What keys 0, 6 and * do wherever digits are free for them: the question that is open comes again afterwards."""
    if keyed(event) == "0" and may_reach_staff(state) and may_go_aside(state):
        return reach_staff(state)
    return manner_keys(state, event)


def manner_keys(state: CallState, event: Event) -> Step | None:
    """What keys 6 and * do: they change how we speak, and answer nothing."""
    match keyed(event):
        case "6" if not state.facts.is_slow:
            slow = replace(state, facts=replace(state.facts, is_slow=True), back=state.back or state.node)
            return go_back(slow, Key.ACK_SLOWER)
        case "*" if may_go_aside(state):
            return offer_languages(state)
    return None


def ask_other(state: CallState) -> Step:
    """Key 3: staff call back; what they may want to know before is asked now. Silence is a goodbye."""
    step = ask(state, Node.OTHER, (Key.ACK_CALLBACK, *OTHER_MENU))
    return noting(note_about(state, Answer.CALLBACK, Because.ASKED), step)


def _at_other(state: CallState, event: Event) -> Step:
    if not keyed(event):
        return done(state)
    return other_answer(state, event) or ask_again(state, event, OTHER_MENU) or done(state)


def _at_stop(state: CallState, event: Event) -> Step:
    """Only a second 5 stops: an answer that cannot be taken back by a key is asked for twice."""
    if keyed(event) == "5":
        return noting_done(state, Answer.STOP, "", Key.ACK_STOP)
    return go_back(state)


HANDLERS: Final[Handlers] = {
    (Node.OTHER, Keys): _at_other,
    (Node.STOP, Keys): _at_stop,
}
