"""Key 0, and a course that must not wait: the site's staff are rung; where nobody can be reached, a message is left.

The wish is noted before anything is tried: a line that breaks while it rings must not lose it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from gateway.calls.flow import CallState, Dial, Dialled, Event, FindStaff, Note, Play, PutDown, StaffFound
from gateway.calls.message import About, leave_message
from gateway.calls.steps import Because, Handlers, Node, Step, aside, end, note_about, noting
from gateway.kit.answers import Answer
from gateway.voice.keys import Key


def may_reach_staff(state: CallState) -> bool:
    """Once for each person a call speaks of: a jammed key must not fill the staff's list with messages."""
    return Answer.STAFF not in state.noted


def reach_staff(state: CallState, *first: str, because: str = "") -> Step:
    """Say `first` and ring staff; who did not reach them comes back to the question that was open."""
    said = (Play(first),) if first else ()
    return noting(note_about(state, Answer.STAFF, because), (aside(state, Node.STAFF), (*said, FindStaff())))


def _found(state: CallState, event: Event) -> Step:
    if isinstance(event, StaffFound) and event.is_reachable:
        return replace(state, node=Node.DIALLING), (Dial((Key.STAFF_CONNECTING,)),)
    return leave_message(state, About.STAFF, Key.STAFF_CLOSED)


def _dialled(state: CallState, event: Event) -> Step:
    if isinstance(event, Dialled) and event.was_answered:
        if not event.was_reached:  # staff call back: that wish was noted before anybody was rung
            return end(state, Key.ACK_CALLBACK, Key.BYE)
        return noting(_reached(state), end(state, Key.BYE))
    return leave_message(state, About.STAFF, Key.STAFF_CLOSED)


def _reached(state: CallState) -> Note:
    return note_about(state, Answer.STAFF, Because.REACHED)


def _put_down(state: CallState, _: Event) -> Step:
    return end(state, Key.BYE)


HANDLERS: Final[Handlers] = {
    (Node.STAFF, StaffFound): _found,
    (Node.DIALLING, Dialled): _dialled,
    (Node.DIALLING, PutDown): _put_down,
}
