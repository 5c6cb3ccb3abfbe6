"""The same house as in tests/care: tests are no package, so its factories are loaded by path."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_CARE = Path(__file__).parent.parent / "care" / "conftest.py"
_spec = importlib.util.spec_from_file_location("care_factories", _CARE)
assert _spec is not None
assert _spec.loader is not None
_factories = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_factories)


@pytest.fixture(scope="module")
def shared_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    found = _factories.new_database(tmp_path_factory.mktemp("house"))
    yield found
    found.close()


@pytest.fixture
def house(shared_database: Any) -> Iterator[Any]:
    """A house inside one unit of work, rolled back afterwards."""
    with shared_database.reading() as db:
        yield _factories.House(db)
