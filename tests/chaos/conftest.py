"""A small world, and what may befall its database and its clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from gateway.cli.serving import listen, serving
from gateway.records.database import Database
from gateway.records.house import Counter
from gateway.web import health, webhooks
from gateway.web.away import Away
from tests.support import rooms
from tests.support.world import World

Trouble = Callable[[], AbstractContextManager[None]]


class Settable:
    """A wall clock that somebody, or NTP, sets: forward and back."""

    def __init__(self, now: datetime) -> None:
        self.at = now

    def now(self) -> datetime:
        """What it shows."""
        return self.at

    def advance_to(self, instant: datetime) -> None:
        """Set it."""
        self.at = instant


@pytest.fixture
def world(tmp_path: Path) -> World:
    """One site, a Monday at nine, a carrier in memory."""
    return World(tmp_path)


@pytest.fixture
def client(world: World, tmp_path: Path) -> Iterator[httpx.Client]:
    """The carrier's routes and the health of the house, behind a real server."""
    desk = rooms.desk(world, tmp_path)
    app = FastAPI()
    app.add_middleware(Away)
    app.include_router(webhooks.router(desk))
    app.include_router(health.router(desk.database))
    listener = listen(0)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with serving(app, listener), httpx.Client(base_url=address, trust_env=False) as http:
        yield http


@pytest.fixture
def read_only(world: World) -> Trouble:
    """Within the block every connection reads only: a file that was mounted so, a server that became a standby."""

    @contextmanager
    def trouble() -> Iterator[None]:
        with _on_every_connection(world.database, *_READ_ONLY[world.database.is_sqlite]):
            yield

    return trouble


@pytest.fixture
def full(world: World) -> Trouble:
    """Within the block the database may not grow by a page (SQLite)."""

    @contextmanager
    def trouble() -> Iterator[None]:
        with _on_every_connection(world.database, "PRAGMA max_page_count = 1", "PRAGMA max_page_count = 1073741823"):
            _fill(world.database)
            yield

    return trouble


_READ_ONLY = {
    True: ("PRAGMA query_only = ON", "PRAGMA query_only = OFF"),
    False: (
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
    ),
}


def _fill(database: Database) -> None:
    """Until not one row more fits in."""
    number = 0
    try:
        while number < 10_000:
            number += 1
            database.run(lambda db, n=number: db.add(Counter(name=f"filling {n} {'x' * 40}", n=n)))  # type: ignore[misc]
    except sa.exc.OperationalError:
        return
    raise AssertionError("it never was full")


@contextmanager
def _on_every_connection(database: Database, begins: str, ends: str) -> Iterator[None]:
    said = [begins]

    def say(connection: Any, *_: object) -> None:
        cursor = connection.cursor()
        cursor.execute(said[0])
        cursor.close()
        if not database.is_sqlite:
            connection.commit()

    sa.event.listen(database.engine, "checkout", say)
    try:
        yield
    finally:
        said[0] = ends  # the connections that are kept hear it when they are next taken
