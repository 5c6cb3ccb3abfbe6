"""Our tables of days, months and numbers against those of Unicode (CLDR, through ICU), which were written by others.

Where the two differ the difference is written down here with its reason; whatever else differs is a slip of one of us.
ICU has no mnw, ksw, nod, tts and sou, and no hours as they are said: those are ours alone, and a reviewer's.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from icu4py.locale import Locale
from icu4py.messageformat import MessageFormat

from gateway.languages.spoken import say_digit, say_month, say_number, say_weekday

LANGUAGES = ("th", "en", "my", "km", "lo", "vi")
WEEK = [date(2026, 7, 20) + timedelta(offset) for offset in range(7)]
YEAR = [date(2026, month, 15) for month in range(1, 13)]
SPELT_OTHERWISE = {
    # CLDR adds the sign that silences a letter; calendars print it without. Both are read alike.
    "ច័ន្ទ": "ចន្ទ",
}


def unicode_says(language: str, pattern: str, value: object) -> str:
    # Noon in London is the same day in Bangkok: ICU reckons in UTC.
    shown = datetime(value.year, value.month, value.day, 12, tzinfo=UTC) if isinstance(value, date) else value
    return MessageFormat(pattern, Locale(language)).format({"it": shown}).replace("\u200b", "")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("day", WEEK, ids=lambda day: f"{day:%a}")
def test_a_weekday_has_the_name_that_unicode_gives_it(language: str, day: date) -> None:
    theirs = unicode_says(language, "{it, date, ::EEEE}", day)
    assert say_weekday(language, day).casefold() == SPELT_OTHERWISE.get(theirs, theirs).casefold()


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "vi"])
@pytest.mark.parametrize("day", YEAR, ids=lambda day: f"{day:%b}")
def test_a_month_has_the_name_that_unicode_gives_it(language: str, day: date) -> None:
    assert say_month(language, day) == unicode_says(language, "{it, date, ::LLLL}", day)


@pytest.mark.parametrize("day", YEAR, ids=lambda day: f"{day:%b}")
def test_a_vietnamese_month_is_its_number_which_we_say_in_words(day: date) -> None:
    in_words = (
        "tư" if day.month == 4 else say_number("vi", day.month)
    )  # the fourth month is tháng tư and never tháng bốn
    assert unicode_says("vi", "{it, date, ::LLLL}", day).casefold() == f"tháng {day.month}"
    assert say_month("vi", day) == f"tháng {in_words}"


@pytest.mark.parametrize("language", ["th", "en", "km", "lo"])
def test_the_numbers_are_those_of_unicode(language: str) -> None:
    for number in range(1, 100):
        assert say_number(language, number) == unicode_says(language, "{it, spellout}", number)


def test_vietnamese_says_bon_after_ten_where_unicode_has_the_northern_tu() -> None:
    for number in range(1, 100):
        theirs = unicode_says("vi", "{it, spellout}", number)
        assert say_number("vi", number) == (theirs.replace("mươi tư", "mươi bốn"))


def test_burmese_has_the_creaky_ten_and_the_dictionary_s_seven() -> None:
    """CLDR writes ဆယ် before a unit, which is said ဆယ့်; and ခုနှစ်, which also means year, for seven."""
    for number in range(1, 100):
        theirs = unicode_says("my", "{it, spellout}", number).replace("ခုနှစ်", "ခုနစ်")
        if number > 20 and number % 10:
            theirs = theirs.replace("ဆယ်", "ဆယ့်", 1)
        assert say_number("my", number) == theirs


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "lo"])
def test_nothing_is_called_as_unicode_calls_it(language: str) -> None:
    assert say_digit(language, 0) == unicode_says(language, "{it, spellout}", 0)


def test_lao_has_a_nought_of_its_own_where_unicode_has_the_thai_one() -> None:
    assert unicode_says("lo", "{it, spellout}", 0) == say_digit("th", 0)
    assert say_digit("lo", 0) == "ສູນ"
