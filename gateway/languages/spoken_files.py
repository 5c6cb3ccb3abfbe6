"""Reading the files of `spoken/`: how a language writes and says days and hours, checked key by key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from gateway.languages.data import Section, read_section

LARGEST_NUMBER: Final = 99
DAYS: Final = 31
_PROBES: Final = (time(9), time(13, 30))
_CLOCK: Final = ("half", "minutes", "dayparts", "hours")


@dataclass(frozen=True)
class Written:
    """How a language writes a day and an hour; `parts` are (first hour, word) pairs of the day's parts.

    `clock` is the hour where several stand in a row, as short as it can be told.
    """

    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    day: str
    year_digits: int
    time: str
    clock: str
    parts: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Clock:
    """How a language says an hour; `hours` has 24 pairs: the full hour, and the hour with {minutes}.

    Every hour holds one of the `dayparts`.
    """

    numbers: tuple[str, ...]
    half: str
    minutes: str
    dayparts: tuple[str, ...]
    hours: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Spoken:
    """How a language says them; `days` are its numbers where the days of a month have no words of their own."""

    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    zero: str
    numbers: tuple[str, ...]
    days: tuple[str, ...]
    clock: Clock


@lru_cache(maxsize=64)
def read_forms(folder: Path, language: str) -> tuple[Written, Spoken | None]:
    """Return how a language writes days and hours, and how it says them if it does; read once.

    Raises LanguageDataError naming file and key.
    """
    file = read_section(folder / f"{language}.toml")
    file.only("written", "spoken")
    spoken = _read_spoken(folder, file.section("spoken")) if "spoken" in file.keys else None
    return _read_written(file.section("written")), spoken


def _read_written(section: Section) -> Written:
    section.only("weekdays", "months", "day", "year_digits", "time", "clock", "parts")
    form = Written(
        weekdays=section.texts("weekdays", 7),
        months=section.texts("months", 12),
        day=section.text("day"),
        year_digits=section.number("year_digits"),
        time=section.text("time"),
        clock=section.text("clock" if "clock" in section.keys else "time"),
        parts=_parts(section) if "parts" in section.keys else (),
    )
    if form.year_digits not in (2, 4):
        raise section.wrong("year_digits", "must be 2 or 4")
    _check_fields(section, "day", form.day, weekday="w", day=1, month="m", year="2026")
    for key, pattern in (("time", form.time), ("clock", form.clock)):
        try:
            _ = [clock_text(pattern, form, probe) for probe in _PROBES]
        except (KeyError, IndexError, ValueError) as error:
            raise section.wrong(key, f"cannot be filled in: {error}") from error
    return form


def _parts(section: Section) -> tuple[tuple[int, str], ...]:
    pairs = section.pairs("parts", int, str)
    if not pairs or pairs[0][0] != 0 or [hour for hour, _ in pairs] != sorted({hour for hour, _ in pairs}):
        raise section.wrong("parts", "must begin at hour 0 and rise")
    return pairs


def _read_spoken(folder: Path, section: Section) -> Spoken:
    section.only("weekdays", "months", "zero", "numbers", "days", "hours_from", *_CLOCK)
    numbers = section.texts("numbers", LARGEST_NUMBER)
    return Spoken(
        weekdays=section.texts("weekdays", 7),
        months=section.texts("months", 12),
        zero=section.text("zero"),
        numbers=numbers,
        days=section.texts("days", DAYS) if "days" in section.keys else numbers[:DAYS],
        clock=_clock_of(folder, section, numbers),
    )


def _clock_of(folder: Path, section: Section, numbers: tuple[str, ...]) -> Clock:
    if "hours_from" not in section.keys:
        return _read_clock(section, numbers)
    own = [key for key in section.keys if key in _CLOCK]
    if own:
        raise section.wrong(own[0], "cannot stand beside hours_from, which takes the whole clock of another language")
    path = folder / f"{section.text('hours_from')}.toml"
    other = read_section(path).section("spoken") if path.is_file() else None
    if other is None or "hours" not in other.keys:
        raise section.wrong("hours_from", "names no language with hours of its own")
    return _read_clock(other, other.texts("numbers", LARGEST_NUMBER))


def _read_clock(section: Section, numbers: tuple[str, ...]) -> Clock:
    clock = Clock(
        numbers=numbers,
        half=section.text("half"),
        minutes=section.text("minutes"),
        dayparts=section.texts("dayparts"),
        hours=section.pairs("hours", str, str),
    )
    if len(clock.hours) != 24:
        raise section.wrong("hours", f"must hold 24 pairs, not {len(clock.hours)}")
    _check_fields(section, "minutes", clock.minutes, number="n")
    for pair in clock.hours:
        _check_hour(section, pair, clock.dayparts)
    return clock


def _check_hour(section: Section, pair: tuple[str, str], dayparts: tuple[str, ...]) -> None:
    _check_fields(section, "hours", pair[1], minutes="m")
    for phrase in pair:
        # "Two o'clock" alone is eight in the morning to an elder of Isan (facts/thailand.md §3).
        if not any(part in phrase for part in dayparts):
            raise section.wrong("hours", f"{phrase!r} holds none of the dayparts")


def _check_fields(section: Section, key: str, pattern: str, **fields: Any) -> None:
    missing = [name for name in fields if f"{{{name}}}" not in pattern]
    if missing:
        raise section.wrong(key, f"lacks {{{missing[0]}}}")
    try:
        pattern.format(**fields)
    except (KeyError, IndexError, ValueError) as error:
        raise section.wrong(key, f"cannot be filled in: {error}") from error


def clock_text(pattern: str, form: Written, t: time) -> str:
    """Return a time of day as it is written in this pattern of the language, in 0-9."""
    return pattern.format(
        hour24=t.hour,
        hour12=(t.hour - 1) % 12 + 1,
        minute=t.minute,
        part=_part_of_day(form.parts, t.hour),
    )


def _part_of_day(parts: Sequence[tuple[int, str]], hour: int) -> str:
    words = [word for first, word in parts if first <= hour]
    return words[-1] if words else ""
