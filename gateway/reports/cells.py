"""What figures tell apart of an appointment. Those alike in all of it stand in one cell, and a cell is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Final, NamedTuple

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
    """What the rates tell apart; a column of `RateSummary`."""

    site: str
    day: date
    language: str
    channel: str
    standing: Standing


STANDINGS: Final = tuple(Standing)
"""In the order of their columns; a number of a cell ends with the place here."""
PLACES: Final = 3  # bits
Boards = Mapping[BoardCell, int]
Rates = Mapping[RateCell, int]


@lru_cache(maxsize=20_000)
def number(cell: BoardCell | RateCell) -> int:
    """Return a cell's number, the same in every process and year: a hash of all that it says.

    That of a RateCell ends with the place of its standing: what is before it is the number of the row (`row_of`).
    Among ten million cells two share a number in one house of 300,000.
    """
    if isinstance(cell, RateCell):
        return _hash(cell[:-1]) >> PLACES << PLACES | STANDINGS.index(cell.standing)
    return _hash(cell)


def row_of(place: int) -> tuple[int, Standing]:
    """Return the number of the row of a RateCell's number, and the column."""
    return place >> PLACES, STANDINGS[place & (1 << PLACES) - 1]


def _hash(parts: Sequence[object]) -> int:
    said = "\x1f".join("" if part is None else str(part) for part in parts)
    return int.from_bytes(blake2b(said.encode(), digest_size=8).digest(), "big", signed=True)


def without_none(counted: Counter[BoardCell] | Counter[RateCell]) -> None:
    """Drop the cells in which nobody stands any more."""
    for cell in [cell for cell, n in counted.items() if not n]:
        del counted[cell]
