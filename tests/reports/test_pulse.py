"""How the house is doing, on a world made by hand: each figure alone, and each wrong once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from gateway import worker
from gateway.dispatch import allowance
from gateway.plan.window import Window
from gateway.records.contacts import Direction, Receipt, Reminder
from gateway.records.house import Counter, Gate, Switch, TickRun
from gateway.records.people import Phone
from gateway.records.staffing import Role, Staff
from gateway.records.status import AttemptStatus, Channel, ReminderStatus, TaskKind, TaskStatus
from gateway.records.work import Task
from gateway.reports import pulse as pulses
from gateway.reports.pulse import Allowance, Calls, Doubts, Hours, Money, Pause, Pulse, Texts, Tick, Waiting, pulse
from tests.reports.conftest import bangkok

Fixture = Any  # tests/reports/conftest.py: World
NOW = bangkok("2026-11-28T10:00")
REAL = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
WINDOW = Window(time(9), time(19, 30), frozenset({bangkok("2026-12-05T12:00").date()}))
ALLOWANCE = Allowance(10, 1.0, 10.0, None, 0.1, allowance.LINE_IS_LOST_AFTER)


def taken(world: Fixture, now: datetime = NOW, allowance: Allowance = ALLOWANCE) -> Pulse:
    return pulse(world.db, window=WINDOW, allowance=allowance, now=now, real_now=REAL)


def ticked(world: Fixture, name: str = "dispatch", ago: float = 1.0, **facts: Any) -> None:
    values = {"name": name, "every": 1.0, "at": NOW, "real_at": REAL - timedelta(seconds=ago), "seconds": 0.2}
    world.add(TickRun(**values | facts))


def tick(world: Fixture, name: str = "dispatch") -> Tick:
    return next(one for one in taken(world).ticks if one.name == name)


def reminder(world: Fixture, ago: timedelta, channel: Channel = Channel.SMS, **facts: Any) -> Reminder:
    made: Reminder = world.reminder(
        world.appointment(), channel, **{"status": ReminderStatus.PLANNED, "next_try_at": NOW - ago} | facts
    )
    return made


def test_a_house_that_never_did_anything_is_all_noughts(world: Fixture) -> None:
    found = taken(world)
    assert found.ticks == tuple(Tick(name) for name in pulses.TICKS)
    assert found.waiting == tuple(Waiting(channel) for channel in Channel)
    assert (found.doubts, found.money, found.pause) == (Doubts(), Money(dearest=0.1), Pause())
    assert (found.texts, found.calls, found.lines_in_use, found.unmatched_receipts) == (Texts(), Calls(), 0, 0)
    assert (found.counters, set(found.tasks.values()), found.oldest) == ({}, {0}, None)
    assert not any(one.is_well or one.is_late for one in found.ticks)


def test_the_ticks_watched_are_those_of_the_worker() -> None:
    assert set(pulses.TICKS) == set(worker.TICKS)


def test_a_tick_is_well_while_it_comes_round(world: Fixture) -> None:
    ticked(world, ago=4, seconds=0.25)
    one = tick(world)
    assert (one.at, one.age, one.seconds, one.every) == (NOW, timedelta(seconds=4), 0.25, 1.0)
    assert (one.is_well, one.is_late) == (True, False)


@pytest.mark.parametrize(
    ("every", "ago", "is_late"), [(1, 180, False), (1, 181, True), (100, 300, False), (100, 301, True)]
)
def test_a_tick_is_late_after_three_minutes_and_three_of_its_turns(
    world: Fixture, every: float, ago: float, *, is_late: bool
) -> None:
    ticked(world, ago=ago, every=every)
    assert (tick(world).is_late, tick(world).is_well) == (is_late, not is_late)


def test_a_tick_that_fails_is_not_well_and_its_error_outlives_it(world: Fixture) -> None:
    ticked(world, "plan", failures=2, error="OSError", failed_at=REAL - timedelta(seconds=9))
    ticked(world, "sweep", failures=0, error="OSError", failed_at=REAL - timedelta(hours=9))
    failing, recovered = tick(world, "plan"), tick(world, "sweep")
    assert (failing.is_well, failing.failures, failing.failed) == (False, 2, timedelta(seconds=9))
    assert (recovered.is_well, recovered.error, recovered.failed) == (True, "OSError", timedelta(hours=9))


def test_a_tick_noted_by_a_clock_ahead_of_ours_is_not_in_the_future(world: Fixture) -> None:
    ticked(world, ago=-30)
    assert tick(world).age == timedelta(0)


def test_the_ages_for_a_monitor_are_real_seconds_and_leave_out_what_never_ran(world: Fixture) -> None:
    ticked(world, "plan", ago=7.5)
    assert pulses.tick_ages(world.db, real_now=REAL) == {"plan": 7.5}


@pytest.mark.parametrize(
    ("ago", "where"),
    [
        (0, "minute"), (59, "minute"), (60, "ten_minutes"), (599, "ten_minutes"), (600, "hour"), (3599, "hour"),
        (3600, "older"), (864_000, "older"),
    ],
)  # fmt: skip
def test_what_waits_is_told_by_how_long(world: Fixture, ago: int, where: str) -> None:
    reminder(world, timedelta(seconds=ago), Channel.VOICE)
    found = {one.channel: one for one in taken(world).waiting}
    due = NOW - timedelta(seconds=ago)
    assert found[Channel.VOICE] == Waiting(Channel.VOICE, oldest=due, **{where: 1})
    assert found[Channel.VOICE].total == 1
    assert taken(world).oldest == due


def test_what_waits_is_told_by_channel_and_the_oldest_is_of_all(world: Fixture) -> None:
    reminder(world, timedelta(minutes=5))
    reminder(world, timedelta(minutes=50), Channel.VOICE)
    reminder(world, timedelta(seconds=5), Channel.VISIT)
    found = taken(world)
    assert [(one.channel, one.total) for one in found.waiting] == [(channel, 1) for channel in Channel]
    assert found.oldest == NOW - timedelta(minutes=50)


@pytest.mark.parametrize("status", [status for status in ReminderStatus if status is not ReminderStatus.PLANNED])
def test_what_is_not_planned_does_not_wait(world: Fixture, status: ReminderStatus) -> None:
    reminder(world, timedelta(minutes=5), status=status)
    assert taken(world).oldest is None


def test_what_is_not_due_yet_does_not_wait(world: Fixture) -> None:
    reminder(world, -timedelta(seconds=1))
    assert taken(world).oldest is None


def test_doubt_is_counted_until_it_ends(world: Fixture) -> None:
    since = NOW - timedelta(minutes=3)
    world.attempt(world.appointment(), status=AttemptStatus.QUEUED, in_doubt_at=since)
    world.attempt(world.appointment(), status=AttemptStatus.QUEUED, in_doubt_at=since - timedelta(minutes=1))
    world.attempt(world.appointment(), status=AttemptStatus.FAILED, in_doubt_at=since - timedelta(days=1))
    world.attempt(world.appointment(), status=AttemptStatus.SENT)
    found = taken(world).doubts
    assert (found.in_doubt, found.oldest) == (2, since - timedelta(minutes=1))


def test_a_claim_is_orphaned_when_its_lease_is_over_by_the_real_clock(world: Fixture) -> None:
    for left in (timedelta(minutes=4), -timedelta(seconds=1)):
        reminder(world, timedelta(0), status=ReminderStatus.CLAIMED, lease_until=REAL + left)
    found = taken(world).doubts
    assert (found.claimed, found.orphaned) == (2, 1)


def spent(world: Fixture, amount: float, day: str = "2026-11-28", budget: float | None = 50.0) -> Money:
    world.add(Gate(name="budget", spent=amount, day=date.fromisoformat(day)))
    return taken(world, allowance=replace(ALLOWANCE, daily_budget=budget)).money


def test_money_is_of_this_bangkok_day(world: Fixture) -> None:
    assert spent(world, 12.5) == Money(12.5, 50.0, "", 0.1)


def test_money_of_yesterday_is_no_longer_spent(world: Fixture) -> None:
    assert spent(world, 12.5, day="2026-11-27").spent == 0.0


def test_the_currency_is_that_of_the_latest_attempt(world: Fixture) -> None:
    world.attempt(world.appointment(), at="2026-11-27T10:00", currency="THB", cost=1.0)
    world.attempt(world.appointment(), at="2026-11-28T09:00", currency="USD", cost=1.0)
    world.attempt(world.appointment(), at="2026-11-28T09:30")
    assert taken(world).money.currency == "USD"


@pytest.mark.parametrize(
    ("amount", "budget", "share", "is_spent"),
    [
        (0.0, 50.0, 0.0, False), (40.0, 50.0, 0.8, False), (49.85, 50.0, 0.997, False), (49.95, 50.0, 0.999, True),
        (50.0, 50.0, 1.0, True), (60.0, 50.0, 1.0, True), (0.0, 0.0, 1.0, True), (99.0, None, None, False),
    ],
)  # fmt: skip
def test_money_is_spent_when_the_rest_pays_for_nothing_more(
    amount: float, budget: float | None, share: float | None, *, is_spent: bool
) -> None:
    money = Money(amount, budget, "USD", 0.1)
    assert (money.share if money.share is None else pytest.approx(money.share), money.is_spent) == (share, is_spent)


def test_lines_in_use_are_those_that_dispatch_reckons_with(world: Fixture) -> None:
    busy = {"channel": Channel.VOICE, "status": AttemptStatus.RINGING}
    world.attempt(world.appointment(), **busy, at="2026-11-28T09:59")
    world.attempt(world.appointment(), **busy, at="2026-11-28T09:46")
    world.attempt(world.appointment(), **busy, at="2026-11-28T09:44")  # its end never came
    world.attempt(world.appointment(), **busy | {"status": AttemptStatus.COMPLETED}, at="2026-11-28T09:59")
    world.attempt(world.appointment(), **busy | {"direction": Direction.IN}, at="2026-11-28T09:59")
    world.attempt(world.appointment(), **busy | {"channel": Channel.SMS}, at="2026-11-28T09:59")
    assert taken(world).lines_in_use == allowance.lines_in_use(world.db, Direction.OUT, NOW) == 2


def test_the_traffic_is_of_this_bangkok_day(world: Fixture) -> None:
    for at in ("2026-11-27T23:59", "2026-11-28T00:00"):
        world.attempt(world.appointment(), at=at)
        world.attempt(world.appointment(), Channel.VOICE, AttemptStatus.COMPLETED, at=at)
    found = taken(world)
    assert (found.texts.delivered, found.calls.answered) == (1, 1)


def test_receipts_that_fit_nothing_are_counted_for_the_day(world: Fixture) -> None:
    own = world.attempt(world.appointment())
    for number, (attempt, at) in enumerate(
        [(None, "2026-11-27T23:59"), (None, "2026-11-28T00:00"), (own.id, "2026-11-28T09:00")]
    ):
        world.add(Receipt(attempt=attempt, carrier="c", carrier_id=f"X{number}", status="sent", at=bangkok(at)))
    assert taken(world).unmatched_receipts == 1


def test_counters_are_told_by_name(world: Fixture) -> None:
    world.add(Counter(name="webhook_bad_signature", n=3))
    assert taken(world).counters == {"webhook_bad_signature": 3}


def test_only_open_tasks_that_tell_of_trouble_are_counted(world: Fixture) -> None:
    for number, (kind, status) in enumerate(
        [
            (TaskKind.POISON, TaskStatus.OPEN), (TaskKind.POISON, TaskStatus.OPEN), (TaskKind.POISON, TaskStatus.DONE),
            (TaskKind.UNMATCHED, TaskStatus.OPEN), (TaskKind.RIDE, TaskStatus.OPEN),
        ]
    ):  # fmt: skip
        world.add(Task(kind=kind, subject=f"x{number}", status=status, created_at=NOW))
    assert taken(world).tasks == {
        TaskKind.IN_DOUBT: 0, TaskKind.UNMATCHED: 1, TaskKind.POISON: 2, TaskKind.NO_PROMPT: 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        ("2026-11-28T09:00", Hours(True, bangkok("2026-11-28T19:30"))),
        ("2026-11-28T08:59", Hours(False, bangkok("2026-11-28T09:00"))),
        ("2026-11-28T19:30", Hours(False, bangkok("2026-11-29T09:00"))),
        ("2026-12-04T20:00", Hours(False, bangkok("2026-12-06T09:00"))),
        ("2026-12-05T10:00", Hours(False, bangkok("2026-12-06T09:00"), is_holiday=True)),
    ],
)
def test_the_window_says_when_it_changes(world: Fixture, now: str, hours: Hours) -> None:
    assert taken(world, bangkok(now)).hours == hours


def test_the_switch_says_who_turned_it_and_when(world: Fixture) -> None:
    world.add(Staff(id="u1", email="a@example.org", name="Anong", role=Role.MANAGER, password_hash="x", created_at=NOW))
    world.add(Switch(name="pause", is_on=True, staff="u1", at=NOW))
    assert taken(world).pause == Pause(True, NOW, "Anong")


@pytest.mark.parametrize("staff", [None, "gone"])
def test_the_switch_turned_at_the_command_line_names_nobody(world: Fixture, staff: str | None) -> None:
    world.add(Switch(name="pause", is_on=False, staff=staff, at=NOW))
    assert taken(world).pause == Pause(False, NOW, "")


def test_who_has_no_name_is_named_by_their_address(world: Fixture) -> None:
    world.add(Staff(id="u1", email="a@example.org", role=Role.MANAGER, password_hash="x", created_at=NOW))
    world.add(Switch(name="pause", is_on=True, staff="u1", at=NOW))
    assert taken(world).pause.by == "a@example.org"


def test_the_pulse_shows_nobody(world: Fixture) -> None:
    person = world.person(name="Somsri", surname="Testing")
    world.attempt(world.appointment(person=person), Channel.VOICE, AttemptStatus.FAILED, reason="bad_number")
    shown = repr(taken(world))
    assert world.db.get(Phone, 1).e164 not in shown
    assert "Somsri" not in shown
