"""Many rows by one statement, past SQLAlchemy, are the rows that were given."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from gateway.records.quick_sql import write_many
from tests.support.world import World

NOTE = "UPDATE site SET staff_phone = ?, place = ? WHERE code = ?"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def written(db: Session) -> tuple[str, str]:
    return tuple(db.execute(sa.text("SELECT staff_phone, place FROM site WHERE code = 'S1'")).one())


def test_a_statement_is_done_for_each_row_and_for_none_where_there_is_none(world: World) -> None:
    with world.database.unit_of_work() as db:
        write_many(db, NOTE, [])
        assert written(db) == ("054000901", "หอประชุม")
        write_many(db, NOTE, [("1", "100% ?", "S1"), ("2", "ที่'; DROP TABLE site", "S1"), ("3", "", "S2")])
        assert written(db) == ("2", "ที่'; DROP TABLE site")


def test_what_was_written_goes_with_the_unit_of_work(world: World) -> None:
    def fails(db: Session) -> None:
        write_many(db, NOTE, [("9", "", "S1")])
        raise RuntimeError("and then it failed")

    with pytest.raises(RuntimeError):
        world.database.run(fails)
    with world.database.reading() as db:
        assert written(db) == ("054000901", "หอประชุม")
