"""Every story has a stage of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.stage import Stage
from tests.support.figures import disagreements


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A site without sessions, on the Friday before the stories' appointments."""
    with Stage(tmp_path) as built:
        built.given_a_site()
        yield built
        with built.house.database.reading() as db:  # whoever wrote in this story: no page is behind its rows
            assert disagreements(db) == []
