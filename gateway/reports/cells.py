"""What figures tell apart of an appointment. Those alike in all of it stand in one cell, and a cell is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from gateway.records.figures import Standing
from gateway.records.status import AppointmentStatus

NO_CHANNEL = "none"
"""Nothing was sent."""


class BoardCell(NamedTuple):
    """What the board of a day tells apart; the columns of `BoardSummary`, in its order."""

    site: str
    day: date
    session: str | None
    regimen: str | None  # this and the next only without a session
    starts_at: datetime | None
    status: AppointmentStatus
    said_yes: bool
    has_seat: bool
    has_phone: bool
    contacted: bool
    heard: bool
    unreached: bool
    wants_ride: bool
    wants_call: bool


class RateCell(NamedTuple):
    """What the rates tell apart; the columns of `RateSummary`, in its order."""

    site: str
    day: date
    language: str
    channel: str
    standing: Standing


Boards = Mapping[BoardCell, int]
Rates = Mapping[RateCell, int]


@lru_cache(maxsize=20_000)
def number(cell: BoardCell | RateCell) -> int:
    """Return a cell's number, the same in every process and year: 64 bits of a hash of all that it says.

    Among ten million cells two share a number in one house of 300,000.
    """
    said = "\x1f".join("" if part is None else str(part) for part in cell)
    return int.from_bytes(blake2b(said.encode(), digest_size=8).digest(), "big", signed=True)


def without_none(counted: Counter[BoardCell] | Counter[RateCell]) -> None:
    """Drop the cells in which nobody stands any more."""
    for cell in [cell for cell, n in counted.items() if not n]:
        del counted[cell]
