"""What came of the texts and calls since a given instant: counts, and the carrier's reasons. Looks only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, func

from gateway.records.contacts import Attempt, Direction
from gateway.records.status import FINAL_ATTEMPTS, AttemptStatus, Channel
from gateway.reports.counts import was_sent

UNKNOWN: Final = "unknown"
"""The carrier gave no reason."""


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts of today: `sent` were taken by the carrier; `faults` say why some did not arrive, most frequent first."""

    sent: int = 0
    delivered: int = 0
    undelivered: int = 0
    under_way: int = 0
    not_sent: int = 0
    received: int = 0
    faults: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls of today, by what came of them."""

    placed: int = 0
    answered: int = 0
    no_answer: int = 0
    busy: int = 0
    machine: int = 0
    failed: int = 0
    cancelled: int = 0
    under_way: int = 0
    not_sent: int = 0
    received: int = 0
    faults: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class _Counted:
    direction: Direction
    channel: Channel
    status: AttemptStatus
    reason: str | None
    was_sent: bool
    n: int


def traffic(db: Session, since: datetime) -> tuple[Texts, Calls]:
    """Return the texts and the calls that were begun at or after `since` (aware)."""
    counted = _attempts_since(db, since)
    return _texts(counted), _calls(counted)


def _attempts_since(db: Session, start: datetime) -> list[_Counted]:
    parts: list[Any] = [Attempt.direction, Attempt.channel, Attempt.status, Attempt.reason, was_sent()]
    statement: Any = sa.select(*parts, func.count()).where(col(Attempt.created_at) >= start).group_by(*parts)
    return [_Counted(*row) for row in db.exec(statement)]


def _texts(counted: list[_Counted]) -> Texts:
    mine, received = _of(counted, Channel.SMS)
    gone = [one for one in mine if one.was_sent]
    lost = [one for one in gone if one.status in (AttemptStatus.UNDELIVERED, AttemptStatus.FAILED)]
    return Texts(
        sent=_sum(gone),
        delivered=_sum(one for one in gone if one.status is AttemptStatus.DELIVERED),
        undelivered=_sum(lost),
        under_way=_sum(one for one in gone if one.status not in FINAL_ATTEMPTS),
        not_sent=_not_sent(mine),
        received=received,
        faults=_faults(lost),
    )


def _calls(counted: list[_Counted]) -> Calls:
    mine, received = _of(counted, Channel.VOICE)
    gone = [one for one in mine if one.was_sent]
    failed = [one for one in gone if one.status is AttemptStatus.FAILED]

    def with_status(status: AttemptStatus, among: list[_Counted]) -> int:
        return _sum(one for one in among if one.status is status)

    return Calls(
        placed=_sum(gone),
        answered=with_status(AttemptStatus.COMPLETED, gone),
        no_answer=with_status(AttemptStatus.NO_ANSWER, gone),
        busy=with_status(AttemptStatus.BUSY, gone),
        machine=with_status(AttemptStatus.MACHINE, gone),
        failed=_sum(failed),
        cancelled=with_status(AttemptStatus.CANCELLED, mine),
        under_way=_sum(one for one in gone if one.status not in FINAL_ATTEMPTS),
        not_sent=_not_sent(mine),
        received=received,
        faults=_faults(failed),
    )


def _of(counted: list[_Counted], channel: Channel) -> tuple[list[_Counted], int]:
    """What went out by a channel, and how many came in by it."""
    mine = [one for one in counted if one.channel is channel]
    received = _sum(one for one in mine if one.direction is Direction.IN)
    return [one for one in mine if one.direction is Direction.OUT], received


def _sum(counted: Iterable[_Counted]) -> int:
    return sum(one.n for one in counted)


def _not_sent(mine: list[_Counted]) -> int:
    """Refused before anything went out: the reminder waits and is tried again, or the ladder goes on."""
    return _sum(one for one in mine if one.status is AttemptStatus.FAILED and not one.was_sent)


def _faults(lost: list[_Counted]) -> tuple[tuple[str, int], ...]:
    found: dict[str, int] = {}
    for one in lost:
        reason = one.reason or UNKNOWN
        found[reason] = found.get(reason, 0) + one.n
    return tuple(sorted(found.items(), key=lambda item: (-item[1], item[0])))
