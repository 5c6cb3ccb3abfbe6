"""Several `gateway work` on one database: whatever they do at the same moment, nobody is called or texted twice.

Real threads, each with a database of its own, as far as the engine can tell a process.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest

from gateway.dispatch.allowance import Limits
from gateway.dispatch.sender import DispatchReport
from gateway.records.contacts import AttemptItem, Reminder
from gateway.records.status import Channel, ReminderStatus
from tests.support import rooms
from tests.support.engines import opened
from tests.support.world import World

WORKERS = 3
WIDE = Limits(lines=200, calls_per_second=100, sms_per_second=100)
NARROW = Limits(lines=5, calls_per_second=100, sms_per_second=100)


def beside(world: World, folder: Path) -> World:
    """The same world, seen by another process."""
    other = copy.copy(world)
    other.database = opened(folder / "world.db")
    return other


def at_once(deeds: list[Callable[[], DispatchReport]]) -> list[DispatchReport]:
    """Do all of them at the same moment; whatever one raised is raised here."""
    begin, done, wrong = Barrier(len(deeds)), list[DispatchReport](), list[Exception]()

    def run(deed: Callable[[], DispatchReport]) -> None:
        begin.wait()
        try:
            done.append(deed())
        except Exception as error:
            wrong.append(error)

    threads = [Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for error in wrong:
        raise error
    return done


def workers(world: World, folder: Path, limits: Limits) -> list[Callable[[], DispatchReport]]:
    """One pass each."""
    worlds = [beside(world, folder) for _ in range(WORKERS)]
    return [rooms.sender(one, folder, limits=limits).pass_once for one in worlds]


@pytest.fixture
def due(world: World) -> list[Reminder]:
    """Thirty people who share ten telephones, each with a call due and a number of their own to be texted at."""
    found = []
    for number in range(30):
        person = world.person(phone=f"+668999900{number % 10:02d}")
        found.append(world.reminder(world.appointment(person, days=2 + number // 10), Channel.VOICE))
    found += [world.due(Channel.SMS) for _ in range(20)]
    return found


def expect_everybody_once(world: World) -> None:
    """No reminder in two attempts, no telephone called twice in one half-day."""
    carried = Counter(item.reminder for item in world.all(AttemptItem))  # type: ignore[attr-defined]
    assert [one for one, times in carried.items() if times > 1] == []
    rang = Counter(order.to for order in world.carrier.calls)
    assert [one for one, times in rang.items() if times > 1] == []
    texted = Counter(order.to for order in world.carrier.texts)
    assert [one for one, times in texted.items() if times > 1] == []


def test_workers_that_claim_at_once_claim_nobody_twice(world: World, tmp_path: Path, due: list[Reminder]) -> None:
    done = at_once(workers(world, tmp_path, WIDE))
    expect_everybody_once(world)
    assert len(world.carrier.calls) == 10  # one a telephone; who shares it and was not asked waits for a half-day
    assert len(world.carrier.texts) == 20
    assert sum(one.sent for one in done) == 30
    assert sum(one.errors + one.in_doubt for one in done) == 0


def test_lines_are_those_of_all_workers_together(world: World, tmp_path: Path, due: list[Reminder]) -> None:
    at_once(workers(world, tmp_path, NARROW))
    assert len(world.carrier.calls) == 5
    waiting = [one for one in world.all(Reminder) if one.status is ReminderStatus.PLANNED]  # type: ignore[attr-defined]
    assert len(waiting) >= 5
    expect_everybody_once(world)


def test_the_rate_of_a_second_is_that_of_all_workers_together(
    world: World, tmp_path: Path, due: list[Reminder]
) -> None:
    slow = Limits(lines=200, calls_per_second=2, sms_per_second=100)
    at_once(workers(world, tmp_path, slow))
    first = len(world.carrier.calls)
    assert 1 <= first <= 2
    world.clock.advance_to(world.clock.now() + timedelta(seconds=1))
    at_once(workers(world, tmp_path, slow))
    assert 1 <= len(world.carrier.calls) - first <= 2
    expect_everybody_once(world)
