"""What came of the texts and calls of a day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.records.contacts import Direction
from gateway.records.status import FINAL_ATTEMPTS, AttemptStatus, Channel
from gateway.reports.traffic import Calls, Texts, _calls, _Counted, _texts, traffic
from tests.reports.conftest import bangkok

Fixture = Any  # tests/reports/conftest.py: World
TODAY = bangkok("2026-11-28T00:00")


def attempts(world: Fixture, channel: Channel, *statuses: AttemptStatus, **facts: Any) -> None:
    for status in statuses:
        world.attempt(world.appointment(), channel, status, **facts)


def taken(world: Fixture, channel: Channel, *statuses: AttemptStatus, **facts: Any) -> None:
    """The carrier took them."""
    for status in statuses:
        one = world.attempt(world.appointment(), channel, status, **facts)
        one.carrier, one.carrier_id = "c", one.id
        world.add(one)


def texts(world: Fixture) -> Texts:
    return traffic(world.db, TODAY)[0]


def calls(world: Fixture) -> Calls:
    return traffic(world.db, TODAY)[1]


def test_a_day_without_traffic_is_all_noughts(world: Fixture) -> None:
    assert traffic(world.db, TODAY) == (Texts(), Calls())


def test_texts_are_told_apart_by_what_became_of_them(world: Fixture) -> None:
    s = AttemptStatus
    taken(world, Channel.SMS, s.DELIVERED, s.DELIVERED, s.DELIVERED, s.SUBMITTED, s.SENT)
    taken(world, Channel.SMS, s.UNDELIVERED, reason="unreachable")
    taken(world, Channel.SMS, s.UNDELIVERED, reason="bad_number")
    taken(world, Channel.SMS, s.FAILED, reason="unreachable")
    taken(world, Channel.SMS, s.UNDELIVERED)
    attempts(world, Channel.SMS, s.FAILED, reason="not_sent")
    attempts(world, Channel.SMS, s.QUEUED)
    taken(world, Channel.SMS, s.COMPLETED, direction=Direction.IN)
    assert texts(world) == Texts(
        sent=9, delivered=3, undelivered=4, under_way=2, not_sent=1, received=1,
        faults=(("unreachable", 2), ("bad_number", 1), ("unknown", 1)),
    )  # fmt: skip
    assert calls(world) == Calls()


def test_calls_are_told_apart_by_what_became_of_them(world: Fixture) -> None:
    s = AttemptStatus
    taken(world, Channel.VOICE, *[s.COMPLETED] * 5, *[s.NO_ANSWER] * 4, *[s.BUSY] * 3, *[s.MACHINE] * 2)
    taken(world, Channel.VOICE, s.RINGING, s.IN_PROGRESS, s.SUBMITTED)
    taken(world, Channel.VOICE, s.FAILED, reason="bad_number")
    taken(world, Channel.VOICE, s.CANCELLED)
    attempts(world, Channel.VOICE, s.FAILED, s.FAILED, reason="not_sent")
    taken(world, Channel.VOICE, *[s.COMPLETED] * 6, direction=Direction.IN)
    assert calls(world) == Calls(
        placed=18, answered=5, no_answer=4, busy=3, machine=2, failed=1, cancelled=1, under_way=3, not_sent=2,
        received=6, faults=(("bad_number", 1),),
    )  # fmt: skip
    assert texts(world) == Texts()


def test_a_day_begins_at_midnight_in_bangkok(world: Fixture) -> None:
    taken(world, Channel.SMS, AttemptStatus.DELIVERED, at="2026-11-27T23:59")
    taken(world, Channel.SMS, AttemptStatus.DELIVERED, at="2026-11-28T00:00")
    assert texts(world).sent == 1
    assert traffic(world.db, TODAY - timedelta(minutes=1))[0].sent == 2


COUNTED = st.builds(
    _Counted,
    direction=st.just(Direction.OUT),
    channel=st.just(Channel.SMS),
    status=st.sampled_from(AttemptStatus),
    reason=st.none() | st.sampled_from(["bad_number", "filtered"]),
    was_sent=st.just(True),
    n=st.integers(1, 99),
)
OF_A_TEXT = {AttemptStatus.SUBMITTED, AttemptStatus.SENT, AttemptStatus.DELIVERED, AttemptStatus.UNDELIVERED,
             AttemptStatus.FAILED}  # fmt: skip


@given(st.lists(COUNTED.filter(lambda one: one.status in OF_A_TEXT)))
def test_every_text_sent_is_counted_once(counted: list[_Counted]) -> None:
    found = _texts(counted)
    assert found.sent == found.delivered + found.undelivered + found.under_way == sum(one.n for one in counted)
    assert sum(n for _, n in found.faults) == found.undelivered
    assert [n for _, n in found.faults] == sorted((n for _, n in found.faults), reverse=True)


OF_A_CALL = (set(AttemptStatus) - FINAL_ATTEMPTS - {AttemptStatus.QUEUED, AttemptStatus.SENT}) | {
    AttemptStatus.COMPLETED, AttemptStatus.BUSY, AttemptStatus.NO_ANSWER, AttemptStatus.MACHINE, AttemptStatus.FAILED,
}  # fmt: skip


@given(st.lists(COUNTED.filter(lambda one: one.status in OF_A_CALL)))
def test_every_call_placed_is_counted_once(counted: list[_Counted]) -> None:
    found = _calls([_Counted(one.direction, Channel.VOICE, one.status, one.reason, True, one.n) for one in counted])
    parts = (found.answered, found.no_answer, found.busy, found.machine, found.failed, found.under_way)
    assert found.placed == sum(parts) == sum(one.n for one in counted)


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.VOICE])
def test_what_is_called_off_before_it_went_was_not_sent(world: Fixture, channel: Channel) -> None:
    attempts(world, channel, AttemptStatus.CANCELLED)
    assert (texts(world).sent, calls(world).placed) == (0, 0)
