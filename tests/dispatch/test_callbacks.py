"""Who called in vain is called back in turn: by the laws of every call, once more, then staff know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.care.hotline_waits import BUSY, MAY_NOT, NOT_CALLED, UNANSWERED, HotlineRules, got_through, wait_in_line
from gateway.carriers.port import CallOrder, CarrierError, CarrierStatus, Fault, Submission
from gateway.dispatch import receipts
from gateway.dispatch.allowance import Limits
from gateway.dispatch.callbacks import Callbacks, CallbacksReport
from gateway.kit.clock import at_bangkok
from gateway.kit.opening_hours import read_hours
from gateway.kit.phones import parse_phone
from gateway.records.contacts import Attempt, Direction
from gateway.records.conversations import Call, HotlineWait, Turn
from gateway.records.house import Gate, Switch
from gateway.records.people import Phone
from gateway.records.status import AttemptStatus, Channel, TaskKind, WaitStatus
from gateway.records.work import Task
from gateway.reports.worklist_facts import read_facts
from tests.support import rooms
from tests.support.world import MONDAY, World

FIRST, SECOND, THIRD = "+66800001001", "+66800001002", "+66800001003"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def callbacks(world: World, *, lines: int = 10, hours: str = "Mon-Sat 08:00-18:00", hotline_lines: int = 10,
              budget: float | None = None, live: bool = False, speaks: str = "th") -> Callbacks:  # fmt: skip
    return Callbacks(
        database=world.database,
        rules=rooms.rules(world),
        hotline=HotlineRules(lines=hotline_lines, hours=read_hours(hours)),
        voice=world.carrier,
        clock=world.clock,
        limits=Limits(lines=lines, calls_per_second=10, sms_per_second=10, daily_budget=budget),
        webhooks=f"http://gateway.test{rooms.PREFIX}",
        can_speak=lambda language: language == speaks,
        live=live,
    )


def waits(world: World, *numbers: str) -> None:
    """These numbers called in vain, one a minute, and it is the minute after the last."""
    for number in numbers:
        with world.database.unit_of_work() as db:
            phone = Phone(e164=number, line_type=parse_phone(number).line_type)
            db.add(phone)
            db.flush()
            wait_in_line(db, phone.id or 0, language="th", reason=BUSY, now=world.clock.now())
        later(world, minutes=1)


def later(world: World, **by: float) -> None:
    world.clock.advance_to(world.clock.now() + timedelta(**by))


def rung(world: World) -> list[str]:
    return [order.to for order in world.carrier.calls]


def ends(world: World, status: CarrierStatus, *, pressed: str | None = None) -> None:
    """The latest call back is over; `pressed` is what was keyed in it, None: nobody picked up."""
    with world.database.unit_of_work() as db:
        wait = [one for one in world.all(HotlineWait) if one.status is WaitStatus.CALLING][-1]
        attempt = db.get(Attempt, wait.attempt)
        assert attempt is not None
        if pressed is not None:
            call = Call(
                attempt=attempt.id, carrier_sid=attempt.carrier_id or "", flow="hotline", opened_at=attempt.created_at
            )
            db.add(call)
            db.flush()
            db.add(Turn(call=call.id, turn_no=1, digits=pressed, at=attempt.created_at))
        receipts.learn(db, rooms.rules(world), attempt, status, None, "", now=world.clock.now())


def statuses(world: World) -> list[WaitStatus]:
    return [one.status for one in sorted(world.all(HotlineWait), key=lambda one: one.asked_at)]


def test_they_are_called_in_the_order_in_which_they_called_one_line_at_a_time(world: World) -> None:
    waits(world, FIRST, SECOND, THIRD)
    one_line = callbacks(world, lines=1)
    assert one_line.pass_once().called == 1
    assert one_line.pass_once().called == 0
    assert rung(world) == [FIRST]
    ends(world, CarrierStatus.COMPLETED, pressed="1")
    later(world, minutes=1)
    assert one_line.pass_once() == CallbacksReport(called=1, done=1)
    assert rung(world) == [FIRST, SECOND]
    assert statuses(world) == [WaitStatus.DONE, WaitStatus.CALLING, WaitStatus.WAITING]


def test_a_call_back_is_written_down_before_the_carrier_is_asked_and_costs_what_a_call_costs(world: World) -> None:
    waits(world, FIRST)
    world.carrier.fail_next(CarrierError(Fault.IN_DOUBT, in_doubt=True))
    assert callbacks(world).pass_once().errors == 1
    (attempt,) = world.all(Attempt)
    assert (attempt.direction, attempt.channel, attempt.status) == (Direction.OUT, Channel.VOICE, AttemptStatus.QUEUED)
    (gate,) = [gate for gate in world.all(Gate) if gate.name == "budget"]
    assert gate.spent == pytest.approx(0.10)


def test_a_call_back_the_carrier_refused_costs_nothing_and_what_it_said_of_when_to_come_holds_all(world: World) -> None:
    waits(world, FIRST)
    world.carrier.fail_next(CarrierError(Fault.THROTTLED, retry_after=90))
    assert callbacks(world).pass_once().errors == 1
    gates = {gate.name: gate for gate in world.all(Gate)}
    assert gates["budget"].spent == 0
    assert gates["hold:voice"].at == world.clock.now() + timedelta(seconds=90)


@pytest.mark.parametrize(
    "is_held",
    [
        lambda world: world.add(Switch(name="pause", is_on=True, at=world.clock.now())),
        lambda world: world.clock.advance_to(at_bangkok(MONDAY, time(19, 30))),  # the window has closed
        lambda world: world.clock.advance_to(at_bangkok(MONDAY + timedelta(days=6), time(10))),  # a Sunday
    ],
)
def test_nobody_is_called_while_paused_nor_outside_the_window_or_the_hotlines_hours(
    world: World, is_held: Callable[[World], None]
) -> None:
    waits(world, FIRST)
    is_held(world)
    callbacks(world, hours="Mon-Sat 08:00-24:00").pass_once()
    assert rung(world) == []
    assert statuses(world) == [WaitStatus.WAITING]


def test_nobody_is_called_without_money_or_where_callers_take_all_lines(world: World) -> None:
    waits(world, FIRST)
    callbacks(world, budget=0.05).pass_once()
    world.add(Attempt(direction=Direction.IN, phone=1, channel=Channel.VOICE, status=AttemptStatus.IN_PROGRESS,
                      created_at=world.clock.now()))  # fmt: skip
    callbacks(world, hotline_lines=1).pass_once()
    assert rung(world) == []
    callbacks(world, hotline_lines=2).pass_once()
    assert rung(world) == [FIRST]


def test_who_asked_at_the_same_instant_is_called_in_the_order_of_asking(world: World) -> None:
    numbers = [f"+6680000{n:04}" for n in range(8)]
    with world.database.unit_of_work() as db:
        for number in numbers:
            phone = Phone(e164=number, line_type="mobile")
            db.add(phone)
            db.flush()
            wait_in_line(db, phone.id or 0, language="th", reason=BUSY, now=world.clock.now())
    room = callbacks(world)
    for _ in numbers:
        room.pass_once()
        later(world, seconds=10)
    assert rung(world) == numbers


def test_calls_back_take_the_hotlines_lines_until_they_are_over_or_lost(world: World) -> None:
    waits(world, FIRST, SECOND, THIRD)
    one_line = callbacks(world, hotline_lines=1)
    assert [one_line.pass_once().called for _ in range(2)] == [1, 0]
    ends(world, CarrierStatus.COMPLETED, pressed="1")
    later(world, seconds=30)
    assert one_line.pass_once().called == 1
    later(world, minutes=15)
    one_line.pass_once()
    assert rung(world) == [FIRST, SECOND, THIRD]


def test_a_phone_that_rings_for_a_reminder_is_not_called_back_at_the_same_moment_nor_in_the_same_half_day(
    world: World, tmp_path: Path
) -> None:
    waits(world, FIRST)
    world.reminder(world.appointment(world.person(phone=FIRST)), Channel.VOICE)
    rooms.sender(world, tmp_path).pass_once()
    room = callbacks(world)
    room.pass_once()
    (attempt,) = world.all(Attempt)
    with world.database.unit_of_work() as db:
        receipts.learn(db, rooms.rules(world), db.get_one(Attempt, attempt.id), CarrierStatus.NO_ANSWER, None, "",
                       now=world.clock.now())  # fmt: skip
    later(world, minutes=1)
    room.pass_once()
    assert rung(world) == [FIRST]
    world.clock.advance_to(rooms.rules(world).window.next_half_day(world.clock.now()))
    room.pass_once()
    assert rung(world) == [FIRST, FIRST]


def test_who_calls_because_they_missed_our_call_is_called_back_in_the_same_half_day(
    world: World, tmp_path: Path
) -> None:
    world.reminder(world.appointment(world.person(phone=FIRST)), Channel.VOICE)
    rooms.sender(world, tmp_path).pass_once()
    (attempt,) = world.all(Attempt)
    later(world, minutes=2)
    with world.database.unit_of_work() as db:
        receipts.learn(db, rooms.rules(world), db.get_one(Attempt, attempt.id), CarrierStatus.NO_ANSWER, None, "",
                       now=world.clock.now())  # fmt: skip
        wait_in_line(db, attempt.phone, language="th", reason=BUSY, now=world.clock.now())
    assert callbacks(world).pass_once().called == 1


@pytest.mark.parametrize("is_sent", [True, False])
def test_no_reminder_rings_where_a_call_back_does_or_did_in_this_half_day(
    world: World, tmp_path: Path, is_sent: bool
) -> None:
    waits(world, FIRST)
    reminder = world.reminder(world.appointment(world.person(phone=FIRST)), Channel.VOICE)
    room = callbacks(world)
    if is_sent:
        room.pass_once()
        ends(world, CarrierStatus.NO_ANSWER)
    else:  # another hand has claimed it at this moment
        with world.database.unit_of_work() as db:
            room._claim(db)
    before = len(rung(world))
    rooms.sender(world, tmp_path).pass_once()
    assert len(rung(world)) == before
    assert world.fresh(reminder).next_try_at == rooms.rules(world).window.next_half_day(world.clock.now())


def test_a_carrier_that_reaches_people_calls_nobody_unless_live(world: World) -> None:
    waits(world, FIRST)
    world.carrier.reaches_people = True
    assert "GATEWAY_LIVE" in callbacks(world).pass_once().refused
    assert rung(world) == []
    assert callbacks(world, live=True).pass_once().called == 1


@pytest.mark.parametrize("end", [CarrierStatus.NO_ANSWER, CarrierStatus.BUSY, CarrierStatus.COMPLETED])
def test_who_does_not_answer_is_called_once_more_in_the_next_half_day_and_then_staff_know(
    world: World, end: CarrierStatus
) -> None:
    waits(world, FIRST)
    room = callbacks(world)
    room.pass_once()
    ends(world, end, pressed="" if end is CarrierStatus.COMPLETED else None)  # voicemail completes, and keys nothing
    assert room.pass_once().again == 1
    later(world, minutes=59)
    assert room.pass_once().called == 0
    world.clock.advance_to(rooms.rules(world).window.next_half_day(world.clock.now()))
    assert room.pass_once().called == 1
    ends(world, CarrierStatus.NO_ANSWER)
    assert room.pass_once().given_up == 1
    assert statuses(world) == [WaitStatus.GIVEN_UP]
    (task,) = world.all(Task)
    assert (task.kind, task.subject) == (TaskKind.CALLBACK, world.all(HotlineWait)[0].attempt)
    assert task.detail == UNANSWERED
    with world.database.reading() as db:
        assert read_facts(db, [task])[task.id].from_phone == FIRST


def test_what_is_in_doubt_is_looked_for_and_called_again_only_when_it_surely_did_not_go(world: World) -> None:
    waits(world, FIRST, SECOND)
    room, looks = callbacks(world), rooms.reconciler(world)
    world.carrier.fail_next(CarrierError(Fault.IN_DOUBT, in_doubt=True), taken=True)
    world.carrier.fail_next(CarrierError(Fault.IN_DOUBT, in_doubt=True))
    assert room.pass_once().in_doubt == 2
    for _ in range(3):
        later(world, minutes=4)
        room.pass_once()
        looks.pass_once()
    room.pass_once()
    assert rung(world) == [FIRST, SECOND]
    assert sorted(attempt.reason or "" for attempt in world.all(Attempt)) == ["", "", "not_sent"]


def test_a_call_back_that_was_claimed_by_a_process_that_died_is_looked_for(world: World) -> None:
    waits(world, FIRST)
    room = callbacks(world)
    with world.database.unit_of_work() as db:
        room._claim(db)
    room.pass_once()
    assert world.all(Attempt)[0].in_doubt_at is None
    later(world, minutes=16)
    room.pass_once()
    assert world.all(Attempt)[0].in_doubt_at == world.clock.now()
    assert rung(world) == []


def test_an_error_that_comes_after_its_attempt_was_closed_does_not_have_them_called_twice(world: World) -> None:
    """A process stood still; meanwhile its attempt was looked for, closed, and made anew by another."""
    waits(world, FIRST)
    place = world.carrier.place_call

    def stands_still(_: CallOrder) -> Submission:
        world.carrier.place_call = place  # type: ignore[method-assign]
        later(world, minutes=16)
        for _minutes in range(3):
            callbacks(world).pass_once()
            rooms.reconciler(world).pass_once()
            later(world, minutes=4)
        callbacks(world).pass_once()
        raise CarrierError(Fault.NOT_CONNECTED)

    world.carrier.place_call = stands_still  # type: ignore[method-assign]
    callbacks(world).pass_once()
    later(world, minutes=2)
    callbacks(world).pass_once()
    assert rung(world) == [FIRST]
    assert statuses(world) == [WaitStatus.CALLING]


def test_what_came_of_a_call_back_waits_for_a_database_that_is_away(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits(world, FIRST)
    calling, away = callbacks(world), [1]
    record = Callbacks._record_all

    def is_away(*args: object, **named: object) -> CallbacksReport:
        if away:
            raise sa.exc.OperationalError("", {}, Exception(away.pop()))
        return record(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Callbacks, "_record_all", is_away)
    assert calling.pass_once().called == 1
    assert [attempt.status for attempt in world.all(Attempt)] == [AttemptStatus.SUBMITTED]


def test_a_refused_request_is_made_again_a_little_later_and_counts_as_no_try(world: World) -> None:
    waits(world, FIRST)
    world.carrier.fail_next(CarrierError(Fault.MISCONFIGURED, permanent=True))
    callbacks(world).pass_once()
    assert [task.kind for task in world.all(Task)] == [TaskKind.POISON]
    later(world, minutes=15)
    assert callbacks(world).pass_once().called == 1
    assert world.all(HotlineWait)[0].tries == 0


def test_a_number_that_does_not_exist_is_work_for_staff_at_once(world: World) -> None:
    waits(world, FIRST)
    world.carrier.fail_next(CarrierError(Fault.BAD_NUMBER, permanent=True))
    assert callbacks(world).pass_once().given_up == 1
    assert [(task.kind, task.detail) for task in world.all(Task)] == [(TaskKind.CALLBACK, NOT_CALLED)]


def test_who_gets_through_meanwhile_is_not_called_and_a_call_on_its_way_is_cancelled(world: World) -> None:
    waits(world, FIRST, SECOND)
    room = callbacks(world, lines=1)
    room.pass_once()
    with world.database.unit_of_work() as db:
        for phone in world.all(Phone):
            got_through(db, phone.id, now=world.clock.now())
    rooms.reconciler(world).pass_once()
    room.pass_once()
    assert (rung(world), len(world.carrier.cancelled)) == ([FIRST], 1)
    assert statuses(world) == [WaitStatus.DONE, WaitStatus.DONE]


def test_a_number_parked_meanwhile_is_not_called(world: World) -> None:
    waits(world, FIRST)
    with world.database.unit_of_work() as db:
        db.get_one(Phone, 1).parked_at = world.clock.now()
    callbacks(world).pass_once()
    assert (rung(world), statuses(world)) == ([], [WaitStatus.GIVEN_UP])
    assert world.all(HotlineWait)[0].reason == MAY_NOT
    assert not world.all(Task)


@pytest.mark.parametrize("number", ["+661900123456", "+881612345678", "+6620000000"])
def test_no_number_is_called_back_that_costs_more_than_a_call_or_is_our_own(world: World, number: str) -> None:
    waits(world, number)
    room = callbacks(world)
    room.hotline = replace(room.hotline, own_numbers=frozenset({"+6620000000"}))
    room.pass_once()
    assert (rung(world), statuses(world)) == ([], [WaitStatus.GIVEN_UP])


def test_who_got_through_while_the_carrier_refused_is_no_work_for_staff(world: World) -> None:
    waits(world, FIRST)
    room = callbacks(world)
    with world.database.unit_of_work() as db:
        (claimed,), _ = room._claim(db)
        got_through(db, 1, now=world.clock.now())
    with world.database.unit_of_work() as db:
        room._record(db, claimed, CarrierError(Fault.BAD_NUMBER, permanent=True), CallbacksReport())
    assert (statuses(world), world.all(Task)) == ([WaitStatus.DONE], [])


def test_nobody_is_called_to_whom_nothing_can_be_said(world: World) -> None:
    waits(world, FIRST)
    assert callbacks(world, speaks="en").pass_once().given_up == 1
    assert rung(world) == []
    assert [task.kind for task in world.all(Task)] == [TaskKind.CALLBACK]


def test_who_waited_for_a_week_is_left_to_staff(world: World) -> None:
    waits(world, FIRST)
    later(world, days=7)
    assert callbacks(world).pass_once().given_up == 1
    assert rung(world) == []


def test_who_is_in_the_line_already_keeps_their_place(world: World) -> None:
    waits(world, FIRST, SECOND)
    with world.database.unit_of_work() as db:
        wait_in_line(db, 1, language="th", reason=BUSY, now=world.clock.now())
    callbacks(world, lines=1).pass_once()
    assert (rung(world), len(world.all(HotlineWait))) == ([FIRST], 2)
