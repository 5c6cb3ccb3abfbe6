"""Planning in short transactions writes what one long one would, and goes on where it was interrupted."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from gateway.plan import planner
from gateway.plan.planner import PlanReport, plan_in_parts
from gateway.records.contacts import Reminder
from gateway.records.database import Database
from tests.plan.conftest import LADDER, OFFERED, WINDOW, World, bangkok
from tests.support.engines import opened

NOW = "2026-11-22T08:00"


def planned(database: Database, size: int) -> PlanReport:
    return plan_in_parts(database, LADDER, WINDOW, now=bangkok(NOW), speakable=OFFERED, textable=OFFERED, size=size)


def given_people(database: Database, *, with_new: bool = False) -> None:
    """Forty appointments, some at one time; ten without a phone; and two second doses far ahead; two made just now."""
    with database.unit_of_work() as db:
        world = World(db)
        for number in range(40):
            person = world.person(village="Ban Test") if number % 4 == 0 else None
            world.appointment(f"2026-11-{24 + number % 5}T{9 + number % 3:02}:00", person)
        for _ in range(2):
            world.appointment("2027-01-20T13:00", source="second_dose")
        if with_new:
            world.appointment("2026-11-30T10:00", id="new", created_at=bangkok(NOW))
            world.appointment("2027-01-20T13:00", id="far", source="second_dose", created_at=bangkok(NOW))


def contents(database: Database) -> list[tuple[Any, ...]]:
    with database.reading() as db:
        return sorted((one.appointment, one.step, one.channel.value, one.due_at) for one in db.exec(select(Reminder)))


@pytest.mark.parametrize("size", [1, 3, 7])
def test_in_parts_the_same_is_written_as_at_once(tmp_path: Path, size: int) -> None:
    whole, parts = opened(tmp_path / "whole.db"), opened(tmp_path / "parts.db")
    given_people(whole)
    given_people(parts)
    assert planned(parts, size) == planned(whole, 0)
    assert contents(parts) == contents(whole) != []
    assert planned(parts, size) == PlanReport()
    whole.close()
    parts.close()


def test_a_pass_that_looks_at_what_is_new_plans_it_alone_and_as_any_other_would(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = opened(tmp_path / "new.db")
    given_people(database, with_new=True)
    settings: dict[str, Any] = {"now": bangkok(NOW), "speakable": OFFERED, "textable": OFFERED}
    report = plan_in_parts(database, LADDER, WINDOW, since=bangkok(NOW), **settings)
    alone = contents(database)
    assert report.planned == len(alone)
    assert {appointment for appointment, *_ in alone} == {"new", "far"}
    assert plan_in_parts(database, LADDER, WINDOW, since=bangkok(NOW), **settings) == PlanReport()
    monkeypatch.setattr(planner, "_FEW", 1)  # more than a few are planned with all others
    plan_in_parts(database, LADDER, WINDOW, since=bangkok(NOW), **settings)
    whole = opened(tmp_path / "whole.db")
    given_people(whole)
    planned(whole, 0)
    assert contents(database) == sorted(alone + contents(whole))
    whole.close()
    database.close()


def test_what_was_planned_stays_planned_when_a_later_part_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = opened(tmp_path / "parts.db")
    given_people(database)
    calls: list[datetime] = []

    def gather(*args: Any, **rest: Any) -> Any:
        calls.append(rest["after"])
        if len(calls) == 3:
            raise RuntimeError("the power is gone")
        return original(*args, **rest)

    original = planner.gather
    monkeypatch.setattr(planner, "gather", gather)
    with pytest.raises(RuntimeError):
        planned(database, 5)
    some = contents(database)
    monkeypatch.setattr(planner, "gather", original)
    planned(database, 5)
    assert 0 < len(some) < len(contents(database))
    database.close()
