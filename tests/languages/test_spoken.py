"""Days, dates and hours in words."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.kit.thai_dates import write_thai_date
from gateway.languages import spoken, spoken_files
from gateway.languages.data import HERE, LanguageDataError, LanguageError, Section, use_folder
from gateway.languages.spoken import (
    dayparts,
    relative_day,
    say_day,
    say_digit,
    say_hour,
    say_month,
    say_number,
    say_weekday,
    write_clock,
    write_day,
    write_time,
)
from gateway.languages.table import load_languages

THAI_HOURS = ("th", "nod", "tts", "sou")
SUNDAY = date(2026, 7, 26)
WRITTEN = spoken.written_languages()
SPOKEN = spoken.spoken_languages()
NAMED = {"en", "km", "lo", "my", "nod", "sou", "th", "tts", "vi"}
TWO_YEARS = [date(2026, 1, 1) + timedelta(days=offset) for offset in range(731)]
QUARTERS = [time(hour, minute) for hour in range(24) for minute in (0, 15, 30, 45)]


@pytest.fixture(autouse=True)
def shipped_tables() -> Iterator[None]:
    """A test may read the tables from elsewhere; the next one reads the shipped ones again."""
    yield
    use_folder(None)


def copied(folder: Path) -> Path:
    """The shipped tables once more, to be spoilt."""
    shutil.copytree(HERE, folder / "languages", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return folder / "languages"


def test_the_languages_of_our_texts_and_calls_write_days_and_say_them() -> None:
    assert set(WRITTEN) >= NAMED
    assert set(SPOKEN) >= NAMED


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("th", "อา. 26 ก.ค. 69"),
        ("en", "Sun 26 Jul 2026"),
        ("my", "တနင်္ဂနွေ 26 ဇူလိုင် 2026"),
        ("km", "អាទិត្យ 26 កក្កដា 2026"),
        ("lo", "ອາທິດ 26 ກໍລະກົດ 2026"),
        ("vi", "Chủ Nhật 26/7/2026"),
        ("nod", "อา. 26 ก.ค. 69"),
    ],
)
def test_a_day_is_written_in_the_era_of_the_language(language: str, written: str) -> None:
    assert write_day(language, SUNDAY) == written


@pytest.mark.parametrize("language", WRITTEN)
def test_every_day_of_two_years_is_written_apart_and_short(language: str) -> None:
    written = {write_day(language, day) for day in TWO_YEARS}
    assert len(written) == len(TWO_YEARS)
    assert max(len(text) for text in written) <= 32
    assert not any(sign in text for text in written for sign in "{}")


@given(st.dates(min_value=date(1990, 1, 1), max_value=date(2050, 12, 31)))
def test_thai_days_are_written_as_the_rosters_have_them(day: date) -> None:
    assert write_day("th", day) == write_thai_date(day)


@pytest.mark.parametrize(
    ("language", "moment", "written"),
    [
        ("th", time(9), "09.00 น."),
        ("th", time(13, 30), "13.30 น."),
        ("en", time(9), "9:00am"),
        ("en", time(12), "12:00pm"),
        ("en", time(13, 30), "1:30pm"),
        ("my", time(9), "မနက် 9:00"),
        ("km", time(13, 30), "1:30 រសៀល"),
        ("lo", time(9, 30), "09:30 ໂມງ"),
        ("vi", time(13, 30), "13h30"),
    ],
)
def test_an_hour_is_written_as_the_language_does(language: str, moment: time, written: str) -> None:
    assert write_time(language, moment) == written


@pytest.mark.parametrize("language", WRITTEN)
@pytest.mark.parametrize("write", [write_time, write_clock])
def test_every_quarter_hour_is_written_apart_and_short(language: str, write: Callable[[str, time], str]) -> None:
    written = {write(language, moment) for moment in QUARTERS}
    assert len(written) == len(QUARTERS)
    assert max(len(text) for text in written) <= 13


@pytest.mark.parametrize(
    ("language", "written"), [("th", "09.00"), ("nod", "09.00"), ("lo", "09:00"), ("en", "9:00am")]
)
def test_an_hour_among_others_is_written_without_the_word_for_it(language: str, written: str) -> None:
    assert write_clock(language, time(9)) == written


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (time(6), "หกโมงเช้า"),
        (time(9), "เก้าโมงเช้า"),
        (time(10, 30), "สิบโมงครึ่งตอนเช้า"),
        (time(11), "สิบเอ็ดโมงเช้า"),
        (time(12), "เที่ยง"),
        (time(13), "บ่ายโมง"),
        (time(14, 30), "บ่ายสองโมงครึ่ง"),
        (time(16), "สี่โมงเย็น"),
        (time(18, 15), "หกโมงสิบห้าตอนเย็น"),
        (time(19), "หนึ่งทุ่ม"),
        (time(20, 45), "สองทุ่มสี่สิบห้า"),
        (time(0, 30), "เที่ยงคืนครึ่ง"),
    ],
)
def test_an_hour_is_said_in_central_thai_with_its_part_of_the_day(moment: time, said: str) -> None:
    assert say_hour("th", moment) == said


@pytest.mark.parametrize("language", THAI_HOURS)
def test_the_dialects_say_the_hour_as_central_thai_does(language: str) -> None:
    assert [say_hour(language, moment) for moment in QUARTERS] == [say_hour("th", moment) for moment in QUARTERS]


@pytest.mark.parametrize("language", SPOKEN)
def test_no_two_minutes_of_the_day_sound_alike(language: str) -> None:
    minutes = [time(hour, minute) for hour in range(24) for minute in range(60)]
    assert len({say_hour(language, moment) for moment in minutes}) == len(minutes)


@pytest.mark.parametrize("language", SPOKEN)
def test_every_minute_is_said_with_a_part_of_the_day_and_without_a_digit(language: str) -> None:
    for moment in (time(hour, minute) for hour in range(24) for minute in range(60)):
        said = say_hour(language, moment)
        assert any(part in said for part in dayparts(language)), said
        assert not any(char.isdigit() for char in said), said


@pytest.mark.parametrize(
    ("language", "moment", "said"),
    [
        ("en", time(9), "nine in the morning"),
        ("en", time(12), "twelve noon"),
        ("en", time(0, 15), "twelve fifteen at night"),
        ("en", time(12, 15), "twelve fifteen in the afternoon"),
        ("my", time(9), "မနက် ကိုးနာရီ"),
        ("my", time(13, 30), "နေ့လယ် တစ်နာရီခွဲ"),
        ("km", time(9), "ម៉ោងប្រាំបួនព្រឹក"),
        ("lo", time(14, 30), "ບ່າຍສອງໂມງເຄິ່ງ"),
        ("vi", time(9, 30), "chín giờ rưỡi sáng"),
        ("vi", time(13, 15), "một giờ mười lăm phút chiều"),
    ],
)
def test_an_hour_is_said_as_the_language_does(language: str, moment: time, said: str) -> None:
    assert say_hour(language, moment) == said


@pytest.mark.parametrize(
    ("language", "day", "said"),
    [
        ("th", 26, "ยี่สิบหก"),
        ("nod", 26, "ซาวฮก"),
        ("tts", 21, "ซาวเอ็ด"),
        ("sou", 21, "ยี่สิบเอ็ด"),
        ("en", 22, "the twenty-second"),
        ("my", 26, "နှစ်ဆယ့်ခြောက်"),
        ("km", 26, "ម្ភៃប្រាំមួយ"),
        ("lo", 21, "ຊາວເອັດ"),
        ("vi", 5, "mùng năm"),
        ("vi", 25, "ngày hai mươi lăm"),
    ],
)
def test_a_day_of_the_month_is_said_as_the_language_does(language: str, day: int, said: str) -> None:
    assert say_day(language, day) == said


@pytest.mark.parametrize("day", [0, 32, -1])
def test_other_days_of_a_month_cannot_be_said(day: int) -> None:
    with pytest.raises(ValueError, match="from 1 to 31"):
        say_day("th", day)


@pytest.mark.parametrize("language", SPOKEN)
def test_every_day_of_two_years_is_said_apart_and_without_a_digit(language: str) -> None:
    said = {(say_weekday(language, d), say_day(language, d.day), say_month(language, d)) for d in TWO_YEARS}
    names = {name for day in said for name in day}
    assert len({day[1:] for day in said}) == 365
    assert (len({day[0] for day in said}), len({day[1] for day in said}), len({day[2] for day in said})) == (7, 31, 12)
    assert not any(char.isdigit() for name in names for char in name)


@pytest.mark.parametrize("language", SPOKEN)
def test_the_ten_digits_are_said_apart(language: str) -> None:
    assert len({say_digit(language, digit) for digit in range(10)}) == 10


@pytest.mark.parametrize(("number", "said"), [(1, "หนึ่ง"), (11, "สิบเอ็ด"), (20, "ยี่สิบ"), (21, "ยี่สิบเอ็ด"), (99, "เก้าสิบเก้า")])
def test_a_number_is_said_in_words(number: int, said: str) -> None:
    assert say_number("th", number) == said


@pytest.mark.parametrize("language", SPOKEN)
def test_the_ninety_nine_numbers_differ(language: str) -> None:
    assert len({say_number(language, number) for number in range(1, 100)}) == 99


@pytest.mark.parametrize("number", [0, 100, -1])
def test_other_numbers_cannot_be_said(number: int) -> None:
    with pytest.raises(ValueError, match="from 1 to 99"):
        say_number("th", number)


def test_a_weekday_and_a_month_are_said_in_full() -> None:
    assert (say_weekday("th", SUNDAY), say_month("th", SUNDAY)) == ("วันอาทิตย์", "กรกฎาคม")


@pytest.mark.parametrize("language", [*sorted(set(load_languages().codes) - set(WRITTEN)), "xx", "../th", ""])
def test_a_language_without_words_is_refused_by_name(language: str) -> None:
    for attempt in (lambda: write_day(language, SUNDAY), lambda: say_hour(language, time(9))):
        with pytest.raises(LanguageError, match=repr(language)):
            attempt()


def test_a_language_that_only_writes_cannot_speak(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    path = folder / "spoken" / "my.toml"
    path.write_text(path.read_text(encoding="utf-8").split("[spoken]")[0], encoding="utf-8")
    use_folder(folder)
    assert "my" not in spoken.spoken_languages()
    assert "my" in spoken.written_languages()
    with pytest.raises(LanguageError, match="no spoken"):
        say_hour("my", time(9))


@pytest.mark.parametrize(
    ("ahead", "name"), [(-1, None), (0, "today"), (1, "tomorrow"), (2, "day_after"), (3, None), (365, None)]
)
def test_only_the_next_days_have_a_name(ahead: int, name: str | None) -> None:
    assert relative_day(SUNDAY + timedelta(days=ahead), SUNDAY) == name


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("weekdays", ["only", "two"]),
        ("day", "{weekday} {day} {month}"),
        ("day", "{weekday} {day} {month} {year} {moon}"),
        ("time", "{hour25}"),
        ("clock", "{hour25}"),
        ("year_digits", 3),
        ("parts", [[6, "morning"]]),
    ],
)
def test_a_wrong_file_is_refused_with_its_key(key: str, value: object) -> None:
    form: dict[str, object] = {
        "weekdays": list("abcdefg"),
        "months": list("abcdefghijkl"),
        "day": "{weekday} {day} {month} {year}",
        "year_digits": 4,
        "time": "{hour24}:{minute}",
    }
    with pytest.raises(spoken.LanguageDataError, match=rf"some\.toml: written\.{key}: "):
        spoken_files._read_written(Section("some.toml", form | {key: value}, "written."))


@pytest.mark.parametrize(
    ("language", "old", "new", "problem"),
    [
        ("th", '["หกโมงเช้า", ', '["หกโมง", ', "hours: 'หกโมง' holds none of the dayparts"),
        ("th", 'minutes = "{number}"', 'minutes = "x"', r"minutes: lacks \{number\}"),
        ("th", 'zero = "ศูนย์"\n', "", "zero: is missing"),
        ("vi", 'days = [\n    "mùng một", ', "days = [", "days: must hold 31 texts"),
        ("nod", 'hours_from = "th"', 'hours_from = "xx"', "hours_from: names no language with hours of its own"),
        ("nod", 'hours_from = "th"', 'hours_from = "tts"', "hours_from: names no language with hours of its own"),
        ("nod", 'hours_from = "th"', 'hours_from = "th"\nhalf = "x"', "half: cannot stand beside hours_from"),
    ],
)
def test_a_wrong_spoken_table_is_refused_with_its_key(
    tmp_path: Path, language: str, old: str, new: str, problem: str
) -> None:
    folder = copied(tmp_path)
    path = folder / "spoken" / f"{language}.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    use_folder(folder)
    with pytest.raises(LanguageDataError, match=rf"{language}\.toml: spoken\.{problem}"):
        say_hour(language, time(9))


@pytest.mark.parametrize("path", sorted((HERE / "spoken").glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_file_says_that_it_is_a_draft(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith("# DRAFT, not approved")
