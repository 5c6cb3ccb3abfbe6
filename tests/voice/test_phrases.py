"""An appointment as a row of clips."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.kit.clock import at_bangkok
from gateway.voice.keys import quarter_hours, wanted_keys
from gateway.voice.phrases import UnspeakableTimeError, appointment_phrases, can_say, dose_phrases, when_phrases

NINE = at_bangkok(date(2026, 7, 26), time(9))
LONG_BEFORE = NINE - timedelta(days=7)


def test_a_date_is_weekday_day_month_and_hour_without_a_year() -> None:
    assert when_phrases(NINE, LONG_BEFORE) == ("weekday.7", "day.26", "month.7", "hour.0900")


@pytest.mark.parametrize(("days", "key"), [(0, "relative.today"), (1, "relative.tomorrow"), (2, "relative.day_after")])
def test_a_near_day_is_named_as_well(days: int, key: str) -> None:
    assert when_phrases(NINE, NINE - timedelta(days=days, minutes=1))[0] == key


def test_tomorrow_turns_into_today_at_midnight_in_bangkok() -> None:
    before = datetime(2026, 7, 25, 16, 59, 59, tzinfo=UTC)
    assert when_phrases(NINE, before)[0] == "relative.tomorrow"
    assert when_phrases(NINE, before + timedelta(seconds=1))[0] == "relative.today"


@pytest.mark.parametrize("odd", [time(9, 20), time(9, 0, 1), time(5, 45), time(21, 0), time(0, 0)])
def test_a_time_without_a_clip_is_refused_and_never_rounded(odd: time) -> None:
    starts_at = at_bangkok(date(2026, 7, 26), odd)
    assert not can_say(starts_at)
    with pytest.raises(UnspeakableTimeError):
        when_phrases(starts_at, LONG_BEFORE)


def test_the_sites_own_name_is_said_only_where_there_is_a_clip_of_it() -> None:
    assert appointment_phrases(NINE, LONG_BEFORE, "site.LP01")[-1] == "site.LP01"
    assert appointment_phrases(NINE, LONG_BEFORE)[-1] == "place.unnamed"


def test_the_first_dose_is_not_numbered() -> None:
    assert dose_phrases(1) == dose_phrases(9) == ()
    assert dose_phrases(2) == ("dose.2",)


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.sampled_from(quarter_hours()), st.integers(0, 10_000))
def test_whatever_is_said_of_a_quarter_hour_is_in_every_complete_script(day: date, hour: time, minutes: int) -> None:
    starts_at = at_bangkok(day, hour)
    keys = appointment_phrases(starts_at, starts_at - timedelta(minutes=minutes))
    assert set(keys) <= set(wanted_keys())
