"""A world to dispatch in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """One site, a Monday at nine, a carrier in memory."""
    return World(tmp_path)
