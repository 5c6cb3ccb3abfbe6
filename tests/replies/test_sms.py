"""Texts that come back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.kit.answers import Answer
from gateway.kit.digits import ZEROS, in_script
from gateway.languages.table import load_languages
from gateway.replies.sms import NUMBERS, is_start, read_reply

CODES = load_languages().codes


@pytest.mark.parametrize("script", sorted(ZEROS))
@given(number=st.sampled_from(sorted(NUMBERS)), language=st.sampled_from(CODES))
def test_a_number_means_the_same_in_every_script_and_language(script: str, number: str, language: str) -> None:
    assert read_reply(in_script(number, script), language) is NUMBERS[number]


def test_the_numbers_are_the_keys_of_the_call() -> None:
    assert {number: answer.value for number, answer in NUMBERS.items()} == {
        "1": "coming",
        "2": "move",
        "3": "callback",
        "4": "ride",
        "5": "stop",
        "7": "wrong_person",
        "8": "already_vaccinated",
        "9": "repeat",
        "0": "staff",
    }


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
def test_two_different_numbers_are_never_a_choice(first: str, second: str, gap: str) -> None:
    expected = NUMBERS[first] if first == second else Answer.UNCLEAR
    assert read_reply(f"{first}{gap}{second}", "th") is expected


def test_start_asks_for_messages_again_and_a_question_does_not() -> None:
    assert is_start("START")
    assert is_start("เริ่มใหม่ค่ะ")
    assert not is_start("start?")
    assert not is_start("yes")
