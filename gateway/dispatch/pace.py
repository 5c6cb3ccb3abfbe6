"""How fast we may go: rates as token buckets, holds, and the day's budget. Pure: values in, values out.

The law of a bucket: over any stretch of `seconds` no more goes out than `rate * seconds` and one burst, which is what
one second brings, and at least one call or one text. Nothing that was permitted is lost as long as somebody asks at
the instant that `due_in` names; who asks later loses only what has overflowed by then.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

NEARLY: Final = 1e-6
"""Counted in floats, a whole token may be short of this. Taking it leaves the debt behind: it never adds up."""
SET_BACK: Final = timedelta(seconds=30)
"""Clocks of machines differ by less (NTP keeps them within milliseconds): one that is farther back was set."""
SOONEST: Final = 0.001
LONGEST_HOLD: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Bucket:
    """Tokens left at `at` (aware); a bucket never used has no `at` and is full."""

    tokens: float
    at: datetime | None


def refill(bucket: Bucket, *, rate: float, burst: float, now: datetime) -> Bucket:
    """The bucket as it stands at `now`: `rate` tokens a second have come in, never more than `burst`.

    A machine whose clock is a little behind the others' brings nothing in, and takes nothing back. After a clock was
    set back the bucket fills from then on, from nothing: else all would stand still until the old hour comes again.
    """
    if bucket.at is None:
        return Bucket(burst, now)
    if now < bucket.at - SET_BACK:
        return Bucket(min(bucket.tokens, 0.0), now)
    seconds = max(0.0, (now - bucket.at).total_seconds())
    return Bucket(min(burst, bucket.tokens + seconds * rate), max(now, bucket.at))


def take(bucket: Bucket, wanted: float) -> Bucket:
    """The bucket after `wanted` tokens were used; a long text may leave a debt that the next ones wait for."""
    return Bucket(bucket.tokens - wanted, bucket.at)


def whole(bucket: Bucket, each: float = 1.0) -> int:
    """How many may go, each of which uses up to `each` tokens."""
    return max(0, int((bucket.tokens + NEARLY) // each))


def due_in(bucket: Bucket, *, rate: float, each: float = 1.0) -> float:
    """Seconds from the bucket's `at` until one may go; 0.0 when it may go at once, else a millisecond at least.

    Instants are counted in microseconds: who came back for less would be asked to wait again, and again.
    """
    if whole(bucket, each):
        return 0.0
    return max(SOONEST, (each - bucket.tokens) / rate)


def burst_for(rate: float, each: float = 1.0) -> float:
    """How much may go at once: one second's worth, and at least one call or one text of `each` parts."""
    return max(each, rate)


def hold_until(now: datetime, retry_after: float) -> datetime:
    """Until when a channel rests that was told to come back in `retry_after` seconds; ten minutes at most."""
    return now + min(timedelta(seconds=max(0.0, retry_after)), LONGEST_HOLD)


def is_held(until: datetime | None, now: datetime) -> bool:
    """Whether a channel rests at `now`; a hold from farther ahead than any can be is one of a clock set back."""
    return until is not None and now < until <= now + LONGEST_HOLD + SET_BACK


def money_left(budget: float | None, *, spent: float, spent_on: date | None, today: date) -> float:
    """What may still be spent today; infinite without a budget. A new Bangkok day begins at nothing spent."""
    if budget is None:
        return float("inf")
    return budget - (spent if spent_on == today else 0.0)


def affordable(left: float, cost: float) -> float:
    """How many that cost `cost` each are paid for by what is `left`; infinite where they cost nothing."""
    if cost <= 0 or left == float("inf"):
        return float("inf")
    return max(0.0, (left + NEARLY) // cost)  # 1.00 less 0.90 is a little less than one of 0.10
