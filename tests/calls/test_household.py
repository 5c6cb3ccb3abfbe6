"""One call for several people who share a telephone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from gateway.calls.flow import Answered, Ask, CallFacts, Event, HangUp, Keys, Note, Play, Request, advance
from gateway.calls.reminder_call import ReminderCall
from gateway.kit.answers import Answer
from tests.calls.walking import STARTS, World, household, on_days_of_their_own

FLOW, WORLD = ReminderCall(), World(is_rich=False)
NAMES = tuple(f"name.{n:012x}" for n in range(5))


class Phone:
    """The telephone of a household."""

    def __init__(self, facts: CallFacts) -> None:
        self.state, self.notes, self.requests = FLOW.begin(facts), list[Note](), list[Request]()
        self.on(Answered())

    def on(self, event: Event) -> Phone:
        self.state, self.heard = advance(FLOW, self.state, event, self.answer, self.notes.append)
        return self

    def press(self, *keys: str) -> Phone:
        for key in keys:
            self.on(Keys(key))
        return self

    def answer(self, request: Request) -> Event:
        self.requests.append(request)
        return WORLD.answers(self.state, request)[-1]

    @property
    def prompts(self) -> tuple[str, ...]:
        return tuple(str(key) for one in self.heard if isinstance(one, Play | Ask) for key in one.prompts)

    @property
    def is_over(self) -> bool:
        return HangUp() in self.heard


def test_the_day_and_the_place_come_before_the_menu_of_people() -> None:
    assert Phone(household(2)).prompts == (
        "greet.household", "relative.day_after", "weekday.7", "day.26", "month.7", "place.unnamed", "safety",
        NAMES[0], "press.1", NAMES[1], "press.2", "ask.everybody", "ask.again",
    )  # fmt: skip


def test_the_hour_is_said_with_the_day_where_it_is_one_for_all() -> None:
    assert "hour.0900" in Phone(household(2, starts_at=STARTS)).prompts[:6]


def test_a_place_that_differs_is_not_said_before_somebody_was_chosen() -> None:
    two = household(2)
    apart = replace(two, subjects=(two.subjects[0], replace(two.subjects[1], site="LP02", place="site.LP02")))
    assert "place.unnamed" not in Phone(apart).prompts
    assert "site.LP02" in Phone(apart).press("2").prompts


def test_who_has_no_name_clip_is_called_by_the_hour() -> None:
    assert Phone(household(2, name="")).prompts[7:11] == ("hour.0900", "press.1", "hour.0915", "press.2")


def test_who_cannot_be_told_apart_is_asked_with_all_of_them() -> None:
    phone = Phone(household(2, name="", starts_at=STARTS))
    assert phone.prompts[-8:] == (
        "relative.day_after", "weekday.7", "day.26", "month.7", "hour.0900", "ask.coming", "ask.callback", "ask.again",
    )  # fmt: skip
    assert phone.press("1").notes == [Note(Answer.COMING, "", ("a0", "a1"))]


def test_the_one_who_was_chosen_hears_their_own_question_and_then_the_others_are_asked() -> None:
    phone = Phone(household(3)).press("2")
    assert phone.prompts[0] == NAMES[1]
    assert {"dose.2", "why.second_dose", "hour.0915"} <= set(phone.prompts)
    assert phone.press("1").notes == [Note(Answer.COMING, "", ("a1",))]
    assert phone.press("").prompts == (
        "household.next", NAMES[0], "press.1", NAMES[2], "press.2", "ask.everybody", "ask.again",
    )  # fmt: skip
    assert phone.press("2", "1").notes[1:] == [Note(Answer.COMING, "", ("a2",))]


def test_nobody_is_told_to_hang_up_while_others_of_the_house_are_still_to_be_asked() -> None:
    first = Phone(household(2)).press("1", "1")
    assert first.prompts[-2:] == ("ask.change_mind", "ask.ride_else")
    assert first.press("1").prompts[0] == "household.next"
    assert first.press("1", "1").prompts[-2:] == ("ask.change_mind", "ask.ride")
    assert Phone(household(2)).press("0", "1").prompts[-1] == "ask.ride"


def test_whoever_hangs_up_leaves_the_others_unanswered() -> None:
    phone = Phone(household(2)).press("1", "1")
    assert phone.state.settled == ()
    assert [note.appointments for note in phone.notes] == [("a0",)]


def test_zero_and_one_confirm_all_of_them_in_one_note() -> None:
    phone = Phone(household(3)).press("0")
    assert phone.prompts[:5] == ("household.everybody", "relative.day_after", "weekday.7", "day.26", "month.7")
    assert phone.press("1").notes == [Note(Answer.COMING, "", ("a0", "a1", "a2"))]
    assert phone.press("").is_over


def test_a_household_is_not_moved_by_one_key() -> None:
    phone = Phone(household(2)).press("0", "2")
    assert phone.notes == [Note(Answer.CALLBACK, "several_appointments", ("a0", "a1"))]
    assert not phone.requests


def test_two_appointments_of_one_person_are_answered_together_and_not_moved_by_a_key() -> None:
    facts = household(2, appointments=("a", "b"))
    assert Phone(facts).press("1", "1").notes == [Note(Answer.COMING, "", ("a", "b"))]
    assert Phone(facts).press("1", "2").notes == [Note(Answer.CALLBACK, "several_appointments", ("a", "b"))]


def test_one_of_a_household_moves_alone_and_the_next_is_asked() -> None:
    phone = Phone(household(2)).press("1", "2", "1")
    assert phone.notes == [Note(Answer.MOVE, "s1", ("a0",))]
    assert phone.prompts[0] == "ack.moved"
    assert phone.press("").prompts[0] == "household.next"
    assert phone.state.facts.subjects[1].appointments == ("a1",)


def test_five_people_are_asked_for_all_at_once_or_one_by_one_three_names_a_page() -> None:
    phone = Phone(household(5))
    assert phone.prompts[-3:] == ("ask.everybody", "ask.one_by_one", "ask.again")
    assert phone.press("1").prompts == (
        NAMES[0], "press.1", NAMES[1], "press.2", NAMES[2], "press.3", "ask.next_names",
    )  # fmt: skip
    assert phone.press("4").prompts[:4] == (NAMES[3], "press.1", NAMES[4], "press.2")
    assert phone.press("2").prompts[0] == NAMES[4]
    assert phone.press("4").prompts[0] == "sorry.wrong_key"


def test_a_stop_holds_for_the_one_who_was_chosen() -> None:
    phone = Phone(household(2)).press("1", "5", "5")
    assert phone.notes == [Note(Answer.STOP, "", ("a0",))]
    assert phone.prompts[:2] == ("ack.stop", "household.next")


def test_a_stranger_to_all_of_them_says_so_twice() -> None:
    phone = Phone(household(3)).press("7")
    assert (phone.prompts, phone.notes) == (("ask.wrong_sure",), [])
    assert phone.press("7").notes == [Note(Answer.WRONG_PERSON, "", ("a0", "a1", "a2"))]
    assert phone.is_over


def test_a_seven_by_accident_goes_back_to_where_it_was_pressed_and_notes_nothing() -> None:
    for before, back in (((), "press.1"), (("0",), "ask.coming")):
        for key in ("9", "", "1"):
            phone = Phone(household(2)).press(*before, "7", key)
            assert back in phone.prompts
            assert phone.notes == []


def test_a_seven_for_the_one_who_was_chosen_is_about_them_and_the_others_are_asked() -> None:
    phone = Phone(household(3)).press("1", "7")
    assert phone.notes == [Note(Answer.WRONG_PERSON, "", ("a0",))]
    assert phone.prompts[:2] == ("ack.wrong_person", "household.next")
    assert phone.press("1", "1").notes[-1] == Note(Answer.COMING, "", ("a1",))


def test_with_one_left_to_ask_it_is_a_call_like_any_other() -> None:
    two = household(2)
    facts = replace(two, subjects=(replace(two.subjects[0], is_open=False), two.subjects[1]))
    phone = Phone(facts)
    assert phone.prompts[:2] == ("greet.second_dose", NAMES[1])
    assert phone.press("1").notes == [Note(Answer.COMING, "", ("a1",))]
    assert phone.press("").is_over


def test_a_neutral_person_stays_neutral_after_being_chosen() -> None:
    assert not {"dose.2", "why.second_dose"} & set(Phone(household(2, neutral=True)).press("2").prompts)


def test_what_is_noted_of_the_last_one_is_never_noted_of_the_one_before() -> None:
    two = household(2, name="")
    odd = replace(two.subjects[0], starts_at=STARTS + timedelta(minutes=7))  # an hour there is no clip for
    phone = Phone(replace(two, subjects=(odd, two.subjects[1]))).press("1", "1", "")
    assert phone.prompts[:2] == ("household.next", "household.everybody")
    assert phone.press("1").notes == [Note(Answer.COMING, "", ("a1",)), Note(Answer.COMING, "", ("a0",))]
    assert Phone(household(2)).press("1", "8", "7", "7").notes[-1] == Note(Answer.WRONG_PERSON, "", ("a1",))


SUNDAY, MONDAY = ("weekday.7", "day.26", "month.7"), ("weekday.1", "day.27", "month.7")


def test_people_whose_days_differ_are_each_called_with_their_day_and_no_day_is_said_for_all() -> None:
    phone = Phone(on_days_of_their_own(2))
    assert phone.prompts == (
        "greet.household", "place.unnamed", "safety",
        NAMES[0], *SUNDAY, "press.1", NAMES[1], *MONDAY, "press.2", "ask.again",
    )  # fmt: skip
    phone.press("2")
    assert phone.prompts[:6] == (NAMES[1], *MONDAY, "hour.0915", "place.unnamed")
    assert phone.press("1").notes == [Note(Answer.COMING, "", ("a1",))]
    assert phone.prompts[1:5] == (*MONDAY, "hour.0915")
    assert phone.press("1").prompts[:5] == ("household.next", NAMES[0], *SUNDAY)


def test_who_has_no_name_clip_is_called_by_day_and_hour_where_days_differ() -> None:
    assert Phone(on_days_of_their_own(2, name="")).prompts[3:8] == (*SUNDAY, "hour.0900", "press.1")


def test_nobody_answers_for_several_days_with_one_key() -> None:
    phone = Phone(on_days_of_their_own(5))
    assert phone.prompts[-1] == "ask.next_names"
    assert phone.press("0").prompts[0] == "sorry.wrong_key"
    assert phone.press("4").prompts[:4] == (NAMES[3], "weekday.3", "day.29", "month.7")


def test_those_who_cannot_be_told_apart_hear_each_of_their_days_before_they_say_yes() -> None:
    odd = on_days_of_their_own(2, name="", starts_at=STARTS + timedelta(minutes=7))
    again = replace(odd, subjects=(*odd.subjects, *odd.subjects))
    assert {*SUNDAY, *MONDAY, "ask.coming"} <= set(Phone(again).prompts)
