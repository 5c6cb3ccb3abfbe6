"""`gateway db`: on an empty, a current and a strange database."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.records.database import Database
from gateway.records.migrations import HEAD
from tests.cli.conftest import Gateway
from tests.support.engines import IS_SQLITE, url_of


def run(file: Path, statement: str) -> None:
    database = Database(url_of(file))
    with database.engine.begin() as connection:
        connection.exec_driver_sql(statement)
    database.close()


def test_upgrade_makes_an_empty_database_and_leaves_a_current_one(gateway: Gateway) -> None:
    first, again = gateway("db", "upgrade"), gateway("db", "upgrade")
    assert (first.exit_code, first.stderr) == (0, f"the database is now at {HEAD}\n")
    assert (again.exit_code, again.stderr) == (0, f"the database was at {HEAD} already\n")
    assert gateway("db", "check").exit_code == 0


@pytest.mark.sqlite_file  # a database on a server is there, or the server says that it is not
@pytest.mark.parametrize(
    "words",
    [("db", "check"), ("export", "people"), ("report", "rates")],
)
def test_who_only_reads_is_told_that_there_is_no_database_and_makes_none(
    gateway: Gateway, tmp_path: Path, words: tuple[str, ...]
) -> None:
    found = gateway(*words)
    assert (found.exit_code, found.stdout, len(found.stderr.splitlines())) == (1, "", 1)
    assert found.stderr.startswith(f"there is no database at {tmp_path}/gateway.db: `gateway db upgrade`")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.sqlite_file
def test_the_doctor_finds_that_there_is_no_database_and_makes_none(gateway: Gateway, tmp_path: Path) -> None:
    found = gateway("doctor")
    assert found.exit_code == 1
    assert "WRONG  database: there is no database at" in found.stdout
    assert not (tmp_path / "gateway.db").exists()


def test_check_refuses_an_empty_database_and_says_what_to_do(gateway: Gateway, tmp_path: Path) -> None:
    if IS_SQLITE:
        (tmp_path / "gateway.db").touch()
    found = gateway("db", "check")
    assert found.exit_code == 1
    assert "run `gateway db upgrade`" in found.stderr


def test_check_names_what_was_changed_by_hand(gateway: Gateway, tmp_path: Path) -> None:
    gateway("db", "upgrade")
    run(tmp_path / "gateway.db", "ALTER TABLE site ADD COLUMN colour TEXT")
    found = gateway("db", "check")
    assert found.exit_code == 1
    assert "colour" in found.stderr


@pytest.mark.parametrize(
    "words", [("db", "upgrade"), ("db", "check"), ("pause",), ("tick", "--at", "2026-08-03T09:00")]
)
@pytest.mark.parametrize(
    "strange",
    [
        "another program's",
        "a newer one's",
        pytest.param("no database", marks=pytest.mark.sqlite_file),
        pytest.param("a folder that is a file", marks=pytest.mark.sqlite_file),
        "a server that is not there",
    ],
)
def test_a_strange_database_is_refused_in_one_line(
    gateway: Gateway, tmp_path: Path, words: tuple[str, ...], strange: str
) -> None:
    settings = {}
    if strange == "another program's":
        run(tmp_path / "gateway.db", "CREATE TABLE payroll (id INTEGER)")
    elif strange == "a newer one's":
        gateway("db", "upgrade")
        run(tmp_path / "gateway.db", "UPDATE alembic_version SET version_num = '9999'")
    elif strange == "no database":
        (tmp_path / "gateway.db").write_bytes(b"Dear diary, " * 100)
    elif strange == "a folder that is a file":
        (tmp_path / "file").write_bytes(b"")
        settings = {"DATABASE_URL": f"sqlite:///{tmp_path}/file/x.db"}
    else:
        settings = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"}
    found = gateway(*words, **settings)
    assert (found.exit_code, found.stdout) == (1, "")
    assert len(found.stderr.splitlines()) == 1
    assert "database" in found.stderr


def test_an_upgrade_touches_nothing_in_another_programs_database(gateway: Gateway, tmp_path: Path) -> None:
    run(tmp_path / "gateway.db", "CREATE TABLE person (salary INTEGER)")
    assert gateway("db", "upgrade").exit_code == 1
    database = Database(url_of(tmp_path / "gateway.db"))
    found = sa.inspect(database.engine)
    assert found.get_table_names() == ["person"]
    assert [column["name"] for column in found.get_columns("person")] == ["salary"]
    database.close()
