"""Several people who share a telephone: who is left to be asked, and the menus in which one of them is chosen.

Of nobody is anything said but a name or an hour: whoever picked up may not be meant to know more.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, time
from typing import Final

from gateway.calls.flow import CallFacts, CallState, Subject
from gateway.calls.steps import Node, Step, ask
from gateway.kit.clock import at_bangkok, bangkok_day, bangkok_time
from gateway.voice.keys import Key, hour_key
from gateway.voice.phrases import can_say, when_phrases

A_PAGE: Final = 3
PRESS: Final = (Key.PRESS_1, Key.PRESS_2, Key.PRESS_3)


def stands(subject: Subject, now: datetime) -> bool:
    """Whether there still is an appointment to ask this person about."""
    return subject.is_open and subject.starts_at > now


def left(state: CallState) -> tuple[int, ...]:
    """Places in `facts.subjects` of those who have not answered."""
    return tuple(at for at in range(len(state.facts.subjects)) if at not in state.settled)


def is_one_day(facts: CallFacts) -> bool:
    """Whether all come on one day in Bangkok; the house of somebody who calls us may come on several."""
    return len({bangkok_day(one.starts_at) for one in facts.subjects}) == 1


def labels(state: CallState) -> dict[int, tuple[str, ...]]:
    """What each of those left is called in a menu: the name, else the hour; who cannot be told apart is not in it.

    Where their days differ each is called with the day: nobody shall take one day for another's.
    """
    called: dict[int, tuple[str, ...]] = {}
    for in_words in (_by_name, _by_hour):
        said = {at: in_words(state.facts, at) for at in left(state) if at not in called}
        count = Counter(said.values())
        called |= {at: words for at, words in said.items() if words and count[words] == 1}
    return dict(sorted(called.items()))


def _by_name(facts: CallFacts, at: int) -> tuple[str, ...]:
    one = facts.subjects[at]
    return (one.name, *_own_day(facts, one)) if one.name else ()


def _by_hour(facts: CallFacts, at: int) -> tuple[str, ...]:
    one = facts.subjects[at]
    if not can_say(one.starts_at):
        return ()
    return (*_own_day(facts, one), hour_key(bangkok_time(one.starts_at).time()))


def _own_day(facts: CallFacts, one: Subject) -> tuple[str, ...]:
    if is_one_day(facts):  # it was said before the menu
        return ()
    return tuple(key for key in _day(one.starts_at, facts.now) if not key.startswith("relative."))


def on_page(state: CallState) -> tuple[int, ...]:
    """Places of the people on the page of names, in the order of their keys."""
    first = state.page * A_PAGE
    return tuple(labels(state))[first : first + A_PAGE]


def pages(state: CallState) -> int:
    """How many pages of names there are."""
    return -(-len(labels(state)) // A_PAGE)


def names_menu(state: CallState) -> tuple[str, ...]:
    """Up to three people, each with a key, and all of them or the others; four choices at most are spoken."""
    called, page = labels(state), on_page(state)
    said = tuple(key for at, press in zip(page, PRESS, strict=False) for key in (*called[at], press))
    if pages(state) > 1:
        return (*said, Key.ASK_NEXT_NAMES)
    if may_ask_everybody(state):
        said = (*said, Key.ASK_EVERYBODY)
    return said if len(page) == A_PAGE else (*said, Key.ASK_AGAIN)


def may_ask_everybody(state: CallState) -> bool:
    """Whether one key may answer for all who are left: a yes to several days at once is nobody's to give."""
    return len(left(state)) > 1 and is_one_day(state.facts)


def household_menu(_: CallState) -> tuple[str, ...]:
    """For more people than a menu holds: all at once, or one by one."""
    return (Key.ASK_EVERYBODY, Key.ASK_ONE_BY_ONE, Key.ASK_AGAIN)


def everybody_menu(state: CallState) -> tuple[str, ...]:
    """The question put to all who are left, the day before it."""
    return (Key.EVERYBODY, *shared_day(state), Key.ASK_COMING, Key.ASK_CALLBACK, Key.ASK_AGAIN)


def shared_day(state: CallState) -> tuple[str, ...]:
    """The day of those who are left, and the hour where they all have the same; of several days, each."""
    people = [state.facts.subjects[at] for at in left(state)]
    if is_one_day(state.facts):
        return _day_of(people, state.facts.now)
    days = {bangkok_day(one.starts_at): one.starts_at for one in people}
    return tuple(key for day in sorted(days) for key in _day(days[day], state.facts.now))


def shared_place(facts: CallFacts) -> tuple[str, ...]:
    """The place, where it is one for all of them."""
    if len({one.site for one in facts.subjects}) != 1:
        return ()
    return (facts.subjects[0].place or Key.PLACE_UNNAMED,)


def _day_of(people: list[Subject], now: datetime) -> tuple[str, ...]:
    """The day is always said; the hour only where it is one for all of them and there is a clip for it."""
    if not people:
        return ()
    first = people[0].starts_at
    if can_say(first) and len({one.starts_at for one in people}) == 1:
        return when_phrases(first, now)
    return _day(first, now)


def _day(starts_at: datetime, now: datetime) -> tuple[str, ...]:
    """The day without the hour, which there may be no clip for."""
    return when_phrases(at_bangkok(bangkok_day(starts_at), time(12)), now)[:-1]


def of_all(state: CallState) -> CallState:
    """Speak of all who are left; where that is one, of them and of nobody who was spoken of before."""
    chosen = left(state)
    facts = state.facts.about(state.facts.subjects[chosen[0]]) if len(chosen) == 1 else state.facts
    return replace(state, chosen=chosen, facts=facts, noted=())


def ask_whom(state: CallState, *first: str, is_first: bool = False) -> Step:
    """Ask whom the call shall speak of: in a menu, or all at once where no one can be told from another."""
    state = replace(
        state, chosen=(), page=0, noted=(), changes=0, part="", after=None, looks=0, lost=0, offers=(), asides=0
    )
    state = replace(state, has_later=False)
    called = labels(state)
    if not called:
        everybody = of_all(state)
        return ask(everybody, Node.EVERYBODY, (*first, *everybody_menu(everybody)))
    if is_first and len(called) > A_PAGE and is_one_day(state.facts):
        return ask(state, Node.HOUSEHOLD, (*first, *household_menu(state)))
    return ask(state, Node.NAMES, (*first, *names_menu(state)))
