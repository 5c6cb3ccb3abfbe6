"""The engine, and the only place that commits.

One request or one tick is one unit of work. Writers on SQLite take the lock when they begin (`BEGIN IMMEDIATE`):
with deferred transactions 100 callers on 10 seats met 56 times "database is locked"; with this, none.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, make_url
from sqlmodel import Session

_WRITES = "tamnat_writes"


class Database:
    """A SQLite file or a PostgreSQL database, by URL."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        # Parameters stay out of errors and logs: they are names and numbers of people.
        options: dict[str, Any] = {"hide_parameters": True}
        self.engine = self._sqlite_engine(options) if self.is_sqlite else sa.create_engine(self.url, **options)
        self._writing = self.engine.execution_options(**{_WRITES: True})

    @property
    def file(self) -> Path | None:
        """The file of a SQLite database; None for one in memory or on a server."""
        name = self.url.database
        return Path(name) if self.is_sqlite and name and name != ":memory:" else None

    @contextmanager
    def unit_of_work(self) -> Iterator[Session]:
        """Give a session whose changes are committed together at the end, or not at all if anything raises."""
        with Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session for looking only: whatever it changes is rolled back."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session  # closing rolls back, and leaves what was read readable

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()

    def _sqlite_engine(self, options: dict[str, Any]) -> Engine:
        engine = sa.create_engine(self.url, connect_args={"check_same_thread": False, "timeout": 15}, **options)
        sa.event.listen(engine, "do_connect", self._make_private)
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
        return engine

    def _make_private(self, *_: object) -> None:
        """A new file and its folder are the owner's alone: it holds names and numbers. -wal and -shm follow the file.

        Made when it is first opened and not before: who only asks where it would be leaves no trace.
        """
        if self.file is None or self.file.exists():
            return
        _make_folder(self.file.parent)
        os.close(os.open(self.file, os.O_CREAT | os.O_WRONLY, 0o600))


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it; `mkdir(parents=True)` would leave those above open to all."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late; ours is in _begin_sqlite
    cursor = connection.cursor()
    # FULL, not NORMAL: an attempt lost with the power after its call was placed would be a second call.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
