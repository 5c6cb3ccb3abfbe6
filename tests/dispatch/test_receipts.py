"""The carrier's word, in whatever order it comes."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from pathlib import Path

import pytest

from gateway.carriers.port import CarrierError, CarrierStatus, Fault, Receipt
from gateway.dispatch.receipts import apply_receipt
from gateway.records.contacts import Attempt, AttemptItem, Reminder
from gateway.records.contacts import Receipt as ReceiptRow
from gateway.records.people import CarrierBlock, Consent, ConsentEvent, PersonPhone
from gateway.records.status import AttemptStatus, Channel, ReminderStatus, TaskKind
from gateway.records.work import Task
from tests.support import rooms
from tests.support.world import World

SMS, VOICE = Channel.SMS, Channel.VOICE


def submitted(world: World, folder: Path, channel: Channel, **person: object) -> tuple[Reminder, Attempt]:
    """A reminder whose attempt the carrier has taken."""
    reminder = world.due(channel, **person)
    rooms.sender(world, folder).pass_once()
    return reminder, world.attempts_of(reminder)[-1]


def hear(world: World, attempt: str, carrier_id: str, status: CarrierStatus, **more: object) -> bool:
    """One receipt, in a unit of work of its own."""
    receipt = Receipt(carrier_id, status, **more)  # type: ignore[arg-type]
    with world.database.unit_of_work() as db:
        return apply_receipt(db, rooms.rules(world), attempt, receipt, now=world.clock.now())


def test_receipts_of_a_call_end_in_the_same_state_in_every_order(world: World, tmp_path: Path) -> None:
    steps = [CarrierStatus.RINGING, CarrierStatus.IN_PROGRESS, CarrierStatus.COMPLETED]
    ends = set()
    for order in permutations(steps):
        reminder, attempt = submitted(world, tmp_path, VOICE)
        for status in (*order, *order):
            hear(world, attempt.id, attempt.carrier_id or "", status)
        ends.add((world.fresh(attempt).status, world.fresh(reminder).status, world.fresh(reminder).tries))
    assert ends == {(AttemptStatus.COMPLETED, ReminderStatus.PLANNED, 1)}  # nobody pressed: another try


def test_delivered_beats_undelivered_but_nothing_else_leaves_the_end(world: World, tmp_path: Path) -> None:
    _, attempt = submitted(world, tmp_path, SMS)
    for status in (CarrierStatus.UNDELIVERED, CarrierStatus.SENT, CarrierStatus.DELIVERED, CarrierStatus.UNDELIVERED):
        hear(world, attempt.id, attempt.carrier_id or "", status)
    assert world.fresh(attempt).status is AttemptStatus.DELIVERED


def test_a_receipt_posted_twice_is_one_row(world: World, tmp_path: Path) -> None:
    _, attempt = submitted(world, tmp_path, SMS)
    for _ in range(2):
        hear(world, attempt.id, attempt.carrier_id or "", CarrierStatus.SENT)
    assert len(world.all(ReceiptRow)) == 1


def test_a_receipt_quicker_than_our_own_record_binds_the_attempt(world: World, tmp_path: Path) -> None:
    reminder = world.due(SMS)
    take = world.carrier.send_sms

    def deliver_first(order):  # type: ignore[no-untyped-def]
        submission = take(order)
        hear(world, order.attempt, submission.carrier_id, CarrierStatus.DELIVERED)
        return submission

    world.carrier.send_sms = deliver_first  # type: ignore[method-assign]
    rooms.sender(world, tmp_path).pass_once()
    [attempt] = world.attempts_of(reminder)
    assert (attempt.status, world.fresh(reminder).status) == (AttemptStatus.DELIVERED, ReminderStatus.SENT)
    assert world.fresh(reminder).tries == 1


def test_a_receipt_that_names_another_submission_is_kept_apart(world: World, tmp_path: Path) -> None:
    _, attempt = submitted(world, tmp_path, SMS)
    assert hear(world, attempt.id, "SM-of-somebody-else", CarrierStatus.DELIVERED) is False
    assert world.fresh(attempt).status is AttemptStatus.SUBMITTED
    assert [task.kind for task in world.all(Task)] == [TaskKind.UNMATCHED]


def test_an_attempt_that_ended_is_live_no_longer(world: World, tmp_path: Path) -> None:
    _, attempt = submitted(world, tmp_path, VOICE)
    hear(world, attempt.id, attempt.carrier_id or "", CarrierStatus.BUSY)
    assert [item.live for item in world.all(AttemptItem)] == [False]


@pytest.mark.parametrize("status", [CarrierStatus.NO_ANSWER, CarrierStatus.BUSY, CarrierStatus.COMPLETED])
def test_nobody_there_is_tried_again_in_another_half_day(world: World, tmp_path: Path, status: CarrierStatus) -> None:
    reminder, attempt = submitted(world, tmp_path, VOICE)
    hear(world, attempt.id, attempt.carrier_id or "", status)
    waiting = world.fresh(reminder)
    window = rooms.rules(world).window
    assert waiting.status is ReminderStatus.PLANNED
    assert window.half_day(waiting.next_try_at) != window.half_day(world.clock.now())


def test_a_delivered_text_waits_for_its_answer(world: World, tmp_path: Path) -> None:
    reminder, attempt = submitted(world, tmp_path, SMS)
    hear(world, attempt.id, attempt.carrier_id or "", CarrierStatus.DELIVERED)
    assert world.fresh(reminder).status is ReminderStatus.SENT


def test_a_landline_found_out_late_gets_a_call(world: World, tmp_path: Path) -> None:
    reminder, attempt = submitted(world, tmp_path, SMS)
    hear(world, attempt.id, attempt.carrier_id or "", CarrierStatus.UNDELIVERED, fault=Fault.NOT_MOBILE)
    assert (world.fresh(reminder).status, world.fresh(reminder).reason) == (ReminderStatus.FAILED, "not_mobile")
    assert [row.channel for row in world.all(Reminder) if row.status is ReminderStatus.PLANNED] == [VOICE]


def test_who_told_the_carrier_to_stop_is_stopped_here_too(world: World, tmp_path: Path) -> None:
    _, attempt = submitted(world, tmp_path, SMS)
    hear(world, attempt.id, attempt.carrier_id or "", CarrierStatus.FAILED, fault=Fault.OPTED_OUT, code="21610")
    assert [use.sms for use in world.all(PersonPhone)] == [Consent.STOP]
    assert [block.code for block in world.all(CarrierBlock)] == ["21610"]
    assert [event.source for event in world.all(ConsentEvent)] == ["carrier"]


def given_up(world: World, folder: Path, *reminders: Reminder) -> Attempt:
    """The one attempt of these reminders, which two looks did not find."""
    world.carrier.fail_next(CarrierError(Fault.IN_DOUBT, in_doubt=True), taken=False)
    rooms.sender(world, folder).pass_once()
    for _ in range(2):
        world.clock.advance_to(world.clock.now() + timedelta(minutes=4))
        rooms.reconciler(world).pass_once()
    [attempt] = {row.id: row for one in reminders for row in world.attempts_of(one)}.values()
    assert (attempt.status, attempt.reason) == (AttemptStatus.FAILED, "not_sent")
    return attempt


def test_a_text_that_arrived_after_two_looks_did_not_find_it_does_not_go_out_again(
    world: World, tmp_path: Path
) -> None:
    reminder = world.due(SMS)
    attempt = given_up(world, tmp_path, reminder)
    assert world.fresh(reminder).status is ReminderStatus.PLANNED

    for status in (CarrierStatus.DELIVERED, CarrierStatus.SENT):
        hear(world, attempt.id, "SM-late", status)

    kept = world.fresh(attempt)
    assert (kept.status, kept.carrier_id, kept.reason) == (AttemptStatus.DELIVERED, "SM-late", None)
    assert (world.fresh(reminder).status, world.fresh(reminder).tries) == (ReminderStatus.SENT, 1)
    assert rooms.sender(world, tmp_path).pass_once().sent == 0
    assert not [item for item in world.all(AttemptItem) if item.live]


def test_a_call_that_rings_after_two_looks_did_not_find_it_is_the_call(world: World, tmp_path: Path) -> None:
    reminder = world.due(VOICE)
    attempt = given_up(world, tmp_path, reminder)

    hear(world, attempt.id, "CA-late", CarrierStatus.RINGING)

    assert world.fresh(attempt).status is AttemptStatus.RINGING
    assert rooms.sender(world, tmp_path).pass_once().sent == 0  # while it rings
    hear(world, attempt.id, "CA-late", CarrierStatus.NO_ANSWER)
    assert (world.fresh(reminder).status, world.fresh(reminder).tries) == (ReminderStatus.PLANNED, 1)
    assert world.fresh(reminder).next_try_at > world.clock.now()  # as after any call in vain


def test_a_late_receipt_of_a_household_leaves_alone_who_has_a_new_attempt(world: World, tmp_path: Path) -> None:
    both = [
        world.reminder(world.appointment(world.person(phone="+66800009999")), SMS),
        world.reminder(world.appointment(world.person(phone="+66800009999")), SMS),
    ]
    old = given_up(world, tmp_path, *both)
    with world.database.unit_of_work() as db:
        waits = db.get_one(Reminder, both[1].id)
        waits.next_try_at = world.clock.now() + timedelta(hours=3)
        waits.tries = 1  # a second try, which never goes out before its turn
    rooms.sender(world, tmp_path).pass_once()
    new = world.attempts_of(both[0])[-1]
    assert new.id != old.id

    hear(world, old.id, "SM-late", CarrierStatus.UNDELIVERED, fault=Fault.UNREACHABLE)

    assert world.fresh(both[0]).status is ReminderStatus.SENT  # it waits for the new attempt's end
    assert [item.attempt for item in world.all(AttemptItem) if item.live] == [new.id]
    assert world.fresh(both[1]).status is ReminderStatus.PLANNED  # the ladder went on from the first
    assert world.fresh(both[1]).reason != "not_sent"
