"""The demo's clock: where a visitor may move it, and when it moves by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway.cli import demo
from gateway.kit.clock import DemoClock, bangkok_time
from gateway.records.status import Channel
from gateway.settings import Settings
from gateway.wiring import House
from tests.support.world import NINE, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def clock() -> DemoClock:
    clock = DemoClock(NINE, 20)
    clock.pause()
    return clock


@pytest.fixture
def house(world: World, clock: DemoClock, tmp_path: Path) -> Iterator[House]:
    settings = Settings(database_url=str(world.database.url), audio_dir=tmp_path / "audio", carrier="sandbox")
    house = House(settings, clock=clock, public_url="http://127.0.0.1:8000")
    yield house
    house.close()


def later(world: World, at: datetime) -> None:
    """Somebody is to be called at `at`."""
    world.reminder(world.appointment(world.person(), days=4), next_try_at=at, due_at=at)


def shown(clock: DemoClock) -> str:
    return f"{bangkok_time(clock.now()):%a %d %H:%M:%S}"


def test_the_next_morning_is_just_before_the_window_opens_on_the_next_day_with_something_due(
    house: House, world: World, clock: DemoClock
) -> None:
    world.due(Channel.SMS)
    later(world, NINE + timedelta(days=2, hours=5))
    assert demo.move_to_morning(house, clock) is True
    assert shown(clock) == "Wed 05 08:59:30"
    assert clock.is_paused


def test_where_nothing_more_is_due_the_clock_stays(house: House, world: World, clock: DemoClock) -> None:
    before = clock.now()
    assert (demo.move_to_morning(house, clock), clock.now()) == (False, before)


def test_a_clock_that_is_held_or_paused_skips_nothing(house: House, world: World, clock: DemoClock) -> None:
    later(world, NINE + timedelta(days=1))
    assert demo.skip_dull_hours(house, clock) is False
    clock.hold()
    clock.resume()
    assert demo.skip_dull_hours(house, clock) is False
    clock.release()
    assert demo.skip_dull_hours(house, clock) is True
