"""The sheet a speaker records from."""

from __future__ import annotations

from gateway.languages.table import load_languages
from gateway.voice.keys import Key, hotline_keys, studio_keys, wanted_keys
from gateway.voice.prompts import Prompt, Script
from gateway.voice.sheet import numbered, recording_order, sheet_of

ALL_KEYS = dict.fromkeys((*studio_keys(), *hotline_keys(), *wanted_keys()))
EVERYTHING = Script("th", {str(key): Prompt(str(key), f"ไทย {key}") for key in ALL_KEYS})


def keys_of(script: Script) -> list[str]:
    return [prompt.key for prompt in recording_order(script)]


def with_more(script: Script, *keys: str) -> Script:
    return Script(script.language, {**{key: Prompt(key, "ที่") for key in keys}, **script.prompts})


def test_every_phrase_has_one_number() -> None:
    assert sorted(keys_of(EVERYTHING)) == sorted(EVERYTHING.prompts)
    assert list(numbered(EVERYTHING)) == list(range(1, len(EVERYTHING.prompts) + 1))


def test_sentences_come_as_in_a_call_then_what_can_be_counted() -> None:
    keys = keys_of(EVERYTHING)
    assert keys[0] == Key.GREET_REMINDER
    assert keys[len(Key) - 1] == Key.BYE
    order = (
        "ask.coming",
        "bye",
        "weekday.1",
        "day.1",
        "month.1",
        "hour.0600",
        "digit.0",
        "hotline.menu",
        "studio.greet",
    )
    first = [keys.index(key) for key in order]
    assert first == sorted(first)


def test_what_only_callers_hear_is_read_after_all_that_calls_need() -> None:
    keys = keys_of(EVERYTHING)
    last_of_calls = max(keys.index(str(key)) for key in wanted_keys())
    assert min(keys.index(str(key)) for key in hotline_keys()) == last_of_calls + 1
    sheet = sheet_of(load_languages().get("th"), {"th": EVERYTHING})
    (hotline,) = [part for part in sheet.parts if part.name == "hotline"]
    assert [row.key for row in hotline.rows] == list(map(str, hotline_keys()))


def test_days_are_counted_as_people_count() -> None:
    days = [key for key in keys_of(EVERYTHING) if key.startswith("day.")]
    assert days == [f"day.{number}" for number in range(1, 32)]


def test_the_order_of_the_file_is_nothing_to_the_sheet() -> None:
    backwards = Script("th", dict(reversed(EVERYTHING.prompts.items())))
    assert recording_order(backwards) == recording_order(EVERYTHING)


def test_a_new_place_changes_no_number_that_is_on_paper_already() -> None:
    before = numbered(EVERYTHING)
    after = numbered(with_more(EVERYTHING, "site.LPG01", "name.0123456789ab"))
    assert {number: after[number] for number in before} == before
    assert len(after) == len(before) + 2


def test_a_sheet_has_thai_beside_the_words_but_not_beside_thai() -> None:
    northern = Script("nod", {Key.BYE: Prompt(Key.BYE, "ขอบคุณเจ้า", back="Thank you.")})
    scripts = {"th": EVERYTHING, "nod": northern}
    sentences = sheet_of(load_languages().get("nod"), scripts).parts[0]
    (row,) = sentences.rows
    assert (row.number, row.text, row.thai, row.back) == (1, "ขอบคุณเจ้า", "ไทย bye", "Thank you.")
    assert {row.thai for part in sheet_of(load_languages().get("th"), scripts).parts for row in part.rows} == {""}


def test_what_is_not_written_yet_stands_by_itself_without_a_number() -> None:
    northern = Script("nod", {Key.BYE: Prompt(Key.BYE, "ขอบคุณเจ้า")})
    (calls, callers) = sheet_of(load_languages().get("nod"), {"th": EVERYTHING, "nod": northern}).parts[-2:]
    assert (calls.name, callers.name) == ("unwritten", "unwritten_hotline")
    assert {row.number for row in (*calls.rows, *callers.rows)} == {0}
    assert {row.key for row in calls.rows} == {str(key) for key in wanted_keys()} - {"bye"}
    assert {row.key for row in callers.rows} == set(map(str, hotline_keys()))


def test_a_language_without_a_script_gets_a_sheet_to_be_written() -> None:
    sheet = sheet_of(load_languages().get("mnw"), {"th": EVERYTHING})
    assert [part.name for part in sheet.parts] == ["unwritten", "unwritten_hotline"]
    assert not sheet.is_written
    assert sheet.parts[0].rows[0].thai == "ไทย greet.reminder"
