"""Somebody calls us of whom nothing is on record, or nothing lies ahead: what is public, and what they want to tell us.

First the language, said in each of them; silence goes on in the present one. Then hours, being put on the list, a
question or a complaint. A number of thirteen digits is asked for in private and goes nowhere but to `KeepNumber`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import time
from enum import StrEnum
from typing import Final

from gateway.calls.calling import hello
from gateway.calls.flow import (
    Ask,
    CallState,
    Event,
    FindHours,
    FindLanguages,
    HoursFound,
    KeepNumber,
    Keys,
    LanguagesFound,
    NumberKept,
    OpenHours,
    SpeakIn,
    SpokenIn,
)
from gateway.calls.languages_menu import A_PAGE, languages_menu
from gateway.calls.message import About, leave_message
from gateway.calls.other_answers import manner_keys
from gateway.calls.steps import MOST_REPEATS, Handlers, Step, ask, ask_again, end, keyed
from gateway.voice.keys import HotlineKey, Key, hour_key, quarter_hours

MOST_NUMBERS: Final = 3  # times the number is asked for; then a name alone will do
NUMBER_KEYS: Final = 16  # more than thirteen: the finish key ends it, and is not left over for the recording
NUMBER_SECONDS: Final = 10  # between two keys: it is read off a card, in a poor light
_MORE: Final = "4"


class StrangerNode(StrEnum):
    """Where such a call stands."""

    WELCOME = "welcome"  # waiting for the languages
    FIRST_LANGUAGE = "first_language"  # which of them?
    FIRST_SPEAKING = "first_speaking"  # waiting for the other language
    MENU = "menu"  # hours, the list, a question?
    HOURS = "hours"  # waiting for the hours
    NUMBER = "number"  # thirteen digits?
    CHECKING = "checking"  # waiting to hear whether they are a number
    CLOSED = "closed"  # nobody is there: waiting for the hours to tell


def welcome(state: CallState) -> Step:
    """Greet, and ask which language they want to go on in."""
    return replace(state, node=StrangerNode.WELCOME), (FindLanguages(),)


def first_language_menu(state: CallState) -> tuple[str, ...]:
    """The page of languages, each said in itself."""
    return languages_menu(state)


def _languages_found(state: CallState, event: Event) -> Step:
    others = event.languages if isinstance(event, LanguagesFound) else ()
    state = replace(state, page=0, languages=(state.facts.language, *others))
    if not others:
        return _menu(state, hello(state.facts))
    return ask(state, StrangerNode.FIRST_LANGUAGE, (hello(state.facts), *first_language_menu(state)))


def _at_first_language(state: CallState, event: Event) -> Step:
    key, first = keyed(event), state.page * A_PAGE
    chosen = dict(zip("123", state.languages[first : first + A_PAGE], strict=False)).get(key)
    if chosen == state.facts.language or not key:  # who understands us waits for what comes next
        return _menu(state)
    if chosen is not None:
        return replace(state, node=StrangerNode.FIRST_SPEAKING), (SpeakIn(chosen),)
    if key == _MORE and len(state.languages) > A_PAGE and state.repeats < MOST_REPEATS:
        page = (state.page + 1) % -(-len(state.languages) // A_PAGE)
        state = replace(state, page=page, repeats=state.repeats + (page == 0))  # a whole round is a repeat
        return state, (Ask(first_language_menu(state)),)
    return ask_again(state, event, first_language_menu(state)) or _menu(state)


def _spoken_in(state: CallState, event: Event) -> Step:
    facts = event.facts if isinstance(event, SpokenIn) else None
    return _menu(replace(state, facts=facts or state.facts))


# The menu


def menu(_: CallState) -> tuple[str, ...]:
    """What a stranger may choose from."""
    return (HotlineKey.MENU,)


def _menu(state: CallState, *first: str) -> Step:
    return ask(replace(state, page=0), StrangerNode.MENU, (*first, *menu(state)))


def _at_menu(state: CallState, event: Event) -> Step:
    match keyed(event):
        case "1" if state.repeats < MOST_REPEATS:
            return replace(state, node=StrangerNode.HOURS, repeats=state.repeats + 1), (FindHours(),)
        case "2":
            return _ask_number(replace(state, misses=0))
        case "3":
            return leave_message(replace(state, back=""), About.QUESTION)
    return manner_keys(state, event) or ask_again(state, event, menu(state)) or end(state, Key.BYE)


def _hours_found(state: CallState, event: Event) -> Step:
    sites = event.sites if isinstance(event, HoursFound) else ()
    said = tuple(key for site in sites for key in said_hours(site))
    return _menu(state, *(said or (Key.OFFICE_HOURS,)))


def said_hours(hours: OpenHours) -> tuple[str, ...]:
    """A place and its hours; midnight, for which there is no clip, is left out, and so is a place whose hour is odd."""
    if not _can_say(hours.opens):
        return ()
    until = (HotlineKey.HOURS_UNTIL, hour_key(hours.closes)) if _can_say(hours.closes) else ()
    place = (hours.place,) if hours.place else ()
    return (*place, HotlineKey.HOURS_FROM, hour_key(hours.opens), *until)


def _can_say(hour: time) -> bool:
    return hour in quarter_hours()


# Being put on the list


def _ask_number(state: CallState, *first: str) -> Step:
    prompts = (*first, HotlineKey.REGISTER_NUMBER)
    question = Ask(prompts, NUMBER_KEYS, NUMBER_SECONDS, finish="#", is_private=True)
    return replace(state, node=StrangerNode.NUMBER), (question,)


def _at_number(state: CallState, event: Event) -> Step:
    digits = keyed(event)
    if digits:
        return replace(state, node=StrangerNode.CHECKING), (KeepNumber(digits.strip("#*")),)
    return _once_more(state)


def _number_kept(state: CallState, event: Event) -> Step:
    if isinstance(event, NumberKept) and event.is_number:
        return leave_message(replace(state, back=""), About.REGISTER)
    return _once_more(state)


def _once_more(state: CallState) -> Step:
    """Who has no number, or cannot key it, leaves their name all the same: staff find out the rest."""
    if state.misses + 1 >= MOST_NUMBERS:
        return leave_message(replace(state, back=""), About.REGISTER)
    return _ask_number(replace(state, misses=state.misses + 1), HotlineKey.REGISTER_BAD)


HANDLERS: Final[Handlers] = {
    (StrangerNode.WELCOME, LanguagesFound): _languages_found,
    (StrangerNode.FIRST_LANGUAGE, Keys): _at_first_language,
    (StrangerNode.FIRST_SPEAKING, SpokenIn): _spoken_in,
    (StrangerNode.MENU, Keys): _at_menu,
    (StrangerNode.HOURS, HoursFound): _hours_found,
    (StrangerNode.NUMBER, Keys): _at_number,
    (StrangerNode.CHECKING, NumberKept): _number_kept,
}
MENUS: Final[Mapping[str, Callable[[CallState], tuple[str, ...]]]] = {
    StrangerNode.MENU: menu,
    StrangerNode.FIRST_LANGUAGE: first_language_menu,
}
