"""What may go out now, as all processes count it: rates, rests, lines and money in the database."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session

from gateway.dispatch.allowance import LINE_IS_LOST_AFTER, TURN, Limits, allowed, charge, due_in, hold, not_sent
from gateway.records.contacts import Attempt, Direction
from gateway.records.house import Gate
from gateway.records.people import Phone
from gateway.records.status import AttemptStatus, Channel
from tests.support.world import NINE, World

SMS, VOICE = Channel.SMS, Channel.VOICE
LIMITS = Limits(lines=4, calls_per_second=2, sms_per_second=10)


def later(seconds: float) -> datetime:
    return NINE + timedelta(seconds=seconds)


def may(world: World, channel: Channel = VOICE, *, at: float = 0, limits: Limits = LIMITS, cost: float = 0.0) -> int:
    with world.database.unit_of_work(turn=TURN) as db:
        return allowed(db, limits, channel, cost, later(at))


def claim(world: World, channel: Channel = VOICE, *, at: float = 0, limits: Limits = LIMITS, cost: float = 0.0) -> int:
    """Ask and take all that is allowed, as one process does in its turn; texts of two parts."""
    with world.database.unit_of_work(turn=TURN) as db:
        n = allowed(db, limits, channel, cost, later(at))
        charge(db, channel, units=n * (2 if channel is SMS else 1), cost=n * cost, now=later(at))
        return n


def call(world: World, status: AttemptStatus = AttemptStatus.RINGING, **more: object) -> Attempt:
    with world.database.unit_of_work() as db:
        phone = db.get(Phone, 1) or Phone(e164="+66800000001", line_type="mobile")
        db.add(phone)
        db.flush()
        values: dict[str, object] = {"channel": VOICE, "created_at": NINE, "status": status, **more}
        attempt = Attempt(phone=phone.id or 0, **values)
        db.add(attempt)
    return attempt


def spent(db: Session) -> float:
    return round(db.get_one(Gate, "budget").spent, 6)


def test_asking_alone_writes_nothing(world: World) -> None:
    assert (may(world), may(world, SMS)) == (2, 3)
    assert world.all(Gate) == []


def test_what_one_process_took_is_gone_for_the_next_and_comes_back_with_time(world: World) -> None:
    assert claim(world) == 2
    assert claim(world) == 0
    assert claim(world, at=0.4) == 0
    assert claim(world, at=0.5) == 1


def test_texts_are_reckoned_with_the_most_parts_they_may_have_and_charged_with_what_they_had(world: World) -> None:
    assert [claim(world, SMS), claim(world, SMS), claim(world, SMS)] == [3, 1, 0]  # 10 parts, then 4, then 2


def test_a_pause_of_an_hour_is_worth_one_second(world: World) -> None:
    claim(world)
    assert claim(world, at=3600) == 2


def test_a_rest_the_carrier_asked_for_holds_the_whole_channel_and_no_other(world: World) -> None:
    with world.database.unit_of_work() as db:
        hold(db, VOICE, 5, now=NINE)
    assert (may(world, at=4.9), may(world, SMS, at=4.9)) == (0, 3)
    assert may(world, at=5) == 2


def test_a_shorter_rest_does_not_end_a_longer_one(world: World) -> None:
    for seconds in (5, 1):
        with world.database.unit_of_work() as db:
            hold(db, VOICE, seconds, now=NINE)
    assert may(world, at=4) == 0


def test_it_says_when_the_next_may_go(world: World) -> None:
    claim(world)
    with world.database.unit_of_work() as db:
        assert due_in(db, LIMITS, VOICE, later(0.1)) == pytest.approx(0.4, abs=1e-3)
        hold(db, VOICE, 7, now=NINE)
        assert due_in(db, LIMITS, VOICE, later(1)) == 6


def test_calls_under_way_take_their_lines_until_they_are_over_or_lost(world: World) -> None:
    fast = Limits(lines=4, calls_per_second=50, sms_per_second=10)
    for status in (AttemptStatus.QUEUED, AttemptStatus.IN_PROGRESS, AttemptStatus.COMPLETED, AttemptStatus.BUSY):
        call(world, status)
    call(world, direction=Direction.IN)
    call(world, channel=SMS, status=AttemptStatus.SENT)
    assert may(world, limits=fast) == 2
    assert may(world, at=LINE_IS_LOST_AFTER.total_seconds(), limits=fast) == 4


def test_money_of_what_did_not_go_out_is_given_back_and_its_request_still_counts(world: World) -> None:
    paid = Limits(lines=9, calls_per_second=2, sms_per_second=10, daily_budget=0.2)
    assert claim(world, limits=paid, cost=0.1) == 2
    assert claim(world, at=1, limits=paid, cost=0.1) == 0
    attempt = call(world, AttemptStatus.FAILED, cost=0.1)
    with world.database.unit_of_work() as db:
        not_sent(db, attempt, now=later(1))
        assert spent(db) == 0.1
    assert [claim(world, at=1, limits=paid, cost=0.1), claim(world, at=2, limits=paid, cost=0.1)] == [1, 0]


def test_yesterdays_money_is_not_given_back_today(world: World) -> None:
    attempt = call(world, AttemptStatus.FAILED, cost=0.1)
    tomorrow = timedelta(days=1).total_seconds()
    claim(world, at=tomorrow, cost=0.1)
    with world.database.unit_of_work() as db:
        not_sent(db, attempt, now=later(tomorrow))
        assert spent(db) == 0.2


def test_a_clock_set_back_an_hour_stops_nothing_for_an_hour(world: World) -> None:
    claim(world)
    assert claim(world, at=-3600) == 0
    assert claim(world, at=-3599) == 2
