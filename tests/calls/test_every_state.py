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
    CheckPin,
    Command,
    Event,
    FindPhrase,
    HangUp,
    Held,
    Hold,
    Keys,
    Note,
    Offer,
    Phrase,
    PhraseFound,
    PinChecked,
    Play,
    PutDown,
    RecordPhrase,
    SeatsFound,
    Settle,
    Settled,
    Speaker,
    Spoken,
    Take,
    Taken,
)
from gateway.calls.hotline import MOST_VISITS, Hotline
from gateway.calls.last_words import last_words
from gateway.calls.reminder_call import ReminderCall
from gateway.calls.bounds import MOST_TURNS
from gateway.calls.steps import Node
from gateway.calls.studio_call import MOST_PINS, StudioCall, StudioNode
from gateway.kit.answers import Answer
from gateway.voice.keys import Key
from gateway.voice.prompts import load_scripts

SCRIPTS = load_scripts(Path(__file__).parents[2] / "voice_prompts")
NOW = datetime(2026, 7, 24, 3, 0, tzinfo=UTC)
STARTS = datetime(2026, 7, 26, 2, 0, tzinfo=UTC)
FACTS = CallFacts("th", NOW, appointment="a1", starts_at=STARTS, site="LP01")
OFFERS = tuple(Offer(f"s{n}", STARTS + timedelta(days=n)) for n in (1, 2, 3))
ODD = Offer("odd", STARTS + timedelta(minutes=7))
SPEAKER = Speaker("s1", "nod")
KEYS = (*(str(n) for n in range(10)), "*", "#", "", "101", "11", "99", " ", "one", "123456")
EVENTS: tuple[Event, ...] = (
    Answered(),
    *(Keys(keys) for keys in KEYS),
    *(SeatsFound(found) for found in ((), OFFERS[:1], OFFERS[:2], OFFERS, (ODD,), (ODD, OFFERS[0]))),
    *(Held(held) for size in range(3) for held in combinations(OFFERS, size)),
    Taken(None),
    Taken(OFFERS[0].starts_at),
    Taken(ODD.starts_at),
    *(PinChecked(who) for who in (None, SPEAKER)),
    *(PhraseFound(phrase) for phrase in (None, Phrase(1, "bye"))),
    Spoken(),
    PutDown(),
    Settled(),
)
STUDIO_KEYS = ("1", "2", "*", "#", "", "1234", "123456")
STUDIO_EVENTS: tuple[Event, ...] = (
    *(Keys(keys) for keys in STUDIO_KEYS),
    *(event for event in EVENTS if not isinstance(event, Keys | SeatsFound | Held)),
    SeatsFound(OFFERS[:1]),
    Held(OFFERS[:1]),
)
FLOWS = (ReminderCall(), Hotline())
ALL_FLOWS = {flow.name: flow for flow in (*FLOWS, StudioCall())}
ENDS = (Node.ENDED, StudioNode.ENDED)
VARIANTS = (
    FACTS,
    replace(FACTS, purpose="second_dose", dose_number=2),
    replace(FACTS, neutral=True, purpose="second_dose", dose_number=3),
    replace(FACTS, is_open=False),
    replace(FACTS, appointment=None, starts_at=None),
    replace(FACTS, starts_at=ODD.starts_at),
    replace(FACTS, starts_at=NOW - timedelta(hours=1)),
)
MAY_RECORD = tuple(replace(facts, may_record=True) for facts in (FACTS, replace(FACTS, appointment=None)))
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


def steps_with_the_studio(facts: CallFacts) -> Iterator[tuple[CallState, Event, CallState, tuple[Command, ...]]]:
    """Every step of a hotline call that # leads into the studio and out of it, whichever flow goes on with it.

    What a speaker does there is walked through once, for the first phrase: the rest is in test_studio_call.
    """
    waiting, seen = [Hotline().begin(facts)], set()
    while waiting:
        state = waiting.pop()
        if state in seen or (state.studio is not None and state.studio.speaker is not None and state.studio.turns > 2):
            continue
        seen.add(state)
        for event in STUDIO_EVENTS:
            after, commands = ALL_FLOWS[state.flow].step(state, event)
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


@pytest.fixture(scope="module")
def with_the_studio() -> list[tuple[CallState, Event, CallState, tuple[Command, ...]]]:
    return [step for facts in MAY_RECORD for step in steps_with_the_studio(facts)]


Steps = list[tuple[CallState, Event, CallState, tuple[Command, ...]]]


def test_a_walk_through_the_studio_meets_every_node_and_always_leaves_something(with_the_studio: Steps) -> None:
    assert {state.node for state, *_ in with_the_studio} == {*Node, *StudioNode} - {StudioNode.START}
    for _, event, after, commands in with_the_studio:
        assert commands or isinstance(event, Settled)
        assert (HangUp() in commands) == (after.node in ENDS and bool(commands))


def test_only_six_digits_are_ever_tried_as_a_pin_and_no_oftener_than_may_be(with_the_studio: Steps) -> None:
    tried = {(state.node, event) for state, event, _, commands in with_the_studio
             if any(isinstance(command, CheckPin) for command in commands)}  # fmt: skip
    assert tried == {(StudioNode.PIN, Keys("123456"))}
    assert max(after.studio.wrong_pins for *_, after, _ in with_the_studio if after.studio) == MOST_PINS


def test_who_comes_back_from_the_studio_is_where_they_left_in_their_own_language(with_the_studio: Steps) -> None:
    ways_back = [(state, event, after, commands) for state, event, after, commands in with_the_studio
                 if (state.flow, after.flow) == (StudioCall.name, Hotline.name)]  # fmt: skip
    assert {event for _, event, *_ in ways_back} == {Keys(keys) for keys in STUDIO_KEYS if keys != "123456"}
    assert {after.node for *_, after, _ in ways_back} == {Node.LOBBY, Node.QUESTION}
    for state, _, after, (ask,) in ways_back:
        assert state.studio is not None
        assert state.studio.back is not None
        assert isinstance(ask, Ask)
        assert (ask.prompts, ask.digits) == (state.studio.back.prompts, 1)
        assert (after.node, after.misses) == (state.studio.back.node, state.studio.back.misses)
        assert after.facts == replace(state.facts, language="th", voice="")
        assert Key.ASK_COMING in ask.prompts or after.node == Node.LOBBY


def test_hash_leads_to_the_studio_no_oftener_than_may_be_and_every_call_ends(with_the_studio: Steps) -> None:
    assert max(after.studio.visits for *_, after, _ in with_the_studio if after.studio) == MOST_VISITS
    for facts in MAY_RECORD:
        for nothing in ("", "1234", "#"):
            state, asked, commands = Hotline().begin(facts), 0, ()
            state, commands = ALL_FLOWS[state.flow].step(state, Answered())
            while HangUp() not in commands:
                keys = "#" if state.flow == Hotline.name else nothing
                state, commands = ALL_FLOWS[state.flow].step(state, Keys(keys))
                asked += 1
            assert asked <= 2 * MOST_VISITS + MOST_TURNS


def test_nothing_a_speaker_does_is_an_answer_and_nothing_a_caller_does_is_recorded(with_the_studio: Steps) -> None:
    for state, _, after, commands in with_the_studio:
        if state.flow == after.flow == StudioCall.name:
            assert not any(isinstance(command, Note | Take | Hold) for command in commands)
        if any(isinstance(command, RecordPhrase | FindPhrase | Settle) for command in commands):
            assert after.studio is not None
            assert after.studio.speaker == SPEAKER


def test_whatever_cannot_be_said_any_more_ends_in_whole_statements_and_at_last_in_nothing(
    with_the_studio: Steps,
) -> None:
    script = set(SCRIPTS["th"].prompts)
    spoken = {
        (after.flow, after.node, tuple(one for one in commands if isinstance(one, Play | Ask | RecordPhrase | HangUp)))
        for *_, after, commands in (*ALL_STEPS, *with_the_studio)
    }
    for flow, node, words in spoken:
        endings = list(last_words(CallState(flow, node, FACTS), words))
        assert endings[-1] == ()
        for ending in endings:
            assert set(ending) <= script
            assert not any(key.startswith(("ask.", "offer.", "press.")) for key in ending)
