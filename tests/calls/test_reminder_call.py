"""The reminder call, as the person hears it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from gateway.calls.flow import (
    Answered,
    Ask,
    CallFacts,
    CallState,
    Event,
    FindSeats,
    HangUp,
    Held,
    Hold,
    Keys,
    Note,
    Offer,
    PhoneCommand,
    Play,
    Request,
    SeatsFound,
    Take,
    Taken,
    advance,
)
from gateway.calls.reminder_call import ReminderCall
from gateway.kit.answers import Answer
from gateway.kit.clock import at_bangkok
from gateway.voice.keys import quarter_hours
from gateway.voice.prompts import estimate_seconds, load_scripts

SCRIPTS = load_scripts(Path(__file__).parents[2] / "voice_prompts")
SUNDAY_NINE = at_bangkok(date(2026, 7, 26), time(9))
FRIDAY = at_bangkok(date(2026, 7, 24), time(10))
FACTS = CallFacts("th", FRIDAY, appointment="a1", starts_at=SUNDAY_NINE, site="LP01")
MONDAY = Offer("mon", at_bangkok(date(2026, 7, 27), time(13, 30)))
TUESDAY = Offer("tue", at_bangkok(date(2026, 7, 28), time(8, 15)))


class Phone:
    """Somebody who was called, and a clinic with seats."""

    def __init__(self, facts: CallFacts = FACTS, *, free: tuple[Offer, ...] = (MONDAY, TUESDAY)) -> None:
        self.flow = ReminderCall()
        self.state: CallState = self.flow.begin(facts)
        self.free, self.held, self.lost = free, None, 0
        self.notes: list[Note] = []
        self.requests: list[Request] = []
        self.heard: tuple[PhoneCommand, ...] = ()
        self.on(Answered())

    def on(self, event: Event) -> Phone:
        self.state, self.heard = advance(self.flow, self.state, event, self.answer, self.notes.append)
        return self

    def press(self, *keys: str) -> Phone:
        for key in keys:
            self.on(Keys(key))
        return self

    def answer(self, request: Request) -> Event:
        self.requests.append(request)
        if isinstance(request, FindSeats):
            return SeatsFound(self.free[: request.count])
        if isinstance(request, Hold):
            return Held(tuple(o for o in request.offers if self.held is None or o in self.held))
        if self.lost:
            self.lost -= 1
            return Taken(None)
        return Taken(request.offer.starts_at)

    @property
    def prompts(self) -> tuple[str, ...]:
        return tuple(str(key) for command in self.heard if isinstance(command, Play | Ask) for key in command.prompts)

    @property
    def is_over(self) -> bool:
        return HangUp() in self.heard


def test_day_hour_and_place_come_before_any_menu() -> None:
    assert Phone().prompts == (
        "greet.reminder",
        "relative.day_after",
        "weekday.7",
        "day.26",
        "month.7",
        "hour.0900",
        "place.unnamed",
        "safety",
        "ask.coming",
    )


def test_a_site_with_a_spoken_name_is_named() -> None:
    flow = ReminderCall()
    _, (ask,) = flow.step(flow.begin(replace(FACTS, place="site.LP01")), Answered())
    assert "site.LP01" in ask.prompts
    assert "place.unnamed" not in ask.prompts


def test_a_person_whose_name_was_recorded_is_named_before_anything_else_is_said_of_them() -> None:
    flow = ReminderCall()
    _, (ask,) = flow.step(flow.begin(replace(FACTS, name="name.0123456789ab")), Answered())
    assert ask.prompts[:2] == ("greet.reminder", "name.0123456789ab")


def test_a_second_dose_is_introduced_as_one_and_says_why() -> None:
    prompts = Phone(replace(FACTS, purpose="second_dose", dose_number=2)).prompts
    assert prompts[0] == "greet.second_dose"
    assert {"dose.2", "why.second_dose"} <= set(prompts)


def test_a_neutral_call_names_neither_vaccine_nor_dose() -> None:
    phone = Phone(replace(FACTS, neutral=True, purpose="second_dose", dose_number=2))
    said = list(phone.prompts)
    for key in ("x", "1", "4"):
        said += phone.press(key).prompts
    texts = " ".join(SCRIPTS["th"].prompts[key].text for key in said)
    assert "วัคซีน" not in texts
    assert "ฉีด" not in texts
    assert "เข็ม" not in texts


def test_one_confirms_and_the_date_is_said_again() -> None:
    phone = Phone().press("1")
    assert phone.notes == [Note(Answer.COMING)]
    assert phone.prompts == (
        "ack.coming", "relative.day_after", "weekday.7", "day.26", "month.7", "hour.0900", "ask.change_mind",
        "ask.ride",
    )  # fmt: skip


def test_silence_after_a_yes_is_a_goodbye_and_keeps_the_yes() -> None:
    phone = Phone().press("1", "")
    assert phone.is_over
    assert phone.notes == [Note(Answer.COMING)]


def test_four_after_a_yes_asks_for_a_ride() -> None:
    phone = Phone().press("1", "4")
    assert phone.notes == [Note(Answer.COMING), Note(Answer.RIDE)]
    assert phone.prompts == ("ack.ride", "bye")


def test_two_offers_the_days_that_are_held_with_a_key_each() -> None:
    phone = Phone().press("2")
    assert phone.requests == [FindSeats(2), Hold((MONDAY, TUESDAY))]
    assert phone.prompts == (
        "offer.intro",
        "weekday.1", "day.27", "month.7", "hour.1330", "press.1",
        "weekday.2", "day.28", "month.7", "hour.0815", "press.2",
        "offer.neither", "ask.again",
    )  # fmt: skip


def test_choosing_a_day_moves_and_says_the_new_one() -> None:
    phone = Phone().press("2", "2")
    assert phone.requests[-1] == Take(TUESDAY)
    assert phone.notes == [Note(Answer.MOVE, "tue")]
    assert phone.prompts == ("ack.moved", "weekday.2", "day.28", "month.7", "hour.0815", "ask.change_mind")
    assert phone.press("").is_over


def test_only_what_is_really_held_is_offered() -> None:
    phone = Phone()
    phone.held = (TUESDAY,)
    assert "day.27" not in phone.press("2").prompts
    assert phone.press("2").notes == []  # there is no second day: key 2 means nothing here
    assert phone.press("1").requests[-1] == Take(TUESDAY)


def test_neither_day_means_that_staff_call() -> None:
    assert Phone().press("2", "3").notes == [Note(Answer.CALLBACK, "neither")]


def test_without_a_free_seat_staff_call() -> None:
    phone = Phone(free=()).press("2")
    assert phone.notes == [Note(Answer.CALLBACK, "no_seat")]
    assert phone.prompts == ("end.no_seat", "bye")


def test_a_lost_seat_is_looked_for_once_more() -> None:
    phone = Phone()
    phone.lost = 1
    assert phone.press("2", "1").prompts[:2] == ("offer.lost", "offer.intro")
    assert phone.press("1").notes == [Note(Answer.MOVE, "mon")]


def test_a_seat_lost_twice_is_left_to_staff() -> None:
    phone = Phone()
    phone.lost = 2
    assert phone.press("2", "1", "1").notes == [Note(Answer.CALLBACK, "no_seat")]
    assert phone.is_over


def test_choosing_no_day_leaves_it_to_staff_and_the_appointment_stands() -> None:
    phone = Phone().press("2", "", "", "")
    assert phone.notes == [Note(Answer.CALLBACK, "no_choice")]
    assert not any(isinstance(request, Take) for request in phone.requests)


def test_three_asks_for_a_call_back_and_says_what_else_may_be_answered() -> None:
    phone = Phone().press("3")
    assert phone.notes == [Note(Answer.CALLBACK)]
    assert phone.prompts == ("ack.callback", "ask.already", "ask.wrong_person", "ask.stop", "ask.staff")
    assert phone.press("").prompts == ("bye",)
    assert phone.notes == [Note(Answer.CALLBACK)]


def test_after_silence_call_back_and_again_are_offered_too() -> None:
    prompts = Phone().press("").prompts
    assert prompts[0] == "sorry.silence"
    assert prompts[-3:] == ("ask.coming", "ask.callback", "ask.again")


def test_after_a_wrong_key_it_says_so_and_asks_again() -> None:
    assert Phone().press("#").prompts[0] == "sorry.wrong_key"


@pytest.mark.parametrize("keys", [("", "", ""), ("101", "101", "101"), ("#", "", "4")])
def test_three_times_nothing_usable_ends_politely_and_confirms_nothing(keys: tuple[str, ...]) -> None:
    phone = Phone().press(*keys)
    assert phone.is_over
    assert phone.prompts == ("end.unanswered", "bye")
    assert phone.notes == []


def test_a_yes_after_two_misses_still_counts() -> None:
    assert Phone().press("", "x", "1").notes == [Note(Answer.COMING)]


def test_nine_says_it_again_without_an_apology() -> None:
    assert Phone().press("9").prompts[:3] == ("relative.day_after", "weekday.7", "day.26")


def test_a_jammed_nine_does_not_hold_the_line() -> None:
    phone = Phone().press(*"9" * 6)
    assert phone.is_over
    assert phone.notes == []


def test_an_appointment_settled_meanwhile_ends_kindly() -> None:
    phone = Phone(replace(FACTS, is_open=False))
    assert phone.is_over
    assert phone.prompts == ("end.settled", "bye")


def test_nobody_is_reminded_of_what_has_begun() -> None:
    assert Phone(replace(FACTS, now=SUNDAY_NINE)).prompts == ("end.settled", "bye")


def test_an_hour_that_cannot_be_said_goes_to_staff_and_is_not_rounded() -> None:
    phone = Phone(replace(FACTS, starts_at=SUNDAY_NINE + timedelta(minutes=20)))
    assert phone.notes == [Note(Answer.CALLBACK, "unspeakable_time")]
    assert not any(key.startswith("hour.") for key in phone.prompts)


def seconds(*keys: str) -> float:
    return sum(estimate_seconds(SCRIPTS["th"].prompts[key].text) for key in keys)


@pytest.mark.parametrize("purpose", ["notice", "reminder", "morning", "second_dose"])
def test_day_hour_and_place_are_said_within_ten_seconds_on_the_longest_day(purpose: str) -> None:
    flow = ReminderCall()
    for number in range(365):
        starts_at = at_bangkok(date(2026, 1, 1) + timedelta(days=number), time(11, 45))
        facts = replace(FACTS, now=starts_at - timedelta(days=1), starts_at=starts_at, purpose=purpose, dose_number=2)
        _, (ask,) = flow.step(flow.begin(facts), Answered())
        said = ask.prompts[: ask.prompts.index("place.unnamed") + 1]
        assert seconds(*said) <= 10.0


def test_no_hour_takes_longer_to_say_than_the_one_that_was_tried() -> None:
    longest = seconds("hour.1145")
    assert all(seconds(f"hour.{hour:%H%M}") <= longest for hour in quarter_hours())


def test_the_whole_of_a_reminder_takes_less_than_forty_seconds() -> None:
    longest = replace(FACTS, purpose="second_dose", dose_number=2, starts_at=SUNDAY_NINE + timedelta(hours=2.75))
    phone = Phone(longest)
    assert seconds(*phone.prompts) < 40
    assert seconds(*phone.press("2").prompts) < 40


def test_now_is_the_moment_of_the_call() -> None:
    eve = datetime(2026, 7, 25, 16, 59, tzinfo=UTC)  # one minute before midnight in Bangkok
    assert Phone(replace(FACTS, now=eve)).prompts[1] == "relative.tomorrow"
    assert Phone(replace(FACTS, now=eve + timedelta(minutes=1))).prompts[1] == "relative.today"
