"""`gateway db`: on an empty, a current and a strange database."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from gateway.records.migrations import HEAD
from tests.cli.conftest import Gateway


def run(file: Path, statement: str) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute(statement)
    connection.close()


def test_upgrade_makes_an_empty_database_and_leaves_a_current_one(gateway: Gateway) -> None:
    first, again = gateway("db", "upgrade"), gateway("db", "upgrade")
    assert (first.exit_code, first.stderr) == (0, f"the database is now at {HEAD}\n")
    assert (again.exit_code, again.stderr) == (0, f"the database was at {HEAD} already\n")
    assert gateway("db", "check").exit_code == 0


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


def test_the_doctor_finds_that_there_is_no_database_and_makes_none(gateway: Gateway, tmp_path: Path) -> None:
    found = gateway("doctor")
    assert found.exit_code == 1
    assert "WRONG  database: there is no database at" in found.stdout
    assert not (tmp_path / "gateway.db").exists()


def test_check_refuses_an_empty_database_and_says_what_to_do(gateway: Gateway, tmp_path: Path) -> None:
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
@pytest.mark.parametrize("strange", ["another program's", "a newer one's", "no database", "a folder that is a file"])
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
    else:
        (tmp_path / "file").write_bytes(b"")
        settings = {"DATABASE_URL": f"sqlite:///{tmp_path}/file/x.db"}
    found = gateway(*words, **settings)
    assert (found.exit_code, found.stdout) == (1, "")
    assert len(found.stderr.splitlines()) == 1
    assert "database" in found.stderr


def test_an_upgrade_touches_nothing_in_another_programs_database(gateway: Gateway, tmp_path: Path) -> None:
    run(tmp_path / "gateway.db", "CREATE TABLE person (salary INTEGER)")
    before = (tmp_path / "gateway.db").read_bytes()
    assert gateway("db", "upgrade").exit_code == 1
    with sqlite3.connect(tmp_path / "gateway.db") as connection:
        tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
    connection.close()
    assert tables == [("person",)]
    assert len(before) == len((tmp_path / "gateway.db").read_bytes())
