"""Every state a call can reach, with every key, silence and every answer to what it asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest

from gateway.calls.flow import (
    Answered,
    Ask,
    CallFacts,
    CallState,
    Command,
    Event,
    HangUp,
    Held,
    Hold,
    Keys,
    Note,
    Offer,
    Play,
    SeatsFound,
    Take,
    Taken,
)
from gateway.calls.hotline import Hotline
from gateway.calls.reminder_call import ReminderCall
from gateway.calls.steps import MOST_TURNS, Node
from gateway.kit.answers import Answer
from gateway.voice.keys import Key
from gateway.voice.prompts import load_scripts

SCRIPTS = load_scripts(Path(__file__).parents[2] / "voice_prompts")
NOW = datetime(2026, 7, 24, 3, 0, tzinfo=UTC)
STARTS = datetime(2026, 7, 26, 2, 0, tzinfo=UTC)
FACTS = CallFacts("th", NOW, appointment="a1", starts_at=STARTS, site="LP01")
OFFERS = tuple(Offer(f"s{n}", STARTS + timedelta(days=n)) for n in (1, 2, 3))
ODD = Offer("odd", STARTS + timedelta(minutes=7))
KEYS = (*(str(n) for n in range(10)), "*", "#", "", "101", "11", "99", " ", "one")
EVENTS: tuple[Event, ...] = (
    Answered(),
    *(Keys(keys) for keys in KEYS),
    *(SeatsFound(found) for found in ((), OFFERS[:1], OFFERS[:2], OFFERS, (ODD,), (ODD, OFFERS[0]))),
    *(Held(held) for size in range(3) for held in combinations(OFFERS, size)),
    Taken(None),
    Taken(OFFERS[0].starts_at),
    Taken(ODD.starts_at),
)
FLOWS = (ReminderCall(), Hotline())
VARIANTS = (
    FACTS,
    replace(FACTS, purpose="second_dose", dose_number=2),
    replace(FACTS, neutral=True, purpose="second_dose", dose_number=3),
    replace(FACTS, is_open=False),
    replace(FACTS, appointment=None, starts_at=None),
    replace(FACTS, starts_at=ODD.starts_at),
    replace(FACTS, starts_at=NOW - timedelta(hours=1)),
)
STORIES = [(flow, facts) for flow in FLOWS for facts in VARIANTS]


def steps(flow: ReminderCall, facts: CallFacts) -> Iterator[tuple[CallState, Event, CallState, tuple[Command, ...]]]:
    waiting, seen = [flow.begin(facts)], set()
    while waiting:
        state = waiting.pop()
        if state in seen:
            continue
        seen.add(state)
        for event in EVENTS:
            after, commands = flow.step(state, event)
            waiting.append(after)
            yield state, event, after, commands


ALL_STEPS = [step for flow, facts in STORIES for step in steps(flow, facts)]


def of_kind(kind: type[Command]) -> Iterator[tuple[CallState, Event, Command]]:
    return (
        (state, event, command)
        for state, event, _, commands in ALL_STEPS
        for command in commands
        if isinstance(command, kind)
    )


def test_a_walk_meets_every_node() -> None:
    assert {state.node for state, *_ in ALL_STEPS} == set(Node)


def test_every_step_leaves_the_phone_something_or_asks_for_something() -> None:
    assert all(commands for *_, commands in ALL_STEPS)


def test_a_call_hangs_up_exactly_when_it_has_ended() -> None:
    for *_, after, commands in ALL_STEPS:
        assert (HangUp() in commands) == (after.node == Node.ENDED)
        if after.node == Node.ENDED:
            assert commands[-1] == HangUp()


@pytest.mark.parametrize(("flow", "facts"), STORIES)
def test_every_call_ends_within_a_set_number_of_questions(flow: ReminderCall, facts: CallFacts) -> None:
    @cache
    def longest(state: CallState) -> int:
        if state.node == Node.ENDED:
            return 0
        return max(_asked(commands) + longest(after) for after, commands in (flow.step(state, e) for e in EVENTS))

    assert longest(flow.begin(facts)) <= MOST_TURNS  # a circle among the states would recurse for ever here


def _asked(commands: tuple[Command, ...]) -> int:
    return sum(isinstance(command, Ask) for command in commands)


def test_only_key_1_at_the_question_confirms() -> None:
    confirmed = {(state.node, event) for state, event, note in of_kind(Note) if note.answer is Answer.COMING}
    assert confirmed == {(Node.QUESTION, Keys("1"))}


def test_only_key_4_after_a_yes_asks_for_a_ride() -> None:
    asked = {(state.node, event) for state, event, note in of_kind(Note) if note.answer is Answer.RIDE}
    assert asked == {(Node.RIDE, Keys("4"))}
    assert all(Answer.COMING in state.noted for state, _, note in of_kind(Note) if note.answer is Answer.RIDE)


def test_silence_and_101_never_mean_anything() -> None:
    for _, event, note in of_kind(Note):
        if isinstance(event, Keys) and event.digits in {"", "101", "11", "one"}:
            assert (note.answer, note.detail) == (Answer.CALLBACK, "no_choice")


def test_nothing_is_taken_that_was_not_held() -> None:
    for state, _, command in of_kind(Take):
        assert command.offer in state.offers
        assert state.node == Node.OFFER
    for state, event, after, _ in ALL_STEPS:
        if after.node == Node.OFFER and state.node == Node.HOLDING:
            assert set(after.offers) <= set(event.offers)


def test_no_more_than_two_seats_are_held() -> None:
    assert all(1 <= len(command.offers) <= 2 for *_, command in of_kind(Hold))


def test_a_move_is_noted_only_when_the_seat_was_really_taken() -> None:
    for state, event, note in of_kind(Note):
        if note.answer is Answer.MOVE:
            assert state.node == Node.TAKING
            assert isinstance(event, Taken)
            assert event.starts_at is not None


def test_every_prompt_a_call_can_say_is_in_the_script() -> None:
    said = {key for kind in (Play, Ask) for *_, command in of_kind(kind) for key in command.prompts}
    assert said <= set(SCRIPTS["th"].prompts)
    assert set(Key) - {Key.TODAY, Key.TOMORROW} <= said  # nor is there one that nobody ever hears


def test_an_event_that_does_not_fit_ends_the_call_politely() -> None:
    flow = ReminderCall()
    for state, event in ((flow.begin(FACTS), Keys("1")), (flow.step(flow.begin(FACTS), Answered())[0], Taken(STARTS))):
        after, commands = flow.step(state, event)
        assert after.node == Node.ENDED
        assert commands == (Play((Key.END_UNANSWERED, Key.BYE)), HangUp())


def test_a_state_saved_by_another_version_ends_politely() -> None:
    flow = ReminderCall()
    asked = flow.step(flow.begin(FACTS), Answered())[0]
    for stranger in (replace(asked, version=99), replace(asked, flow="hotline"), replace(asked, node="unheard-of")):
        after, commands = flow.step(stranger, Keys("1"))
        assert after.node == Node.ENDED
        assert not any(isinstance(command, Note) for command in commands)
