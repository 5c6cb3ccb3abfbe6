"""The call that tells when a ride comes: told, told again, staff; nothing in it is an answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.calls.bounds import most_turns
from gateway.calls.flow import Answered, Ask, CallState, Dial, FindStaff, HangUp, Keys, Note, Play, StaffFound
from gateway.calls.last_words import last_words
from gateway.calls.news_call import NewsCall, NewsNode
from gateway.calls.steps import Because, Node
from gateway.kit.answers import Answer
from gateway.voice.keys import Key
from gateway.voice.phrases import when_phrases
from gateway.voice.prompts import load_scripts
from tests.calls.walking import FACTS, NOW, STARTS, Edge, World, walk

SCRIPT = load_scripts(Path(__file__).parents[2] / "voice_prompts")["th"].prompts
FLOW = NewsCall()
PICK_UP = replace(FACTS, purpose="ride", starts_at=STARTS - timedelta(minutes=45))
WHEN = when_phrases(PICK_UP.starts_at, NOW)
NEWS = (Key.NEWS_RIDE, *WHEN, Key.SAFETY, Key.ASK_STAFF, Key.ASK_AGAIN)
VARIANTS = (PICK_UP, replace(PICK_UP, neutral=True, name="name.0123456789ab"), replace(PICK_UP, is_open=False))


def told(**facts: object) -> CallState:
    return FLOW.step(FLOW.begin(replace(PICK_UP, **facts)), Answered())[0]


@pytest.fixture(scope="module")
def edges() -> list[Edge]:
    return [edge for facts in VARIANTS for edge in walk({FLOW.name: FLOW}, FLOW.begin(facts), World())]


def test_the_news_is_told_with_the_hour_of_the_pick_up_and_without_what_it_is_for() -> None:
    state, commands = FLOW.step(FLOW.begin(PICK_UP), Answered())
    assert commands == (Ask((Key.GREET_NEUTRAL, *NEWS)),)
    assert state.node == NewsNode.NEWS


def test_their_name_is_said_where_a_voice_has_it() -> None:
    _, (ask,) = FLOW.step(FLOW.begin(replace(PICK_UP, name="name.0123456789ab")), Answered())
    assert ask.prompts[:2] == (Key.GREET_NEUTRAL, "name.0123456789ab")


@pytest.mark.parametrize("keys", ["", "1", "2", "3", "4", "5", "7", "8", "#"])
def test_silence_and_every_other_key_is_a_goodbye_that_answers_nothing(keys: str) -> None:
    after, commands = FLOW.step(told(), Keys(keys))
    assert (after.node, after.noted) == (Node.ENDED, ())
    assert commands == (Play((Key.BYE,)), HangUp())


def test_nine_tells_it_again_and_a_jammed_nine_ends() -> None:
    state, (again,) = FLOW.step(told(), Keys("9"))
    assert again == Ask(NEWS)
    for _ in range(9):
        state, commands = FLOW.step(state, Keys("9"))
    assert state.node == Node.ENDED
    assert any(isinstance(one, HangUp | Play) for one in commands)


def test_zero_rings_staff_and_the_wish_is_noted_at_once() -> None:
    state, commands = FLOW.step(told(), Keys("0"))
    assert commands == (Note(Answer.STAFF), FindStaff())
    _, (dial,) = FLOW.step(state, StaffFound(True))
    assert isinstance(dial, Dial)


def test_an_hour_that_cannot_be_said_is_told_by_staff() -> None:
    _, commands = FLOW.step(FLOW.begin(replace(PICK_UP, starts_at=STARTS + timedelta(minutes=7))), Answered())
    assert commands[0] == Note(Answer.CALLBACK, Because.UNSPEAKABLE)
    assert commands[1] == Play((Key.GREET_NEUTRAL, Key.ACK_CALLBACK, Key.BYE))


@pytest.mark.parametrize("change", [{"is_open": False}, {"appointment": None}, {"starts_at": NOW - timedelta(hours=1)}])
def test_a_ride_that_is_off_or_over_is_not_told(change: dict[str, object]) -> None:
    _, commands = FLOW.step(FLOW.begin(replace(PICK_UP, **change)), Answered())
    assert commands == (Play((Key.END_SETTLED, Key.BYE)), HangUp())


def test_a_walk_meets_every_node_and_each_step_leaves_the_phone_something(edges: list[Edge]) -> None:
    met = {edge.after.node for edge in edges}
    assert met >= {NewsNode.NEWS, Node.ENDED, Node.STAFF, Node.DIALLING, Node.MESSAGE, Node.KEEPING, Node.LANGUAGE}
    assert all(edge.commands for edge in edges if edge.before.node != Node.ENDED)
    assert all((HangUp() in edge.commands) == (edge.after.node == Node.ENDED) for edge in edges if edge.commands)


def test_nothing_keyed_in_it_confirms_moves_or_stops(edges: list[Edge]) -> None:
    noted = {one.answer for edge in edges for one in edge.commands if isinstance(one, Note)}
    assert noted == {Answer.STAFF}


def test_whatever_is_keyed_the_call_stays_within_its_questions() -> None:
    for jammed in ("9", "6", "*", "0"):
        state, asked = told(), 1
        while state.node == NewsNode.NEWS:
            state, commands = FLOW.step(state, Keys(jammed))
            asked += sum(isinstance(one, Ask) for one in commands)
        assert asked <= most_turns(PICK_UP)


def test_every_word_of_it_is_in_the_script(edges: list[Edge]) -> None:
    said = {key for edge in edges for one in edge.commands for key in getattr(one, "prompts", ())}
    own = {key for key in said if "/" not in key and not key.startswith("name.")}
    assert own <= set(SCRIPT)


def test_what_cannot_be_said_any_more_ends_without_half_a_menu() -> None:
    state, commands = FLOW.step(FLOW.begin(PICK_UP), Answered())
    assert all(not key.startswith("ask.") for ending in last_words(state, commands) for key in ending)
