"""What may be sent to a machine elsewhere."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from gateway.kit.marks import mark_of
from gateway.voice.outgoing import Held, Outgoing
from gateway.voice.prompts import Prompt, Script, load_scripts
from gateway.wiring import data_dir

SHIPPED = {
    "th": Script("th", {"bye": Prompt("bye", "วันนี้ขอบคุณค่ะ"), "site.LPG01": Prompt("site.LPG01", "ที่บ้านดวงใจ")}),
    "en": Script("en", {"bye": Prompt("bye", "Thank you. You cannot answer.")}),
}


def held(language: str, text: str, names: Collection[str] = (), *, is_approved: bool = True) -> Held | None:
    prompt = Prompt("bye", text)
    approved = {mark_of(language, "bye", prompt.text_sha256)} if is_approved else set()
    return Outgoing(SHIPPED, approved, names).held(language, prompt)


def test_every_word_that_ships_may_be_sent() -> None:
    scripts = load_scripts(data_dir("voice_prompts"))
    outgoing = Outgoing(scripts, names={"ขอบคุณ", "Thank", "วันนี้"})
    prompts = [(code, prompt) for code, script in scripts.items() for prompt in script.prompts.values()]
    assert len(prompts) > 500
    assert [prompt.key for code, prompt in prompts if outgoing.held(code, prompt)] == []


def test_an_edit_is_sent_when_two_people_approved_these_words_of_this_phrase_in_this_language() -> None:
    edit = Prompt("bye", "ลาก่อนค่ะ")
    assert held("th", edit.text) is None
    assert held("th", edit.text, is_approved=False) is Held.EDIT
    for mark in (edit.text_sha256, mark_of("nod", "bye", edit.text_sha256), mark_of("th", "safety", edit.text_sha256)):
        assert Outgoing(SHIPPED, {mark}).held("th", edit) is Held.EDIT


def test_a_language_that_nothing_ships_of_is_edits_alone() -> None:
    assert held("mnw", "က") is None
    assert held("mnw", "က", is_approved=False) is Held.EDIT
    assert held("mnw", "မလိ က", {"မလိ"}) is Held.NAME


@pytest.mark.parametrize("digit", ["9", "๙", "၉", "១"])
def test_no_digit_is_sent_in_whichever_script(digit: str) -> None:
    assert held("th", f"โทร {digit} ค่ะ") is Held.DIGIT


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [
        ("th", "สวัสดีคุณดวงใจค่ะ", "ดวงใจ"),
        ("th", "สวัสดีคุณดวง\u200bใจค่ะ", "ดวงใจ"),
        ("th", "คุณคําหล้า", "คำหล้า"),
        ("th", "คุณดวงใจ", "ดวงใจ แสนคำ"),
        ("th", "คุณแสนคำค่ะ", "ดวงใจ แสนคำ"),
        ("en", "Goodbye, MALEE!", "Malee"),
        ("en", "Goodbye, Ｍalee.", "malee"),
        ("en", "Goodbye, Ann.", "Ann"),
        ("en", "Goodbye, Jones.", "Smith-Jones"),
        ("en", "Goodbye, O'Hara", "O'Hara"),
    ],
)
def test_a_name_on_record_is_never_sent_however_it_is_written_and_whoever_approved_it(
    language: str, text: str, name: str
) -> None:
    assert held(language, text) is None
    assert held(language, text, {name}) is Held.NAME
    assert held(language, text, {name}, is_approved=False) is Held.NAME


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [
        ("th", "วันนี้ลาก่อนค่ะ", "วันนี้"),  # the language's own word
        ("th", "ลาก่อนค่ะ", "ลา"),  # two letters
        ("en", "You cannot plan it", "Lan"),  # within another word
        ("en", "Thank you again", "Thank"),
        ("en", "Goodbye", ""),
    ],
)
def test_a_word_that_is_somebodys_name_too_gives_nobody_away(language: str, text: str, name: str) -> None:
    assert held(language, text, {name}) is None


def test_the_name_of_a_place_that_ships_is_no_word_of_everybodys() -> None:
    assert held("th", "คุณดวงใจคะ", {"ดวงใจ"}) is Held.NAME


def test_what_is_held_shows_no_name() -> None:
    outgoing = Outgoing(SHIPPED, names={"ดวงใจ"})
    assert "ดวงใจ" not in repr(outgoing).replace("บ้านดวงใจ", "")
