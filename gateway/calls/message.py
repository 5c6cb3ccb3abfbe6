"""Somebody speaks a message for staff: after the tone, then #, or they just put the phone down.

Whatever was spoken is kept: nobody who told us something is asked whether they meant it.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Final

from gateway.calls.flow import CallState, Event, HangUp, KeepMessage, Keys, MessageKept, PutDown, RecordPhrase, Spoken
from gateway.calls.steps import Handlers, Node, Step, go_back
from gateway.voice.keys import HotlineKey, Key

LONGEST: Final = 120  # seconds of one message
SILENCE: Final = 5  # seconds after which nothing more is expected
MOST_UNHEARD: Final = 1  # times it is asked for again where nothing was heard


class About(StrEnum):
    """What a message is about; the values are those of `records.status.MessageKind`."""

    STAFF = "staff"  # wanted a person, and none could be reached
    QUESTION = "question"  # a question or a complaint
    REGISTER = "register"  # their name and village, after a number was keyed


_SPEAK: Final[dict[str, str]] = {
    About.STAFF: Key.MESSAGE_SPEAK,
    About.QUESTION: HotlineKey.LEAVE_QUESTION,
    About.REGISTER: HotlineKey.REGISTER_NAME,
}
_KEPT: Final[dict[str, str]] = {
    About.STAFF: Key.MESSAGE_KEPT,
    About.QUESTION: HotlineKey.QUESTION_KEPT,
    About.REGISTER: HotlineKey.REGISTERED,
}


def leave_message(state: CallState, kind: str, *first: str) -> Step:
    """Say `first`, then what to speak about, and record; afterwards the call goes back to `state.back`, or ends."""
    state = replace(state, node=Node.MESSAGE, message=str(kind), misses=0)
    return _record(state, *first)


def _record(state: CallState, *first: str) -> Step:
    speak = _SPEAK.get(state.message, Key.MESSAGE_SPEAK)
    return state, (RecordPhrase((*first, speak), LONGEST, SILENCE),)


def _spoken(state: CallState, _: Event) -> Step:
    return replace(state, node=Node.KEEPING), (KeepMessage(state.message),)


def _kept(state: CallState, _: Event) -> Step:
    return go_back(replace(state, message=""), _KEPT.get(state.message, Key.MESSAGE_KEPT))


def _unheard(state: CallState, _: Event) -> Step:
    if state.misses >= MOST_UNHEARD:
        return go_back(replace(state, message=""), Key.MESSAGE_UNHEARD)
    return _record(replace(state, misses=state.misses + 1), Key.MESSAGE_UNHEARD)


def _put_down(state: CallState, _: Event) -> Step:
    """To put the phone down is how most people end a message: what they had said by then is kept."""
    return replace(state, node=Node.ENDED, back="", message=""), (KeepMessage(state.message), HangUp())


HANDLERS: Final[Handlers] = {
    (Node.MESSAGE, Spoken): _spoken,
    (Node.MESSAGE, Keys): _unheard,
    (Node.MESSAGE, PutDown): _put_down,
    (Node.KEEPING, MessageKept): _kept,
    (Node.ENDED, MessageKept): lambda state, _: (state, ()),
}
