"""One call for several people who share a telephone: whom it speaks of is chosen before anything is said of anybody.

Key 0 asks all of them at once; one by one, each hears their own question. Who was not asked when the phone is put down
has not answered, and their ladder goes on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from gateway.calls.after_yes import coming
from gateway.calls.closing import call_back, done, noting_done
from gateway.calls.flow import Ask, CallState, Event, Keys
from gateway.calls.other_answers import aside_keys, manner_keys
from gateway.calls.people import (
    ask_whom,
    everybody_menu,
    household_menu,
    is_one_day,
    may_ask_everybody,
    names_menu,
    of_all,
    on_page,
    pages,
    shared_day,
    shared_place,
    stands,
)
from gateway.calls.steps import (
    CHOSEN,
    MOST_REPEATS,
    Because,
    Handlers,
    Node,
    Step,
    aside,
    ask,
    ask_again,
    end,
    go_back,
    keyed,
    may_go_aside,
)
from gateway.kit.answers import Answer
from gateway.voice.keys import Key

_EVERYBODY: Final = "0"
_NEXT: Final = "4"
_NONE_OF_THEM: Final = "7"


def standing(state: CallState) -> CallState:
    """The state in which those whose appointment was settled meanwhile are not asked any more."""
    subjects, now = state.facts.subjects, state.facts.now
    gone = (at for at, one in enumerate(subjects) if not stands(one, now))
    return replace(state, settled=tuple(sorted({*state.settled, *gone})))


def open_household(state: CallState, *greeting: str) -> Step:
    """Greet, say the day and the place where they share them, and ask whom the call shall speak of."""
    day = shared_day(state) if is_one_day(state.facts) else ()
    first = (*greeting, *day, *shared_place(state.facts), Key.SAFETY)
    return ask_whom(state, *first, is_first=True)


def choose(state: CallState, at: int) -> Step:
    """Speak of this one of the subjects now."""
    facts = state.facts.about(state.facts.subjects[at])
    return replace(state, node=CHOSEN, chosen=(at,), facts=facts, noted=(), changes=0), ()


def _at_household(state: CallState, event: Event) -> Step:
    match keyed(event):
        case "0":
            return _ask_everybody(state)
        case "1":
            return ask(replace(state, page=0), Node.NAMES, names_menu(replace(state, page=0)))
        case "7" if may_go_aside(state):
            return _ask_nobody(state)
    return manner_keys(state, event) or ask_again(state, event, household_menu(state)) or _unanswered(state)


def _at_names(state: CallState, event: Event) -> Step:
    key = keyed(event)
    at = dict(zip("123", on_page(state), strict=False)).get(key)
    if at is not None:
        return choose(state, at)
    if key == _EVERYBODY and may_ask_everybody(state):
        return _ask_everybody(state)
    page = (state.page + 1) % pages(state) if pages(state) else 0
    if key == _NEXT and pages(state) > 1 and (page or state.repeats < MOST_REPEATS):
        # From the last page to the first is to hear it again: a jammed key must not turn pages until the call's end.
        state = replace(state, page=page, misses=0, repeats=state.repeats + (page == 0))
        return state, (Ask(names_menu(state)),)
    if key == _NONE_OF_THEM and may_go_aside(state):
        return _ask_nobody(state)
    return manner_keys(state, event) or ask_again(state, event, names_menu(state)) or _unanswered(state)


def _ask_everybody(state: CallState) -> Step:
    state = of_all(state)
    return ask(state, Node.EVERYBODY, everybody_menu(state))


def _ask_nobody(state: CallState) -> Step:
    """A single seven, pressed for somebody who is not in the menu, must not silence the call for a whole house."""
    return aside(state, Node.NOBODY), (Ask((Key.WRONG_SURE,)),)


def _at_nobody(state: CallState, event: Event) -> Step:
    """Only a second 7 says that nobody here belongs to this number: then they are not told of anybody again."""
    if keyed(event) == _NONE_OF_THEM:
        return noting_done(of_all(state), Answer.WRONG_PERSON, "", Key.ACK_WRONG_PERSON)
    return go_back(state)


def _unanswered(state: CallState) -> Step:
    return end(state, Key.END_UNANSWERED, Key.BYE)


def _at_everybody(state: CallState, event: Event) -> Step:
    match keyed(event):
        case "1":
            return coming(state)
        case "2":  # a household is not moved by one key
            return call_back(state, Because.SEVERAL)
        case "3":
            return call_back(state, Because.ASKED)
        case "7" if may_go_aside(state):
            return _ask_nobody(state)
    return aside_keys(state, event) or ask_again(state, event, everybody_menu(state)) or _unanswered(state)


HANDLERS: Final[Handlers] = {
    (Node.HOUSEHOLD, Keys): _at_household,
    (Node.NAMES, Keys): _at_names,
    (Node.EVERYBODY, Keys): _at_everybody,
    (Node.NOBODY, Keys): _at_nobody,
}
__all__ = ["HANDLERS", "choose", "done", "open_household", "standing"]
