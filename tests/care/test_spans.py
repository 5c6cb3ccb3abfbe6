"""Lengths of time, held against intervals published by others (CDC CDSi date rules and its test cases)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.care.spans import Span, parse_span


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("4 weeks", date(2026, 2, 1), date(2026, 3, 1)),
        ("4 weeks - 4 days", date(2026, 2, 1), date(2026, 2, 25)),
        ("5 months - 4 days", date(2026, 1, 15), date(2026, 6, 11)),
        ("6 months", date(2026, 3, 31), date(2026, 10, 1)),  # no 31 September: forward, never back
        ("1 month", date(2027, 1, 29), date(2027, 3, 1)),
        ("1 month", date(2028, 1, 29), date(2028, 2, 29)),
        ("12 months", date(2028, 2, 29), date(2029, 3, 1)),
        ("1 year", date(2026, 12, 31), date(2027, 12, 31)),
        ("1 month", date(2026, 12, 15), date(2027, 1, 15)),
        ("28 days", date(2026, 12, 15), date(2027, 1, 12)),
    ],
)
def test_spans_reckon_as_the_cdc_does(text: str, start: date, end: date):
    assert parse_span(text).after(start) == end


@pytest.mark.parametrize("text", ["", "soon", "4", "weeks", "4 moons", "4 weeks and 2", "-"])
def test_what_is_no_length_of_time_is_refused(text: str):
    with pytest.raises(ValueError, match="length of time"):
        parse_span(text)


@given(st.integers(1, 240), st.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_whole_months_never_end_in_an_earlier_month_nor_more_than_a_day_late(months: int, start: date):
    end = Span(months=months).after(start)

    whole = (end.year - start.year) * 12 + end.month - start.month
    assert (whole, end.day) in {(months, start.day), (months + 1, 1)}


@given(st.integers(1, 24), st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(1, 60))
def test_a_later_start_never_ends_earlier(months: int, start: date, later: int):
    span = Span(months=months)

    assert span.after(start) <= span.after(date.fromordinal(start.toordinal() + later))
