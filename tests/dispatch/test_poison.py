"""One row that is wrong in itself never stops the others', on either engine."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from gateway.care.ladder_stop import stop_person
from gateway.carriers.port import CarrierStatus, Receipt, SmsOrder, Submission
from gateway.dispatch.receipts import apply_receipt
from gateway.kit.answers import Answer
from gateway.records.contacts import Attempt, AttemptItem, Reminder
from gateway.records.conversations import Reply
from gateway.records.status import AttemptStatus, Channel, ReminderStatus
from gateway.replies.resuming import STOPPED, resume
from tests.support import rooms
from tests.support.world import World

SMS, VOICE = Channel.SMS, Channel.VOICE


def carried_already(world: World, reminder: Reminder) -> None:
    """A live attempt of a reminder that is planned all the same: no claim of it can ever be written."""
    long_ago = world.clock.now() - timedelta(hours=30)
    attempt = Attempt(
        phone=1, channel=reminder.channel, carrier="memory", created_at=long_ago, submitted_at=long_ago,
        status=AttemptStatus.SUBMITTED, rank=1, carrier_id="SMx",
    )  # fmt: skip
    item = AttemptItem(
        attempt=attempt.id, reminder=reminder.id, appointment=reminder.appointment, person=reminder.person
    )
    world.add(attempt, item)


@pytest.mark.parametrize("channel", [SMS, VOICE])
@pytest.mark.parametrize("one_by_one", [False, True])
def test_a_reminder_that_cannot_be_claimed_waits_and_the_other_persons_goes_out(
    world: World, tmp_path: Path, channel: Channel, one_by_one: bool
) -> None:
    bad, good = world.due(channel), world.due(channel)
    carried_already(world, bad)
    sending = rooms.sender(world, tmp_path)
    sending.outbox.one_by_one = one_by_one

    assert sending.pass_once().sent == 1

    assert world.fresh(good).status is ReminderStatus.SENT
    kept = world.fresh(bad)
    assert (kept.status, kept.error_count) == (ReminderStatus.PLANNED, 1)
    assert kept.next_try_at > world.clock.now()


@pytest.mark.parametrize("is_delivered", [False, True])
def test_who_stops_and_starts_again_is_not_sent_twice_what_went_out_with_the_house(
    world: World, tmp_path: Path, is_delivered: bool
) -> None:
    now = world.clock.now()
    first, second = world.person(phone="+66800009999"), world.person(phone="+66800009999")
    world.reminder(world.appointment(first), SMS)
    later = now + timedelta(hours=1)
    early = world.reminder(world.appointment(second), SMS, due_at=later, next_try_at=later)
    sending = rooms.sender(world, tmp_path)
    sending.pass_once()
    [attempt] = world.attempts_of(early)
    if is_delivered:
        heard = Receipt(attempt.carrier_id or "", CarrierStatus.DELIVERED)
        world.database.run(lambda db: apply_receipt(db, rooms.rules(world), attempt.id, heard, now=now))

    with world.database.unit_of_work() as db:
        for person in (first, second):
            stop_person(db, person.id, reason=STOPPED, now=now)
        reply = Reply(phone=attempt.phone, channel=SMS, carrier_sid="SM-start", answer=Answer.UNCLEAR, at=now)
        db.add(reply)
        db.flush()
        resume(db, reply, now=now)
    world.clock.advance_to(later + timedelta(minutes=1))
    other = world.due(SMS)
    sending.pass_once()

    assert world.fresh(other).status is ReminderStatus.SENT
    assert (world.fresh(early).status, world.fresh(early).error_count) == (ReminderStatus.SENT, 0)
    assert len(world.carrier.texts) == 2


def test_of_an_id_the_carrier_gave_twice_one_is_kept_and_what_came_of_the_others_is_written(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(4):
        world.due(SMS)
    taken: list[str] = []
    take = world.carrier.send_sms

    def send(order: SmsOrder) -> Submission:
        taken.append(order.to)
        real = take(order)
        return Submission("SM-same") if len(taken) <= 2 else real

    monkeypatch.setattr(world.carrier, "send_sms", send)
    report = rooms.sender(world, tmp_path).pass_once()

    assert (report.sent, report.errors, len(taken)) == (3, 1, 4)
    ids = [row.carrier_id for row in world.all(Attempt)]
    assert (ids.count("SM-same"), ids.count(None)) == (1, 1)
