"""The speaker's sheet as a page."""

from __future__ import annotations

import re

from gateway.languages.table import load_languages
from gateway.voice.keys import Key
from gateway.voice.prompts import Prompt, Script
from gateway.voice.sheet import sheet_of
from gateway.web.prompt_sheet import sheet_page
from gateway.wiring import data_dir

THAI = Script("th", {Key.BYE: Prompt(Key.BYE, "ขอบคุณค่ะ", "Friendly.", "Thank you.")})
NORTHERN = Script("nod", {Key.BYE: Prompt(Key.BYE, "ขอบคุณเจ้า <b>", back="Thank you.")})


def page(code: str) -> str:
    return sheet_page(data_dir("templates"), sheet_of(load_languages().get(code), {"th": THAI, "nod": NORTHERN}))


def test_a_phrase_stands_with_its_number_its_note_and_what_it_means() -> None:
    found = page("nod")
    assert ">001</th>" in found
    assert 'lang="nod" data-script="Thai">ขอบคุณเจ้า' in found
    assert found.count("Friendly.") == 1
    assert "ขอบคุณค่ะ" in found
    assert "Thank you." in found


def test_a_note_for_a_whole_row_of_numbers_is_said_once() -> None:
    days = {key: Prompt(key, f"วัน {key}", "The month follows.") for key in ("day.1", "day.2", "day.3")}
    sheet = sheet_of(load_languages().get("th"), {"th": Script("th", days)})
    assert sheet_page(data_dir("templates"), sheet).count("The month follows.") == 1


def test_words_that_were_typed_by_somebody_stay_words() -> None:
    assert "ขอบคุณเจ้า &lt;b&gt;" in page("nod")


def test_every_row_has_a_box_and_every_missing_one_a_line() -> None:
    assert page("nod").count('<td class="box">') == 1
    assert page("mnw").count('<span class="line">') > 100
    assert 'class="box"></td>' not in page("mnw")


def test_the_page_needs_nothing_from_anywhere() -> None:
    assert re.search(r"\b(src|href|url)\b\s*[=(]|@import|<script", page("nod")) is None


def test_it_is_made_for_a4() -> None:
    assert "size: A4 portrait" in page("th")
    assert "break-inside: avoid" in page("th")
