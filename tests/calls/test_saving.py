"""Keeping a call's state between two requests."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.calls.flow import CallFacts, CallState, Offer, Phrase, Speaker, Studio, Subject, WayBack
from gateway.calls.saving import SavedStateError, state_from_json, state_to_json
from gateway.calls.steps import Node
from gateway.kit.answers import Answer

INSTANTS = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=7))]))
TEXTS = st.text(max_size=20)
SUBJECTS = st.builds(
    Subject,
    person=TEXTS,
    appointments=st.lists(TEXTS, min_size=1, max_size=2).map(tuple),
    starts_at=INSTANTS,
    purpose=TEXTS,
    dose_number=st.integers(1, 9),
    site=TEXTS,
    neutral=st.booleans(),
    may_move=st.booleans(),
    is_open=st.booleans(),
    name=TEXTS,
    place=TEXTS,
    ticket=st.none() | st.integers(1, 999),
)
PLACES = st.lists(st.integers(0, 20), max_size=3).map(tuple)
FACTS = st.builds(
    CallFacts,
    language=TEXTS,
    now=INSTANTS,
    purpose=TEXTS,
    appointment=st.none() | TEXTS,
    starts_at=st.none() | INSTANTS,
    dose_number=st.integers(1, 9),
    site=TEXTS,
    neutral=st.booleans(),
    is_open=st.booleans(),
    may_record=st.booleans(),
    voice=TEXTS,
    place=TEXTS,
    name=TEXTS,
    person=TEXTS,
    also=st.lists(TEXTS, max_size=2).map(tuple),
    may_move=st.booleans(),
    ticket=st.none() | st.integers(1, 999),
    subjects=st.lists(SUBJECTS, max_size=3).map(tuple),
    is_slow=st.booleans(),
)
STUDIOS = st.builds(
    Studio,
    speaker=st.none() | st.builds(Speaker, TEXTS, TEXTS),
    phrase=st.none() | st.builds(Phrase, st.integers(1, 200), TEXTS),
    phrases=st.integers(0, 40),
    turns=st.integers(0, 300),
    wrong_pins=st.integers(0, 3),
    has_kept=st.booleans(),
    visits=st.integers(0, 3),
    back=st.none()
    | st.builds(
        WayBack,
        flow=TEXTS,
        version=st.integers(1, 9),
        node=TEXTS,
        language=TEXTS,
        voice=TEXTS,
        misses=st.integers(0, 9),
        prompts=st.lists(TEXTS, max_size=3).map(tuple),
        seconds=st.integers(0, 9),
    ),
)
STATES = st.builds(
    CallState,
    flow=TEXTS,
    node=st.sampled_from(Node),
    facts=FACTS,
    misses=st.integers(0, 9),
    offers=st.lists(st.builds(Offer, TEXTS, INSTANTS, TEXTS), max_size=3).map(tuple),
    version=st.integers(1, 9),
    noted=st.lists(st.sampled_from(Answer), max_size=3).map(tuple),
    repeats=st.integers(0, 9),
    looks=st.integers(0, 9),
    studio=st.none() | STUDIOS,
    chosen=PLACES,
    settled=PLACES,
    page=st.integers(0, 9),
    part=TEXTS,
    after=st.none() | INSTANTS,
    changes=st.integers(0, 9),
    languages=st.lists(TEXTS, max_size=3).map(tuple),
    turns=st.integers(0, 99),
    lost=st.integers(0, 9),
    has_later=st.booleans(),
    back=TEXTS,
    asides=st.integers(0, 9),
    message=TEXTS,
)
STATE = CallState("reminder_call", Node.QUESTION, CallFacts("th", datetime(2026, 7, 24, tzinfo=UTC)))


@given(STATES)
def test_a_state_survives_being_saved(state: CallState) -> None:
    assert state_from_json(json.loads(json.dumps(state_to_json(state)))) == state


@pytest.mark.parametrize("field", ["flow", "node", "facts", "offers", "version"])
def test_a_saved_state_that_lacks_a_field_names_it(field: str) -> None:
    saved = state_to_json(STATE)
    del saved[field]
    with pytest.raises(SavedStateError, match=field):
        state_from_json(saved)


@pytest.mark.parametrize("now", ["yesterday", "2026-07-24T00:00:00", 7, None])
def test_a_saved_instant_without_an_offset_is_refused(now: object) -> None:
    saved = state_to_json(STATE)
    saved["facts"]["now"] = now
    with pytest.raises(SavedStateError):
        state_from_json(saved)


def test_a_state_saved_before_a_counter_existed_can_still_be_read() -> None:
    saved = state_to_json(STATE)
    for field in (
        "repeats", "looks", "studio", "chosen", "settled", "page", "part", "after", "changes", "languages", "turns",
        "lost", "has_later", "back", "asides", "message",
    ):  # fmt: skip
        del saved[field]
    for field in ("may_record", "person", "also", "may_move", "ticket", "subjects", "is_slow"):
        del saved["facts"][field]
    assert state_from_json(saved) == STATE


def test_a_naive_instant_is_not_saved() -> None:
    with pytest.raises(ValueError, match="naive"):
        state_to_json(CallState("f", "n", CallFacts("th", datetime(2026, 7, 24))))


def test_every_field_of_a_state_is_saved() -> None:
    saved = state_to_json(STATE)
    assert {field.name for field in fields(CallState)} == set(saved)
    assert {field.name for field in fields(CallFacts)} == set(saved["facts"])
