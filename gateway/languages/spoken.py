"""Days, dates and hours as people write and say them, one TOML file a language in `spoken/`.

A language without a file, or without the part that is asked for, is refused: nobody is told a day in words that were
guessed (DESIGN law 6). Callers walk `LanguageTable.chain` themselves when something may stand in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

from gateway.kit.digits import in_script
from gateway.kit.thai_dates import BUDDHIST_OFFSET
from gateway.languages.data import (
    LanguageDataError,
    LanguageError,
    Section,
    codes_in,
    languages_folder,
    read_section,
)
from gateway.languages.table import load_languages

LARGEST_NUMBER: Final = 99
DAYS: Final = 31
_PROBES: Final = (time(9), time(13, 30))


@dataclass(frozen=True)
class Written:
    """How a language writes a day and an hour; `parts` are (first hour, word) pairs of the day's parts."""

    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    day: str
    year_digits: int
    time: str
    parts: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Spoken:
    """How a language says them; `hours` has 24 pairs: the full hour, and the hour with {minutes}.

    `days` are the days of the month where they are not said with the plain numbers ("the twenty-sixth"), else the
    first 31 numbers. Every hour holds one of the `dayparts`.
    """

    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    zero: str
    numbers: tuple[str, ...]
    days: tuple[str, ...]
    dayparts: tuple[str, ...]
    half: str
    minutes: str
    hours: tuple[tuple[str, str], ...]


def written_languages() -> tuple[str, ...]:
    """Return the codes of the languages in which days and hours can be written."""
    return codes_in(_folder())


def spoken_languages() -> tuple[str, ...]:
    """Return the codes of the languages in which days and hours can be said."""
    return tuple(code for code in written_languages() if _load(_folder(), code)[1] is not None)


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
    return in_script(_clock(_written(language), t), load_languages().get(language).digits)


def say_hour(language: str, t: time) -> str:
    """Return a time of day as it is said, always with a part of the day: "เก้าโมงเช้า", "สิบโมงครึ่งตอนเช้า".

    Every minute of the day has a phrase of its own. Raises LanguageError when the language has no spoken form.
    """
    form = _spoken(language)
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
    return _spoken(language).dayparts


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
    return _load(folder, language)


def _folder() -> Path:
    return languages_folder() / "spoken"


@lru_cache(maxsize=8)
def _codes(folder: Path) -> frozenset[str]:
    return frozenset(codes_in(folder))


@lru_cache(maxsize=64)
def _load(folder: Path, language: str) -> tuple[Written, Spoken | None]:
    file = read_section(folder / f"{language}.toml")
    file.only("written", "spoken")
    spoken = _read_spoken(file.section("spoken")) if "spoken" in file.keys else None
    return _read_written(file.section("written")), spoken


def _read_written(section: Section) -> Written:
    section.only("weekdays", "months", "day", "year_digits", "time", "parts")
    form = Written(
        weekdays=section.texts("weekdays", 7),
        months=section.texts("months", 12),
        day=section.text("day"),
        year_digits=section.number("year_digits"),
        time=section.text("time"),
        parts=_parts(section) if "parts" in section.keys else (),
    )
    if form.year_digits not in (2, 4):
        raise section.wrong("year_digits", "must be 2 or 4")
    _check_fields(section, "day", form.day, weekday="w", day=1, month="m", year="2026")
    try:
        _ = [_clock(form, probe) for probe in _PROBES]
    except (KeyError, IndexError, ValueError) as error:
        raise section.wrong("time", f"cannot be filled in: {error}") from error
    return form


def _parts(section: Section) -> tuple[tuple[int, str], ...]:
    pairs = section.pairs("parts", int, str)
    if not pairs or pairs[0][0] != 0 or [hour for hour, _ in pairs] != sorted({hour for hour, _ in pairs}):
        raise section.wrong("parts", "must begin at hour 0 and rise")
    return pairs


def _read_spoken(section: Section) -> Spoken:
    section.only("weekdays", "months", "zero", "numbers", "days", "dayparts", "half", "minutes", "hours")
    numbers = section.texts("numbers", LARGEST_NUMBER)
    form = Spoken(
        weekdays=section.texts("weekdays", 7),
        months=section.texts("months", 12),
        zero=section.text("zero"),
        numbers=numbers,
        days=section.texts("days", DAYS) if "days" in section.keys else numbers[:DAYS],
        dayparts=section.texts("dayparts"),
        half=section.text("half"),
        minutes=section.text("minutes"),
        hours=section.pairs("hours", str, str),
    )
    if len(form.hours) != 24:
        raise section.wrong("hours", f"must hold 24 pairs, not {len(form.hours)}")
    _check_fields(section, "minutes", form.minutes, number="n")
    _check_hours(section, form)
    return form


def _check_hours(section: Section, form: Spoken) -> None:
    for full, with_minutes in form.hours:
        _check_fields(section, "hours", with_minutes, minutes="m")
        for phrase in (full, with_minutes):
            # "Two o'clock" alone is eight in the morning to an elder of Isan (facts/thailand.md §3).
            if not any(part in phrase for part in form.dayparts):
                raise section.wrong("hours", f"{phrase!r} holds none of the dayparts")


def _check_fields(section: Section, key: str, pattern: str, **fields: Any) -> None:
    missing = [name for name in fields if f"{{{name}}}" not in pattern]
    if missing:
        raise section.wrong(key, f"lacks {{{missing[0]}}}")
    try:
        pattern.format(**fields)
    except (KeyError, IndexError, ValueError) as error:
        raise section.wrong(key, f"cannot be filled in: {error}") from error


def _clock(form: Written, t: time) -> str:
    return form.time.format(
        hour24=t.hour,
        hour12=(t.hour - 1) % 12 + 1,
        minute=t.minute,
        part=_part_of_day(form.parts, t.hour),
    )


def _part_of_day(parts: Sequence[tuple[int, str]], hour: int) -> str:
    words = [word for first, word in parts if first <= hour]
    return words[-1] if words else ""


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
    "write_day",
    "write_time",
    "written_languages",
]
