"""How much may go out at this moment: rates, lines and money, kept in the database so that every process counts alike.

Reminders and calls back to the hotline's callers draw on the same (law 8). Ask and charge in one unit of work of the
turn "claim": what two processes were both allowed would be twice as much as we may. Asking writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from gateway.dispatch import pace
from gateway.kit.clock import bangkok_day
from gateway.records.contacts import ON_A_LINE, Attempt, Direction
from gateway.records.house import Gate
from gateway.records.status import Channel
from gateway.wording.render import MAX_PARTS

BATCH: Final = 200
"""So many at once at most: what is in doubt after a crash stays small."""
LINE_IS_LOST_AFTER: Final = timedelta(minutes=15)  # a call whose end we never heard does not keep its line for ever
TURN: Final = "claim"
"""Whose turn it is to ask, claim and charge: one process after another."""
_SEEN: Final = "allowance:"


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
    """How many may go out by `channel` at `now`, each of which costs at most `cost`; at most BATCH.

    Each text is reckoned with the most parts a text may have: what it does not use is there for the next question.
    """
    if pace.is_held(_gate(db, _hold(channel)).at, now):
        return 0
    bucket = _bucket(db, limits, channel, now)
    db.info[_SEEN + channel] = bucket  # for `charge`: asking alone writes nothing, four times a second
    found = min(float(pace.whole(bucket, _each(channel))), BATCH, _affordable(db, limits, cost, now))
    if channel is Channel.VOICE and found > 0:
        found = min(found, limits.lines - lines_in_use(db, Direction.OUT, now))
    return max(0, int(found))


def charge(db: Session, channel: Channel, *, units: int, cost: float, now: datetime) -> None:
    """Count what was claimed: `units` calls or parts, and their cost in money.

    A request that is refused was one all the same (a carrier counts what it is asked): its units stay used, and
    `not_sent` gives back the money.
    """
    if not units and not cost:
        return
    gate, today = _gate(db, channel.value), bangkok_day(now)
    # Charged without having asked, nothing comes in for the time since: rather too little than too much.
    seen: pace.Bucket = db.info.pop(_SEEN + channel, pace.Bucket(gate.tokens, now))
    bucket = pace.take(seen, units)
    gate.tokens, gate.at = bucket.tokens, bucket.at
    budget = _gate(db, _BUDGET)
    budget.spent = (budget.spent if budget.day == today else 0.0) + cost
    budget.day = today
    db.add_all([gate, budget])
    db.flush()


def not_sent(db: Session, attempt: Attempt, *, retry_after: float = 0.0, now: datetime) -> None:
    """Give back the money of an attempt that certainly did not go out, and obey what the carrier said of when to come.

    `retry_after` (seconds) holds the whole channel.
    """
    budget = _gate(db, _BUDGET)
    if attempt.cost and budget.day == bangkok_day(attempt.created_at):  # yesterday's money is not today's
        budget.spent = max(0.0, budget.spent - attempt.cost)
        db.add(budget)
    if retry_after > 0:
        hold(db, attempt.channel, retry_after, now=now)


def hold(db: Session, channel: Channel, retry_after: float, *, now: datetime) -> None:
    """Let the whole channel rest where the carrier said for how many seconds; ten minutes at most.

    The carrier speaks of the account: another reminder sent meanwhile would be refused as well, and be held against us.
    """
    until = pace.hold_until(now, retry_after)
    gate = _gate(db, _hold(channel))
    if gate.at is None or gate.at < until or not pace.is_held(gate.at, now):
        gate.at = until
        db.add(gate)
        db.flush()


def due_in(db: Session, limits: Limits, channel: Channel, now: datetime) -> float:
    """Seconds until the rate lets the next one go, as far as rate and hold alone decide; 0.0: at once.

    To ask again later than this loses what overflows meanwhile: at one call a second nothing can be saved up.
    """
    held = _gate(db, _hold(channel)).at
    if held is not None and pace.is_held(held, now):
        return (held - now).total_seconds()
    return pace.due_in(_bucket(db, limits, channel, now), rate=limits.rate(channel), each=_each(channel))


def has_money(db: Session, limits: Limits, cost: float, now: datetime) -> bool:
    """Whether the day's budget pays for one more that costs `cost`."""
    return _affordable(db, limits, cost, now) >= 1


def has_free_line(db: Session, limits: Limits, now: datetime) -> bool:
    """Whether one more call may be placed beside those under way."""
    return lines_in_use(db, Direction.OUT, now) < limits.lines


def lines_in_use(db: Session, direction: Direction, now: datetime) -> int:
    """Calls out of the house, or into it, that are not over at `now`; counted in an index of the calls under way."""
    statement = select(func.count()).where(
        sa.text(ON_A_LINE),
        col(Attempt.direction) == direction,
        col(Attempt.created_at) > now - LINE_IS_LOST_AFTER,
    )
    return db.exec(statement.select_from(Attempt)).one()


_BUDGET: Final = "budget"


def _hold(channel: Channel) -> str:
    return f"hold:{channel.value}"


def _each(channel: Channel) -> float:
    return float(MAX_PARTS) if channel is Channel.SMS else 1.0


def _bucket(db: Session, limits: Limits, channel: Channel, now: datetime) -> pace.Bucket:
    rate, gate = limits.rate(channel), _gate(db, channel.value)
    burst = pace.burst_for(rate, _each(channel))
    bucket = pace.refill(pace.Bucket(gate.tokens, gate.at), rate=rate, burst=burst, now=now)
    if gate.at is not None and bucket.at is not None and bucket.at < gate.at:  # the clock was set back: from now on
        gate.tokens, gate.at = bucket.tokens, bucket.at
        db.add(gate)
    return bucket


def _affordable(db: Session, limits: Limits, cost: float, now: datetime) -> float:
    spent = _gate(db, _BUDGET)
    left = pace.money_left(limits.daily_budget, spent=spent.spent, spent_on=spent.day, today=bangkok_day(now))
    return pace.affordable(left, cost)


def _gate(db: Session, name: str) -> Gate:
    """The row of that name as it stands, or one that is written with the first charge."""
    return db.get(Gate, name) or Gate(name=name)
