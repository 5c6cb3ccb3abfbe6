"""A speaker records by telephone: every state with every key, silence, and whatever comes of what was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.calls.flow import (
    Answered,
    Ask,
    CallFacts,
    CallState,
    CheckPin,
    Command,
    Event,
    FindPhrase,
    HangUp,
    Keys,
    Phrase,
    PhraseFound,
    PinChecked,
    Play,
    PutDown,
    RecordPhrase,
    Request,
    SeatsFound,
    Settle,
    Settled,
    Speaker,
    Spoken,
    advance,
)
from gateway.calls.steps import MOST_MISSES
from gateway.calls.studio_call import MOST_PHRASES, MOST_PINS, MOST_TURNS, PIN_DIGITS, StudioCall, StudioNode
from gateway.staff import pins
from gateway.voice.keys import studio_keys
from gateway.voice.prompts import load_scripts

FLOW = StudioCall()
FACTS = CallFacts("th", datetime(2026, 7, 24, tzinfo=UTC))
SPEAKER = Speaker("s1", "nod")
KEYS = (*(str(n) for n in range(10)), "*", "#", "", "123456", "  ", "one")
SCRIPTS = load_scripts(Path(__file__).parents[2] / "voice_prompts")


class House:
    """Answers what the flow asks for: one PIN is right, `left` phrases are to be recorded."""

    def __init__(self, left: int = 1000) -> None:
        self.left = left
        self.settled: list[bool] = []

    def answer(self, request: Request) -> Event:
        match request:
            case CheckPin(pin):
                return PinChecked(SPEAKER if pin == "123456" else None)
            case FindPhrase(speaker, after):
                assert speaker == SPEAKER
                return PhraseFound(Phrase(after + 1, f"k{after + 1}") if after < self.left else None)
            case Settle(keep):
                self.settled.append(keep)
                return Settled()
        raise AssertionError(request)


class Line:
    """A call that goes on as long as it is told what happens."""

    def __init__(self, left: int = 1000) -> None:
        self.house = House(left)
        self.state = FLOW.begin(FACTS)
        self.commands: tuple[Command, ...] = ()
        self.does(Answered())

    def does(self, *events: Event) -> Line:
        for event in events:
            self.state, self.commands = advance(FLOW, self.state, event, self.house.answer, _nothing_noted)
        return self

    @property
    def heard(self) -> tuple[str, ...]:
        return tuple(str(key) for one in self.commands if not isinstance(one, HangUp) for key in one.prompts)

    @property
    def is_over(self) -> bool:
        return HangUp() in self.commands


def _nothing_noted(note: object) -> None:
    raise AssertionError("nothing in the studio is an answer of a person's")


RIGHT = Keys("123456")


def test_one_is_asked_for_the_pin_which_ends_with_hash() -> None:
    (ask,) = Line().commands
    assert isinstance(ask, Ask)
    assert (ask.prompts, ask.finish) == (("studio.greet", "studio.pin"), "#")
    assert ask.digits > 6


def test_with_the_right_pin_the_first_phrase_is_recorded() -> None:
    line = Line().does(RIGHT)
    assert line.commands == (RecordPhrase(("studio.phrase", "digit.1", "studio.speak")),)
    assert line.state.studio.speaker == SPEAKER  # type: ignore[union-attr]


def test_a_number_of_more_digits_is_read_digit_by_digit_and_what_to_do_is_said_twice_only() -> None:
    line = Line().does(RIGHT, *(Spoken(), Keys("1")) * 2)
    assert line.heard == ("studio.kept", "studio.phrase", "digit.3")
    line.does(*(Spoken(), Keys("1")) * 9)
    assert line.heard[1:] == ("studio.phrase", "digit.1", "digit.2")


def test_key_1_keeps_2_records_again_and_star_skips() -> None:
    line = Line().does(RIGHT, Spoken())
    assert line.commands == (Ask(("studio.choice",)),)
    line.does(Keys("2"))
    assert line.heard == ("studio.phrase", "digit.1", "studio.speak")
    line.does(Spoken(), Keys("1"))
    assert line.heard[:3] == ("studio.kept", "studio.phrase", "digit.2")
    line.does(Spoken(), Keys("*"))
    assert line.heard == ("studio.phrase", "digit.3")
    assert line.house.settled == [False, True, False]


def test_key_9_plays_what_was_said_as_often_as_one_likes_and_settles_nothing() -> None:
    line = Line().does(RIGHT, Spoken(), *(Keys("9"),) * 9)
    assert line.commands == (Ask(("studio.choice",), replay=True),)
    assert line.house.settled == []


@pytest.mark.parametrize("key", ["", "3", "0", "#", "11"])
def test_a_key_that_means_nothing_is_asked_again_and_then_what_was_spoken_is_not_kept(key: str) -> None:
    line = Line().does(RIGHT, Spoken(), *(Keys(key),) * MOST_MISSES)
    assert line.commands == (Ask(("studio.choice",)),)
    line.does(Keys(key))
    assert (line.is_over, line.heard, line.house.settled) == (True, ("studio.bye",), [False])


def test_silence_is_told_and_after_the_third_time_the_call_ends() -> None:
    line = Line().does(RIGHT)
    for _ in range(MOST_MISSES):
        assert line.does(Keys("")).heard[0] == "studio.unheard"
    assert line.does(Keys("")).is_over


@pytest.mark.parametrize("where", ["speaking", "choosing"])
def test_who_puts_the_phone_down_has_kept_nothing(where: str) -> None:
    line = Line().does(RIGHT, *((Spoken(),) if where == "choosing" else ()))
    line.does(PutDown())
    assert (line.commands, line.house.settled) == ((HangUp(),), [False])


def test_three_wrong_pins_end_the_call() -> None:
    line = Line()
    for _ in range(MOST_PINS - 1):
        assert line.does(Keys("654321")).heard == ("studio.bad_pin", "studio.pin")
    assert line.does(Keys("654321")).is_over
    assert line.heard == ("studio.bad_pin", "studio.bye")


@pytest.mark.parametrize("keys", ["", "#", "1", "12345", "1234567", "12345*", "๑๒๓๔๕๖", "abcdef"])
def test_less_than_a_whole_pin_is_asked_of_nobody_and_where_there_is_no_way_back_the_call_ends(keys: str) -> None:
    line = Line().does(Keys(keys))
    assert (line.is_over, line.heard) == (True, ("studio.bye",))
    assert line.state.studio.wrong_pins == 0  # type: ignore[union-attr]


def test_a_pin_has_as_many_digits_as_the_house_gives_out() -> None:
    assert PIN_DIGITS == pins.DIGITS


def test_who_has_recorded_everything_is_told_so() -> None:
    assert Line(left=0).does(RIGHT).heard == ("studio.done", "studio.bye")
    assert Line(left=1).does(RIGHT, Spoken(), Keys("1")).heard == ("studio.kept", "studio.done", "studio.bye")


def test_after_forty_phrases_it_is_enough_for_one_call() -> None:
    line = Line().does(RIGHT, *(Spoken(), Keys("1")) * MOST_PHRASES)
    assert (line.is_over, line.heard) == (True, ("studio.kept", "studio.bye"))
    assert line.house.settled == [True] * MOST_PHRASES


HAPPENINGS = st.sampled_from([*map(Keys, KEYS), Spoken(), Spoken(), Keys("1"), Keys("2"), Keys("9"), RIGHT])


@given(st.lists(HAPPENINGS, min_size=30, max_size=30), st.integers(0, 60))
def test_whatever_is_keyed_and_spoken_the_call_ends_in_time_and_keeps_only_by_key_1(
    happenings: list[Event], left: int
) -> None:
    line, turns, choosing_1 = Line(left).does(RIGHT), 0, 0
    while not line.is_over:
        event = happenings[turns % len(happenings)]
        if line.state.node == StudioNode.CHOICE:
            event = event if isinstance(event, Keys) else Keys("9")
        choosing_1 += line.state.node == StudioNode.CHOICE and event == Keys("1")
        line.does(event)
        turns += 1
    assert turns <= MOST_TURNS
    assert line.house.settled.count(True) <= choosing_1


def reachable() -> Iterator[CallState]:
    """One state of each node, and one of each kind of knowledge there."""
    pin = Line().state
    speak = Line().does(RIGHT).state
    choice = Line().does(RIGHT, Spoken()).state
    over = Line().does(RIGHT, PutDown()).state
    asked, _ = FLOW.step(pin, RIGHT)
    found, _ = FLOW.step(asked, PinChecked(SPEAKER))
    yield from (FLOW.begin(FACTS), pin, speak, choice, over, asked, found)


ANY: tuple[Event, ...] = (
    Answered(), *map(Keys, KEYS), Spoken(), PutDown(), PinChecked(None), PinChecked(SPEAKER), PhraseFound(None),
    PhraseFound(Phrase(7, "k7")), Settled(), SeatsFound(()),
)  # fmt: skip


def test_every_event_in_every_state_leads_somewhere_and_none_raises() -> None:
    assert {state.node for state in reachable()} == set(StudioNode)
    for state in reachable():
        for event in ANY:
            after, commands = FLOW.step(state, event)
            assert after.flow == FLOW.name
            assert commands or isinstance(event, Settled)
            if HangUp() in commands:
                assert (after.node, commands[-1]) == (StudioNode.ENDED, HangUp())


def test_a_state_saved_by_another_version_ends() -> None:
    state = Line().state
    for stranger in (replace(state, version=9), replace(state, flow="hotline"), replace(state, studio=None)):
        assert HangUp() in FLOW.step(stranger, RIGHT)[1]


@pytest.mark.parametrize("language", ["th", "en"])
def test_all_that_is_said_is_in_the_script_and_nothing_else_is_a_studio_key(language: str) -> None:
    said: set[str] = set()
    for play in (_wrong, _silent, _all):
        play(said.update)
    assert said <= set(SCRIPTS[language].prompts)
    assert set(map(str, studio_keys())) == said


def _wrong(note: Callable[[tuple[str, ...]], None]) -> None:
    line = Line()
    for _ in range(MOST_PINS):
        note(line.heard)
        note(line.does(Keys("000000")).heard)


def _silent(note: Callable[[tuple[str, ...]], None]) -> None:
    line = Line().does(RIGHT)
    note(line.does(Keys("")).heard)


def _all(note: Callable[[tuple[str, ...]], None]) -> None:
    line = Line(left=30).does(RIGHT)
    while not line.is_over:
        note(line.heard)
        note(line.does(Spoken()).heard)
        line.does(Keys("1"))
    note(line.heard)
    assert any(isinstance(one, Play) for one in line.commands)
