"""The scripts as files."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.voice.keys import name_key, studio_keys
from gateway.voice.prompts import (
    Prompt,
    Script,
    ScriptError,
    Scripts,
    estimate_seconds,
    load_scripts,
)

SCRIPTS_DIR = Path(__file__).parents[2] / "voice_prompts"
SCRIPTS = load_scripts(SCRIPTS_DIR)
THAI = SCRIPTS["th"].prompts


def write(folder: Path, text: str, language: str = "th") -> Path:
    path = folder / language / "script.toml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    return folder


def test_the_thai_script_is_complete() -> None:
    assert SCRIPTS["th"].missing == ()


def test_recording_by_telephone_can_be_guided_in_thai() -> None:
    assert SCRIPTS["th"].missing_of(studio_keys()) == ()


def test_every_shipped_script_is_a_draft() -> None:
    assert {script.status for script in SCRIPTS.values()} == {"draft"}


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("weekday.4", "วันพฤหัสบดี"),
        ("weekday.7", "วันอาทิตย์"),
        ("day.1", "ที่หนึ่ง"),
        ("day.26", "ที่ยี่สิบหก"),
        ("day.31", "ที่สามสิบเอ็ด"),
        ("month.7", "กรกฎาคม"),
        ("hour.0600", "หกโมงเช้า"),
        ("hour.0930", "เก้าโมงครึ่งตอนเช้า"),
        ("hour.1245", "เที่ยงสี่สิบห้า"),
        ("hour.1300", "บ่ายโมง"),
        ("hour.1615", "สี่โมงสิบห้าตอนเย็น"),
        ("hour.2045", "สองทุ่มสี่สิบห้า"),
        ("dose.2", "เป็นเข็มที่สองค่ะ"),
        ("dose.8", "เป็นเข็มที่แปดค่ะ"),
        ("digit.0", "ศูนย์"),
    ],
)
def test_what_can_be_counted_is_made_of_the_language_table(key: str, text: str) -> None:
    assert THAI[key].text == text


def test_what_is_made_of_the_table_is_translated_back_too() -> None:
    backs = {
        key: THAI[key].back for key in ("weekday.7", "day.2", "day.11", "day.23", "month.7", "hour.0915", "dose.3")
    }
    assert backs == {
        "weekday.7": "Sunday", "day.2": "the 2nd", "day.11": "the 11th", "day.23": "the 23rd",
        "month.7": "July", "hour.0915": "09:15", "dose.3": "It is dose 3.",
    }  # fmt: skip


def test_an_entry_of_the_script_counts_more_than_the_table(tmp_path: Path) -> None:
    text = 'language = "th"\n[patterns]\nday = "ที่{day}"\n[prompts]\n"day.3" = "สาม"'
    prompts = load_scripts(write(tmp_path, text))["th"].prompts
    assert (prompts["day.3"].text, prompts["day.4"].text) == ("สาม", "ที่สี่")


def test_a_note_for_a_kind_is_shown_beside_each_of_it(tmp_path: Path) -> None:
    text = 'language = "th"\n[notes]\nhour = "ช้าๆ"\n[notes_en]\nhour = "slowly"\n[doubts]\nhour = "why"\n[prompts]'
    prompts = load_scripts(write(tmp_path, text))["th"].prompts
    hour = prompts["hour.0900"]
    assert (hour.note, hour.note_en, hour.doubt, prompts["month.1"].note) == ("ช้าๆ", "slowly", "why", "")
    assert (hour.note_in("th"), hour.note_in("en")) == ("ช้าๆ", "slowly")


def test_without_a_pattern_no_dose_is_named(tmp_path: Path) -> None:
    script = load_scripts(write(tmp_path, 'language = "th"\n[prompts]'))["th"]
    assert "dose.2" in script.missing
    assert "hour.0900" not in script.missing


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ('patterns = "x"', "patterns must be a table"),
        ('[patterns]\nmoon = "x"', r"patterns\.moon is not known"),
        ("[patterns]\nday = 3", r"patterns\.day must be a text"),
        ('[patterns]\ndose = "x"', r"patterns\.dose must hold \{number\} once"),
        ('[patterns]\ndose = "{number} of {total}"', r"patterns\.dose must hold \{number\} once"),
        ('[patterns]\nplace = "{place} {place}"', r"patterns\.place must hold \{place\} once"),
        ('[notes]\nmoon = "x"', r"notes\.moon is not known"),
        ('[notes_en]\nmoon = "x"', r"notes_en\.moon is not known"),
        ('[doubts]\nday = ""', r"doubts\.day must be a text"),
        ('[pattern]\nday = "{day}"', "'pattern' is no part of a script"),
    ],
)
def test_a_wrong_pattern_is_refused_by_name(tmp_path: Path, table: str, problem: str) -> None:
    with pytest.raises(ScriptError, match=rf"th/script\.toml: {problem}"):
        load_scripts(write(tmp_path, f'language = "th"\n{table}\n[prompts]'))


def test_a_script_of_a_language_nobody_listed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match="'xx' is not in the table of languages"):
        load_scripts(write(tmp_path, 'language = "xx"\n[prompts]', "xx"))


def test_a_place_and_a_name_are_said_in_the_pattern_of_the_script() -> None:
    place, name = SCRIPTS["th"].site_prompt("LP01", " โรงพยาบาลลำปาง "), SCRIPTS["th"].name_prompt("สมชาย")
    assert place is not None
    assert (place.key, place.text) == ("site.LP01", "ที่โรงพยาบาลลำปาง")
    assert name is not None
    assert (name.key, name.text) == (name_key("สมชาย"), "สำหรับคุณสมชาย")  # fits a greeting and a menu


def test_a_place_that_was_written_for_itself_is_said_as_it_was_written() -> None:
    prompt = Prompt("site.LP01", "ที่อาคารหลังใหม่")
    script = Script("th", {"site.LP01": prompt}, patterns={"place": "ที่{place}"})
    assert script.site_prompt("LP01", "โรงพยาบาลลำปาง") is prompt


def test_a_place_or_a_name_that_cannot_be_said_has_no_prompt() -> None:
    assert Script("th").site_prompt("LP01", "โรงพยาบาล") is None
    assert SCRIPTS["th"].site_prompt("LP 01/x", "โรงพยาบาล") is None
    assert SCRIPTS["th"].site_prompt("LP01", " ") is None
    assert SCRIPTS["th"].name_prompt("") is None


def test_an_edited_text_is_said_from_then_on_and_loses_the_translation_of_the_old_one() -> None:
    edits = {("th", "bye"): "ลาก่อนค่ะ"}
    scripts = Scripts(SCRIPTS_DIR, lambda: edits)
    assert scripts["th"].prompts["bye"] == Prompt("bye", "ลาก่อนค่ะ")
    assert scripts["th"].prompts["safety"] == THAI["safety"]
    assert scripts.shipped["th"].prompts["bye"] == THAI["bye"]
    assert load_scripts(SCRIPTS_DIR, edits)["th"].prompts["bye"].text == "ลาก่อนค่ะ"


def test_an_edit_is_heard_as_soon_as_it_is_made_and_gone_when_it_is_taken_back() -> None:
    edits: dict[tuple[str, str], str] = {}
    scripts = Scripts(SCRIPTS_DIR, lambda: edits)
    before = scripts["th"]
    edits = {("th", "bye"): "ลาก่อนค่ะ"}
    assert scripts["th"].prompts["bye"].text == "ลาก่อนค่ะ"
    edits = {}
    assert scripts["th"] == before


def test_nothing_is_read_again_while_nothing_was_edited() -> None:
    edits = {("th", "bye"): "ลาก่อนค่ะ"}
    scripts = Scripts(SCRIPTS_DIR, lambda: edits)
    assert scripts["th"] is scripts["th"]


def test_a_text_edited_back_to_what_is_shipped_has_its_translation_again() -> None:
    scripts = Scripts(SCRIPTS_DIR, lambda: {("th", "bye"): THAI["bye"].text})
    assert scripts["th"].prompts["bye"] == THAI["bye"]


def test_a_language_may_be_written_in_the_console_alone() -> None:
    scripts = Scripts(SCRIPTS_DIR, lambda: {("mnw", "bye"): "…"})
    assert set(scripts) == {*SCRIPTS, "mnw"}
    assert scripts["mnw"].prompts["bye"].text == "…"
    assert "greet.reminder" in scripts["mnw"].missing


def test_an_edit_that_means_nothing_any_more_stops_no_call() -> None:
    scripts = Scripts(SCRIPTS_DIR, lambda: {("xx", "bye"): "x", ("th", "greet.old"): "x", ("th", "bye"): " "})
    assert dict(scripts) == SCRIPTS
    assert len(scripts) == len(SCRIPTS)


def test_names_and_places_may_be_edited() -> None:
    key = name_key("สมชาย")
    scripts = Scripts(SCRIPTS_DIR, lambda: {("th", key): "คุณตาสมชายค่ะ", ("th", "site.LP01"): "ที่ศาลา"})
    name, place = scripts["th"].name_prompt("สมชาย"), scripts["th"].site_prompt("LP01", "x")
    assert name is not None
    assert place is not None
    assert (name.text, place.text) == ("คุณตาสมชายค่ะ", "ที่ศาลา")


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


def test_twelve_thai_letters_take_a_second() -> None:
    assert estimate_seconds("กกกกกก กกกกกก") == 1.0
    assert estimate_seconds("a b c d e f", 3.0) == 2.0


def test_a_script_is_read_at_the_pace_of_its_language() -> None:
    assert SCRIPTS["th"].seconds("bye") == estimate_seconds(THAI["bye"].text, 12.0)
    with pytest.raises(KeyError):
        Script("th").seconds("bye")


def test_another_text_has_another_hash() -> None:
    assert Prompt("bye", "a").text_sha256 != Prompt("bye", "b").text_sha256 == Prompt("x", "b", "note").text_sha256
