"""What is kept of a deed, and for how long it can be taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.records.database import Database
from gateway.records.staffing import Audit, Staff
from gateway.staff.audit import UNDO_FOR, may_be_undone, write_audit
from tests.staff.conftest import NOW
from tests.support.world import World


@pytest.fixture
def deed(database: Database, nurse: Staff) -> Audit:
    with database.unit_of_work() as db:
        return write_audit(db, staff=nurse.id, verb="noted", kind="person", subject="p1", now=NOW,
                           before={"a": None}, after={"a": "ข้อความ"}, undo_for=UNDO_FOR)  # fmt: skip


def test_a_deed_is_kept_as_it_was(world: World, deed: Audit, nurse: Staff) -> None:
    [row] = world.all(Audit)
    assert (row.staff, row.verb, row.kind, row.subject, row.at) == (nurse.id, "noted", "person", "p1", NOW)
    assert (row.before, row.after) == ({"a": None}, {"a": "ข้อความ"})


def test_the_minute_is_one_of_real_time_whatever_the_demos_clock_shows(deed: Audit) -> None:
    assert deed.undo_until is not None
    assert timedelta(0) < deed.undo_until - datetime.now(UTC) <= UNDO_FOR
    assert deed.at == NOW


def test_its_doer_may_take_it_back_within_the_minute(deed: Audit, nurse: Staff) -> None:
    assert deed.undo_until is not None
    last = deed.undo_until - timedelta(microseconds=1)
    assert may_be_undone(deed, by=nurse.id, at=last)
    assert not may_be_undone(deed, by=nurse.id, at=deed.undo_until)


def test_nobody_else_may(deed: Audit) -> None:
    assert not may_be_undone(deed, by="somebody else", at=datetime.now(UTC))


def test_not_twice(deed: Audit, nurse: Staff) -> None:
    deed.undone_at = datetime.now(UTC)
    assert not may_be_undone(deed, by=nurse.id, at=datetime.now(UTC))


def test_what_was_done_at_the_command_line_or_cannot_be_undone_stays(database: Database) -> None:
    with database.unit_of_work() as db:
        plain = write_audit(db, staff=None, verb="account_added", kind="staff", subject="s", now=NOW)
    assert not may_be_undone(plain, by="anybody", at=datetime.now(UTC))
    assert (plain.before, plain.after) == ({}, {})
