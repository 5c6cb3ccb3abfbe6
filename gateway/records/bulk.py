"""Statements of the fast paths, compiled once: many rows go to the driver without the framework looking at each.

What SQLAlchemy does for every row of an `executemany` (a dictionary, a look at each value) costs more than the row.
Here a statement is compiled once for an engine, and of what a batch repeats (an instant, a status) each is put into the
driver's form once. Stored is what `execute(statement, rows)` stores (tests/records/test_bulk.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlmodel import Session

Row = Mapping[str, Any]
_REPEATED: Final = (datetime, Enum)


@dataclass(eq=False, slots=True)
class Bulk:
    """An INSERT or UPDATE for many rows, all of them with the same names; `of` gives it for an engine."""

    of: Callable[[str], sa.Insert | sa.Update]
    _ready: dict[tuple[str, ...], _Ready] = field(default_factory=dict, init=False, repr=False)

    def run(self, db: Session, rows: Sequence[Row]) -> None:
        """Write the rows, if there are any."""
        if not rows:
            return
        connection = db.connection()
        key = (connection.dialect.name, *rows[0])
        ready = self._ready.get(key)
        if ready is None:
            ready = self._ready[key] = _Ready.made(self.of(connection.dialect.name), rows[0], connection.dialect)
        connection.exec_driver_sql(ready.sql, ready.values(rows))


@dataclass(frozen=True, slots=True)
class _Ready:
    """A statement in an engine's own SQL, and in the order of its parameters how each is put to the driver."""

    sql: str
    names: tuple[str, ...]
    processors: tuple[Callable[[Any], Any] | None, ...]
    fixed: Row  # what the statement itself sets, as the driver has it
    is_by_name: bool

    @classmethod
    def made(cls, statement: sa.Insert | sa.Update, row: Row, dialect: Dialect) -> _Ready:
        keys = list(row) if isinstance(statement, sa.Insert) else None
        compiled: Any = statement.compile(dialect=dialect, column_keys=keys)
        names = tuple(compiled.positiontup or compiled.bind_names.values())
        processors = tuple(compiled._bind_processors.get(name) for name in names)
        given = zip(names, processors, strict=True)
        fixed = {name: _put(compiled.params[name], put) for name, put in given if name not in row}
        return cls(str(compiled), names, processors, fixed, not compiled.positional)

    def values(self, rows: Sequence[Row]) -> list[Any]:
        columns = [self._column(name, put, rows) for name, put in zip(self.names, self.processors, strict=True)]
        lines = zip(*columns, strict=True)
        return [dict(zip(self.names, line, strict=True)) for line in lines] if self.is_by_name else list(lines)

    def _column(self, name: str, put: Callable[[Any], Any] | None, rows: Sequence[Row]) -> list[Any]:
        if name in self.fixed:
            return [self.fixed[name]] * len(rows)
        if put is None:
            return [row[name] for row in rows]
        if not isinstance(rows[0][name], _REPEATED):
            return [put(row[name]) for row in rows]
        known: dict[Any, Any] = {}
        return [known[value] if (value := row[name]) in known else known.setdefault(value, put(value)) for row in rows]


def _put(value: Any, put: Callable[[Any], Any] | None) -> Any:
    return put(value) if put is not None else value
