"""Ticks: few, fixed, one at a time, and a tick that fails comes round again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from apscheduler.jobstores.memory import MemoryJobStore

from gateway import worker
from gateway.kit.clock import SteppedClock
from gateway.records.contacts import Attempt, Reminder
from gateway.records.house import TickRun
from gateway.records.status import ReminderStatus
from gateway.settings import Settings
from gateway.wiring import House
from gateway.worker import TICKS, Notes, Ticks
from tests.support.world import NINE, World

NIGHT = NINE + timedelta(hours=13)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def house(world: World, tmp_path: Path) -> Iterator[House]:
    """A house on the world's database; its carrier is a port where nobody answers."""
    settings = Settings(
        database_url=str(world.database.url), audio_dir=tmp_path / "audio", public_url="http://127.0.0.1:9"
    )
    house = House(settings, clock=SteppedClock(NINE))
    yield house
    house.close()


def reminders(world: World) -> list[str]:
    return sorted(one.step for one in world.all(Reminder))


def test_the_jobs_are_few_and_fixed_one_at_a_time_and_kept_in_memory(house: House) -> None:
    scheduler = worker.start(house)
    try:
        jobs = {job.id: job for job in scheduler.get_jobs()}
        assert set(jobs) == set(TICKS) == {"plan", "dispatch", "sweep", "reconcile", "takes", "hotline", "figures"}
        for name, job in jobs.items():
            assert (job.max_instances, job.coalesce) == (1, True)
            every = worker.RESTARTED_WITHIN if name == "dispatch" else TICKS[name]  # that goes on by itself
            assert job.trigger.interval.total_seconds() == every
        assert isinstance(scheduler._jobstores["default"], MemoryJobStore)
    finally:
        scheduler.shutdown()


def test_planning_twice_plans_nothing_twice(house: House, world: World) -> None:
    world.appointment(world.person(), days=2)
    first, again = Ticks(house).plan(), Ticks(house).plan()
    assert first["reminders"]["planned"] == len(reminders(world)) > 0  # type: ignore[index]
    assert again["reminders"]["planned"] == 0  # type: ignore[index]


def test_a_tick_missed_for_days_costs_nothing_but_what_became_too_late(house: House, world: World) -> None:
    appointment = world.appointment(world.person(), days=7)
    Ticks(house).plan()
    assert isinstance(house.clock, SteppedClock)
    house.clock.advance_to(appointment.starts_at + timedelta(hours=1))
    Ticks(house).sweep()
    assert {one.status for one in world.all(Reminder)} == {ReminderStatus.EXPIRED}


def test_nothing_is_dispatched_at_night(house: House, world: World) -> None:
    world.due()
    assert isinstance(house.clock, SteppedClock)
    house.clock.advance_to(NIGHT)
    assert Ticks(house).dispatch()["sent"] == 0
    assert world.all(Attempt) == []


def test_a_carrier_that_is_away_costs_no_try(house: House, world: World) -> None:
    reminder = world.due()
    done = Ticks(house).dispatch()
    assert (done["sent"], done["errors"], done["in_doubt"]) == (0, 1, 0)
    (attempt,) = world.attempts_of(reminder)
    kept = world.fresh(reminder)
    assert isinstance(kept, Reminder)
    assert (attempt.reason, kept.status, kept.tries) == ("not_sent", ReminderStatus.PLANNED, 0)
    assert kept.next_try_at > NINE


def test_a_tick_that_fails_is_logged_and_comes_round_again(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    came = threading.Semaphore(0)

    def fails(_: Ticks) -> dict[str, object]:
        came.release()
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(Ticks, "sweep", fails)
    monkeypatch.setitem(TICKS, "sweep", 0.05)
    with caplog.at_level(logging.ERROR):
        scheduler = worker.start(house, only=["sweep"])
        try:
            assert all(came.acquire(timeout=60) for _ in range(3))
        finally:
            scheduler.shutdown()
    assert "the sweep tick failed" in caplog.text
    assert "the disk is full" in caplog.text


def test_ticking_begins_at_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    began = threading.Event()

    def begins(_: Ticks) -> dict[str, object]:
        began.set()
        return {}

    monkeypatch.setattr(Ticks, "plan", begins)
    scheduler = worker.start(house, only=["plan"])
    try:
        assert began.wait(5)
    finally:
        scheduler.shutdown()


def noted(world: World, name: str = "dispatch") -> TickRun:
    (run,) = (one for one in world.all(TickRun) if one.name == name)  # type: ignore[attr-defined]
    assert isinstance(run, TickRun)
    return run


def test_every_tick_leaves_word_of_when_it_ran_by_both_clocks(house: House, world: World) -> None:
    before = datetime.now(UTC)
    for name in TICKS:
        worker._guarded(Notes(house, name), getattr(Ticks(house), name))()
        run = noted(world, name)
        assert (run.at, run.every, run.failures, run.error) == (NINE, TICKS[name], 0, "")
        assert before <= run.real_at <= datetime.now(UTC)


def test_a_tick_a_second_is_not_a_write_a_second(house: House, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = [100.0]
    monkeypatch.setattr(worker.time, "monotonic", lambda: seconds[0])
    notes = Notes(house, "dispatch")
    taken = []
    for _ in range(12):
        notes.passed(seconds[0])
        taken.append(noted(world).seconds)
        seconds[0] += 12.0
    assert sorted(set(taken)) == [100.0, 160.0, 220.0]


def test_whoever_writes_down_a_pass_writes_for_the_others_too(
    house: House, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = [100.0]
    monkeypatch.setattr(worker.time, "monotonic", lambda: seconds[0])
    together: list[Notes] = []
    together += [Notes(house, "dispatch", together), Notes(house, "sweep", together)]
    for one in together:
        one.passed(0.1)
    seconds[0] += worker.NOTED_EVERY - 1
    together[1].passed(0.3)
    assert noted(world, "sweep").seconds == 0.1
    seconds[0] += 1
    together[0].passed(0.2)
    assert (noted(world).seconds, noted(world, "sweep").seconds) == (0.2, 0.3)


def test_a_failure_is_noted_at_once_and_so_is_its_end(house: House, world: World) -> None:
    notes = Notes(house, "dispatch")
    notes.passed(0.1)
    notes.passed(0.2, "OperationalError")
    run = noted(world)
    assert (run.failures, run.error, run.failed_at is not None) == (1, "OperationalError", True)
    notes.passed(0.3)
    run = noted(world)
    assert (run.failures, run.error, run.seconds) == (0, "OperationalError", 0.3)  # over, and not forgotten


def test_failures_in_a_row_are_counted_and_a_long_name_is_cut(
    house: House, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "NOTED_EVERY", 0.0)
    notes = Notes(house, "plan")
    for _ in range(3):
        notes.passed(0.1, "E" * 100)
    assert (noted(world, "plan").failures, noted(world, "plan").error) == (3, "E" * 64)


def test_a_note_that_cannot_be_written_is_logged_and_stops_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(Notes, "_write", breaks)
    with caplog.at_level(logging.ERROR):
        Notes(house, "plan").passed(0.1)
    assert "the plan tick could not be noted" in caplog.text


def test_the_words_of_an_error_stay_in_the_log(house: House, world: World) -> None:
    def fails() -> dict[str, object]:
        raise RuntimeError("+66812345678 is busy")

    worker._guarded(Notes(house, "sweep"), fails)()
    assert noted(world, "sweep").error == "RuntimeError"


def test_an_outage_is_told_whole_once_for_all_ticks_then_in_a_line_now_and_then(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It filled the disk with 6.6 MB of tracebacks in 83 seconds."""
    seconds = [100.0]
    monkeypatch.setattr(worker.time, "monotonic", lambda: seconds[0])
    trouble = worker.Trouble()
    gone = sa.exc.OperationalError("SELECT 1", {}, Exception("the server is away"))
    for _ in range(600):  # a minute, tried ten times a second
        trouble.tell(gone, "dispatch", "the dispatch tick failed")
        trouble.tell(gone, "hotline", "the hotline tick failed")
        seconds[0] += 0.1
    whole = [one for one in caplog.records if one.exc_info]
    assert (len(whole), len(caplog.records)) == (1, 6)
    seconds[0] += 1.0
    trouble.tell(gone, "plan", "the plan tick failed")
    trouble.tell(RuntimeError("a slip of ours"), "plan", "the plan tick failed")
    assert [one.exc_info is not None for one in caplog.records[6:]] == [True, True]


def test_while_a_tick_fails_it_rests_longer_each_time_and_not_once_it_is_well(house: House) -> None:
    notes, rests = Notes(house, "dispatch"), []
    for error in ("OperationalError",) * 5 + ("",):
        notes.passed(0.1, error)
        rests.append(notes.rest)
    assert rests == [1.0, 2.0, 4.0, 5.0, 5.0, 0.0]


def test_who_may_not_tick_any_more_does_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, done = threading.Event(), []
    monkeypatch.setattr(Ticks, "sweep", lambda _: done.append(1) or {})

    def may_not() -> bool:
        asked.set()
        return False

    scheduler = worker.start(house, only=["sweep"], may_tick=may_not)
    try:
        assert asked.wait(5)
    finally:
        scheduler.shutdown()
    assert done == []
