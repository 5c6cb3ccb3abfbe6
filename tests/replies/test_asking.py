"""From a phone of several people nothing is guessed: taken, asked back once, or left to staff."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.care.notices import WHICH_ANSWER, WHICH_PERSON
from gateway.kit.answers import Answer
from gateway.replies.asking import AskBack, Decision, LeaveToStaff, Place, Talk, Told, decide
from gateway.replies.sms import read_for_several, read_reply

LIST = Talk(3, Place.LIST)
KEYS = Talk(3, Place.KEYS)


def after(text: str, talk: Talk) -> Decision:
    return decide(read_for_several(text, "th"), read_reply(text, "th"), talk)


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("2 มา", ((Answer.COMING, (2,)),)),
        ("0 มา", ((Answer.COMING, (1, 2, 3)),)),
        ("มาทุกคน", ((Answer.COMING, (1, 2, 3)),)),
        ("1 มา 3 เลื่อน", ((Answer.COMING, (1,)), (Answer.MOVE, (3,)))),
        ("1 กับ 3 มา", ((Answer.COMING, (1, 3)),)),
        ("STOP 2", ((Answer.STOP, (2,)),)),
        ("หยุด", ((Answer.STOP, ()),)),
        ("0 หยุด", ((Answer.STOP, ()),)),
        ("ผิดเบอร์", ((Answer.WRONG_PERSON, ()),)),
    ],
)
def test_what_says_whom_and_what_is_taken_at_once(text: str, answers: object) -> None:
    assert after(text, LIST) == Told(answers)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("2", AskBack(WHICH_ANSWER, chosen=(2,))),
        ("5", AskBack(WHICH_PERSON)),  # the list has no fifth: it is no stop either
        ("1, 2", AskBack(WHICH_ANSWER, chosen=(1, 2))),
        ("2=1", AskBack(WHICH_ANSWER, chosen=(2,))),
        ("2 1", AskBack(WHICH_PERSON)),
        ("2-1", AskBack(WHICH_PERSON)),
        ("มาทั้งสองคน", AskBack(WHICH_PERSON, answer=Answer.COMING)),  # of three
        ("both", AskBack(WHICH_PERSON)),
        ("ทั้งคู่ ผิดคน", AskBack(WHICH_PERSON, answer=Answer.WRONG_PERSON)),
        ("อีกครั้ง", AskBack(WHICH_PERSON)),
        ("2 อีกครั้ง", AskBack(WHICH_PERSON)),
        ("0", AskBack(WHICH_ANSWER, chosen=(1, 2, 3))),
        ("มา", AskBack(WHICH_PERSON, answer=Answer.COMING)),
        ("4 มา", AskBack(WHICH_PERSON)),
        ("พรุ่งนี้นะ", AskBack(WHICH_PERSON)),
    ],
)
def test_after_a_list_what_is_missing_is_asked_for(text: str, asked: AskBack) -> None:
    assert after(text, LIST) == asked


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("1", AskBack(WHICH_PERSON, answer=Answer.COMING)),
        ("2", AskBack(WHICH_PERSON, answer=Answer.MOVE)),
        ("1 มา", AskBack(WHICH_PERSON, answer=Answer.COMING)),
        ("2 มา", AskBack(WHICH_PERSON)),
        ("5", AskBack(WHICH_PERSON)),
        ("หยุด", Told(((Answer.STOP, ()),))),
        ("12", AskBack(WHICH_PERSON)),
    ],
)
def test_where_nobody_was_given_a_list_a_number_is_a_key_and_whose_is_asked(text: str, asked: Decision) -> None:
    assert after(text, KEYS) == asked


def test_the_second_text_completes_the_first_whichever_half_came_first() -> None:
    assert after("2", Talk(3, Place.WHO, answer=Answer.COMING)) == Told(((Answer.COMING, (2,)),))
    assert after("0", Talk(3, Place.WHO, answer=Answer.MOVE)) == Told(((Answer.MOVE, (1, 2, 3)),))
    assert after("3", Talk(3, Place.WHAT, chosen=(2,))) == Told(((Answer.CALLBACK, (2,)),))
    assert after("มาค่ะ", Talk(3, Place.WHAT, chosen=(1, 3))) == Told(((Answer.COMING, (1, 3)),))
    assert after("หยุด", Talk(3, Place.WHAT, chosen=(2,))) == Told(((Answer.STOP, (2,)),))
    assert after("1 3", Talk(3, Place.WHO, answer=Answer.COMING)) == Told(((Answer.COMING, (1, 3)),))


@pytest.mark.parametrize("text", ["both", "ทั้งคู่ มา", "มาทั้งสองคน", "cả hai"])
def test_both_is_everybody_on_a_phone_of_two_and_there_alone(text: str) -> None:
    of = {"answer": Answer.COMING} if text in ("both", "cả hai") else {}
    assert after(text, Talk(2, Place.WHO if of else Place.LIST, **of)) == Told(((Answer.COMING, (1, 2)),))
    assert not isinstance(after(text, Talk(3, Place.WHO if of else Place.LIST, **of)), Told)


def test_whom_they_meant_may_be_followed_by_the_other_question_once() -> None:
    assert after("2", Talk(3, Place.WHO)) == AskBack(WHICH_ANSWER, chosen=(2,))


@pytest.mark.parametrize("text", ["มา", "4", "ยายน่ะ", "1 หรือ 2", "ok ok", "2 มา?"])
def test_what_is_still_not_clear_whom_it_means_is_left_to_staff(text: str) -> None:
    assert isinstance(after(text, Talk(3, Place.WHO, answer=Answer.COMING)), LeaveToStaff)


@pytest.mark.parametrize("text", ["2 มา", "ไม่แน่ใจ", "1 2", "6", "101"])
def test_what_is_still_not_clear_after_the_second_question_is_left_to_staff(text: str) -> None:
    assert after(text, Talk(3, Place.WHAT, chosen=(1,))) == LeaveToStaff(chosen=(1,))


@given(
    text=st.text() | st.sampled_from(["1", "2", "0", "มา", "STOP", "1 มา", "หยุด 2", "7", "๓", "2 เลื่อน 1 มา"]),
    place=st.sampled_from(Place),
    people=st.integers(2, 20),
    answer=st.sampled_from([None, Answer.COMING, Answer.MOVE]),
)
def test_nobody_is_answered_for_who_is_not_on_the_list_and_nothing_is_asked_a_third_time(
    text: str, place: Place, people: int, answer: Answer | None
) -> None:
    talk = Talk(people, place, chosen=(1,) if place is Place.WHAT else (), answer=answer)
    match after(text, talk):
        case Told(answers):
            numbers = [number for _, chosen in answers for number in chosen]
            assert all(1 <= number <= people for number in numbers)
            assert len(numbers) == len(set(numbers))
            assert all(chosen or given in (Answer.STOP, Answer.WRONG_PERSON) for given, chosen in answers)
            assert Answer.UNCLEAR not in [given for given, _ in answers]
        case AskBack(purpose, chosen, _):
            assert place is not Place.WHAT
            assert place is not Place.WHO or (purpose == WHICH_ANSWER and chosen)
        case LeaveToStaff():
            assert talk.is_asked
