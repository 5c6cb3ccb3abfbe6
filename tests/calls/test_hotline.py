"""Somebody calls us back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest

from gateway.calls.flow import Answered, Ask, CallFacts, HangUp, Keys, Note, Play
from gateway.calls.hotline import Hotline
from gateway.calls.studio_call import StudioCall
from gateway.kit.answers import Answer
from gateway.kit.clock import at_bangkok

FLOW = Hotline()
KNOWN = CallFacts(
    "th",
    at_bangkok(date(2026, 7, 25), time(10)),
    appointment="a1",
    starts_at=at_bangkok(date(2026, 7, 26), time(9)),
    site="LP01",
)
UNKNOWN = CallFacts("th", KNOWN.now)


def test_a_known_caller_hears_who_we_are_and_their_appointment() -> None:
    _, (ask,) = FLOW.step(FLOW.begin(KNOWN), Answered())
    assert isinstance(ask, Ask)
    assert ask.prompts == (
        "greet.hotline",
        "hotline.your_appointment",
        "relative.tomorrow",
        "weekday.7",
        "day.26",
        "month.7",
        "hour.0900",
        "place.unnamed",
        "ask.coming",
    )


def test_one_confirms_as_in_the_reminder_call() -> None:
    state, _ = FLOW.step(FLOW.begin(KNOWN), Answered())
    _, commands = FLOW.step(state, Keys("1"))
    assert commands[0] == Note(Answer.COMING)


def test_an_unknown_caller_hears_nothing_about_anybody() -> None:
    state, (ask,) = FLOW.step(FLOW.begin(UNKNOWN), Answered())
    assert ask == Ask(("greet.hotline", "hotline.office_hours"), seconds=3)
    for key in ("", "1", "5", "#", "*"):
        assert FLOW.step(state, Keys(key))[1] == (Play(("bye",)), HangUp())


@pytest.mark.parametrize("facts", [KNOWN, UNKNOWN])
def test_hash_leads_to_the_studio_where_its_words_can_be_spoken(facts: CallFacts) -> None:
    state, _ = FLOW.step(FLOW.begin(replace(facts, may_record=True)), Answered())
    inside, (ask,) = FLOW.step(state, Keys("#"))
    assert inside.flow == StudioCall.name
    assert ask.prompts == ("studio.greet", "studio.pin")
    assert FLOW.step(state, Keys("5"))[0].flow == Hotline.name


def test_hash_is_a_key_like_others_where_nobody_can_record() -> None:
    state, _ = FLOW.step(FLOW.begin(KNOWN), Answered())
    after, (ask,) = FLOW.step(state, Keys("#"))
    assert (after.flow, ask.prompts[0]) == (Hotline.name, "sorry.wrong_key")


def test_a_caller_whose_appointment_is_over_hears_the_office_hours() -> None:
    for facts in (replace(KNOWN, is_open=False), replace(KNOWN, now=at_bangkok(date(2026, 7, 26), time(9)))):
        _, commands = FLOW.step(FLOW.begin(facts), Answered())
        assert commands == (Ask(("greet.hotline", "hotline.office_hours"), seconds=3),)
