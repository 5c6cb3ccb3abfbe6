"""The keys beyond yes, another day and call me back; and other days at their edges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from gateway.calls.flow import (
    Answered,
    Ask,
    CallFacts,
    Dial,
    Dialled,
    Event,
    FindSeats,
    FindStaff,
    HangUp,
    Held,
    Hold,
    KeepMessage,
    Keys,
    LanguagesFound,
    MessageKept,
    Note,
    Play,
    PutDown,
    RecordPhrase,
    Request,
    SeatsFound,
    SpeakIn,
    Spoken,
    SpokenIn,
    StaffFound,
    Take,
    Taken,
    advance,
)
from gateway.calls.reminder_call import ReminderCall
from gateway.kit.answers import Answer
from tests.calls.walking import BOTH, ELSEWHERE, FACTS, OFFERS

FLOW = ReminderCall()
TWO = SeatsFound(OFFERS)


class Phone:
    """Somebody who was called, and a house that answers as it is told."""

    def __init__(self, facts: CallFacts = FACTS, **house: Event) -> None:
        self.house: Mapping[str, Event] = {"FindStaff": StaffFound(True), "FindLanguages": LanguagesFound(()),
                                           "FindSeats": TWO, "KeepMessage": MessageKept(), **house}  # fmt: skip
        self.state, self.notes, self.requests = FLOW.begin(facts), list[Note](), list[Request]()
        self.on(Answered())

    def on(self, *events: Event) -> Phone:
        for event in events:
            self.state, self.heard = advance(FLOW, self.state, event, self.answer, self.notes.append)
        return self

    def press(self, *keys: str) -> Phone:
        return self.on(*map(Keys, keys))

    def answer(self, request: Request) -> Event:
        self.requests.append(request)
        match request:
            case Hold(offers):
                return Held(offers)
            case Take(offer):
                return self.house.get("Take") or Taken(offer.starts_at, 7, "a2")
            case SpeakIn(language):
                return SpokenIn(replace(self.state.facts, language=language))
        return self.house[type(request).__name__]

    @property
    def prompts(self) -> tuple[str, ...]:
        spoken = (one.prompts for one in self.heard if isinstance(one, Play | Ask | RecordPhrase | Dial))
        return tuple(str(key) for prompts in spoken for key in prompts)

    @property
    def is_over(self) -> bool:
        return HangUp() in self.heard


# Already, wrong person, stop


@pytest.mark.parametrize(
    ("key", "answer", "said"),
    [("8", Answer.ALREADY_VACCINATED, "ack.already"), ("7", Answer.WRONG_PERSON, "ack.wrong_person")],
)
def test_eight_and_seven_work_at_once_and_after_three(key: str, answer: Answer, said: str) -> None:
    phone = Phone().press(key)
    assert (phone.notes, phone.prompts, phone.is_over) == ([Note(answer)], (said, "bye"), True)
    assert Phone().press("3", key).notes == [Note(Answer.CALLBACK), Note(answer)]


def test_five_is_asked_again_and_only_a_second_five_stops() -> None:
    phone = Phone().press("5")
    assert (phone.prompts, phone.notes) == (("stop.sure",), [])
    assert phone.press("5").notes == [Note(Answer.STOP)]
    assert phone.prompts == ("ack.stop", "bye")


@pytest.mark.parametrize("key", ["9", "", "1", "0"])
def test_anything_but_a_second_five_goes_back_to_the_question(key: str) -> None:
    phone = Phone().press("5", key)
    assert phone.notes == []
    assert phone.prompts[-3:] == ("ask.coming", "ask.callback", "ask.again")
    assert phone.press("1").notes == [Note(Answer.COMING)]


def test_after_the_second_silence_another_help_is_offered_than_the_question() -> None:
    phone = Phone().press("", "")
    assert phone.prompts[0] == "sorry.silence"
    assert phone.prompts[-4:] == ("ask.slower", "ask.language", "ask.staff", "ask.again")
    assert phone.press("1").notes == [Note(Answer.COMING)]


# Slower, and another language


def test_six_speaks_slowly_from_there_on_and_asks_again() -> None:
    phone = Phone().press("6")
    assert phone.state.facts.is_slow
    assert phone.prompts[0] == "ack.slower"
    assert phone.press("6").prompts[0] == "sorry.wrong_key"
    assert phone.press("1").notes == [Note(Answer.COMING)]


def test_star_offers_each_language_in_itself_and_the_call_begins_again_in_the_one_chosen() -> None:
    phone = Phone(FindLanguages=LanguagesFound(("nod", "my", "en", "tts"))).press("6", "*")
    assert phone.prompts == ("nod/language.this", "nod/press.1", "my/language.this", "my/press.2",
                             "en/language.this", "en/press.3", "language.more")  # fmt: skip
    assert phone.press("4").prompts == ("tts/language.this", "tts/press.1", "language.more")
    phone.press("4", "2")
    assert SpeakIn("my") in phone.requests
    assert phone.prompts[:2] == ("language.kept", "greet.reminder")
    assert (phone.state.facts.language, phone.state.facts.is_slow, phone.notes) == ("my", True, [])
    assert phone.press("1").notes == [Note(Answer.COMING)]


def test_a_language_chosen_at_the_offers_comes_back_to_the_same_offers() -> None:
    phone = Phone(FindLanguages=LanguagesFound(("nod",))).press("2", "*", "1")
    assert phone.prompts[0] == "language.kept"
    assert phone.prompts[-3:] == ("press.2", "offer.neither", "ask.again")
    assert phone.state.offers == OFFERS


def test_where_there_is_no_other_language_the_question_is_put_again() -> None:
    assert Phone().press("*").prompts[0] == "sorry.wrong_key"


# Staff, and a message


def test_zero_is_noted_before_staff_are_rung_and_who_spoke_with_them_is_noted_too() -> None:
    phone = Phone().press("0")
    assert phone.notes == [Note(Answer.STAFF)]
    assert phone.heard == (Dial(("staff.connecting",)),)
    assert phone.on(Dialled(True)).notes == [Note(Answer.STAFF), Note(Answer.STAFF, "reached")]
    assert phone.is_over


@pytest.mark.parametrize("reached", [(), (Dialled(False),)])
def test_where_nobody_can_be_reached_a_message_is_taken_and_the_question_comes_back(reached: tuple[Event, ...]) -> None:
    phone = Phone(FindStaff=StaffFound(bool(reached))).press("0").on(*reached)
    assert phone.prompts == ("staff.closed", "message.speak")
    assert phone.on(Spoken()).requests[-1] == KeepMessage("staff")
    assert phone.prompts[0] == "message.kept"
    assert phone.press("1").notes == [Note(Answer.STAFF), Note(Answer.COMING)]


def test_a_message_that_ends_with_the_phone_put_down_is_kept() -> None:
    phone = Phone(FindStaff=StaffFound(False)).press("0").on(PutDown())
    assert phone.requests == [FindStaff(), KeepMessage("staff")]
    assert phone.is_over


def test_where_nothing_was_heard_it_is_asked_for_once_more_and_then_the_question_comes_back() -> None:
    phone = Phone(FindStaff=StaffFound(False)).press("0", "")
    assert phone.prompts == ("message.unheard", "message.speak")
    assert phone.press("").prompts[0] == "message.unheard"
    assert phone.prompts[-1] == "ask.again"


def test_who_left_a_message_and_says_nothing_more_hears_the_question_once_and_goodbye() -> None:
    phone = Phone(FindStaff=StaffFound(False)).press("0").on(Spoken())
    assert phone.prompts[0] == "message.kept"
    assert "ask.coming" in phone.prompts
    assert phone.press("").prompts == ("end.unanswered", "bye")


def test_staff_are_rung_once_in_a_call() -> None:
    phone = Phone(FindStaff=StaffFound(False)).press("0").on(Spoken()).press("0")
    assert phone.prompts[0] == "sorry.wrong_key"
    assert phone.requests.count(FindStaff()) == 1


def test_a_course_that_must_not_wait_is_not_moved_and_staff_are_rung_at_once() -> None:
    phone = Phone(replace(FACTS, may_move=False)).press("2")
    assert phone.notes == [Note(Answer.STAFF, "must_not_wait")]
    assert phone.requests == [FindStaff()]
    assert phone.prompts == ("course.must_not_wait", "staff.connecting")


# Other days


def test_the_half_of_the_day_is_asked_only_where_there_are_both() -> None:
    phone = Phone(FindSeats=SeatsFound(OFFERS, BOTH)).press("2")
    assert phone.prompts == ("ask.part", "ask.again")
    assert phone.press("2").requests[1] == FindSeats(2, None, "afternoon")
    assert Phone(FindSeats=SeatsFound(OFFERS, BOTH)).press("2", "3").requests[1] == FindSeats(2)
    assert Phone(FindSeats=SeatsFound(OFFERS, BOTH[:1])).press("2").prompts[0] == "offer.intro"


def test_three_looks_for_later_days_in_the_same_half_and_at_last_leaves_it_to_staff() -> None:
    phone = Phone(FindSeats=SeatsFound(OFFERS, BOTH, has_later=True)).press("2", "1", "3")
    assert phone.requests[-2:] == [FindSeats(2, OFFERS[-1].starts_at, "morning"), Hold(OFFERS)]
    assert "offer.later" in phone.prompts
    phone.press("3", "3")
    assert "offer.neither" in phone.prompts
    assert phone.press("3").notes == [Note(Answer.CALLBACK, "neither")]


def test_a_day_elsewhere_is_offered_with_its_place_before_the_key() -> None:
    phone = Phone(FindSeats=SeatsFound((ELSEWHERE,))).press("2")
    assert phone.prompts[-4:] == ("site.LP02", "press.1", "offer.neither", "ask.again")
    phone.press("1")
    assert phone.state.facts.place == "site.LP02"


def test_after_a_move_the_call_speaks_of_the_new_appointment_and_its_ticket_and_may_be_undone() -> None:
    phone = Phone().press("2", "1")
    assert phone.prompts[-3:] == ("ticket", "digit.7", "ask.change_mind")
    assert (phone.state.facts.appointment, phone.state.facts.starts_at) == ("a2", OFFERS[0].starts_at)
    phone.press("2", "2")
    assert [note.answer for note in phone.notes] == [Answer.MOVE, Answer.MOVE]
    assert phone.press("").is_over


def test_a_mind_is_changed_twice_at_most() -> None:
    phone = Phone().press("2", "1", "2", "1", "2", "1")
    assert phone.prompts[-2:] == ("digit.7", "bye")
    assert phone.is_over


def test_two_after_a_yes_offers_another_day_after_all() -> None:
    phone = Phone(replace(FACTS, ticket=12)).press("1")
    assert phone.prompts[-5:] == ("ticket", "digit.1", "digit.2", "ask.change_mind", "ask.ride")
    assert phone.press("2", "1").notes == [Note(Answer.COMING), Note(Answer.MOVE, "s1")]


def test_a_call_that_has_gone_on_too_long_ends_with_a_call_back_for_who_was_choosing_a_day() -> None:
    phone = Phone().press("2")
    phone.state = replace(phone.state, turns=24)
    assert phone.press("9").notes == [Note(Answer.CALLBACK, "no_choice")]
    assert phone.prompts == ("ack.callback", "bye")


def test_a_yes_that_comes_with_the_last_question_is_noted_and_the_day_is_said() -> None:
    phone = Phone()
    phone.state = replace(phone.state, turns=24)
    assert phone.press("1").notes == [Note(Answer.COMING)]
    assert phone.prompts[0] == "ack.coming"
    assert {"day.26", "hour.0900", "bye"} <= set(phone.prompts)
