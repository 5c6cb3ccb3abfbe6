"""States and their moves as data; receipts in whatever order they come."""

from __future__ import annotations

from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.records.status import (
    FINAL_ATTEMPTS,
    LIVE_APPOINTMENTS,
    MOVES,
    OPEN_REMINDERS,
    RANK,
    AppointmentStatus,
    AssetStatus,
    AttemptStatus,
    BatchStatus,
    ReminderStatus,
    RideStatus,
    TakeStatus,
    TaskStatus,
    VisitStatus,
    WaitStatus,
    may_move,
    receipt_counts,
)

BEGINNINGS = {
    ReminderStatus: ReminderStatus.PLANNED,
    AppointmentStatus: AppointmentStatus.BOOKED,
    TaskStatus: TaskStatus.OPEN,
    VisitStatus: VisitStatus.OPEN,
    AssetStatus: AssetStatus.DRAFT,
    TakeStatus: TakeStatus.SPOKEN,
    RideStatus: RideStatus.ASKED,
    WaitStatus: WaitStatus.WAITING,
}
FINAL = {
    ReminderStatus: set(ReminderStatus) - set(OPEN_REMINDERS),
    AppointmentStatus: set(AppointmentStatus) - set(LIVE_APPOINTMENTS),
    VisitStatus: {VisitStatus.DONE, VisitStatus.CANCELLED},
    TakeStatus: {TakeStatus.STORED, TakeStatus.REFUSED, TakeStatus.DISCARDED},
    RideStatus: {RideStatus.CANCELLED},
    WaitStatus: {WaitStatus.DONE, WaitStatus.GIVEN_UP},
}
UNDER_WAY = sorted(set(AttemptStatus) - FINAL_ATTEMPTS)


def heard(known: AttemptStatus, receipts: list[AttemptStatus]) -> AttemptStatus:
    for receipt in receipts:
        known = receipt if receipt_counts(known, receipt) else known
    return known


@pytest.mark.parametrize("machine", MOVES)
def test_every_state_can_be_reached_from_the_beginning(machine: type[StrEnum]) -> None:
    reached, frontier = {BEGINNINGS[machine]}, [BEGINNINGS[machine]]
    while frontier:
        found = MOVES[machine].get(frontier.pop(), frozenset()) - reached
        reached |= found
        frontier += found
    assert reached == set(machine)


@pytest.mark.parametrize("machine", FINAL)
def test_nothing_leaves_a_final_state(machine: type[StrEnum]) -> None:
    for final in FINAL[machine]:
        assert not any(may_move(final, wanted) for wanted in machine)


@pytest.mark.parametrize("machine", MOVES)
def test_nothing_moves_to_where_it_is(machine: type[StrEnum]) -> None:
    assert not any(may_move(state, state) for state in machine)


def test_words_of_two_machines_are_not_taken_for_each_other() -> None:
    assert TaskStatus.OPEN == VisitStatus.OPEN  # as strings, which is what makes this a trap
    assert may_move(TaskStatus.OPEN, TaskStatus.DONE)
    assert not may_move(TaskStatus.OPEN, VisitStatus.DONE)
    assert not may_move(ReminderStatus.SENT, AppointmentStatus.CANCELLED)
    assert not may_move(BatchStatus.CHECKED, BatchStatus.LOADED)


@pytest.mark.parametrize(
    ("current", "wanted"),
    [
        (ReminderStatus.CLAIMED, ReminderStatus.PLANNED),
        (ReminderStatus.SENT, ReminderStatus.PLANNED),
        (AppointmentStatus.CONFIRMED, AppointmentStatus.MOVED),
    ],
)
def test_the_ways_back_of_the_design_are_open(current: StrEnum, wanted: StrEnum) -> None:
    assert may_move(current, wanted)


def test_ranks_are_those_of_the_design() -> None:
    order = ["queued", "submitted", "sent", "ringing", "in_progress"]
    assert [RANK[AttemptStatus(word)] for word in order] == sorted(RANK[AttemptStatus(word)] for word in order)
    assert len({RANK[AttemptStatus(word)] for word in order}) == len(order)
    assert set(RANK) == set(AttemptStatus)
    assert {*order} | {status.value for status in FINAL_ATTEMPTS} == {status.value for status in AttemptStatus}


@given(st.lists(st.sampled_from(UNDER_WAY)), st.sampled_from(sorted(FINAL_ATTEMPTS)), st.randoms())
def test_receipts_in_any_order_and_number_end_in_the_final_one(
    under_way: list[AttemptStatus], final: AttemptStatus, chance: object
) -> None:
    receipts = [*under_way, *under_way, final, final]
    chance.shuffle(receipts)  # type: ignore[attr-defined]
    assert heard(AttemptStatus.QUEUED, receipts) is final


@given(st.lists(st.sampled_from(UNDER_WAY)), st.randoms())
def test_delivered_beats_undelivered_in_any_order(under_way: list[AttemptStatus], chance: object) -> None:
    receipts = [*under_way, AttemptStatus.UNDELIVERED, AttemptStatus.DELIVERED, AttemptStatus.UNDELIVERED]
    chance.shuffle(receipts)  # type: ignore[attr-defined]
    assert heard(AttemptStatus.QUEUED, receipts) is AttemptStatus.DELIVERED


@given(st.lists(st.sampled_from(UNDER_WAY), min_size=1), st.randoms())
def test_without_a_final_receipt_the_furthest_counts_in_any_order(
    under_way: list[AttemptStatus], chance: object
) -> None:
    shuffled = list(under_way)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert heard(AttemptStatus.QUEUED, shuffled) is max(under_way, key=lambda status: RANK[status])


@given(st.sampled_from(AttemptStatus), st.lists(st.sampled_from(AttemptStatus)))
def test_no_receipt_ever_lowers_a_rank(known: AttemptStatus, receipts: list[AttemptStatus]) -> None:
    for receipt in receipts:
        after = heard(known, [receipt])
        assert RANK[after] >= RANK[known]
        known = after


@given(st.sampled_from(sorted(FINAL_ATTEMPTS)), st.lists(st.sampled_from(AttemptStatus)))
def test_what_is_over_stays_over(final: AttemptStatus, receipts: list[AttemptStatus]) -> None:
    after = heard(final, receipts)
    assert after is final or (final, after) == (AttemptStatus.UNDELIVERED, AttemptStatus.DELIVERED)
