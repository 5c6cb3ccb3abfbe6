"""The prompts that can be counted (weekdays, days, months, hours, doses, digits), made of the language's own table.

The table (`gateway/languages/spoken/<language>.toml`) is the one source of these words; a script adds the little words
around them in its `[patterns]`. What a script writes out itself counts more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Final

from gateway.languages.spoken import (
    say_day,
    say_digit,
    say_hour,
    say_month,
    say_number,
    say_weekday,
    spoken_languages,
)
from gateway.voice.keys import SPOKEN_DOSES, digit_key, hour_key, quarter_hours

PATTERNS: Final[Mapping[str, str]] = {
    "weekday": "weekday",
    "day": "day",
    "month": "month",
    "hour": "hour",
    "digit": "digit",
    "dose": "number",
    "place": "place",
    "name": "name",
}
"""The patterns a script may have, each with the field that must stand in it: `dose = "เป็นเข็มที่{number}ค่ะ"`."""

_MONDAY: Final = date(2026, 1, 5)
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

Line = tuple[str, str, str, str]
"""The kind (a key of PATTERNS), the prompt's key, its words without the pattern, and their meaning in English."""


def countable(language: str, patterns: Mapping[str, str]) -> Iterator[Line]:
    """Yield what the language's table can say, patterns filled in; nothing for a language without spoken table.

    Doses only where there is a pattern for them: "two" alone is not a sentence.
    """
    if language not in spoken_languages():
        return
    for kind, key, words, back in _lines(language):
        if kind != "dose" or kind in patterns:
            yield kind, key, fill(kind, patterns, words), back


def fill(kind: str, patterns: Mapping[str, str], words: str) -> str:
    """Return the words in the pattern of their kind, or alone where the script has none."""
    field = PATTERNS[kind]
    return patterns.get(kind, f"{{{field}}}").replace(f"{{{field}}}", words)


def _lines(language: str) -> Iterator[Line]:
    for number in range(7):
        weekday = say_weekday(language, _MONDAY + timedelta(number))
        yield "weekday", f"weekday.{number + 1}", weekday, _WEEKDAYS[number]
    for number in range(1, 32):
        yield "day", f"day.{number}", say_day(language, number), f"the {_ordinal(number)}"
    for number in range(1, 13):
        yield "month", f"month.{number}", say_month(language, date(2026, number, 1)), _MONTHS[number - 1]
    for hour in quarter_hours():
        yield "hour", hour_key(hour), say_hour(language, hour), f"{hour:%H:%M}"
    for number in SPOKEN_DOSES:
        yield "dose", f"dose.{number}", say_number(language, number), f"It is dose {number}."
    for number in range(10):
        yield "digit", digit_key(number), say_digit(language, number), str(number)


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number in (11, 12, 13) else ending}"
