"""Once a night the carrier is asked for whatever is not final: receipts get lost, and one lost is lost for good.

Twilio asks a status callback again a few times within 15 seconds, and never later (facts/twilio.md §1). Most of it was
asked for within two hours already (`reconcile`); this is for what was silent then, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from sqlmodel import Session, col, func, select

from gateway.carriers.port import Found
from gateway.dispatch import receipts
from gateway.dispatch.looking import Looked, ReconcileReport
from gateway.dispatch.outbox import Rules
from gateway.kit.clock import Clock, at_bangkok, bangkok_day, bangkok_time
from gateway.records.contacts import NOT_OVER, Attempt, Direction
from gateway.records.database import Database
from gateway.records.house import Counter, Gate, TickRun
from gateway.records.people import Phone

NIGHTLY: Final = "nightly"
BEGINS, ENDS = time(21, 0), time(6, 0)  # Bangkok; nobody may be contacted, so that a late truth sets nothing going
REQUESTS: Final = 4000  # a night; each asks for one number, fifty of its submissions
PAGE: Final = 100  # of them in one pass
SILENT_FOR: Final = timedelta(hours=1)
GIVEN_UP_AFTER: Final = timedelta(days=7)  # a network that tells nothing for a week never will: "sent" may be the last
NOT_NOW: Final = timedelta(minutes=30)  # where the carrier could not say
_MADE: Final = func.coalesce(Attempt.created_at, Attempt.created_at)
"""As an expression: by the index of that column SQLite would read a week's attempts, instead of those not over."""
AGAIN_AFTER: Final = timedelta(hours=20)  # not twice in a night


def night_of(now: datetime) -> date | None:
    """The Bangkok day on whose evening this night began; None by day."""
    local = bangkok_time(now)
    if local.time() >= BEGINS:
        return local.date()
    return local.date() - timedelta(days=1) if local.time() < ENDS else None


@dataclass(slots=True)
class Nightly:
    """One page of the night's questions; what was asked this night is counted in the gate of that name."""

    database: Database
    rules: Rules
    clock: Clock

    def begin(self) -> list[Looked]:
        """Whom to ask about in this pass; empty by day, when the night's questions are asked, or none is open."""
        now = self.clock.now()
        night = night_of(now)
        if night is None:
            return []
        with self.database.reading() as db:
            gate = db.get(Gate, NIGHTLY)
            asked = gate.spent if gate is not None and gate.day == night else 0.0
            page = self._page(db, now) if asked < REQUESTS else []
            has_begun = gate is not None and gate.day == night
        numbers = len({one.subject for one in page})
        if numbers or not has_begun:
            self.database.run(lambda db: _note(db, night, asked + numbers, numbers, now))
        return page

    def _page(self, db: Session, now: datetime) -> list[Looked]:
        statement = (
            select(Attempt, Phone.e164)
            .join(Phone, col(Phone.id) == col(Attempt.phone))
            .where(
                col(Attempt.direction) == Direction.OUT,
                NOT_OVER,
                col(Attempt.carrier_id).is_not(None),
                col(Attempt.submitted_at) < now - SILENT_FOR,
                now - GIVEN_UP_AFTER < _MADE,
                col(Attempt.next_look_at).is_(None) | (col(Attempt.next_look_at) <= _evening(now)),
            )
            .order_by(_MADE, col(Attempt.id))
            .limit(PAGE)
        )
        return [Looked(attempt, number) for attempt, number in db.exec(statement).all()]

    def settle(self, db: Session, row: Attempt, listed: Sequence[Found] | None, report: ReconcileReport) -> None:
        """Write what the carrier said of one attempt; it is asked for again tomorrow night if that was nothing new."""
        now = self.clock.now()
        row.next_look_at = now + (NOT_NOW if listed is None else AGAIN_AFTER)
        db.add(row)
        report.nightly += 1
        found = next((one for one in listed or () if one.carrier_id == row.carrier_id), None)
        if found is None:
            return
        before = row.status
        receipts.learn(db, self.rules, row, found.status, found.fault, "", now=now)
        if row.status is not before:
            _count(db, "nightly_learnt", 1)


def _evening(now: datetime) -> datetime:
    """What an hourly question has put off until later this night is asked in the same round."""
    day = bangkok_day(now) if bangkok_time(now).time() < ENDS else bangkok_day(now) + timedelta(days=1)
    return at_bangkok(day, ENDS)


def _note(db: Session, night: date, asked: float, numbers: int, now: datetime) -> None:
    """For the health page and the monitor: that it ran, and how much was asked."""
    gate = db.get(Gate, NIGHTLY) or Gate(name=NIGHTLY)
    gate.day, gate.spent = night, asked
    run = db.get(TickRun, NIGHTLY) or TickRun(name=NIGHTLY, every=86_400.0, at=now, real_at=datetime.now(UTC))
    run.at, run.real_at = now, datetime.now(UTC)
    db.add_all([gate, run])
    _count(db, "nightly_asked", numbers)


def _count(db: Session, name: str, more: int) -> None:
    counter = db.get(Counter, name) or Counter(name=name)
    counter.n += more
    db.add(counter)
