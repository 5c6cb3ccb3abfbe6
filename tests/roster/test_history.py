"""What was loaded before, the newest first, each with who and what came of its rows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.records.rosters import Batch, RosterRow
from gateway.records.staffing import Role, Staff
from gateway.records.status import BatchStatus
from gateway.roster.history import load_of, loaded_before, past_loads
from tests.roster.conftest import NOW
from tests.support.world import World


@pytest.fixture
def world(tmp_path):
    world = World(tmp_path, now=NOW)
    yield world
    world.database.close()


def test_a_load_of_the_command_line_has_no_name_and_its_site_is_kept(world):
    world.add(Batch(file_sha="x", scope_site="S1", at=NOW), Batch(file_sha="y", at=NOW + timedelta(1)))
    with world.database.reading() as db:
        assert [(one.batch.file_sha, one.who, one.rows) for one in past_loads(db)] == [("y", "", 0), ("x", "", 0)]
        assert [one.batch.file_sha for one in past_loads(db, site="S1")] == ["x"]


def test_rows_are_counted_by_what_came_of_them(world):
    staff = Staff(email="a@x.example", name="สุดา", role=Role.MANAGER, password_hash="-", created_at=NOW)
    world.add(staff)
    batch = Batch(file_sha="x", staff=staff.id, at=NOW)
    world.add(batch)
    for line, verdict in enumerate(("created", "created", "conflict", "cancelled")):
        world.add(RosterRow(batch=batch.id, line=line, source_key=str(line), verdict=verdict))
    with world.database.reading() as db:
        found = load_of(db, batch.id)
        assert (found.who, found.rows) == ("สุดา", 3)
        assert found.verdicts == {"created": 2, "conflict": 1, "cancelled": 1}
        assert load_of(db, "0" * 32) is None


def test_the_same_bytes_are_known_by_their_last_load_and_only_if_loaded(world):
    world.add(Batch(file_sha="x", at=NOW), Batch(file_sha="x", at=NOW + timedelta(1)))
    world.add(Batch(file_sha="y", at=NOW, status=BatchStatus.CHECKED))
    with world.database.reading() as db:
        assert loaded_before(db, "x").batch.at == NOW + timedelta(1)
        assert loaded_before(db, "y") is None
        assert [one.batch.file_sha for one in past_loads(db)] == ["x", "x"]


def test_older_ones_are_on_the_next_page(world):
    world.add(*(Batch(file_sha=str(n), at=NOW + timedelta(n)) for n in range(5)))
    with world.database.reading() as db:
        assert [one.batch.file_sha for one in past_loads(db, most=2, skip=2)] == ["2", "1"]
