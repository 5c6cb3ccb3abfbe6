"""An empty house and somebody who works there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.records.database import Database
from gateway.records.staffing import Role, Staff
from tests.support.world import World

NOW = datetime(2026, 8, 3, 2, 0, tzinfo=UTC)
KEY = b"a key of the tests"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def database(world: World) -> Iterator[Database]:
    yield world.database
    world.database.close()


@pytest.fixture
def nurse(world: World) -> Staff:
    """An account whose password nobody knows."""
    staff = Staff(email="nurse@hospital.example", role=Role.STAFF, password_hash="none", created_at=NOW)
    world.add(staff)
    return staff
