"""One statement for many rows, past SQLAlchemy's own work for each value: that costs more than the driver's.

Values are what the driver stores: on SQLite instants as text, on PostgreSQL as they are; nothing is converted here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session


def write_many(db: Session, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Do `statement` for each of these rows in the session's transaction; each `?` in it stands for a value.

    A literal `?` or `%` may not stand in it. What the session has not written yet is not written first: `flush` it.
    """
    if not rows:
        return
    connection = db.connection()
    if connection.dialect.name != "sqlite":
        statement = statement.replace("?", "%s")
    connection.exec_driver_sql(statement, list(rows))
