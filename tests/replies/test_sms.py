"""Texts that come back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.kit.answers import Answer
from gateway.kit.digits import ZEROS, in_script
from gateway.languages.table import load_languages
from gateway.replies.sms import (
    BOTH,
    NUMBERS,
    Said,
    asks_for_a_ride_too,
    is_start,
    needs_reading,
    read_for_several,
    read_reply,
)

CODES = load_languages().codes


@pytest.mark.parametrize("script", sorted(ZEROS))
@given(number=st.sampled_from(sorted(NUMBERS)), language=st.sampled_from(CODES))
def test_a_number_means_the_same_in_every_script_and_language(script: str, number: str, language: str) -> None:
    assert read_reply(in_script(number, script), language) is NUMBERS[number]


def test_the_numbers_are_those_keys_of_the_call_that_a_text_may_take_alone() -> None:
    assert {number: answer.value for number, answer in NUMBERS.items()} == {
        "1": "coming",
        "2": "move",
        "3": "callback",
        "4": "ride",
        "8": "already_vaccinated",
        "0": "staff",
    }


@pytest.mark.parametrize("text", ["5", "7", "9", "๕", "⑦", "5 ครับ", "5 5", "7 หยุด"])
def test_a_slip_of_the_finger_stops_nobody_and_parks_no_phone(text: str) -> None:
    assert read_reply(text, "th") is Answer.UNCLEAR


@pytest.mark.parametrize(
    "text", ["1 4", "1, 4", "๑ ๔", "1 ขอรถ", "1ขอรถ", "มา ขอรถ", "มาค่ะ ขอรถค่ะ", "ขอรถ มา", "yes need a ride"]
)
def test_who_comes_and_asks_for_a_ride_in_one_text_is_coming(text: str) -> None:
    assert read_reply(text, "th") is Answer.COMING
    assert asks_for_a_ride_too(text, "th")


@pytest.mark.parametrize(
    "text", ["1/4", "1.4", "1-4", "1 4?", "❌ 1 4", "1 2 4", "1", "4", "มา", "ไม่มา ขอรถ", "2 ขอรถ", "1 3"]
)
def test_a_ride_is_asked_for_only_beside_a_clear_yes(text: str) -> None:
    assert not asks_for_a_ride_too(text, "th")


@pytest.mark.parametrize(
    "text", ["1", "1.", "1)", "(1)", "1 ครับ", "1ครับ", " ๑ ", "①", "1️⃣", "１", "1 1", "ตอบ 1", "1=ไปได้", "👍 1", "1\n"]
)
def test_a_one_is_a_yes_however_it_is_typed(text: str) -> None:
    assert read_reply(text, "th") is Answer.COMING


@pytest.mark.parametrize(
    "text",
    [
        "1 2",
        "1/2",
        "1 ไปไม่ได้",
        "2 ใช่",
        "stop 1",
        "101",
        "10",
        "6",
        "1 แต่ไปสาย",
        "1?",
        "❌ 1",
        "0812345678",
        "09.00",
        "555",
        "½",
    ],
)
def test_what_contradicts_itself_or_is_no_choice_is_unclear(text: str) -> None:
    assert read_reply(text, "th") is Answer.UNCLEAR


@pytest.mark.parametrize("text", ["", "   ", "👍", "❤️🙏", "...", "?", "\u200b", "ค่ะ", "*"])
def test_nothing_and_emoji_alone_are_unclear(text: str) -> None:
    assert read_reply(text, "th") is Answer.UNCLEAR


@pytest.mark.parametrize(
    ("text", "language", "answer"),
    [
        ("ไปได้ค่ะ", "th", Answer.COMING),
        ("ไปได้", "nod", Answer.COMING),
        ("yes", "my", Answer.COMING),
        ("ရက်ပြောင်း", "ksw", Answer.MOVE),
        ("Stop", "th", Answer.STOP),
        ("หยุด", "en", Answer.STOP),
        ("ขอรถรับส่ง", "tts", Answer.RIDE),
        ("ຢຸດ", "vi", Answer.STOP),
        ("5 stop", "en", Answer.STOP),
    ],
)
def test_words_are_looked_up_in_the_own_language_its_fallbacks_and_the_rest(
    text: str, language: str, answer: Answer
) -> None:
    assert read_reply(text, language) is answer


@pytest.mark.parametrize("text", ["stop by at 3?", "stop by at 3", "ไปได้ไหม?", "coming？", "yes but late"])
def test_a_sentence_with_a_known_word_in_it_is_unclear(text: str) -> None:
    assert read_reply(text, "en") is Answer.UNCLEAR


@given(text=st.text(), language=st.sampled_from(CODES) | st.text(max_size=5))
def test_every_text_gets_an_answer_whatever_the_language(text: str, language: str) -> None:
    assert read_reply(text, language) in Answer


@given(first=st.sampled_from(sorted(NUMBERS)), second=st.sampled_from(sorted(NUMBERS)), gap=st.sampled_from(" ,/.-\n"))
def test_two_different_numbers_are_no_choice_but_coming_and_a_ride(first: str, second: str, gap: str) -> None:
    is_ride_too = {first, second} == {"1", "4"} and gap in " ,\n"
    expected = NUMBERS[first] if first == second or is_ride_too else Answer.UNCLEAR
    expected = Answer.COMING if is_ride_too else expected
    assert read_reply(f"{first}{gap}{second}", "th") is expected


def test_start_asks_for_messages_again_and_a_question_does_not() -> None:
    assert is_start("START")
    assert is_start("เริ่มใหม่ค่ะ")
    assert not is_start("start?")
    assert not is_start("yes")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2", [Said((2,))]),
        ("๒", [Said((2,))]),
        ("1 2", [Said((1, 2), is_loose=True)]),
        ("2-1", [Said((2, 1), is_loose=True)]),
        ("2=1", [Said((2,), is_loose=True)]),
        ("1, 2", [Said((1, 2))]),
        ("1 2 3", [Said((1, 2, 3))]),
        ("1 1", [Said((1,))]),
        ("12", [Said((12,))]),
        ("มา", [Said((), Answer.COMING)]),
        ("1 มา", [Said((1,), Answer.COMING)]),
        ("1มา", [Said((1,), Answer.COMING)]),
        ("มา 1 ค่ะ", [Said((1,), Answer.COMING)]),
        ("2 เลื่อน", [Said((2,), Answer.MOVE)]),
        ("0 มา", [Said((0,), Answer.COMING)]),
        ("มาทุกคน", [Said((0,), Answer.COMING)]),
        ("ทุกคนมาค่ะ", [Said((0,), Answer.COMING)]),
        ("ทั้งสองคน", [Said((BOTH,))]),
        ("มาทั้งคู่", [Said((BOTH,), Answer.COMING)]),
        ("everyone coming", [Said((0,), Answer.COMING)]),
        ("STOP 2", [Said((2,), Answer.STOP)]),
        ("stop all", [Said((), Answer.STOP)]),
        ("1 and 2 yes", [Said((1, 2), Answer.COMING)]),
        ("1 กับ 3 มา", [Said((1, 3), Answer.COMING)]),
        ("1=มา, 2=เลื่อน", [Said((1,), Answer.COMING), Said((2,), Answer.MOVE)]),
        ("1️⃣ มา 👍 ② เลื่อน 🙏", [Said((1,), Answer.COMING), Said((2,), Answer.MOVE)]),
        ("၁ လာမယ်", [Said((1,), Answer.COMING)]),
        ("២ មក", [Said((2,), Answer.COMING)]),
        ("໒ ເລື່ອນ", [Said((2,), Answer.MOVE)]),
        ("2 đổi ngày", [Said((2,), Answer.MOVE)]),
    ],
)
def test_a_text_for_several_says_whom_and_what(text: str, said: list[Said]) -> None:
    assert list(read_for_several(text, "th")) == said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "👍",
        "1 มา?",
        "❌ 1",
        "1 มา 2",
        "มา 1 เลื่อน 2",
        "1 มา 1 เลื่อน",
        "0 มา 2 เลื่อน",
        "0 1 มา",
        "มา เลื่อน",
        "1 ลูกสาวมา",
        "9.30 มา",
        "00 มา",
        "0812345678",
        "stop by at 3",
        "stop by at 3?",
        "และ 1",
    ],
)
def test_what_may_mean_two_things_says_nothing_of_anybody(text: str) -> None:
    assert read_for_several(text, "th") == ()


@pytest.mark.parametrize("script", sorted(ZEROS))
@given(number=st.integers(min_value=0, max_value=20), language=st.sampled_from(CODES))
def test_a_person_is_chosen_in_every_script_and_language(script: str, number: int, language: str) -> None:
    assert read_for_several(f"{in_script(str(number), script)} yes", language) == (Said((number,), Answer.COMING),)


@given(text=st.text(), language=st.sampled_from(CODES) | st.text(max_size=5))
def test_every_text_is_read_for_several_and_never_two_answers_for_one_of_them(text: str, language: str) -> None:
    said = read_for_several(text, language)
    named = [number for piece in said for number in piece.numbers]
    assert len(named) == len(set(named))
    assert len(said) < 2 or all(piece.numbers and piece.answer for piece in said)


@given(emoji=st.text(alphabet="👍🙏😀❤️😊🎉!.,…", max_size=4), script=st.sampled_from(sorted(ZEROS)))
def test_emoji_and_points_beside_a_one_change_nothing(emoji: str, script: str) -> None:
    assert read_reply(f"{emoji} {in_script('1', script)} {emoji}", "th") is Answer.COMING


@given(
    number=st.sampled_from([*sorted(NUMBERS), "5", "7", "9"]),
    word=st.sampled_from(["stop", "หยุด", "ရပ်", "ឈប់", "ຢຸດ", "dừng"]),
)
def test_a_stop_beside_another_number_stops_nobody_by_mistake(number: str, word: str) -> None:
    assert read_reply(f"{word} {number}", "th") is (Answer.STOP if number == "5" else Answer.UNCLEAR)


@pytest.mark.parametrize("circled", ["①", "1️⃣", "１", "⑴", "1⃣"])
def test_ones_in_circles_and_on_keys_are_ones(circled: str) -> None:
    assert read_reply(circled, "my") is Answer.COMING


def test_what_says_more_than_a_word_or_asks_is_for_staff_to_read() -> None:
    assert needs_reading("มา?")
    assert needs_reading("พาลูกสาวไปด้วยได้ไหมคะ")
    assert not needs_reading("asdf")
