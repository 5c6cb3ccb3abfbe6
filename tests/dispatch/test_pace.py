"""Rates, bursts and money: what may go now."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.dispatch.pace import Bucket, burst_for, money_left, refill, take

NOON = datetime(2026, 8, 3, 5, tzinfo=UTC)


def test_a_bucket_never_used_is_full() -> None:
    assert refill(Bucket(0.0, None), rate=1, burst=1, now=NOON).tokens == 1


def test_tokens_come_in_with_time_and_never_above_the_burst() -> None:
    empty = Bucket(0.0, NOON)
    assert refill(empty, rate=2, burst=10, now=NOON + timedelta(seconds=3)).tokens == 6
    assert refill(empty, rate=2, burst=10, now=NOON + timedelta(hours=3)).tokens == 10


def test_a_clock_that_jumps_back_gives_no_tokens_and_takes_none() -> None:
    back = refill(Bucket(3.0, NOON), rate=1, burst=5, now=NOON - timedelta(hours=1))
    assert back == Bucket(3.0, NOON)


def test_a_rate_below_one_a_second_still_lets_one_go() -> None:
    assert burst_for(0.2) == 1.0


@given(st.lists(st.floats(0.01, 5.0), min_size=1, max_size=60), st.floats(0.2, 20.0))
def test_over_any_stretch_no_more_goes_than_the_rate_and_one_burst(pauses: list[float], rate: float) -> None:
    bucket, now, gone = Bucket(0.0, None), NOON, 0
    for pause in pauses:
        now += timedelta(seconds=pause)
        bucket = refill(bucket, rate=rate, burst=burst_for(rate), now=now)
        while bucket.tokens >= 1:
            bucket, gone = take(bucket, 1), gone + 1
    assert gone <= rate * sum(pauses[1:]) + burst_for(rate) + 1e-6


def test_without_a_budget_money_is_no_limit() -> None:
    assert money_left(None, spent=10_000, spent_on=date(2026, 8, 3), today=date(2026, 8, 3)) == float("inf")


def test_a_new_day_begins_with_nothing_spent() -> None:
    assert money_left(50.0, spent=49.0, spent_on=date(2026, 8, 3), today=date(2026, 8, 3)) == 1.0
    assert money_left(50.0, spent=49.0, spent_on=date(2026, 8, 3), today=date(2026, 8, 4)) == 50.0
