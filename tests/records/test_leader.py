"""One leads; when it goes, or its connection does, another one leads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.records.database import Database, lock_key
from gateway.records.leader import Leader
from tests.support.engines import IS_SQLITE, opened

on_a_server = pytest.mark.postgres


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Leader, Leader]]:
    """Two processes, as far as the server can tell."""
    file = tmp_path / "x.db"
    first, second = Leader(opened(file)), Leader(opened(file))
    yield first, second
    first.close()
    second.close()


def test_whoever_asks_first_leads_and_goes_on_leading(two: tuple[Leader, Leader]) -> None:
    first, second = two
    assert first.leads()
    assert second.leads() is IS_SQLITE  # there is no second process on a file
    assert first.leads()


@on_a_server
def test_who_goes_in_order_hands_the_lead_on(two: tuple[Leader, Leader]) -> None:
    first, second = two
    assert [first.leads(), second.leads()] == [True, False]
    first.close()
    assert [second.leads(), first.leads()] == [True, False]


@on_a_server
def test_who_lost_the_connection_has_lost_the_lead_and_knows_it(two: tuple[Leader, Leader], tmp_path: Path) -> None:
    first, second = two
    assert first.leads()
    end_the_connection_that_holds(opened(tmp_path / "x.db"), "leader")
    assert [second.leads(), first.leads()] == [True, False]


def end_the_connection_that_holds(database: Database, name: str) -> None:
    """As a server does that is restarted, or a machine that vanishes."""
    query = sa.text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = :key")
    with database.engine.connect() as connection:
        ended = connection.execute(query, {"key": lock_key(name)}).all()
    assert len(ended) == 1
