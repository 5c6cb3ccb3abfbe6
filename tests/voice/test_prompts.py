"""The scripts as files."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from gateway.languages.spoken import say_hour, say_month, say_number, say_weekday
from gateway.languages.table import load_languages
from gateway.voice.keys import hour_key, is_key, quarter_hours, wanted_keys
from gateway.voice.prompts import Prompt, Script, ScriptError, choose_script, estimate_seconds, load_scripts
from gateway.voice.synthesis import pieces_of
from gateway.wording.forbidden import has_citizen_number, has_link

SCRIPTS_DIR = Path(__file__).parents[2] / "voice_prompts"
SCRIPTS = load_scripts(SCRIPTS_DIR)
THAI = SCRIPTS["th"].prompts
MONDAY = date(2026, 11, 23)


def write(folder: Path, text: str, language: str = "th") -> Path:
    path = folder / language / "script.toml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    return folder


def complete(language: str) -> Script:
    return Script(language, {str(key): Prompt(key, "x") for key in wanted_keys()})


def test_the_thai_script_is_complete() -> None:
    assert SCRIPTS["th"].missing == ()


def test_every_shipped_script_is_a_draft() -> None:
    assert {script.status for script in SCRIPTS.values()} == {"draft"}


def test_no_prompt_has_a_digit_a_link_or_a_latin_letter() -> None:
    for prompt in THAI.values():
        assert not re.search(r"[0-9๐-๙A-Za-z]", prompt.text), prompt.key
        assert not has_link(prompt.text)
        assert not has_citizen_number(prompt.text)


def test_every_prompt_can_be_spoken_in_one_piece() -> None:
    assert all(len(pieces_of(prompt.text)) == 1 for prompt in THAI.values())


def test_every_prompt_is_translated_back_for_those_who_cannot_read_it() -> None:
    assert all(prompt.back for prompt in THAI.values())


def test_hours_days_and_months_are_said_as_the_language_table_says_them() -> None:
    for hour in quarter_hours():
        assert THAI[hour_key(hour)].text == say_hour("th", hour).replace("นาที", "")
    for number in range(7):
        assert THAI[f"weekday.{number + 1}"].text == say_weekday("th", MONDAY + timedelta(number))
    for number in range(1, 32):
        assert THAI[f"day.{number}"].text == f"ที่{say_number('th', number)}"
    for number in range(1, 13):
        assert THAI[f"month.{number}"].text == say_month("th", date(2026, number, 1))


def test_no_two_hours_sound_the_same() -> None:
    assert len({THAI[hour_key(hour)].text for hour in quarter_hours()}) == len(quarter_hours()) == 60


def test_a_site_may_have_a_spoken_name() -> None:
    assert is_key("site.LP01")
    assert not is_key("site.")
    assert not is_key("site.a b")


def test_an_unknown_key_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match=r"th/script\.toml.*'greet\.remindr'"):
        load_scripts(write(tmp_path, 'language = "th"\n[prompts]\n"greet.remindr" = "x"'))


@pytest.mark.parametrize(
    "entry", ['"bye" = ""', '"bye" = { text = " " }', '"bye" = 3', '"bye" = { txt = "x" }', '"bye" = { text = 3 }']
)
def test_a_prompt_without_words_is_refused_by_name(tmp_path: Path, entry: str) -> None:
    with pytest.raises(ScriptError, match="bye"):
        load_scripts(write(tmp_path, f'language = "th"\n[prompts]\n{entry}'))


@pytest.mark.parametrize("text", ["language = ", 'language = "en"\n[prompts]', 'language = "th"', "\x00"])
def test_a_broken_script_names_its_file(tmp_path: Path, text: str) -> None:
    with pytest.raises(ScriptError, match=r"th/script\.toml"):
        load_scripts(write(tmp_path, text))


def test_a_folder_without_scripts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match=r"no <language>/script\.toml"):
        load_scripts(tmp_path)


def test_a_prompt_may_be_a_text_alone(tmp_path: Path) -> None:
    script = load_scripts(write(tmp_path, 'language = "th"\n[prompts]\nbye = " ลาก่อน "'))["th"]
    assert script.prompts["bye"] == Prompt("bye", "ลาก่อน")
    assert "greet.reminder" in script.missing


def test_a_dialect_without_a_script_is_called_in_the_language_the_table_allows() -> None:
    assert choose_script({"th": complete("th")}, load_languages(), "nod") == "th"


def test_an_unfinished_script_is_not_called_with() -> None:
    scripts = {"th": complete("th"), "nod": Script("nod", {"bye": Prompt("bye", "x")})}
    assert choose_script(scripts, load_languages(), "nod") == "th"
    assert choose_script(scripts, load_languages(), "nod", ["bye"]) == "nod"


def test_nobody_is_called_in_a_language_the_table_does_not_allow() -> None:
    assert choose_script({"th": complete("th")}, load_languages(), "my") is None


def test_twelve_thai_letters_take_a_second() -> None:
    assert estimate_seconds("กกกกกก กกกกกก") == 1.0


def test_another_text_has_another_hash() -> None:
    assert Prompt("bye", "a").text_sha256 != Prompt("bye", "b").text_sha256 == Prompt("x", "b", "note").text_sha256
