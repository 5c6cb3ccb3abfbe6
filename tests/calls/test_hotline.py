"""Who calls us hears their own appointment and can say yes; who cannot be answered is told so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest

from gateway.calls.calling import Calling
from gateway.calls.flow import (
    Answered,
    Ask,
    CallFacts,
    CallState,
    Command,
    FindHours,
    FindLanguages,
    FindStaff,
    HangUp,
    HoursFound,
    Keys,
    Note,
    OpenHours,
    Play,
    Subject,
)
from gateway.calls.hotline import Hotline
from gateway.calls.studio_call import StudioCall
from gateway.kit.answers import Answer
from gateway.kit.clock import at_bangkok

FLOW = Hotline()
KNOWN = CallFacts(
    "th",
    at_bangkok(date(2026, 7, 25), time(10)),
    purpose=Calling.CALLBACK,
    appointment="a1",
    starts_at=at_bangkok(date(2026, 7, 26), time(9)),
    site="LP01",
)
UNKNOWN = CallFacts("th", KNOWN.now, purpose=Calling.CALLBACK)
TWO = replace(
    UNKNOWN,
    subjects=(
        Subject("p1", ("a1",), KNOWN.starts_at or KNOWN.now, name="name.000000000001", site="LP01"),
        Subject("p2", ("a2",), KNOWN.starts_at or KNOWN.now, name="name.000000000002", site="LP01"),
    ),
)
HOURS = HoursFound((OpenHours("", time(8), time(18)),))


def begun(facts: CallFacts) -> tuple[CallState, tuple[Command, ...]]:
    return FLOW.step(FLOW.begin(facts), Answered())


def asked(facts: CallFacts, *keys: str) -> tuple[CallState, tuple[Command, ...]]:
    state, commands = begun(facts)
    for key in keys:
        state, commands = FLOW.step(state, Keys(key))
    return state, commands


def test_a_known_caller_hears_who_we_are_and_their_appointment() -> None:
    _, (ask,) = begun(KNOWN)
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


def test_who_is_called_back_hears_that_they_had_called() -> None:
    _, (ask,) = begun(replace(KNOWN, purpose=Calling.CALLED_BACK))
    assert isinstance(ask, Ask)
    assert ask.prompts[:2] == ("hotline.calling_back", "hotline.your_appointment")
    _, (ask,) = begun(replace(TWO, purpose=Calling.CALLED_BACK))
    assert isinstance(ask, Ask)
    assert ask.prompts[:2] == ("hotline.calling_back", "hotline.your_appointment")
    assert "greet.household" not in ask.prompts


def test_one_confirms_as_in_the_reminder_call() -> None:
    assert asked(KNOWN, "1")[1][0] == Note(Answer.COMING)


def test_a_ride_is_asked_for_at_the_question_too_and_the_question_comes_again() -> None:
    state, (note, ask) = asked(KNOWN, "4")
    assert note == Note(Answer.RIDE)
    assert isinstance(ask, Ask)
    assert ask.prompts[0] == "ack.ride"
    assert "ask.coming" in ask.prompts
    assert FLOW.step(state, Keys("1"))[1][0] == Note(Answer.COMING)


def test_zero_rings_staff() -> None:
    assert asked(KNOWN, "0")[1] == (Note(Answer.STAFF), FindStaff())


def test_a_household_is_asked_whom_it_is_about_and_each_hears_their_own_day() -> None:
    _, (menu,) = begun(TWO)
    assert isinstance(menu, Ask)
    assert menu.prompts[:2] == ("greet.hotline", "hotline.your_appointment")
    assert {"name.000000000001", "name.000000000002", "ask.everybody"} <= set(menu.prompts)
    state, (question,) = asked(TWO, "2")
    assert isinstance(question, Ask)
    assert question.prompts[0] == "name.000000000002"
    assert FLOW.step(state, Keys("1"))[1][0] == Note(Answer.COMING, appointments=("a2",))


def test_an_unknown_caller_hears_nothing_about_anybody_but_which_languages_there_are() -> None:
    assert begun(UNKNOWN)[1] == (FindLanguages(),)


def test_a_caller_whose_appointment_is_over_is_treated_as_unknown() -> None:
    for facts in (replace(KNOWN, is_open=False), replace(KNOWN, now=at_bangkok(date(2026, 7, 26), time(9)))):
        assert begun(facts)[1] == (FindLanguages(),)


@pytest.mark.parametrize(
    ("calling", "said"),
    [
        (Calling.BUSY, ("greet.hotline", "hotline.busy", "hotline.will_call", "bye")),
        (Calling.BUSY_ONLY, ("greet.hotline", "hotline.busy", "bye")),
        (Calling.TOO_OFTEN, ("hotline.too_often", "bye")),
        (Calling.NOTHING_MORE, ("greet.hotline", "hotline.office_hours", "bye")),
    ],
)
def test_who_is_not_answered_now_is_told_why_and_the_line_is_free_again(
    calling: Calling, said: tuple[str, ...]
) -> None:
    assert begun(replace(UNKNOWN, purpose=calling, may_record=True))[1] == (Play(said), HangUp())


def test_who_calls_while_nobody_is_there_hears_when_somebody_is_and_that_we_call_back() -> None:
    state, commands = begun(replace(UNKNOWN, purpose=Calling.CLOSED))
    assert commands == (FindHours(),)
    told = ("greet.hotline", "hotline.closed", "hours.from", "hour.0800", "hours.until", "hour.1800")
    assert FLOW.step(state, HOURS)[1] == (Play((*told, "hotline.will_call", "bye")), HangUp())
    state, _ = begun(replace(UNKNOWN, purpose=Calling.CLOSED_ONLY))
    assert FLOW.step(state, HOURS)[1] == (Play((*told, "bye")), HangUp())


def test_who_calls_on_a_day_off_hears_on_which_day_somebody_is_there() -> None:
    on_monday = at_bangkok(date(2026, 7, 27), time(8))
    said = {}
    for day in (25, 26, 27):
        now = at_bangkok(date(2026, 7, day), time(7))
        state, _ = begun(replace(UNKNOWN, now=now, starts_at=on_monday, purpose=Calling.CLOSED_ONLY))
        for hours in (HOURS, HoursFound((OpenHours("", time(0), time(0)),))):
            play = FLOW.step(state, hours)[1][0]
            assert isinstance(play, Play)
            said[day] = play.prompts[2:6]
            assert play.prompts[3:6] == ("weekday.1", "day.27", "month.7")
    assert [keys[0] for keys in said.values()] == ["relative.day_after", "relative.tomorrow", "relative.today"]


def test_midnight_is_not_said_and_hours_without_a_clip_not_at_all() -> None:
    state, _ = begun(replace(UNKNOWN, purpose=Calling.CLOSED_ONLY))
    until_midnight, by_night = (HoursFound((OpenHours("", opens, time(0)),)) for opens in (time(8), time(0)))
    assert FLOW.step(state, until_midnight)[1][0] == Play(
        ("greet.hotline", "hotline.closed", "hours.from", "hour.0800", "bye")
    )
    assert FLOW.step(state, by_night)[1][0] == Play(("greet.hotline", "hotline.closed", "bye"))


def test_a_speaker_may_record_while_it_is_closed() -> None:
    state, _ = begun(replace(UNKNOWN, purpose=Calling.CLOSED, may_record=True))
    state, (ask,) = FLOW.step(state, HOURS)
    assert isinstance(ask, Ask)
    assert (ask.prompts[-1], ask.seconds) == ("hotline.will_call", 3)
    assert FLOW.step(state, Keys("#"))[0].flow == StudioCall.name
    assert FLOW.step(state, Keys("1"))[1] == (Play(("bye",)), HangUp())


def test_a_voice_without_the_hotlines_phrases_says_what_it_can() -> None:
    state, (ask,) = begun(replace(UNKNOWN, purpose=Calling.UNSPOKEN))
    assert ask == Ask(("greet.hotline", "hotline.office_hours"), seconds=3)
    for key in ("", "1", "5", "#", "*"):
        assert FLOW.step(state, Keys(key))[1] == (Play(("bye",)), HangUp())
    _, (question,) = begun(replace(KNOWN, purpose=Calling.UNSPOKEN))
    assert isinstance(question, Ask)
    assert question.prompts[0] == "greet.hotline"


@pytest.mark.parametrize("facts", [KNOWN, TWO, replace(UNKNOWN, purpose=Calling.UNSPOKEN)])
def test_hash_leads_to_the_studio_where_its_words_can_be_spoken(facts: CallFacts) -> None:
    state, _ = begun(replace(facts, may_record=True))
    inside, (ask,) = FLOW.step(state, Keys("#"))
    assert inside.flow == StudioCall.name
    assert isinstance(ask, Ask)
    assert ask.prompts == ("studio.greet", "studio.pin")
    back, _ = StudioCall().step(inside, Keys(""))
    assert (back.flow, back.node) == (Hotline.name, state.node)
    assert FLOW.step(state, Keys("5"))[0].flow == Hotline.name


def test_hash_is_a_key_like_others_where_nobody_can_record() -> None:
    after, (ask,) = asked(KNOWN, "#")
    assert isinstance(ask, Ask)
    assert (after.flow, ask.prompts[0]) == (Hotline.name, "sorry.wrong_key")


def test_somebody_in_a_call_that_an_older_version_began_is_not_left_hanging() -> None:
    state = replace(asked(KNOWN)[0], version=1)
    promise, words, hang_up = FLOW.step(state, Keys("1"))[1]
    assert isinstance(promise, Note)
    assert (promise.answer, promise.detail) == (Answer.CALLBACK, "renewed")
    assert (words, hang_up) == (Play(("ack.callback", "bye")), HangUp())
    assert FLOW.step(state, Keys(""))[1] == (Play(("end.unanswered", "bye")), HangUp())
