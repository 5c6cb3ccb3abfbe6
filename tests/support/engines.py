"""Databases for tests, on either engine: SQLite files, or with TAMNAT_TEST_ENGINE=postgresql databases on a server.

The server is one that the tests start (`tests/support/postgres.py`), or the one that TAMNAT_TEST_POSTGRES names.
"""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from gateway.records.database import Database
from gateway.records.migrations import upgrade

ENGINE = os.environ.get("TAMNAT_TEST_ENGINE", "sqlite")
IS_SQLITE = ENGINE == "sqlite"


def empty_url(file: Path) -> str:
    """The URL of a database without tables; the same `file` names the same one again."""
    if IS_SQLITE:
        return f"sqlite:///{file}"
    return _made(file, "template0")


def migrated_url(file: Path) -> str:
    """The URL of a database with every table and no row; the same `file` names the same one again."""
    if not IS_SQLITE:
        return _made(file, _template())
    if not file.exists():
        file.write_bytes(_empty_file())
    return f"sqlite:///{file}"


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


@cache
def _made(file: Path, template: str) -> str:
    name = "t" + hashlib.sha256(f"{os.getpid()}{file}".encode()).hexdigest()[:24]
    _admin(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    return f"{_server()}/{name}"


@cache
def _template() -> str:
    """A database of this process, migrated once, then copied."""
    name = f"tamnat_{os.getpid()}"
    _admin(f'CREATE DATABASE "{name}"')
    database = Database(f"{_server()}/{name}")
    upgrade(database)
    database.close()
    return name


@cache
def _server() -> str:
    named = os.environ.get("TAMNAT_TEST_POSTGRES")
    if named:
        return named
    from tests.support import postgres

    return postgres.start()


def _admin(statement: str) -> None:
    engine = sa.create_engine(f"{_server()}/postgres".replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
