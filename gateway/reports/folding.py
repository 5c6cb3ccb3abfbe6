"""Bring the summary up to what has changed: a few hundred changes in a transaction, until none is left.

Nobody waits for it: pages add what is uncounted themselves. It keeps that little.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from gateway.records.database import Database
from gateway.records.figures import BoardSummary, Counted, RateSummary, Uncounted
from gateway.reports.cells import STANDINGS, BoardCell, RateCell, number, row_of
from gateway.reports.facts import board_cells, rate_cells
from gateway.reports.uncounted import among, changes, concerned

AT_ONCE: Final = 500
"""Changes in a transaction: on SQLite every other writer waits for it, some ten milliseconds."""
_IDS: Final = 2000  # looked at together: a telephone may be that of a whole home for the elderly
Cell = BoardCell | RateCell


@dataclass(frozen=True, slots=True)
class Folded:
    """What a pass did: changes counted, appointments looked at."""

    changes: int = 0
    appointments: int = 0

    def __add__(self, other: Folded) -> Folded:
        return Folded(self.changes + other.changes, self.appointments + other.appointments)


@dataclass(slots=True)
class _Delta:
    """How the numbers of cells change, and which cells are known by more than their number."""

    by: Counter[int] = field(default_factory=Counter)
    cells: dict[int, Cell] = field(default_factory=dict)

    def move(self, old: int | None, new: Cell | None) -> int | None:
        """Take an appointment out of one cell and into another; return the number of that."""
        place = None if new is None else number(new)
        if place == old:
            return place
        if old is not None:
            self.by[old] -= 1
        if new is not None and place is not None:
            self.by[place] += 1
            self.cells[place] = new
        return place


def fold(database: Database, *, passes: int | None = None) -> Folded:
    """Count what has changed; `passes` transactions at most (None: until nothing is left)."""
    done = Folded()
    while passes is None or passes > 0:
        passes = None if passes is None else passes - 1
        with database.reading() as db:  # the usual answer is that there is nothing, and costs nobody the lock
            if not changes(db):
                break
        done += database.run(fold_some)
    return done


def fold_some(db: Session) -> Folded:
    """Count the oldest changes, as a unit of work of its own: it must be the first thing of its transaction."""
    if db.get_bind().dialect.name == "postgresql":
        # One snapshot is all this needs: a change that it does not show keeps its note. Serializable, it would be one
        # more transaction that those of the telephone collide with.
        db.connection().exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    until, n = _oldest(db)
    if until is None:
        return Folded()
    ids = concerned(db, changes(db, until=until), until=until)
    for start in range(0, len(ids), _IDS):
        _count(db, ids[start : start + _IDS])
    db.exec(sa.delete(Uncounted).where(col(Uncounted.id) <= until))
    return Folded(n, len(ids))


def _oldest(db: Session) -> tuple[int | None, int]:
    """The last of the oldest changes, and how many they are."""
    oldest = select(Uncounted.id).order_by(col(Uncounted.id)).limit(AT_ONCE).subquery()
    until, n = db.exec(select(sa.func.max(oldest.c.id), sa.func.count())).one()
    return until, n


def _count(db: Session, ids: Sequence[str]) -> None:
    """Move each of these appointments from the cells where it was counted to those where it stands now."""
    these = among(db, ids)
    counted = select(Counted.appointment, Counted.board, Counted.rates).where(col(Counted.appointment).in_(these))
    standing = {one: (board, rate) for one, board, rate in db.exec(counted)}
    boards, rates = dict(board_cells(db, these)), dict(rate_cells(db, these))
    board_delta, rate_delta = _Delta(), _Delta()
    rows: list[dict[str, Any]] = []
    for one in ids:
        was = standing.get(one, (None, None))
        board, rate = board_delta.move(was[0], boards.get(one)), rate_delta.move(was[1], rates.get(one))
        if board is not None and was != (board, rate):
            rows.append({"appointment": one, "board": board, "rates": rate})
    _apply_boards(db, board_delta)
    _apply_rates(db, rate_delta)
    _keep(db, rows, gone=[one for one in standing if one not in boards])


def _apply_boards(db: Session, delta: _Delta) -> None:
    """Add to the cells of the board."""
    rows = {place: {"n": n} for place, n in delta.by.items() if n}
    named = {place: delta.cells[place]._asdict() for place in rows if place in delta.cells}
    _add(db, BoardSummary, ("n",), rows, named)


def _apply_rates(db: Session, delta: _Delta) -> None:
    """Add to the cells of the rates: a column of a row each."""
    rows: dict[int, dict[str, int]] = {}
    named: dict[int, dict[str, Any]] = {}
    for place, n in delta.by.items():
        row, standing = row_of(place)
        rows.setdefault(row, dict.fromkeys(STANDINGS, 0))[standing] += n
        if place in delta.cells:
            named[row] = {**delta.cells[place]._asdict()}
            named[row].pop("standing")
    _add(db, RateSummary, STANDINGS, rows, named)


def _add(
    db: Session,
    table: type[BoardSummary | RateSummary],
    figures: Sequence[str],
    rows: Mapping[int, Mapping[str, int]],
    named: Mapping[int, Mapping[str, Any]],
) -> None:
    """Add to the figures of rows; of those `named` one is made where there is none. A row that counts nobody goes."""
    fresh = [{"id": row, **named[row], **rows[row]} for row in sorted(rows) if row in named]
    if fresh:
        statement = _insert(db, table)
        sums = {name: getattr(table, name) + statement.excluded[name] for name in figures}
        db.connection().execute(statement.on_conflict_do_update(index_elements=["id"], set_=sums), fresh)
    left = [
        {"row": row, **{f"by_{name}": n for name, n in rows[row].items()}} for row in sorted(rows) if row not in named
    ]
    if left:
        less = {name: getattr(table, name) + sa.bindparam(f"by_{name}") for name in figures}
        away: Any = sa.update(table).where(col(table.id) == sa.bindparam("row"))
        db.connection().execute(away.values(**less), left)
    if lessened := [row for row, by in rows.items() if min(by.values()) < 0]:
        nobody = [getattr(table, name) == 0 for name in figures]
        db.exec(sa.delete(table).where(col(table.id).in_(lessened), *nobody))


def _keep(db: Session, rows: Sequence[Mapping[str, Any]], *, gone: Iterable[str]) -> None:
    """Write down where each was counted."""
    if rows:
        statement = _insert(db, Counted)
        fresh = {name: statement.excluded[name] for name in ("board", "rates")}
        db.connection().execute(statement.on_conflict_do_update(index_elements=["appointment"], set_=fresh), list(rows))
    if gone := list(gone):
        db.exec(sa.delete(Counted).where(col(Counted.appointment).in_(gone)))


def _insert(db: Session, table: Any) -> Any:
    """An INSERT that may say what happens to a row that is there; each engine has its own."""
    return postgresql.insert(table) if db.get_bind().dialect.name == "postgresql" else sqlite.insert(table)
