"""After a yes: the date again, the queue number, then a ride, or another day after all."""

from __future__ import annotations

from gateway.calls.another_day import change_of_mind, may_change_mind
from gateway.calls.closing import done
from gateway.calls.flow import CallState, Event, Keys
from gateway.calls.other_answers import aside_keys
from gateway.calls.people import left, shared_day
from gateway.calls.phrases import said_when, ticket_phrases
from gateway.calls.steps import Handlers, Node, Step, ask, ask_again, keyed, note_about, noting
from gateway.kit.answers import Answer
from gateway.voice.keys import Key


def coming(state: CallState) -> Step:
    """Note the yes, and say what it was about."""
    ticket = () if len(state.chosen) > 1 else ticket_phrases(state.facts)
    prompts = (Key.ACK_COMING, *_when(state), *ticket, *_choices(state))
    return noting(note_about(state, Answer.COMING), ask(state, Node.RIDE, prompts))


def ride_menu(state: CallState) -> tuple[str, ...]:
    """The question after a yes, put again."""
    return (*_when(state), *_choices(state))


def _when(state: CallState) -> tuple[str, ...]:
    return shared_day(state) if len(state.chosen) > 1 else said_when(state.facts)


def _choices(state: CallState) -> tuple[str, ...]:
    """The ride is said last: "just hang up" must stand before nothing, and where others of the house are still to be
    asked it is not said at all."""
    ride = Key.ASK_RIDE_ELSE if set(left(state)) - set(state.chosen) else Key.ASK_RIDE
    return (Key.CHANGE_MIND, ride) if may_change_mind(state) else (ride,)


def _at_ride(state: CallState, event: Event) -> Step:
    match keyed(event):
        case "4":
            return noting(note_about(state, Answer.RIDE), done(state, Key.ACK_RIDE))
        case "2":
            return change_of_mind(state)
        case "" | "1":  # "else just hang up": silence is the expected no
            return done(state)
    return aside_keys(state, event) or ask_again(state, event, ride_menu(state)) or done(state)


HANDLERS: Handlers = {(Node.RIDE, Keys): _at_ride}
