"""The words of replies."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.kit.answers import Answer
from gateway.languages import words
from gateway.languages.data import LanguageDataError, Section
from gateway.languages.words import is_filler, meaning_of, means_start, plain, word_languages

LANGUAGES = word_languages()
ASKED = (Answer.COMING, Answer.MOVE, Answer.CALLBACK, Answer.RIDE, Answer.STOP)


def test_the_languages_in_which_people_write_to_us_have_words() -> None:
    assert {"en", "km", "lo", "my", "th", "vi"} <= set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_can_say_yes_another_day_call_me_ride_stop_and_start(language: str) -> None:
    form = words._load(words._folder(), language)
    assert {Answer.STAFF, Answer.REPEAT} <= set(form.answers.values())
    assert set(ASKED) <= set(form.answers.values())
    assert form.start


@pytest.mark.parametrize("language", LANGUAGES)
def test_start_words_mean_nothing_else(language: str) -> None:
    form = words._load(words._folder(), language)
    assert not form.start & set(form.answers)


def test_no_word_means_two_things_in_two_languages() -> None:
    meanings: dict[str, set[Answer]] = {}
    for language in LANGUAGES:
        for word, answer in words._load(words._folder(), language).answers.items():
            meanings.setdefault(word, set()).add(answer)
    assert {word: found for word, found in meanings.items() if len(found) > 1} == {}


@pytest.mark.parametrize(
    ("text", "language", "answer"),
    [
        ("ไปได้ค่ะ", "th", Answer.COMING),
        ("ขอเลื่อนนัดครับ", "th", Answer.MOVE),
        ("ไปไม่ได้ ขอบคุณค่ะ", "th", Answer.CALLBACK),
        ("ขอรถ", "th", Answer.RIDE),
        ("หยุดส่งครับ", "th", Answer.STOP),
        ("Yes, please!", "en", Answer.COMING),
        ("can’t come", "en", Answer.CALLBACK),
        ("ကားလိုပါတယ်", "my", Answer.RIDE),
        ("ចាស មិនមក", "km", Answer.CALLBACK),
        ("ប្តូរ\u200bថ្ងៃ", "km", Answer.MOVE),
        ("ໄປໄດ້ ເດີ", "lo", Answer.COMING),
        ("dạ không", "vi", Answer.CALLBACK),
        ("cancel", "en", Answer.STOP),
        ("ເຈົ້າໜ້າທີ່", "lo", Answer.STAFF),
        ("បុគ្គលិក", "km", Answer.STAFF),
    ],
)
def test_a_reply_in_words_is_understood(text: str, language: str, answer: Answer) -> None:
    assert meaning_of(text, [language]) is answer


@pytest.mark.parametrize("text", ["stop by at 3", "yes stop", "ไม่เลื่อน", "รับทราบ", "ยกเลิก", "ไม่รู้จัก", "ค่ะ", "", "👍"])
def test_a_part_of_a_sentence_and_a_doubtful_word_decide_nothing(text: str) -> None:
    assert meaning_of(text, LANGUAGES) is None


@pytest.mark.parametrize("text", ["okค่ะ", "OKครับ", "yesค่ะ", "ok ครับผม", "ค่ะ yes", "vângครับ"])
def test_politeness_of_one_script_beside_a_word_of_another_takes_nothing_away(text: str) -> None:
    assert meaning_of(text, LANGUAGES) is Answer.COMING


def test_only_the_named_languages_are_asked() -> None:
    assert meaning_of("yes", ["th"]) is None
    assert meaning_of("yes", ["nod", "th", "en"]) is Answer.COMING


def test_dialects_without_words_are_passed_over() -> None:
    assert meaning_of("ไปได้", ["nod", "th"]) is Answer.COMING


@pytest.mark.parametrize("text", ["START", "start please", "เริ่มใหม่ค่ะ", "ເລີ່ມ", "စတင်", "bắt đầu"])
def test_start_is_heard_in_every_language(text: str) -> None:
    assert means_start(text)


@pytest.mark.parametrize("text", ["", "stop", "start at nine", "ไม่เริ่ม"])
def test_other_words_are_no_start(text: str) -> None:
    assert not means_start(text)


def test_politeness_alone_is_filler_and_a_word_is_not() -> None:
    assert is_filler("ครับ", ["th"])
    assert is_filler("", ["th"])
    assert not is_filler("สาย", ["th"])


@given(st.text())
def test_a_text_made_plain_stays_as_it_is(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@pytest.mark.parametrize("one", ["1", "๑", "①", "1️⃣", "１", "(1)", " 1. "])
def test_every_one_is_one(one: str) -> None:
    assert plain(one) == "1"


def test_a_word_under_two_answers_is_refused_with_its_key() -> None:
    with pytest.raises(LanguageDataError, match=r"some\.toml: stop: 'No' already means 'coming'"):
        words._answers(Section("some.toml", {"coming": ["no"], "stop": ["No"]}))


def test_no_word_may_mean_unclear() -> None:
    with pytest.raises(LanguageDataError, match="unclear: is not a known key"):
        words._answers(Section("some.toml", {"unclear": ["hm"]}))


@pytest.mark.parametrize("path", sorted(words._folder().glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_file_says_that_it_is_a_draft(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith("# DRAFT, not approved")


def test_a_stop_word_anywhere_is_noticed_in_every_language_and_means_nothing_by_itself() -> None:
    for text in ("please stop by", "วันหยุดไปได้ไหม", "xin dừng lại đi", "ကျေးဇူးပြု ရပ်ပါ", "ឈប់ផ្ញើមក"):
        assert words.mentions(text, Answer.STOP)
    assert not words.mentions("unstoppable", Answer.STOP)
    assert words.meaning_of("วันหยุดไปได้ไหม", words.word_languages()) is None


def test_everybody_is_taken_off_either_end_and_found_in_no_part_of_a_word() -> None:
    assert words.without_everybody("มาทุกคน", ["th"]) == "มา"
    assert words.without_everybody("ทุกคนมา", ["th"]) == "มา"
    assert words.without_everybody("All of us", ["en"]) == ""
    assert words.without_everybody("tall", ["en"]) is None
    assert words.without_both("มาทั้งสองคน", ["th"]) == "มา"
    assert words.without_everybody("มาทั้งสองคน", ["th"]) is None
    assert words.is_join("And", ["th", "en"])
    assert not words.is_join("and", ["th"])


@pytest.mark.parametrize(
    ("text", "language", "answer"),
    [
        ("vâng ạ", "vi", Answer.COMING),
        ("Dạ vâng ạ", "vi", Answer.COMING),
        ("dạ không", "vi", Answer.CALLBACK),
        ("dạ, đổi ngày ạ", "vi", Answer.MOVE),
        ("បាទ អរគុណ", "km", Answer.COMING),
        ("ເຈົ້າ ຂອບໃຈ", "lo", Answer.COMING),
        ("ເຈົ້າ ບໍ່ໄປ", "lo", Answer.CALLBACK),
    ],
)
def test_a_yes_that_is_also_politeness_stays_a_yes_beside_more_of_it(text: str, language: str, answer: Answer) -> None:
    assert meaning_of(text, [language]) is answer


def test_a_text_of_endless_politeness_is_read_at_once() -> None:
    assert meaning_of("ครับ" * 200 + "ค่ะ" * 200, word_languages()) is None
    assert meaning_of("มา" + "ครับ" * 200, word_languages()) is Answer.COMING
