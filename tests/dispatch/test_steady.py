"""When the next pass is worth its while."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.carriers.port import CarrierError, Fault
from gateway.dispatch.allowance import Limits
from gateway.dispatch.outbox import SET_ASIDE
from gateway.dispatch.steady import LASTS, LINE_LOOK, keep_on
from gateway.records.contacts import Attempt
from gateway.records.house import Switch
from gateway.records.status import AttemptStatus, Channel, ReminderStatus
from tests.support import rooms
from tests.support.world import World

SLOW = Limits(lines=2, calls_per_second=0.5, sms_per_second=1)


class Day:
    """A clock that goes on while somebody sleeps, and what was done by it."""

    def __init__(self, *waits: float | None) -> None:
        self.at, self.done, self._waits = 0.0, [], list(waits)

    def look(self) -> float | None:
        return self._waits.pop(0) if self._waits else None

    def work(self) -> bool:
        self.done.append(round(self.at, 3))
        return True

    def keep_on(
        self, did: Callable[[bool], bool] = bool, look: Callable[[], float | None] | None = None
    ) -> bool | None:
        return keep_on(look or self.look, self.work, did, now=lambda: self.at, sleep=self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.at += seconds


def test_it_works_at_the_instant_the_rate_names_and_ends_when_nothing_is_due() -> None:
    day = Day(0.0, 0.2, 0.0, None)
    assert day.keep_on() is True
    assert day.done == [0.0, 0.2]


def test_nothing_due_is_one_look_and_no_work() -> None:
    assert (Day(None).keep_on(), Day(None).done) == (None, [])


def test_long_waits_are_looked_at_again_for_a_line_that_was_given_back() -> None:
    day = Day(9.0, 9.0, 0.0, None)
    day.keep_on()
    assert day.done == [2 * LINE_LOOK]


def test_work_that_did_nothing_is_not_repeated_at_once() -> None:
    day = Day()
    day.keep_on(did=lambda _: False, look=lambda: 0.0)
    assert len(day.done) <= LASTS / LINE_LOOK + 1


def test_it_ends_so_that_its_tick_is_seen_to_be_alive() -> None:
    day = Day()
    day.keep_on(look=lambda: 0.1)
    assert day.at <= 2 * LASTS + LINE_LOOK


def test_nothing_due_costs_one_look_into_the_index_of_what_is_due(world: World, tmp_path: Path) -> None:
    sending, seen = rooms.sender(world, tmp_path), list[str]()
    world.reminder(world.appointment(world.person()), next_try_at=world.clock.now() + timedelta(minutes=1))
    sa.event.listen(world.database.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    assert sending.next_pass_in() is None
    assert len([one for one in seen if one.startswith("SELECT")]) == 1


@pytest.mark.parametrize("channel", [Channel.VOICE, Channel.SMS])
def test_what_is_due_may_go_at_once_and_the_next_when_the_rate_lets_it(
    world: World, tmp_path: Path, channel: Channel
) -> None:
    for _ in range(2):
        world.due(channel)
    sending = rooms.sender(world, tmp_path, limits=SLOW)
    assert sending.next_pass_in() == 0.0
    sending.pass_once()
    wait = sending.next_pass_in()
    assert wait is not None
    world.clock.advance_to(world.clock.now() + timedelta(seconds=wait - 0.1))
    assert sending.pass_once().sent == 0
    world.clock.advance_to(world.clock.now() + timedelta(seconds=0.1))
    assert sending.pass_once().sent == 1


def test_with_all_lines_taken_it_looks_again_soon_and_with_the_money_spent_not_at_all(
    world: World, tmp_path: Path
) -> None:
    for _ in range(3):
        world.due()
    sending = rooms.sender(world, tmp_path, limits=Limits(lines=1, calls_per_second=9, sms_per_second=9))
    sending.pass_once()
    assert sending.next_pass_in() == LINE_LOOK
    sending.limits = Limits(lines=9, calls_per_second=9, sms_per_second=9, daily_budget=0.15)
    assert sending.next_pass_in() is None


def test_paused_or_at_night_nothing_is_looked_for(world: World, tmp_path: Path) -> None:
    world.due()
    sending = rooms.sender(world, tmp_path)
    world.add(Switch(name="pause", is_on=True, at=world.clock.now()))
    assert sending.next_pass_in() is None
    with world.database.unit_of_work() as db:
        db.get_one(Switch, "pause").is_on = False
    world.clock.advance_to(world.clock.now() + timedelta(hours=11))
    assert sending.next_pass_in() is None


def test_told_when_to_come_back_it_asks_nothing_more_until_then_and_pays_for_nothing(
    world: World, tmp_path: Path
) -> None:
    reminders = [world.due() for _ in range(3)]
    world.carrier.fail_next(CarrierError(Fault.THROTTLED, retry_after=30))
    sending = rooms.sender(world, tmp_path)
    assert (sending.pass_once().sent, len(world.carrier.calls)) == (0, 0)
    assert {attempt.status for attempt in world.all(Attempt)} == {AttemptStatus.FAILED}
    assert {world.fresh(one).status for one in reminders} == {ReminderStatus.PLANNED}
    world.due()  # another, that the carrier refused nothing of
    assert sending.next_pass_in() == 30
    assert sending.pass_once().sent == 0
    world.clock.advance_to(world.clock.now() + timedelta(seconds=30))
    assert sending.pass_once().sent == 4


def test_what_may_not_go_out_costs_no_permitted_second_and_is_looked_past_within_bounds(
    world: World, tmp_path: Path
) -> None:
    sending = rooms.sender(world, tmp_path, limits=Limits(lines=9, calls_per_second=1, sms_per_second=1))
    foreign = [world.due(phone=f"+85620555{n:05}") for n in range(SET_ASIDE // 2)]
    world.reminder(world.appointment(world.person(), days=3))
    assert sending.pass_once().sent == 1
    assert ReminderStatus.PLANNED not in {world.fresh(one).status for one in foreign}
    world.clock.advance_to(world.clock.now() + timedelta(seconds=2))
    many = [world.due(phone=f"+85620556{n:05}") for n in range(2 * SET_ASIDE)]
    assert sending.pass_once().sent == 0
    assert ReminderStatus.PLANNED in {world.fresh(one).status for one in many}
