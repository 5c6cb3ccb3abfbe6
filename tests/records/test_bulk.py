"""Rows written by statements made ready once are those that SQLAlchemy writes, on either engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from gateway.records import tables  # noqa: F401  # every table is in the metadata
from gateway.records.bulk import Bulk
from gateway.records.database import Database
from gateway.records.status import AttemptStatus
from tests.support.engines import migrated_url

NOW = datetime(2026, 8, 3, 2, 0, 0, 123456, UTC)
RECEIPT = SQLModel.metadata.tables["receipt"]
ATTEMPT = SQLModel.metadata.tables["attempt"]
CALLBACKS = [
    {"attempt": None, "carrier": "c", "carrier_id": f"CA{n}", "status": status, "seq": n, "raw": raw, "at": at}
    for n, (status, raw, at) in enumerate([
        ("sent", {"To": "น้ำ 💉 \"'\\"}, NOW),
        ("sent", {}, NOW.astimezone(timezone(timedelta(hours=7)))),
        ("delivered", {"a": [1, None, 1.5, {"b": True}]}, NOW + timedelta(days=1)),
        ("%s %(a)s :b ?", {"%": "%s"}, NOW),
    ])
]  # fmt: skip
MOVE = sa.update(RECEIPT).where(RECEIPT.c.carrier_id == sa.bindparam("of")).values(seq=sa.bindparam("up"), status="x")
MOVE_ATTEMPT = sa.update(ATTEMPT).where(ATTEMPT.c.id == sa.bindparam("of")).values(status=sa.bindparam("to"))


class Undo(Exception):
    """Ends a unit of work without a trace."""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(migrated_url(tmp_path / "bulk.db"))
    yield opened
    opened.close()


def stored(database: Database, *, by: str, rows: list[dict[str, Any]]) -> list[Any]:
    insert, moved = sa.insert(RECEIPT).inline(), [{"of": "CA0", "up": 7}, {"of": "CA1", "up": 8}]
    found: list[Any] = []
    with suppress(Undo), database.unit_of_work() as db:
        if by == "bulk":
            Bulk(lambda _: insert).run(db, rows)
            Bulk(lambda _: MOVE).run(db, moved)
        else:
            db.connection().execute(insert, rows)
            db.connection().execute(MOVE, moved)
        columns = [sa.cast(column, sa.String) for column in RECEIPT.c if column.name != "id"]
        found = sorted(map(repr, db.execute(sa.select(*columns)).all()))
        raise Undo
    return found


def test_what_is_written_is_what_sqlalchemy_writes(database: Database) -> None:
    by_bulk = stored(database, by="bulk", rows=CALLBACKS)
    assert by_bulk == stored(database, by="sqlalchemy", rows=CALLBACKS)
    assert len(by_bulk) == len(CALLBACKS)


def test_a_statement_is_ready_for_rows_of_other_columns_too_and_none_is_nothing(database: Database) -> None:
    bulk = Bulk(lambda _: sa.insert(RECEIPT).inline())
    less = [{name: value for name, value in row.items() if name != "attempt"} for row in CALLBACKS]
    with database.unit_of_work() as db:
        bulk.run(db, CALLBACKS[:2])
        bulk.run(db, less[2:])
        bulk.run(db, [])
        assert len(db.execute(sa.select(RECEIPT)).all()) == len(CALLBACKS)


def test_an_instant_or_a_status_that_comes_again_is_stored_in_every_row(database: Database) -> None:
    insert = Bulk(lambda _: sa.insert(RECEIPT).inline())
    rows = [{**CALLBACKS[0], "carrier_id": f"CA{n}", "status": AttemptStatus.SENT.value} for n in range(5)]
    with database.unit_of_work() as db:
        insert.run(db, rows)
        assert set(db.execute(sa.select(RECEIPT.c.status, RECEIPT.c.at))) == {("sent", NOW)}
        nobody = Bulk(lambda _: MOVE_ATTEMPT)
        nobody.run(db, [{"of": f"nobody {n}", "to": AttemptStatus.SENT} for n in range(3)])
        assert not db.execute(sa.select(ATTEMPT.c.id)).all()
