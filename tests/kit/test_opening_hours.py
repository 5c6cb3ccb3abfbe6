"""Hours as they are written on a door: read, or refused in words that help."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from gateway.kit.clock import at_bangkok
from gateway.kit.opening_hours import OpeningHoursError, Span, read_hours

MONDAY, SATURDAY, SUNDAY = date(2026, 8, 3), date(2026, 8, 8), date(2026, 8, 9)


def at(day: date, hour: str) -> datetime:
    return at_bangkok(day, time.fromisoformat(hour))


@pytest.mark.parametrize(
    ("text", "day", "hour", "is_open"),
    [
        ("Mon-Sat 08:00-18:00", MONDAY, "07:59", False),
        ("Mon-Sat 08:00-18:00", MONDAY, "08:00", True),
        ("Mon-Sat 08:00-18:00", SATURDAY, "17:59", True),
        ("Mon-Sat 08:00-18:00", SATURDAY, "18:00", False),
        ("Mon-Sat 08:00-18:00", SUNDAY, "10:00", False),
        ("Mon-Sat 08:00-24:00", MONDAY, "23:59", True),
        ("Mon-Fri 08:30-16:30, Sat 09:00-12:00", SATURDAY, "08:45", False),
        ("Mon-Fri 08:30-16:30, Sat 09:00-12:00", SATURDAY, "11:59", True),
        ("mon-fri 8:30 - 12:00, Monday 13:00-16:30", MONDAY, "12:30", False),
        ("mon-fri 8:30 - 12:00, Monday 13:00-16:30", MONDAY, "16:00", True),
        ("Sat-Mon 09:00-12:00", SUNDAY, "10:00", True),
        ("always", SUNDAY, "03:00", True),
        (" Always ", SUNDAY, "03:00", True),
    ],
)
def test_hours_are_bangkoks_and_end_with_the_minute_that_is_named(
    text: str, day: date, hour: str, is_open: bool
) -> None:
    assert read_hours(text).is_open(at(day, hour)) is is_open


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "such as"),
        ("08:00-18:00", "such as"),
        ("Mon-Sat 8-18", "such as"),
        ("Mon-Sat 08:00-18:00;", "such as"),
        ("Mon-Sat", "such as"),
        ("Mno 08:00-18:00", "not Mno"),
        ("Mon-Sat 08:00-24:30", "not 24:30"),
        ("Mon-Sat 08:61-18:00", "not 08:61"),
        ("Mon-Sat 18:00-08:00", "write two parts"),
        ("Mon-Sat 08:00-08:00", "write two parts"),
        ("Mon 08:00-12:00, Mon-Tue 11:00-13:00", "those of Mon"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_is_expected(text: str, wrong: str) -> None:
    with pytest.raises(OpeningHoursError, match=wrong):
        read_hours(text)


def test_a_holiday_is_a_day_off_unless_it_is_always_open() -> None:
    assert not read_hours("Mon-Sat 08:00-18:00", {MONDAY}).is_open(at(MONDAY, "10:00"))
    assert read_hours("always", {MONDAY}).is_open(at(MONDAY, "10:00"))


def test_the_next_hours_skip_sundays_and_holidays() -> None:
    hours = read_hours("Mon-Fri 08:30-16:30, Sat 09:00-12:00", {date(2026, 8, 10)})
    assert hours.next_open(at(SATURDAY, "12:00")) == at(date(2026, 8, 11), "08:30")
    assert hours.next_open(at(SATURDAY, "10:00")) == at(SATURDAY, "10:00")
    assert hours.next_span(at(SUNDAY, "12:00")) == Span(8 * 60 + 30, 16 * 60 + 30)
    assert hours.next_span(at(date(2026, 8, 7), "20:00")) == Span(9 * 60, 12 * 60)


def test_who_is_never_there_is_said_to_be_so() -> None:
    with pytest.raises(ValueError, match="holidays"):
        read_hours("Mon 08:00-18:00", {date(2026, 8, 3 + 7 * week) for week in range(4)} | {
            date(2026, 9, 7 + 7 * week) for week in range(4)} | {date(2026, 8, 31), date(2026, 10, 5)}
        ).next_open(at(MONDAY, "07:00"))  # fmt: skip


@pytest.mark.parametrize(
    ("hours", "meets"),
    [("Mon-Sat 08:00-18:00", True), ("Mon 19:00-24:00", True), ("Mon-Sun 19:30-24:00", False),
     ("Mon-Sun 00:00-09:00", False), ("always", True)],
)  # fmt: skip
def test_hours_are_known_that_never_meet_those_in_which_people_may_be_called(hours: str, meets: bool) -> None:
    assert read_hours(hours).meets(time(9), time(19, 30)) is meets
