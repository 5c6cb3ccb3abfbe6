"""How fast we may go: rates as token buckets, lines, and the day's budget. Pure: values in, values out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Bucket:
    """Tokens left at `at` (aware); a bucket never used has no `at` and is full."""

    tokens: float
    at: datetime | None


def refill(bucket: Bucket, *, rate: float, burst: float, now: datetime) -> Bucket:
    """The bucket as it stands at `now`: `rate` tokens a second have come in, never more than `burst`."""
    if bucket.at is None:
        return Bucket(burst, now)
    seconds = max(0.0, (now - bucket.at).total_seconds())
    return Bucket(min(burst, bucket.tokens + seconds * rate), max(now, bucket.at))


def take(bucket: Bucket, wanted: float) -> Bucket:
    """The bucket after `wanted` tokens were used; a long text may leave a debt that the next ones wait for."""
    return Bucket(bucket.tokens - wanted, bucket.at)


def burst_for(rate: float) -> float:
    """How many may go at once: one second's worth, and at least one."""
    return max(1.0, rate)


def money_left(budget: float | None, *, spent: float, spent_on: date | None, today: date) -> float:
    """What may still be spent today; infinite without a budget. A new Bangkok day begins at nothing spent."""
    if budget is None:
        return float("inf")
    return budget - (spent if spent_on == today else 0.0)
