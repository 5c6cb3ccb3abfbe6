"""The hours and days on which anybody may be contacted."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.kit.clock import at_bangkok, bangkok_day, bangkok_time
from gateway.plan.ladder import load_ladder
from gateway.plan.window import Half, HalfDay, Window, thai_holidays

LADDER = load_ladder()
WINDOW = LADDER.window(time(9), time(19, 30))
A_YEAR = st.datetimes(datetime(2026, 1, 1), datetime(2027, 6, 30)).map(lambda naive: naive.replace(tzinfo=UTC))


def bangkok(text: str) -> datetime:
    return datetime.fromisoformat(text + "+07:00")


@given(A_YEAR)
def test_the_next_open_instant_is_open_not_earlier_and_the_first_one(instant: datetime) -> None:
    found = WINDOW.next_open(instant)
    assert WINDOW.is_open(found)
    assert found >= instant
    if found > instant:
        assert not WINDOW.is_open(instant)
        assert not WINDOW.is_open(found - timedelta(seconds=1))
        assert bangkok_time(found).time() == time(9)
        days = range((bangkok_day(found) - bangkok_day(instant)).days)
        assert all(not WINDOW.is_open(at_bangkok(bangkok_day(instant) + timedelta(days=n), time(18))) for n in days
                   if at_bangkok(bangkok_day(instant) + timedelta(days=n), time(18)) > instant)  # fmt: skip


@given(A_YEAR)
def test_the_next_half_day_is_open_and_always_a_later_one(instant: datetime) -> None:
    found = WINDOW.next_half_day(instant)
    assert WINDOW.is_open(found)
    assert found > instant
    assert WINDOW.half_day(found) != WINDOW.half_day(instant)


@given(A_YEAR)
def test_nobody_is_contacted_at_night_or_on_a_holiday(instant: datetime) -> None:
    local = bangkok_time(instant)
    if WINDOW.is_open(instant):
        assert time(9) <= local.time() < time(19, 30)
        assert local.date() not in WINDOW.holidays


def test_the_window_opens_at_nine_and_is_closed_at_half_past_seven() -> None:
    assert not WINDOW.is_open(bangkok("2026-11-23T08:59:59"))
    assert WINDOW.is_open(bangkok("2026-11-23T09:00"))
    assert WINDOW.is_open(bangkok("2026-11-23T19:29:59"))
    assert not WINDOW.is_open(bangkok("2026-11-23T19:30"))


def test_half_days_part_at_one_in_the_afternoon() -> None:
    assert WINDOW.half_day(bangkok("2026-11-23T12:59")) == HalfDay(date(2026, 11, 23), Half.MORNING)
    assert WINDOW.half_day(bangkok("2026-11-23T13:00")) == HalfDay(date(2026, 11, 23), Half.AFTERNOON)


def test_after_a_morning_comes_the_afternoon_and_then_the_next_morning() -> None:
    assert WINDOW.next_half_day(bangkok("2026-11-23T10:00")) == bangkok("2026-11-23T13:00")
    assert WINDOW.next_half_day(bangkok("2026-11-23T18:00")) == bangkok("2026-11-24T09:00")


def test_songkran_and_days_in_lieu_are_closed_and_opens_again_after_them() -> None:
    assert WINDOW.next_open(bangkok("2026-04-13T09:00")) == bangkok("2026-04-16T09:00")
    assert not WINDOW.is_open_day(date(2026, 6, 1))  # in lieu of Visakha on a Sunday
    assert not WINDOW.is_open_day(date(2026, 12, 7))  # in lieu of the fifth of December


def test_childrens_day_is_no_day_off_but_the_beginning_of_lent_is() -> None:
    assert WINDOW.is_open_day(date(2026, 1, 10))
    assert WINDOW.is_open_day(date(2027, 1, 9))
    assert not WINDOW.is_open_day(date(2026, 7, 30))


def test_days_may_be_added() -> None:
    added = date(2026, 11, 24)
    assert added in thai_holidays(extra=[added])
    assert not LADDER.window(time(9), time(18), [added]).is_open(bangkok("2026-11-24T10:00"))


def test_an_instant_in_another_zone_is_judged_by_bangkoks_clock() -> None:
    in_los_angeles = datetime.fromisoformat("2026-11-22T18:30-08:00")  # 09:30 on the 23rd in Bangkok
    assert WINDOW.is_open(in_los_angeles)
    assert WINDOW.half_day(in_los_angeles).day == date(2026, 11, 23)


def test_hours_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(ValueError, match="must close later"):
        Window(time(19), time(9))


def test_a_calendar_without_an_open_day_is_refused_when_asked() -> None:
    closed = frozenset(date(2026, 1, 1) + timedelta(days=n) for n in range(200))
    with pytest.raises(ValueError, match="no day is open"):
        Window(holidays=closed).next_open(bangkok("2026-01-02T10:00"))
