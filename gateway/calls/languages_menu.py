"""Key *: the languages that can be spoken, each said in its own; the call then begins again in the one that was chosen.

Three a page, "for Northern Thai, press one", and "other languages, press four" where there are more.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from gateway.calls.flow import (
    Ask,
    CallState,
    Event,
    FindLanguages,
    Keys,
    LanguagesFound,
    Play,
    SpeakIn,
    SpokenIn,
    in_language,
)
from gateway.calls.steps import AFRESH, Handlers, Node, Step, aside, ask_again, go_back, keyed
from gateway.voice.keys import Key

A_PAGE: Final = 3
_PRESS: Final = (Key.PRESS_1, Key.PRESS_2, Key.PRESS_3)
_MORE: Final = "4"


def offer_languages(state: CallState) -> Step:
    """Ask which language; the call comes back to the question that was open."""
    return replace(aside(state, Node.LANGUAGES), page=0), (FindLanguages(),)


def languages_menu(state: CallState) -> tuple[str, ...]:
    """The page of languages the state stands at, each in itself."""
    page = _page(state)
    said = (in_language(code, Key.LANGUAGE_THIS, press) for code, press in zip(page, _PRESS, strict=False))
    more = (Key.LANGUAGE_MORE,) if len(state.languages) > A_PAGE else ()
    return (*(key for pair in said for key in pair), *more)


def _page(state: CallState) -> tuple[str, ...]:
    first = state.page * A_PAGE
    return state.languages[first : first + A_PAGE]


def _found(state: CallState, event: Event) -> Step:
    languages = event.languages if isinstance(event, LanguagesFound) else ()
    if not languages:
        return go_back(state, Key.SORRY_WRONG_KEY)
    state = replace(state, node=Node.LANGUAGE, languages=languages)
    return state, (Ask(languages_menu(state)),)


def _chosen(state: CallState, event: Event) -> Step:
    key = keyed(event)
    language = dict(zip("123", _page(state), strict=False)).get(key)
    if language is not None:
        return replace(state, node=Node.SPEAKING), (SpeakIn(language),)
    if key == _MORE and len(state.languages) > A_PAGE:
        pages = -(-len(state.languages) // A_PAGE)
        state = replace(state, page=(state.page + 1) % pages)
        return state, (Ask(languages_menu(state)),)
    return ask_again(state, event, languages_menu(state)) or go_back(_left(state))


def _left(state: CallState) -> CallState:
    return replace(state, languages=(), page=0)


def _spoken(state: CallState, event: Event) -> Step:
    facts = event.facts if isinstance(event, SpokenIn) else None
    state = _left(state)
    if facts is None:
        return go_back(state)
    return replace(state, facts=replace(facts, is_slow=state.facts.is_slow), node=AFRESH), (Play((Key.LANGUAGE_KEPT,)),)


HANDLERS: Final[Handlers] = {
    (Node.LANGUAGES, LanguagesFound): _found,
    (Node.LANGUAGE, Keys): _chosen,
    (Node.SPEAKING, SpokenIn): _spoken,
}
