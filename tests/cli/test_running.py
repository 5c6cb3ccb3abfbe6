"""What `gateway run` says before anything happens: what is next, and how not to wait for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.cli.running import Running
from gateway.kit.clock import Clock, RealClock, SteppedClock
from gateway.records.leader import Leader
from gateway.records.status import Channel
from gateway.settings import Settings
from gateway.wiring import House
from tests.support.engines import url_of
from tests.support.world import NINE, World

Build = Callable[[Clock], House]


class WallClock(RealClock):
    """The wall clock on a Monday at nine."""

    def now(self):  # type: ignore[no-untyped-def]
        return NINE


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.database.close()


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    built: list[House] = []

    def make(clock: Clock) -> House:
        house = House(Settings(database_url=url_of(tmp_path / "world.db"), audio_dir=tmp_path / "audio"))
        house.clock = clock
        built.append(house)
        return house

    yield make
    for house in built:
        house.close()


def said(house: House, capsys: pytest.CaptureFixture[str]) -> list[str]:
    Running(house, Leader(house.database)).say_next()
    return capsys.readouterr().err.splitlines()


def test_what_is_next_is_told_with_how_many_and_when(
    world: World, build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    for channel in (Channel.SMS, Channel.SMS, Channel.VOICE):
        world.due(channel)
    lines = said(build(WallClock()), capsys)
    assert lines[0] == "next: 2 texts and 1 call from Mon 3 Aug 09:00"
    assert lines[1].endswith("gateway run --from 2026-08-03T08:59")


def test_texts_calls_and_visits_are_told_in_this_order(
    world: World, build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    for channel in (Channel.VISIT, Channel.VOICE, Channel.SMS):
        world.due(channel)
    assert said(build(WallClock()), capsys)[0] == "next: 1 text, 1 call and 1 visit from Mon 3 Aug 09:00"


def test_where_the_clock_is_moved_already_nobody_is_told_how_to_move_it(
    world: World, build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    world.due(Channel.SMS)
    assert said(build(SteppedClock(NINE)), capsys) == ["next: 1 text from Mon 3 Aug 09:00"]


def test_where_nobody_has_an_appointment_there_is_no_next(
    world: World, build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    assert world.all(type(world.person())) != []
    assert said(build(WallClock()), capsys) == []
