"""What is wrong with typed words, as sentences: what, where, and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dispatch.prepare import Speech
from gateway.dispatch.wordlist import SoundState, Word
from gateway.voice.keys import HotlineKey, Key
from gateway.web.console.gate import Visitor
from gateway.web.console.library_checks import cleaned, example, printable, problems
from gateway.web.console.library_names import group_of
from gateway.web.console.words import Words
from gateway.wiring import data_dir
from gateway.wording.rules import Rule
from tests.support import rooms

WORDS = Words(data_dir("templates") / "console" / "words")
VISITOR = Visitor(cast(Any, None), cast(Any, None), "en", cast(Any, None), WORDS)
REMINDER = Word("th", "sms.reminder")
BYE = Word("th", "bye", sound=SoundState.UNSPOKEN)


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Speech:
    return rooms.speech(Path(tmp_path_factory.mktemp("clips")))


def shipped(key: str = "sms.reminder") -> str:
    return next(one.body for one in rooms.shipped_catalogue() if (one.key, one.language) == (key, "th"))


@pytest.mark.parametrize(("body", "said"), [
    ("{clinic} {name", "A brace stands alone."),
    ("{clinic} {name} {password}", "Too many: {password}."),
    ("{clinic} {name}", "Missing: {day} {dose} {how_to_answer} {place} {ticket} {time}."),
    (f"{shipped()} www.example.com", "There is a link"),
    ("{clinic} www.example.com", "There is a link"),
    (f"{shipped()} โอนเงิน", "Words of money or codes: เงิน"),
    ("", "There are no words."),
    ("ก" * 1501, "It has 1501 letters; the most is 1500."),
    (f"{shipped()} {'ขอบคุณค่ะ' * 30}", "over 3 parts (Reminder, where replies reach us)"),
])  # fmt: skip
def test_a_text_that_breaks_a_rule_is_faulted_in_words(speech: Speech, body: str, said: str) -> None:
    assert said in " ".join(problems(VISITOR, speech, REMINDER, body))


@pytest.mark.parametrize(("body", "said"), [
    ("มาเวลา 9 โมง", "There is the figure “9”."),
    ("มาเวลา ๙ โมง", "There is the figure “๙”."),
    ("ลาก่อน {name}", "A spoken phrase has no blanks to fill."),
    ("ดูที่ example.com ค่ะ", "There is a link"),
    ("ก" * 401, "It has 401 letters; the most is 400."),
])  # fmt: skip
def test_a_phrase_has_rules_of_its_own(speech: Speech, body: str, said: str) -> None:
    assert said in " ".join(problems(VISITOR, speech, BYE, body))


@pytest.mark.parametrize(("key", "body", "said"), [
    ("bye", "กรุณาโอนเงินค่ะ", "Words of money or codes: เงิน, โอน"),
    ("bye", "กรุณาบอกรหัสโอทีพีค่ะ", "Words of money or codes: รหัส, โอทีพี"),
    ("ask.coming", "กรุณาแจ้งเลขบัตรประชาชน", "asks for an identity number บัตรประชาชน"),
    ("bye", "แอดไลน์ของเรานะคะ", "There is a link, an address or another way out"),
    ("site.10714", "ที่บ้านเงิน กรุณาโอนเงิน", "Words of money or codes: โอนเงิน"),
])  # fmt: skip
def test_a_phrase_asks_for_nothing_that_a_swindler_would(speech: Speech, key: str, body: str, said: str) -> None:
    assert said in " ".join(problems(VISITOR, speech, Word("th", key, sound=SoundState.UNSPOKEN), body))


@pytest.mark.parametrize(("key", "body"), [
    ("safety", "เราไม่ขอเงิน ไม่ขอรหัส ไม่ขอเลขบัตรประชาชน และไม่ขอพาสเวิร์ดค่ะ"),
    ("studio.pin", "กดรหัสของผู้อัดเสียงนะคะ"),  # the shipped one says it, too
    ("site.10714", "ที่บ้านหนองเงิน"),
])  # fmt: skip
def test_what_warns_of_swindlers_and_what_is_called_so_may_be_said(speech: Speech, key: str, body: str) -> None:
    assert problems(VISITOR, speech, Word("th", key, sound=SoundState.UNSPOKEN), body) == []


PEOPLE = frozenset({"สมหญิง", "แก้วมณี", "สุข", "somsri", "khin", "ขอบ"})


@pytest.mark.parametrize(("body", "name"), [
    ("ขอบคุณสมหญิงค่ะ", "สมหญิง"),
    ("คุณ แก้วมณี มาได้ไหมคะ", "แก้วมณี"),
    ("Thank you, Somsri.", "somsri"),
    ("ขอบคุณค่ะ สาธารณสุขสวัสดีค่ะ", ""),  # words of what ships, and by chance somebody's name
    ("Thank you for making the somsriland", ""),
])  # fmt: skip
def test_a_phrase_for_everybody_names_nobody_on_record(speech: Speech, body: str, name: str) -> None:
    said = problems(VISITOR, speech, BYE, body, PEOPLE)
    assert said == ([VISITOR.t("library.fault.person", name=name)] if name else [])


@pytest.mark.parametrize("key", ["site.10714", "name.0123456789ab"])
def test_a_place_and_a_spoken_name_are_names(speech: Speech, key: str) -> None:
    assert problems(VISITOR, speech, Word("th", key, sound=SoundState.UNSPOKEN), "สมหญิง", PEOPLE) == []


def test_what_ships_breaks_no_rule(speech: Speech) -> None:
    for template in rooms.shipped_catalogue():
        assert problems(VISITOR, speech, Word(template.language, template.key), template.body) == [], template.path
    for script in rooms.shipped_scripts().values():
        for prompt in script.prompts.values():
            word = Word(script.language, prompt.key, sound=SoundState.UNSPOKEN)
            assert problems(VISITOR, speech, word, prompt.text) == [], (script.language, prompt.key)


@pytest.mark.parametrize("code", [0x0, 0x1B, 0x7F, 0x200F, 0x202E, 0x2066, 0xFEFF, 0xFFFD, 0xE000, 0xD800, 0xFFFE])
def test_a_character_nobody_sees_is_named_with_its_place(speech: Speech, code: int) -> None:
    (said,) = problems(VISITOR, speech, BYE, f"ลาก่อน\nค่ะ{chr(code)}")
    assert said == f"Line 2, letter 4: a character that cannot be seen or sent (U+{code:04X}). Delete it."


def test_the_joiners_that_scripts_need_are_letters(speech: Speech) -> None:
    khmer = Word("km", "bye", sound=SoundState.UNSPOKEN)
    assert problems(VISITOR, speech, khmer, "សូម\u200bអរគុណ") == []
    assert problems(VISITOR, speech, khmer, "ക\u200dക\u200c") == []


@given(st.text(alphabet=st.characters(), max_size=200))
def test_any_text_at_all_is_answered_and_what_is_left_of_a_note_can_be_stored(typed: str) -> None:
    note = printable(typed)
    note.encode()  # no lone surrogate is left
    assert "\x00" not in note
    assert printable(note) == note
    assert cleaned(cleaned(typed)) == cleaned(typed)


def test_a_text_is_shown_with_the_longest_names_and_a_phrase_is_not(speech: Speech) -> None:
    shown = example(speech, REMINDER, shipped())
    assert shown is not None
    assert "กัญญารัตน์มณีวงศ์" in shown.body
    assert shown.advice.parts in (2, 3)
    assert example(speech, BYE, "ลาก่อน") is None
    assert example(speech, REMINDER, "{clinic") is None


@pytest.mark.parametrize(("key", "shows"), [
    ("sms.household", "1 กัญญารัตน์มณีวงศ์"),
    ("sms.which_person", "2 กัญญารัตน์มณีวงศ์"),
    ("sms.how_to_choose_two_way", "0=ทุกคน"),
    ("sms.how_to_answer_call", "เลื่อนวัน"),
    ("sms.ticket", "คิว 120"),
])  # fmt: skip
def test_what_is_filled_into_others_is_shown_in_one_of_them(speech: Speech, key: str, shows: str) -> None:
    shown = example(speech, Word("th", key), shipped(key))
    assert shown is not None
    assert shows in shown.body


def test_a_household_is_held_to_three_parts_in_the_console_too(speech: Speech) -> None:
    longer = f"{shipped('sms.how_to_choose_two_way')} {'ขอบคุณค่ะ' * 20}"
    assert "over 3 parts" in " ".join(problems(VISITOR, speech, Word("th", "sms.how_to_choose_two_way"), longer))


def test_every_phrase_belongs_to_a_family_that_has_a_name_and_none_to_the_texts() -> None:
    assert {str(key) for key in (*Key, *HotlineKey) if group_of(VISITOR, key) in ("other", "message")} == set()
    assert group_of(VISITOR, "message.speak") == "voice_message"
    assert group_of(VISITOR, "sms.household") == "message"


def test_every_rule_has_a_sentence() -> None:
    assert {f"library.fault.{rule.value}" for rule in Rule} - WORDS.keys == set()
