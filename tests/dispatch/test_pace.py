"""Rates, bursts and money: what may go now."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.dispatch.pace import (
    LONGEST_HOLD,
    Bucket,
    affordable,
    burst_for,
    due_in,
    hold_until,
    is_held,
    money_left,
    refill,
    take,
    whole,
)

NOON = datetime(2026, 8, 3, 5, tzinfo=UTC)


def test_a_bucket_never_used_is_full() -> None:
    assert refill(Bucket(0.0, None), rate=1, burst=1, now=NOON).tokens == 1


def test_tokens_come_in_with_time_and_never_above_the_burst() -> None:
    empty = Bucket(0.0, NOON)
    assert refill(empty, rate=2, burst=10, now=NOON + timedelta(seconds=3)).tokens == 6
    assert refill(empty, rate=2, burst=10, now=NOON + timedelta(hours=3)).tokens == 10


def test_a_clock_a_little_behind_gives_no_tokens_and_takes_none() -> None:
    behind = refill(Bucket(3.0, NOON), rate=1, burst=5, now=NOON - timedelta(seconds=2))
    assert behind == Bucket(3.0, NOON)


def test_after_a_clock_was_set_back_the_bucket_fills_from_then_on_from_nothing() -> None:
    hour_ago = NOON - timedelta(hours=1)
    back = refill(Bucket(3.0, NOON), rate=1, burst=5, now=hour_ago)
    assert back == Bucket(0.0, hour_ago)
    assert refill(back, rate=1, burst=5, now=hour_ago + timedelta(seconds=2)).tokens == 2


def test_a_debt_is_not_forgiven_because_a_clock_was_set_back() -> None:
    assert refill(Bucket(-7.0, NOON), rate=1, burst=5, now=NOON - timedelta(hours=1)).tokens == -7


def test_a_rate_below_one_a_second_still_lets_one_go() -> None:
    assert burst_for(0.2) == 1.0


Gone = list[tuple[float, int]]
"""What went out: seconds since the first question, and its parts."""
PARTS = st.lists(st.integers(1, 3), min_size=1, max_size=12)


def most_above(gone: Gone, rate: float) -> float:
    """The most that any stretch of time had above what `rate` brings in it."""
    above = [
        sum(parts for _, parts in gone[first : last + 1]) - rate * (gone[last][0] - gone[first][0])
        for first in range(len(gone))
        for last in range(first, len(gone))
    ]
    return max(above, default=0.0)


@settings(max_examples=60)
@given(st.lists(st.floats(0.0, 5.0), min_size=1, max_size=40), st.floats(0.2, 20.0), PARTS, st.sampled_from([1, 3]))
def test_over_any_stretch_no_more_goes_than_the_rate_and_one_burst(
    pauses: list[float], rate: float, parts: list[int], each: int
) -> None:
    bucket, at, gone, burst = Bucket(0.0, None), 0.0, Gone(), burst_for(rate, each)
    for pause in pauses:
        at += pause
        bucket = refill(bucket, rate=rate, burst=burst, now=NOON + timedelta(seconds=at))
        for n in range(whole(bucket, each)):
            used = min(each, parts[(len(gone) + n) % len(parts)])
            bucket = take(bucket, used)
            gone.append((at, used))
    assert most_above(gone, rate) <= burst + 1e-3


@settings(max_examples=60)
@given(
    st.floats(0.2, 20.0),
    st.lists(st.floats(0.0, 0.004), min_size=1, max_size=20),
    PARTS,
    st.sampled_from([1, 3]),
)
def test_who_asks_when_the_next_is_due_uses_99_in_a_hundred_of_what_is_permitted(
    rate: float, late: list[float], parts: list[int], each: int
) -> None:
    bucket, at, gone, asked = Bucket(0.0, NOON), 0.0, 0, 0
    while at < 30 / rate + 10:
        bucket = refill(bucket, rate=rate, burst=burst_for(rate, each), now=NOON + timedelta(seconds=at))
        for _ in range(whole(bucket, each)):
            used = min(each, parts[gone % len(parts)])
            bucket, gone = take(bucket, used), gone + used
        at += due_in(bucket, rate=rate, each=each) + late[asked % len(late)] / max(1.0, rate)
        asked += 1
    assert gone >= 0.99 * rate * at - each - 1


def test_a_text_of_three_parts_waits_until_all_of_them_are_permitted() -> None:
    bucket = Bucket(2.0, NOON)
    assert whole(bucket, 3) == 0
    assert due_in(bucket, rate=2, each=3) == pytest.approx(0.5, abs=1e-3)
    assert whole(refill(bucket, rate=2, burst=burst_for(2, 3), now=NOON + timedelta(seconds=0.5)), 3) == 1


def test_the_thousandth_of_a_second_that_floats_forget_is_not_waited_for() -> None:
    bucket, now = Bucket(0.0, NOON), NOON
    for _ in range(10):
        now += timedelta(seconds=0.1)
        bucket = refill(bucket, rate=1, burst=1, now=now)
    assert (bucket.tokens < 1, whole(bucket)) == (True, 1)


def test_a_channel_rests_as_long_as_the_carrier_said_and_ten_minutes_at_most() -> None:
    until = hold_until(NOON, 7)
    assert is_held(until, NOON + timedelta(seconds=6.9))
    assert not is_held(until, NOON + timedelta(seconds=7))
    assert hold_until(NOON, 86_400) == NOON + LONGEST_HOLD
    assert not is_held(None, NOON)


def test_a_rest_that_lies_ahead_because_a_clock_was_set_back_holds_nobody() -> None:
    assert not is_held(hold_until(NOON, 60), NOON - timedelta(hours=1))


def test_money_counted_in_floats_pays_for_what_it_is_meant_to_pay_for() -> None:
    left = 0.3 - 0.2
    assert left < 0.1
    assert affordable(left, 0.1) == 1
    assert affordable(0.099, 0.1) == 0
    assert affordable(5.0, 0.0) == float("inf")


def test_without_a_budget_money_is_no_limit() -> None:
    assert money_left(None, spent=10_000, spent_on=date(2026, 8, 3), today=date(2026, 8, 3)) == float("inf")


def test_a_new_day_begins_with_nothing_spent() -> None:
    assert money_left(50.0, spent=49.0, spent_on=date(2026, 8, 3), today=date(2026, 8, 3)) == 1.0
    assert money_left(50.0, spent=49.0, spent_on=date(2026, 8, 3), today=date(2026, 8, 4)) == 50.0
