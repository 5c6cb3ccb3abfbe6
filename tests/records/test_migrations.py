"""Empty, current and strange databases: made, left alone, refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.records.database import Database
from gateway.records.migrations import HEAD, StrangeDatabase, current_revision, differences, upgrade
from gateway.records.places import Site
from tests.support.engines import url_of
from tests.support.world import World


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(url_of(tmp_path / "x.db"))
    yield database
    database.close()


def run(database: Database, statement: str) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql(statement)


def test_an_empty_database_is_at_nothing_and_is_made(database: Database) -> None:
    assert current_revision(database) is None
    assert upgrade(database)
    assert current_revision(database) == HEAD
    assert differences(database) == []


def test_a_current_database_is_left_alone_with_what_is_in_it(tmp_path: Path) -> None:
    world = World(tmp_path)
    assert not upgrade(world.database)
    assert [site.code for site in world.all(Site)] == ["S1"]


def test_another_programs_database_is_refused_and_untouched(database: Database) -> None:
    run(database, "CREATE TABLE person (id INTEGER, salary INTEGER)")
    for do in (current_revision, upgrade):
        with pytest.raises(StrangeDatabase, match="not Tamnat's"):
            do(database)
    assert sa.inspect(database.engine).get_table_names() == ["person"]


def test_a_newer_programs_database_is_refused(database: Database) -> None:
    upgrade(database)
    run(database, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StrangeDatabase, match="9999"):
        upgrade(database)
    assert current_revision(database) == "9999"


def test_what_was_changed_by_hand_is_found(database: Database) -> None:
    upgrade(database)
    run(database, "ALTER TABLE site ADD COLUMN colour TEXT")
    assert any("colour" in found for found in differences(database))


def test_an_upgrade_that_was_cut_off_before_its_first_row_is_done_again(database: Database) -> None:
    run(database, "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    assert current_revision(database) is None
    assert upgrade(database)
    assert differences(database) == []
