"""Many receipts with a few statements, where they are plain; the others go through `receipts.apply_receipt`.

Plain is what nearly all are: of an attempt the carrier is known to have, saying that it got further (rings, sent), that
a text was delivered, or that a call ended in which everybody answered. What a receipt may set going (another try,
another channel, a stop) is left to the plain path, whose result this one's must equal (tests/dispatch/
test_receipts_fast.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

from gateway.carriers.port import Receipt as CarrierReceipt
from gateway.records import tables  # noqa: F401  # every table is in the metadata
from gateway.records.bulk import Bulk
from gateway.records.status import FINAL_ATTEMPTS, RANK, AttemptStatus, Channel, ReminderStatus, receipt_counts

_ATTEMPT: Final = SQLModel.metadata.tables["attempt"]
_ITEM: Final = SQLModel.metadata.tables["attempt_item"]
_RECEIPT: Final = SQLModel.metadata.tables["receipt"]
_REMINDER: Final = SQLModel.metadata.tables["reminder"]
_CALL: Final = SQLModel.metadata.tables["call"]
_SEAT: Final = SQLModel.metadata.tables["seat"]

_KNOWN: Final = sa.select(
    _ATTEMPT.c.id,
    _ATTEMPT.c.carrier_id,
    _ATTEMPT.c.channel,
    _ATTEMPT.c.status,
    # Something is left to do besides: count the try, end a doubt, put off a look, take up what came early.
    sa.or_(
        _ATTEMPT.c.submitted_at.is_(None),
        _ATTEMPT.c.in_doubt_at.is_not(None),
        _ATTEMPT.c.next_look_at.is_not(None),
        sa.exists().where(
            _RECEIPT.c.carrier == _ATTEMPT.c.carrier,
            _RECEIPT.c.carrier_id == _ATTEMPT.c.carrier_id,
            _RECEIPT.c.attempt.is_(None),
        ),
    ),
    # Somebody in this call is still to answer, or it still holds a seat.
    sa.or_(
        sa.exists().where(
            _ITEM.c.attempt == _ATTEMPT.c.id,
            _REMINDER.c.id == _ITEM.c.reminder,
            _REMINDER.c.status == ReminderStatus.SENT,
        ),
        sa.exists().where(_CALL.c.attempt == _ATTEMPT.c.id, _SEAT.c.call == _CALL.c.id),
    ),
).where(_ATTEMPT.c.id.in_(sa.bindparam("ids", expanding=True)))
_MOVE: Final = Bulk(
    lambda _: (
        sa.update(_ATTEMPT)
        .where(_ATTEMPT.c.id == sa.bindparam("of"))
        .values(status=sa.bindparam("to"), rank=sa.bindparam("up"), reason=None)
    )
)
_END: Final = sa.update(_ITEM).where(_ITEM.c.attempt.in_(sa.bindparam("ids", expanding=True))).values(live=sa.false())
_CLOSE: Final = (
    sa.update(_CALL)
    .where(_CALL.c.attempt.in_(sa.bindparam("ids", expanding=True)), _CALL.c.closed_at.is_(None))
    .values(closed_at=sa.bindparam("at"))
)


def _keep(engine: str) -> sa.Insert:
    insert: Any = postgresql.insert if engine == "postgresql" else sqlite.insert
    statement: sa.Insert = insert(_RECEIPT).on_conflict_do_nothing().inline()
    return statement


_KEEP: Final = Bulk(_keep)


@dataclass(frozen=True, slots=True)
class Heard:
    """A receipt, the attempt its URL names, and the instant it came."""

    attempt: str
    receipt: CarrierReceipt
    now: datetime


@dataclass(slots=True)
class _Standing:
    """An attempt as it is known, and what was heard of it in this batch."""

    carrier_id: str | None
    channel: Channel
    status: AttemptStatus
    is_plain: bool
    is_waited_in: bool
    was: AttemptStatus
    places: list[int] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    ended_at: datetime | None = None


def apply_plain(db: Session, carrier: str, heard: Sequence[Heard]) -> dict[int, None]:
    """Apply those of the receipts that are plain, and return their places; of the others nothing is written.

    All receipts of an attempt are plain, or none is: their order would be another.
    """
    standing = _standing(db, heard)
    for place, one in enumerate(heard):
        if (attempt := standing.get(one.attempt)) is not None and attempt.is_plain:
            _hear(attempt, place, one, carrier)
    _leave_what_waits(standing)
    plain = {key: one for key, one in standing.items() if one.is_plain and one.places}
    _write(db, plain)
    return {place: None for one in plain.values() for place in one.places}


def _standing(db: Session, heard: Sequence[Heard]) -> dict[str, _Standing]:
    rows = db.execute(_KNOWN, {"ids": sorted({one.attempt for one in heard})}).all()
    return {
        key: _Standing(carrier_id, channel, status, carrier_id is not None and not is_more, is_waited_in, status)
        for key, carrier_id, channel, status, is_more, is_waited_in in rows
    }


def _hear(attempt: _Standing, place: int, one: Heard, carrier: str) -> None:
    """Note what a receipt changes; one that is not plain takes those of the same attempt with it."""
    receipt, status = one.receipt, AttemptStatus(one.receipt.status.value)
    if receipt.carrier_id != attempt.carrier_id or receipt.fault is not None:
        attempt.is_plain = False
        return
    if receipt_counts(attempt.status, status):
        if attempt.status in FINAL_ATTEMPTS or not _is_plain_end(attempt.channel, status):
            attempt.is_plain = False
            return
        attempt.status = status
        attempt.ended_at = one.now if status in FINAL_ATTEMPTS else None
    attempt.places.append(place)
    attempt.rows.append(
        {
            "attempt": one.attempt, "carrier": carrier, "carrier_id": receipt.carrier_id,
            "status": receipt.status.value, "seq": receipt.seq, "raw": dict(receipt.raw), "at": one.now,
        }
    )  # fmt: skip


def _is_plain_end(channel: Channel, status: AttemptStatus) -> bool:
    """Whether what it leads to is known here: nothing, or only that the attempt is over."""
    if status not in FINAL_ATTEMPTS:
        return True
    is_text_there = channel is Channel.SMS and status is AttemptStatus.DELIVERED
    return is_text_there or (channel is Channel.VOICE and status is AttemptStatus.COMPLETED)


def _leave_what_waits(standing: Mapping[str, _Standing]) -> None:
    """A call that ended and in which somebody did not answer has the ladder go on: not here."""
    for one in standing.values():
        if one.ended_at and one.channel is Channel.VOICE and one.is_waited_in:
            one.is_plain = False


def _write(db: Session, plain: Mapping[str, _Standing]) -> None:
    rows = [row for one in plain.values() for row in one.rows]
    if not rows:
        return
    _KEEP.run(db, rows)
    moved = [
        {"of": key, "to": one.status, "up": RANK[one.status]} for key, one in plain.items() if one.status != one.was
    ]
    _MOVE.run(db, moved)
    ended = {key: one.ended_at for key, one in plain.items() if one.ended_at is not None}
    if ended:
        db.execute(_END, {"ids": list(ended)})
    called = [key for key in ended if plain[key].channel is Channel.VOICE]
    if called:
        db.execute(_CLOSE, {"ids": called, "at": max(filter(None, (ended[key] for key in called)))})
