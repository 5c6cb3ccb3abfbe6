"""The figures of a page, from the summary: as exact as a recount of the rows, at a thousandth of its cost.

What is not counted yet is looked at on the way: each of those appointments is taken out of the cell in which it was
counted, and counted where it stands now. Works inside a unit of work, too, and then sees its own changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from gateway.records.agreements import Appointment
from gateway.records.figures import BoardSummary, Counted, RateSummary
from gateway.records.status import AppointmentStatus
from gateway.reports.cells import PLACES, STANDINGS, BoardCell, Boards, RateCell, row_of, without_none
from gateway.reports.facts import Days, board_cells, count_board, count_rates, rate_cells
from gateway.reports.uncounted import MOST, among, changes, concerned

_BOARD: Final = tuple(getattr(BoardSummary, name) for name in BoardCell._fields)
_RATES: Final = tuple(getattr(RateSummary, name) for name in RateCell._fields[:-1])


def board_figures(db: Session, day: date, site: str | None = None) -> Boards:
    """Return how many appointments of a Bangkok day stand in each cell."""
    waiting = _waiting(db)
    if waiting is None:
        return count_board(db, day, site)
    where = _of(BoardSummary, Days(day, day, site))
    found: Counter[BoardCell] = Counter()
    for *parts, n in db.exec(sa.select(*_BOARD, col(BoardSummary.n)).where(*where)):  # type: ignore[call-overload]
        found[_board_cell(parts)] += n
    if waiting:
        these = among(db, waiting)
        for parts in db.exec(_counted_boards(these).where(*where)):
            found[_board_cell(parts)] -= 1
        now = Days(day, day, site).conditions
        # Most changes are of another day or site: asking which are not is quicker than to look at all.
        here = db.exec(select(Appointment.id).where(col(Appointment.id).in_(these), *now)).all()
        if here:
            found.update(cell for _, cell in board_cells(db, among(db, here)))
    without_none(found)
    return found


def rate_figures(db: Session, by: Sequence[str], days: Days) -> dict[tuple[Any, ...], int]:
    """Return how many of the appointments that are due stand in each combination of `by` and their standing.

    `by` are names of a RateCell's parts; a key is their values and the standing.
    """
    waiting, names = _waiting(db), (*by, "standing")
    found: Counter[tuple[Any, ...]] = Counter()
    if waiting is None:
        for cell, n in count_rates(db, days).items():
            found[_key(cell, names)] += n
        return found
    columns, where = [getattr(RateSummary, name) for name in by], _of(RateSummary, days)
    sums = [sa.func.sum(getattr(RateSummary, name)) for name in STANDINGS]
    for row in db.exec(sa.select(*columns, *sums).where(*where).group_by(*columns)):  # type: ignore[call-overload]
        for standing, n in zip(STANDINGS, row[len(by) :], strict=True):
            found[(*row[: len(by)], standing)] += int(n or 0)  # of no row at all the sum is NULL
    if waiting:
        these = among(db, waiting)
        for site, day, language, channel, place in db.exec(_counted_rates(these).where(*where)):
            found[_key(RateCell(site, day, language, channel, row_of(place)[1]), names)] -= 1
        found.update(_key(cell, names) for _, cell in rate_cells(db, these, *days.conditions))
    return {key: n for key, n in found.items() if n}


def _key(cell: RateCell, names: Sequence[str]) -> tuple[Any, ...]:
    return tuple(getattr(cell, name) for name in names)


def _waiting(db: Session) -> list[str] | None:
    """Ids of the appointments that may have changed since they were counted; None where they are too many."""
    found = changes(db)
    return None if sum(found.values()) > MOST else concerned(db, found)


def _of(table: type[BoardSummary | RateSummary], days: Days) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if days.first is not None and days.first == days.last:
        found.append(col(table.day) == days.first)
    else:
        found += [col(table.day) >= days.first] if days.first is not None else []
        found += [col(table.day) <= days.last] if days.last is not None else []
    return found if days.site is None else [*found, col(table.site) == days.site]


def _counted_boards(these: Any) -> Any:
    """The cells of the board in which these appointments were counted, once for each of them."""
    joined = sa.select(*_BOARD).select_from(Counted).join(BoardSummary, col(BoardSummary.id) == col(Counted.board))
    return joined.where(col(Counted.appointment).in_(these))


def _counted_rates(these: Any) -> Any:
    """The same of the rates: what a row tells apart, and the number that says the standing."""
    row = col(Counted.rates).op(">>")(sa.literal_column(str(PLACES)))  # bound, PostgreSQL took it for a bigint
    joined = sa.select(*_RATES, col(Counted.rates)).select_from(Counted).join(RateSummary, col(RateSummary.id) == row)
    return joined.where(col(Counted.appointment).in_(these))


def _board_cell(parts: Sequence[Any]) -> BoardCell:
    site, day, session, regimen, starts_at, status, *flags = parts
    return BoardCell(site, day, session, regimen, starts_at, AppointmentStatus(status), *map(bool, flags))
