"""What may have gone out is looked for before it is tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.carriers.port import CarrierError, CarrierStatus, Fault
from gateway.records.contacts import Attempt, Reminder
from gateway.records.status import AttemptStatus, Channel, ReminderStatus, TaskKind, TaskStatus
from gateway.records.work import Task
from tests.support import rooms
from tests.support.world import World

SMS, VOICE = Channel.SMS, Channel.VOICE
DOUBT = CarrierError(Fault.IN_DOUBT, in_doubt=True)


def in_doubt(world: World, folder: Path, channel: Channel, *, taken: bool) -> Reminder:
    """A submission without a clear answer; `taken`: it went out all the same."""
    reminder = world.due(channel)
    world.carrier.fail_next(DOUBT, taken=taken)
    rooms.sender(world, folder).pass_once()
    return reminder


def later(world: World, minutes: int) -> None:
    """Time passes."""
    world.clock.advance_to(world.clock.now() + timedelta(minutes=minutes))


def test_a_text_that_went_out_is_found_and_bound_and_not_sent_again(world: World, tmp_path: Path) -> None:
    reminder = in_doubt(world, tmp_path, SMS, taken=True)
    later(world, 3)
    report = rooms.reconciler(world).pass_once()
    rooms.sender(world, tmp_path).pass_once()
    [attempt] = world.attempts_of(reminder)
    assert (report.bound, len(world.carrier.texts)) == (1, 1)
    assert (attempt.status, attempt.in_doubt_at) == (AttemptStatus.SUBMITTED, None)
    assert (world.fresh(reminder).status, world.fresh(reminder).tries) == (ReminderStatus.SENT, 1)


def test_nobody_looks_before_callbacks_had_time_to_come(world: World, tmp_path: Path) -> None:
    in_doubt(world, tmp_path, SMS, taken=True)
    later(world, 1)
    assert rooms.reconciler(world).pass_once().bound == 0


def test_after_two_looks_that_find_nothing_it_is_closed_and_sent_by_a_new_attempt(world: World, tmp_path: Path) -> None:
    reminder = in_doubt(world, tmp_path, VOICE, taken=False)
    looking = rooms.reconciler(world)
    later(world, 3)
    first = looking.pass_once()
    doubts = [task.status for task in world.all(Task) if task.kind is TaskKind.IN_DOUBT]
    later(world, 4)
    second = looking.pass_once()
    rooms.sender(world, tmp_path).pass_once()
    assert (first.still_in_doubt, second.not_sent) == (1, 1)
    assert doubts == [TaskStatus.OPEN]
    assert [task.status for task in world.all(Task) if task.kind is TaskKind.IN_DOUBT] == [TaskStatus.DONE]
    assert sorted(row.status for row in world.attempts_of(reminder)) == [AttemptStatus.FAILED, AttemptStatus.SUBMITTED]
    assert (len(world.carrier.calls), world.fresh(reminder).tries) == (1, 1)


def test_another_persons_text_to_the_same_number_is_not_taken_for_ours(world: World, tmp_path: Path) -> None:
    one = world.due(SMS, phone="+66800009999")
    rooms.sender(world, tmp_path).pass_once()
    other = world.reminder(world.appointment(world.person(phone="+66800009999"), days=3), SMS)
    world.carrier.fail_next(DOUBT, taken=False)
    rooms.sender(world, tmp_path).pass_once()
    later(world, 3)
    assert rooms.reconciler(world).pass_once().bound == 0
    assert world.attempts_of(one)[0].carrier_id is not None
    assert world.attempts_of(other)[0].carrier_id is None


def test_while_the_carrier_cannot_be_asked_nothing_is_decided(world: World, tmp_path: Path) -> None:
    reminder = in_doubt(world, tmp_path, SMS, taken=True)
    for _ in range(4):
        later(world, 4)
        world.carrier.fail_next(CarrierError(Fault.NOT_CONNECTED))
        rooms.reconciler(world).pass_once()
    assert world.attempts_of(reminder)[0].status is AttemptStatus.QUEUED
    assert len(world.carrier.texts) == 1


def test_what_a_dead_process_had_claimed_is_in_doubt_not_free(world: World, tmp_path: Path) -> None:
    reminder = world.due(SMS)
    sending = rooms.sender(world, tmp_path)
    long_ago = datetime.now(UTC) - timedelta(minutes=10)
    with world.database.unit_of_work() as db:  # the claim, after which the process was killed
        now = world.clock.now()
        sending.outbox.claim(db, SMS, 1, now=now, due_by=now, lease_from=long_ago)
    assert rooms.reconciler(world).pass_once().released == 1
    assert world.fresh(reminder).status is ReminderStatus.SENT
    assert world.attempts_of(reminder)[0].in_doubt_at is not None


def test_a_claim_that_is_still_being_worked_on_is_left_alone(world: World, tmp_path: Path) -> None:
    world.due(SMS)
    sending = rooms.sender(world, tmp_path)
    with world.database.unit_of_work() as db:
        now = world.clock.now()
        sending.outbox.claim(db, SMS, 1, now=now, due_by=now, lease_from=datetime.now(UTC))
    assert rooms.reconciler(world).pass_once().released == 0


def test_a_receipt_that_never_came_is_asked_for_after_an_hour(world: World, tmp_path: Path) -> None:
    reminder = world.due(SMS)
    rooms.sender(world, tmp_path).pass_once()
    [attempt] = world.attempts_of(reminder)
    world.carrier.set_status(attempt.carrier_id or "", CarrierStatus.DELIVERED)
    later(world, 61)
    assert rooms.reconciler(world).pass_once().refreshed == 1
    assert world.fresh(attempt).status is AttemptStatus.DELIVERED


def test_a_call_that_was_answered_by_another_way_is_cancelled_while_it_waits(world: World, tmp_path: Path) -> None:
    reminder = world.due(VOICE)
    rooms.sender(world, tmp_path).pass_once()
    with world.database.unit_of_work() as db:
        attempt = db.get(Attempt, world.attempts_of(reminder)[0].id)
        assert attempt is not None
        attempt.cancel_requested_at = world.clock.now()
    assert rooms.reconciler(world).pass_once().cancelled == 1
    assert world.carrier.cancelled == [attempt.carrier_id]
