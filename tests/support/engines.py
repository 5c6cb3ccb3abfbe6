"""Databases for tests, on either engine: SQLite files, or with TAMNAT_TEST_ENGINE=postgresql databases on a server.

A database goes by the file it has on SQLite; on PostgreSQL the same `file` names the same database. The server is one
that the tests start (`tests/support/postgres.py`), or the one that TAMNAT_TEST_POSTGRES names.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from gateway.records.database import Database
from gateway.records.migrations import upgrade

ENGINE = os.environ.get("TAMNAT_TEST_ENGINE", "sqlite")
SERVER = "TAMNAT_TEST_POSTGRES"
IS_SQLITE = ENGINE == "sqlite"
TEMPLATE = "template0"


@dataclass
class _Kept:
    """What this process opened and made, in order, so that a test can clear away what came since it began."""

    opened: list[Database] = field(default_factory=list)
    made: dict[Path, str] = field(default_factory=dict)


_kept = _Kept()


def url_of(file: Path) -> str:
    """The URL of the database that goes by `file`; where there is none it is made on a server, without tables."""
    return f"sqlite:///{file}" if IS_SQLITE else _made(file, TEMPLATE)


empty_url = url_of


def migrated_url(file: Path) -> str:
    """The URL of a database with every table and, where it was not there before, no row."""
    if not IS_SQLITE:
        return _made(file, _template())
    if not file.exists():
        file.write_bytes(_empty_file())
    return f"sqlite:///{file}"


def opened(file: Path) -> Database:
    """The database that goes by `file`, with every table."""
    return Database(migrated_url(file))


def copied(source: Path, file: Path) -> Path:
    """Copy a database that nobody has open; returns `file`, by which the copy goes."""
    if IS_SQLITE:
        shutil.copy(source, file)
    else:
        _let_go(_kept.made[source])
        _made(file, make_url(_kept.made[source]).database or "")
    return file


def exists(file: Path) -> bool:
    """Whether the database that goes by `file` is there, and holds a table."""
    if IS_SQLITE:
        return file.exists()
    database = Database(url_of(file))
    try:
        return bool(sa.inspect(database.engine).get_table_names())
    finally:
        database.close()


def noticed(database: Database) -> None:
    """Keep in mind that this database was opened."""
    _kept.opened.append(database)


def mark() -> tuple[int, int]:
    """Where we stand, for `clear`."""
    return len(_kept.opened), len(_kept.made)


def clear(since: tuple[int, int]) -> None:
    """Close what was opened since, and drop what was made: a server is slow with thousands of databases."""
    while len(_kept.opened) > since[0]:
        _kept.opened.pop().close()
    late = list(_kept.made.items())[since[1] :]
    for file, url in late:
        _admin(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')
        del _kept.made[file]


def finish() -> None:
    """Drop the template of this process too, on a server that outlives it."""
    if not IS_SQLITE and _template.cache_info().currsize:
        _admin(f'DROP DATABASE IF EXISTS "{_template()}" WITH (FORCE)')
        _template.cache_clear()
        _administrator().dispose()


@cache
def _empty_file() -> bytes:
    """A SQLite file, migrated once, then copied."""
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/empty.db")
        upgrade(database)
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
        return Path(folder, "empty.db").read_bytes()


def _made(file: Path, template: str) -> str:
    if file not in _kept.made:
        name = "t" + hashlib.sha256(f"{os.getpid()}{file}".encode()).hexdigest()[:24]
        _admin(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        _kept.made[file] = f"{_server()}/{name}"
    return _kept.made[file]


@cache
def _template() -> str:
    """A database of this process, migrated once, then copied."""
    name = f"tamnat_{os.getpid()}"
    _admin(f'CREATE DATABASE "{name}" TEMPLATE {TEMPLATE}')
    database = Database(f"{_server()}/{name}")
    upgrade(database)
    database.close()
    return name


def _let_go(url: str) -> None:
    """End what is connected to a database: one with connections cannot be copied."""
    for database in _kept.opened:
        if database.url.database == make_url(url).database:
            database.close()


def _server() -> str:
    """Started by the process that began the tests; its workers, and the commands they run, inherit the address."""
    return os.environ[SERVER]


@cache
def _administrator() -> sa.Engine:
    url = make_url(f"{_server()}/postgres").set(drivername="postgresql+psycopg")
    return sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.pool.StaticPool)


def _admin(statement: str) -> None:
    with _administrator().connect() as connection:
        connection.exec_driver_sql(statement)
