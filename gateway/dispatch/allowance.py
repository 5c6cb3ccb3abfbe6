"""How much may go out at this moment: rates, lines and money, kept in the database so that every process counts alike.

Reminders and calls back to the hotline's callers draw on the same (law 8).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, func, select

from gateway.dispatch import pace
from gateway.kit.clock import bangkok_day
from gateway.records.contacts import Attempt, Direction
from gateway.records.house import Gate
from gateway.records.status import FINAL_ATTEMPTS, Channel

BATCH: Final = 50
LINE_IS_LOST_AFTER: Final = timedelta(minutes=15)  # a call whose end we never heard does not keep its line for ever


@dataclass(frozen=True, slots=True)
class Limits:
    """How fast, how many at once, and how much a day (law 8)."""

    lines: int
    calls_per_second: float
    sms_per_second: float
    daily_budget: float | None = None

    def rate(self, channel: Channel) -> float:
        """Submissions (calls) or parts (texts) a second."""
        return self.sms_per_second if channel is Channel.SMS else self.calls_per_second


def allowed(db: Session, limits: Limits, channel: Channel, cost: float, now: datetime) -> int:
    """How many may go out by `channel` at `now`, each of which costs at most `cost`; at most BATCH."""
    rate = limits.rate(channel)
    gate = _gate(db, channel.value)
    bucket = pace.refill(pace.Bucket(gate.tokens, gate.at), rate=rate, burst=pace.burst_for(rate), now=now)
    gate.tokens, gate.at = bucket.tokens, bucket.at
    found = min(int(bucket.tokens), BATCH)
    if channel is Channel.VOICE:
        found = min(found, limits.lines - lines_in_use(db, Direction.OUT, now))
    return max(0, min(found, _affordable(db, limits, cost, now)))


def charge(db: Session, channel: Channel, *, units: int, cost: float, now: datetime) -> None:
    """Count what was claimed: `units` calls or parts, and their cost in money."""
    gate, budget, today = _gate(db, channel.value), _gate(db, "budget"), bangkok_day(now)
    gate.tokens -= units
    budget.spent = (budget.spent if budget.day == today else 0.0) + cost
    budget.day = today
    db.add_all([gate, budget])


def lines_in_use(db: Session, direction: Direction, now: datetime) -> int:
    """Calls out of the house, or into it, that are not over at `now`."""
    statement = select(func.count()).where(
        col(Attempt.channel) == Channel.VOICE,
        col(Attempt.direction) == direction,
        col(Attempt.status).not_in(FINAL_ATTEMPTS),
        col(Attempt.created_at) > now - LINE_IS_LOST_AFTER,
    )
    return db.exec(statement).one()


def _affordable(db: Session, limits: Limits, cost: float, now: datetime) -> int:
    spent = _gate(db, "budget")
    left = pace.money_left(limits.daily_budget, spent=spent.spent, spent_on=spent.day, today=bangkok_day(now))
    return BATCH if cost <= 0 or left == float("inf") else int(left // cost)


def _gate(db: Session, name: str) -> Gate:
    gate = db.get(Gate, name)
    if gate is None:
        gate = Gate(name=name)
        db.add(gate)
        db.flush()
    return gate
