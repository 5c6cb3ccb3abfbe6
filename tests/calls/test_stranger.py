"""Somebody on no record: their language, the hours, the list, a question; nothing about anybody, and an end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time
from functools import cache
from pathlib import Path

import pytest

from gateway.calls.bounds import MOST_TURNS
from gateway.calls.calling import Calling
from gateway.calls.flow import (
    Answered,
    Ask,
    CallFacts,
    CallState,
    Command,
    Dial,
    Event,
    FindHours,
    FindLanguages,
    HangUp,
    HoursFound,
    KeepMessage,
    KeepNumber,
    Keys,
    LanguagesFound,
    MessageKept,
    Note,
    NumberKept,
    OpenHours,
    Play,
    PutDown,
    RecordPhrase,
    SpeakIn,
    Spoken,
    SpokenIn,
    language_of,
)
from gateway.calls.hotline import Hotline
from gateway.calls.saving import state_from_json, state_to_json
from gateway.calls.steps import Node
from gateway.calls.stranger import StrangerNode
from gateway.kit.clock import at_bangkok
from gateway.voice.prompts import load_scripts

FLOW = Hotline()
FACTS = CallFacts("th", at_bangkok(date(2026, 7, 25), time(10)), purpose=Calling.CALLBACK)
IN_BURMESE = replace(FACTS, language="my")
FOUR = LanguagesFound(("my", "en", "km", "lo"))
CARD = "0012345678901"
HOURS = HoursFound((OpenHours("site.S1", time(8, 30), time(16, 30)), OpenHours("site.S2", time(9), time(12))))
STRANGER = set(StrangerNode)
EVENTS: tuple[Event, ...] = (
    *(Keys(keys) for keys in ("", *"0123456789*#", CARD, "12")),
    LanguagesFound(()),
    FOUR,
    SpokenIn(None),
    SpokenIn(IN_BURMESE),
    MessageKept(),
    *(NumberKept(is_number) for is_number in (True, False)),
    HoursFound(()),
    HOURS,
    Spoken(),
    PutDown(),
)


def played(*events: Event) -> tuple[CallState, tuple[Command, ...]]:
    state, commands = FLOW.step(FLOW.begin(FACTS), Answered())
    for event in events:
        state, commands = FLOW.step(state, event)
    return state, commands


def prompts(commands: tuple[Command, ...]) -> tuple[str, ...]:
    return tuple(key for one in commands if isinstance(one, Play | Ask | RecordPhrase) for key in one.prompts)


def test_each_language_is_offered_in_itself_the_present_one_first() -> None:
    _, commands = played(FOUR)
    assert prompts(commands) == (
        "greet.hotline",
        "th/language.this", "th/press.1",
        "my/language.this", "my/press.2",
        "en/language.this", "en/press.3",
        "language.more",
    )  # fmt: skip


def test_the_menu_follows_in_the_language_that_was_chosen() -> None:
    state, commands = played(FOUR, Keys("2"))
    assert commands == (SpeakIn("my"),)
    state, commands = FLOW.step(state, SpokenIn(IN_BURMESE))
    assert (state.facts.language, prompts(commands)) == ("my", ("hotline.menu",))


def test_four_turns_the_page_and_a_language_there_is_chosen_by_its_own_key() -> None:
    state, commands = played(FOUR, Keys("4"))
    assert prompts(commands)[0] == "km/language.this"
    assert FLOW.step(state, Keys("2"))[1] == (SpeakIn("lo"),)


def test_who_turns_pages_for_ever_comes_to_the_menu_in_the_present_language() -> None:
    state, pages = played(FOUR)[0], 0
    while state.node == StrangerNode.FIRST_LANGUAGE:
        state, pages = FLOW.step(state, Keys("4"))[0], pages + 1
    assert (state.node, state.facts.language) == (StrangerNode.MENU, "th")
    assert pages <= 10


@pytest.mark.parametrize("events", [(FOUR, Keys("")), (FOUR, Keys("1")), (FOUR, Keys("2"), SpokenIn(None))])
def test_who_says_nothing_or_whose_language_falls_silent_goes_on_in_the_present_one(events: tuple[Event, ...]) -> None:
    state, commands = played(*events)
    assert (state.facts.language, prompts(commands)) == ("th", ("hotline.menu",))


def test_where_there_is_one_language_nobody_is_asked() -> None:
    assert prompts(played(LanguagesFound(()))[1]) == ("greet.hotline", "hotline.menu")


def test_the_hours_of_sites_are_told_and_the_menu_comes_again() -> None:
    state, commands = played(LanguagesFound(()), Keys("1"))
    assert commands == (FindHours(),)
    assert prompts(FLOW.step(state, HOURS)[1]) == (
        "site.S1", "hours.from", "hour.0830", "hours.until", "hour.1630",
        "site.S2", "hours.from", "hour.0900", "hours.until", "hour.1200",
        "hotline.menu",
    )  # fmt: skip
    assert prompts(FLOW.step(state, HoursFound(()))[1]) == ("hotline.office_hours", "hotline.menu")


def test_thirteen_digits_and_a_spoken_name_put_somebody_on_the_list() -> None:
    state, (ask,) = played(LanguagesFound(()), Keys("2"))
    assert isinstance(ask, Ask)
    assert (ask.prompts, ask.finish, ask.is_private) == (("register.number",), "#", True)
    assert ask.digits > 13  # else the finish key would be left over and end the recording at once
    state, commands = FLOW.step(state, Keys(CARD))
    assert commands == (KeepNumber(CARD),)
    assert CARD not in str(state_to_json(state))
    assert CARD not in repr(commands)
    state, (record,) = FLOW.step(state, NumberKept(True))
    assert isinstance(record, RecordPhrase)
    assert record.prompts == ("register.name",)
    state, commands = FLOW.step(state, Spoken())
    assert commands == (KeepMessage("register"),)
    assert FLOW.step(state, MessageKept())[1] == (Play(("register.kept", "bye")), HangUp())


def test_after_three_tries_a_name_alone_will_do() -> None:
    state, _ = played(LanguagesFound(()), Keys("2"))
    for _ in range(2):
        state, _ = FLOW.step(state, Keys("12"))
        state, (ask,) = FLOW.step(state, NumberKept(False))
        assert isinstance(ask, Ask)
        assert (ask.prompts, ask.is_private) == (("register.bad", "register.number"), True)
    state, _ = FLOW.step(state, Keys("12"))
    assert prompts(FLOW.step(state, NumberKept(False))[1]) == ("register.name",)


def test_a_question_or_complaint_is_recorded_and_also_kept_when_the_phone_is_put_down() -> None:
    state, (record,) = played(LanguagesFound(()), Keys("3"))
    assert isinstance(record, RecordPhrase)
    assert record.prompts == ("question.speak",)
    assert FLOW.step(state, PutDown())[1] == (KeepMessage("question"), HangUp())
    state, _ = FLOW.step(state, Spoken())
    assert FLOW.step(state, MessageKept())[1] == (Play(("question.kept", "bye")), HangUp())


def test_star_chooses_a_language_later_and_the_menu_comes_again_in_it() -> None:
    state, commands = played(LanguagesFound(()), Keys("*"))
    assert commands == (FindLanguages(),)
    state, _ = FLOW.step(state, LanguagesFound(("my",)))
    state, _ = FLOW.step(state, Keys("1"))
    state, commands = FLOW.step(state, SpokenIn(IN_BURMESE))
    assert (state.facts.language, prompts(commands)) == ("my", ("language.kept", "hotline.menu"))


@cache
def all_steps() -> tuple[tuple[CallState, Event, CallState, tuple[Command, ...]], ...]:
    return tuple(_walk())


def _walk() -> Iterator[tuple[CallState, Event, CallState, tuple[Command, ...]]]:
    """Every state a stranger can reach. How often was asked is set aside, or there would be thousands of each."""
    waiting, seen = [FLOW.begin(FACTS)], set()
    while waiting:
        state = waiting.pop()
        if state in seen:
            continue
        seen.add(state)
        for event in (Answered(),) if state.node == Node.START else EVENTS:
            after, commands = FLOW.step(state, event)
            waiting.append(replace(after, turns=0, asides=min(after.asides, 2), repeats=min(after.repeats, 1)))
            yield state, event, after, commands


def test_a_walk_meets_every_node_and_every_step_leaves_something_to_do() -> None:
    met = {state.node for state, *_ in all_steps()}
    assert met >= STRANGER - {StrangerNode.CLOSED} | {Node.MESSAGE, Node.KEEPING, Node.LANGUAGE, Node.ENDED}
    for state, event, after, commands in all_steps():
        assert commands or (state.node == Node.ENDED and isinstance(event, MessageKept))
        assert (HangUp() in commands) == (after.node == Node.ENDED and bool(commands))


def test_nothing_is_answered_for_anybody_and_nobody_is_rung() -> None:
    for *_, commands in all_steps():
        assert not any(isinstance(one, Note | Dial) for one in commands)


def test_nothing_personal_is_ever_said() -> None:
    said = {language_of(key, "th")[1] for *_, commands in all_steps() for key in prompts(commands)}
    assert not any(key.startswith(("name.", "weekday.", "day.", "month.", "ticket", "dose.")) for key in said)
    script = load_scripts(Path(__file__).parents[2] / "voice_prompts")["th"]
    assert {key for key in said if not key.startswith("site.")} <= set(script.prompts)


def test_a_number_goes_from_the_private_question_to_keep_number_and_nowhere_else() -> None:
    for state, event, after, commands in all_steps():
        assert CARD not in str(state_to_json(after))
        assert state_from_json(state_to_json(after)) == after
        if any(isinstance(one, KeepNumber) for one in commands):
            assert (state.node, type(event)) == (StrangerNode.NUMBER, Keys)
        for ask in (one for one in commands if isinstance(one, Ask)):
            assert ask.is_private == (after.node == StrangerNode.NUMBER)


@pytest.mark.parametrize("key", ["", *"0123456789*#", CARD])
def test_whoever_leans_on_one_key_is_let_go_in_the_end(key: str) -> None:
    answers = {FindLanguages: FOUR, FindHours: HOURS, SpeakIn: SpokenIn(IN_BURMESE), KeepMessage: MessageKept(),
               KeepNumber: NumberKept(False)}  # fmt: skip
    state, commands, asked = FLOW.begin(FACTS), (), 0
    waiting: list[Event] = [Answered()]
    while HangUp() not in commands:
        state, commands = FLOW.step(state, waiting.pop(0) if waiting else Keys(key))
        asked += any(isinstance(one, Ask | RecordPhrase) for one in commands)
        waiting += [answers[type(one)] for one in commands if type(one) in answers]
        assert asked <= MOST_TURNS
    assert asked > 0
