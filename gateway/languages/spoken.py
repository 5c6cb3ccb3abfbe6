"""Days, dates and hours as people write and say them, one TOML file a language in `spoken/`.

A language without a file, or without the part that is asked for, is refused: nobody is told a day in words that were
guessed (DESIGN law 6). Callers walk `LanguageTable.chain` themselves when something may stand in.
"""

from __future__ import annotations

from datetime import date, time
from functools import lru_cache
from pathlib import Path
from typing import Literal

from gateway.kit.digits import in_script
from gateway.kit.thai_dates import BUDDHIST_OFFSET
from gateway.languages.data import LanguageDataError, LanguageError, codes_in, languages_folder
from gateway.languages.spoken_files import DAYS, LARGEST_NUMBER, Spoken, Written, clock_text, read_forms
from gateway.languages.table import load_languages


def written_languages() -> tuple[str, ...]:
    """Return the codes of the languages in which days and hours can be written."""
    return codes_in(_folder())


def spoken_languages() -> tuple[str, ...]:
    """Return the codes of the languages in which days and hours can be said."""
    return tuple(code for code in written_languages() if read_forms(_folder(), code)[1] is not None)


def write_day(language: str, day: date) -> str:
    """Return weekday, day, month and year for a text, in the language's era and digits: "อา. 26 ก.ค. 69".

    Raises LanguageError when the language has no written form.
    """
    form, entry = _written(language), load_languages().get(language)
    year = day.year + (BUDDHIST_OFFSET if entry.era == "be" else 0)
    text = form.day.format(
        weekday=form.weekdays[day.weekday()],
        day=day.day,
        month=form.months[day.month - 1],
        year=f"{year % 10**form.year_digits:0{form.year_digits}}",
    )
    return in_script(text, entry.digits)


def write_time(language: str, t: time) -> str:
    """Return a time of day for a text, at most about 12 characters: "09.00 น.", "9:00am".

    Raises LanguageError when the language has no written form.
    """
    form = _written(language)
    return in_script(clock_text(form.time, form, t), load_languages().get(language).digits)


def write_clock(language: str, t: time) -> str:
    """Return a time of day for a list of several, as short as it can be told: "09.00"; raises LanguageError."""
    form = _written(language)
    return in_script(clock_text(form.clock, form, t), load_languages().get(language).digits)


def write_short_day(language: str, day: date) -> str:
    """Return a day for a list of several, as short as it can be told: "26/7", the day first in every language of ours.

    Raises LanguageError when the language has no written form.
    """
    _written(language)
    return in_script(f"{day.day}/{day.month}", load_languages().get(language).digits)


def say_hour(language: str, t: time) -> str:
    """Return a time of day as it is said, always with a part of the day: "เก้าโมงเช้า", "สิบโมงครึ่งตอนเช้า".

    Every minute of the day has a phrase of its own. Raises LanguageError when the language has no spoken form.
    """
    form = _spoken(language).clock
    full, with_minutes = form.hours[t.hour]
    if t.minute == 0:
        return full
    if t.minute == 30:
        return with_minutes.format(minutes=form.half)
    return with_minutes.format(minutes=form.minutes.format(number=form.numbers[t.minute - 1]))


def say_number(language: str, n: int) -> str:
    """Return a number from 1 to 99 in words; raises ValueError outside them, LanguageError for an unknown language."""
    form = _spoken(language)
    if not 1 <= n <= LARGEST_NUMBER:
        raise ValueError(f"only numbers from 1 to {LARGEST_NUMBER} can be said")
    return form.numbers[n - 1]


def say_digit(language: str, digit: int) -> str:
    """Return a digit from 0 to 9 in words; raises ValueError outside them, LanguageError for an unknown language."""
    return _spoken(language).zero if digit == 0 else say_number(language, digit)


def say_day(language: str, day: int) -> str:
    """Return a day of the month from 1 to 31 as it is said: "the twenty-sixth"; raises ValueError, LanguageError."""
    form = _spoken(language)
    if not 1 <= day <= DAYS:
        raise ValueError(f"only days from 1 to {DAYS} can be said")
    return form.days[day - 1]


def dayparts(language: str) -> tuple[str, ...]:
    """Return the words for parts of the day; every hour that is said holds one. Raises LanguageError."""
    return _spoken(language).clock.dayparts


def say_weekday(language: str, day: date) -> str:
    """Return the weekday of a day as it is said: "วันอาทิตย์". Raises LanguageError."""
    return _spoken(language).weekdays[day.weekday()]


def say_month(language: str, day: date) -> str:
    """Return the month of a day as it is said: "กรกฎาคม". Raises LanguageError."""
    return _spoken(language).months[day.month - 1]


def relative_day(day: date, today: date) -> Literal["today", "tomorrow", "day_after"] | None:
    """Return how far a day is from today (both Bangkok days), or None when it is further off or past.

    To be asked when the call is answered, not when it is queued: "tomorrow" is wrong after midnight.
    """
    match (day - today).days:
        case 0:
            return "today"
        case 1:
            return "tomorrow"
        case 2:
            return "day_after"
        case _:
            return None


def _written(language: str) -> Written:
    return _known(language)[0]


def _spoken(language: str) -> Spoken:
    form = _known(language)[1]
    if form is None:
        raise LanguageError(f"language {language!r} has no spoken days and hours")
    return form


def _known(language: str) -> tuple[Written, Spoken | None]:
    # Asked of the list and not of the file system: the code may come from a roster.
    folder = _folder()
    if language not in _codes(folder):
        raise LanguageError(f"language {language!r} has no days and hours")
    return read_forms(folder, language)


def _folder() -> Path:
    return languages_folder() / "spoken"


@lru_cache(maxsize=8)
def _codes(folder: Path) -> frozenset[str]:
    return frozenset(codes_in(folder))


__all__ = [
    "LanguageDataError",
    "LanguageError",
    "dayparts",
    "relative_day",
    "say_day",
    "say_digit",
    "say_hour",
    "say_month",
    "say_number",
    "say_weekday",
    "spoken_languages",
    "write_clock",
    "write_day",
    "write_short_day",
    "write_time",
    "written_languages",
]
