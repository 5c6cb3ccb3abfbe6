"""Once a night the carrier is asked for whatever is not final."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from gateway.carriers.port import CarrierError, CarrierStatus, Fault, Found
from gateway.dispatch import nightly
from gateway.dispatch.nightly import night_of
from gateway.kit.clock import at_bangkok, bangkok_day
from gateway.records.contacts import Attempt, Reminder
from gateway.records.house import Counter, Gate, TickRun
from gateway.records.status import AttemptStatus, Channel
from tests.support import rooms
from tests.support.world import World


@pytest.fixture
def silent(world: World, tmp_path: Path) -> Attempt:
    """A text nobody told us the end of, asked for twice by day already."""
    reminder = world.due(Channel.SMS)
    rooms.sender(world, tmp_path).pass_once()
    [attempt] = world.attempts_of(reminder)
    for _ in range(3):
        world.clock.advance_to(world.clock.now() + timedelta(minutes=61))
        rooms.reconciler(world).pass_once()
    world.carrier.set_status(attempt.carrier_id or "", CarrierStatus.DELIVERED)
    return attempt


def at(world: World, hour: time, *, days: int = 0) -> None:
    world.clock.advance_to(at_bangkok(bangkok_day(world.clock.now()) + timedelta(days=days), hour))


def counted(world: World, name: str) -> int:
    return next((row.n for row in world.all(Counter) if row.name == name), 0)


def test_what_was_silent_all_day_is_asked_for_at_night(world: World, silent: Attempt) -> None:
    at(world, time(19, 45))
    assert rooms.reconciler(world).pass_once().nightly == 0
    at(world, time(21, 5))
    assert rooms.reconciler(world).pass_once().nightly == 1
    assert world.fresh(silent).status is AttemptStatus.DELIVERED
    assert (counted(world, "nightly_asked"), counted(world, "nightly_learnt")) == (1, 1)
    assert [run.name for run in world.all(TickRun)] == ["nightly"]


def test_it_is_asked_once_a_night_and_again_the_next(world: World, silent: Attempt) -> None:
    world.carrier.set_status(silent.carrier_id or "", CarrierStatus.SENT)
    asked = []
    for day, hour in ((0, time(21, 5)), (0, time(23, 0)), (1, time(3, 0)), (0, time(12, 0)), (0, time(21, 5))):
        at(world, hour, days=day)
        asked.append(rooms.reconciler(world).pass_once().nightly)
    assert asked == [1, 0, 0, 0, 1]


def test_after_a_week_nobody_asks_any_more(world: World, silent: Attempt) -> None:
    world.carrier.set_status(silent.carrier_id or "", CarrierStatus.SENT)
    at(world, time(21, 5), days=8)
    assert rooms.reconciler(world).pass_once().nightly == 0


def test_a_night_has_a_budget_of_requests_and_the_next_goes_on(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reminders: list[Reminder] = [world.due(Channel.SMS) for _ in range(5)]
    rooms.sender(world, tmp_path).pass_once()
    monkeypatch.setattr(nightly, "PAGE", 2)
    monkeypatch.setattr(nightly, "REQUESTS", 3)
    for reminder in reminders:
        [attempt] = world.attempts_of(reminder)
        world.carrier.set_status(attempt.carrier_id or "", CarrierStatus.DELIVERED)
    with world.database.unit_of_work() as db:
        for row in world.all(Attempt):
            row.looks = 2
            db.merge(row)
    asked = []
    for day in (0, 1):
        at(world, time(21, 5), days=day)
        asked.append([rooms.reconciler(world).pass_once().nightly for _ in range(4)])
    assert asked == [[2, 2, 0, 0], [1, 0, 0, 0]]
    assert {row.status for row in world.all(Attempt)} == {AttemptStatus.DELIVERED}
    assert [row.spent for row in world.all(Gate) if row.name == "nightly"] == [1.0]


def test_a_carrier_that_cannot_say_is_asked_again_the_same_night(world: World, silent: Attempt) -> None:
    find = world.carrier.find_sms

    def is_down(_: str, __: datetime) -> Sequence[Found]:
        raise CarrierError(Fault.UNKNOWN)

    world.carrier.find_sms = is_down  # type: ignore[method-assign]
    at(world, time(21, 5))
    rooms.reconciler(world).pass_once()
    world.carrier.find_sms = find  # type: ignore[method-assign]
    at(world, time(21, 40))
    rooms.reconciler(world).pass_once()
    assert world.fresh(silent).status is AttemptStatus.DELIVERED


@pytest.mark.parametrize(("hour", "days"), [(time(20, 59), None), (time(21), 0), (time(5, 59), -1), (time(6), None)])
def test_a_night_is_named_by_its_evening(world: World, hour: time, days: int | None) -> None:
    today = bangkok_day(world.clock.now())
    expected = None if days is None else today + timedelta(days=days)
    assert night_of(at_bangkok(today, hour)) == expected
