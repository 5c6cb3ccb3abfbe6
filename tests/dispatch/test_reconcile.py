"""What may have gone out is looked for before it is tried again."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.carriers.port import CallOrder, CarrierError, CarrierStatus, Fault, Found, SmsOrder, Submission
from gateway.dispatch.allowance import Limits
from gateway.dispatch.looking import FAILURES, Looked, Lookout
from gateway.dispatch.sender import SUBMITTED_WITHIN
from gateway.records.contacts import Attempt, Reminder
from gateway.records.house import Gate
from gateway.records.people import Phone
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


@pytest.mark.parametrize("became", [ReminderStatus.EXPIRED, ReminderStatus.SUPPRESSED])
def test_what_a_dead_process_had_claimed_is_looked_for_though_its_reminder_is_over(
    world: World, tmp_path: Path, became: ReminderStatus
) -> None:
    reminder = world.due(SMS)
    sending, now = rooms.sender(world, tmp_path), world.clock.now()
    long_ago = datetime.now(UTC) - timedelta(minutes=10)
    [claimed] = world.database.run(
        lambda db: sending.outbox.claim(db, SMS, 1, now=now, due_by=now, lease_from=long_ago)
    )
    taken = world.carrier.send_sms(sending._sms_order(claimed))
    with world.database.unit_of_work() as db:
        row = db.get(Reminder, reminder.id)
        assert row is not None
        row.status = became
    for _ in range(2):
        rooms.reconciler(world).pass_once()
        later(world, 3)
    [attempt] = world.attempts_of(reminder)
    assert (attempt.carrier_id, world.fresh(reminder).status) == (taken.carrier_id, became)


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


def elsewhere(world: World, number: str, *, minutes: int = 0) -> None:
    """A call to the same number in the carrier's list that no attempt of ours is known to have made."""
    world.carrier._now = lambda: world.clock.now() + timedelta(minutes=minutes)
    world.carrier.place_call(CallOrder("nobody's", number, "http://x/a", "http://x/s", "http://x/f"))
    world.carrier._now = world.clock.now


def number_of(world: World, reminder: Reminder) -> str:
    [attempt] = world.attempts_of(reminder)
    phone = next(row for row in world.all(Phone) if row.id == attempt.phone)
    return phone.e164


def test_of_two_calls_that_may_be_it_neither_is_guessed_and_it_is_never_rung_again(
    world: World, tmp_path: Path
) -> None:
    reminder = in_doubt(world, tmp_path, VOICE, taken=True)
    elsewhere(world, number_of(world, reminder))
    for _ in range(8):
        later(world, 20)
        rooms.reconciler(world).pass_once()
        rooms.sender(world, tmp_path).pass_once()
    [attempt] = world.attempts_of(reminder)
    [task] = [task for task in world.all(Task) if task.kind is TaskKind.IN_DOUBT]
    assert (attempt.carrier_id, attempt.in_doubt_at is not None) == (None, True)
    assert (task.status, "more than one call" in task.detail) == (TaskStatus.OPEN, True)
    assert len(world.carrier.calls) == 2


def test_one_call_is_not_given_to_either_of_two_attempts_that_may_have_made_it(world: World, tmp_path: Path) -> None:
    reminder = in_doubt(world, tmp_path, VOICE, taken=True)
    [attempt] = world.attempts_of(reminder)
    world.add(Attempt(phone=attempt.phone, channel=VOICE, carrier=attempt.carrier, created_at=attempt.created_at,
                      in_doubt_at=attempt.in_doubt_at, next_look_at=attempt.in_doubt_at))  # fmt: skip
    later(world, 3)
    report = rooms.reconciler(world).pass_once()
    assert (report.bound, report.still_in_doubt) == (0, 2)


def test_a_call_of_another_hour_is_nobodys_doubt(world: World, tmp_path: Path) -> None:
    reminder = in_doubt(world, tmp_path, VOICE, taken=True)
    elsewhere(world, number_of(world, reminder), minutes=90)
    later(world, 100)
    assert rooms.reconciler(world).pass_once().bound == 1


def test_a_telephone_is_asked_about_once_for_all_its_attempts(world: World, tmp_path: Path) -> None:
    asked: list[str] = []
    find = world.carrier.find_sms
    for _ in range(2):
        world.reminder(world.appointment(world.person(phone="+66800009999")), SMS)
        world.carrier.fail_next(DOUBT, taken=True)
    rooms.sender(world, tmp_path).pass_once()
    world.carrier.find_sms = lambda to, since: (asked.append(to), find(to, since))[1]  # type: ignore[method-assign]
    later(world, 3)
    rooms.reconciler(world).pass_once()
    assert asked == ["+66800009999"]


def test_a_carrier_that_hangs_is_not_asked_for_ever(world: World, tmp_path: Path) -> None:
    for _ in range(FAILURES + 4):
        in_doubt(world, tmp_path, SMS, taken=True)
        later(world, 1)
    asked: list[str] = []

    def hangs(to: str, _: datetime) -> Sequence[Found]:
        asked.append(to)
        raise CarrierError(Fault.UNKNOWN, code="ReadTimeout")

    world.carrier.find_sms = hangs  # type: ignore[method-assign]
    later(world, 3)
    report = rooms.reconciler(world).pass_once()
    assert (len(asked), report.still_in_doubt, report.not_sent) == (FAILURES, FAILURES, 0)


def test_what_there_was_no_time_to_ask_about_is_asked_about_next_time(world: World, tmp_path: Path) -> None:
    reminder = in_doubt(world, tmp_path, SMS, taken=True)
    [attempt] = world.attempts_of(reminder)
    later(world, 3)
    assert Lookout(world.carrier, world.carrier, lasts=-1.0).ask([Looked(attempt, number_of(world, reminder))]) == {}
    assert rooms.reconciler(world).pass_once().bound == 1


def test_many_are_asked_about_side_by_side(world: World, tmp_path: Path) -> None:
    together = threading.Barrier(4)

    def waits_for_the_others(to: str, _: datetime) -> Sequence[Found]:
        together.wait(10)
        return []

    for _ in range(4):
        in_doubt(world, tmp_path, SMS, taken=False)
        later(world, 1)
    world.carrier.find_sms = waits_for_the_others  # type: ignore[method-assign]
    later(world, 3)
    looking = rooms.reconciler(world)
    looking.workers = 4
    assert looking.pass_once().still_in_doubt == 4


def test_who_was_slow_or_had_its_clock_moved_is_not_overtaken_by_a_second_attempt(world: World, tmp_path: Path) -> None:
    reminder = world.due(VOICE)
    sending = rooms.sender(world, tmp_path)
    now, long_ago = world.clock.now(), datetime.now(UTC) - timedelta(hours=1)
    world.database.run(lambda db: sending.outbox.claim(db, VOICE, 1, now=now, due_by=now, lease_from=long_ago))
    looking = rooms.reconciler(world)
    looking.pass_once()
    for _ in range(4):  # four minutes in which whoever claimed it may still hand it over
        later(world, 1)
        assert looking.pass_once().not_sent == 0
    assert world.fresh(reminder).status is ReminderStatus.SENT
    later(world, 3)
    assert looking.pass_once().not_sent == 1


def test_a_batch_that_took_too_long_is_not_handed_over_any_more(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reminder = world.due(SMS)
    monkeypatch.setattr("gateway.dispatch.sender.SUBMITTED_WITHIN", -1.0)
    rooms.sender(world, tmp_path).pass_once()
    assert (world.carrier.texts, world.fresh(reminder).status) == ([], ReminderStatus.PLANNED)
    monkeypatch.undo()
    later(world, 1)
    rooms.sender(world, tmp_path).pass_once()
    assert len(world.carrier.texts) == 1


def test_a_machine_that_was_suspended_in_the_middle_of_a_batch_hands_over_no_more_of_it(
    world: World, tmp_path: Path
) -> None:
    """Its own clock stands still meanwhile; by the lease's, another process looks for the batch by now."""
    reminders = [world.due(SMS) for _ in range(3)]
    send, real = world.carrier.send_sms, time.time

    with pytest.MonkeyPatch.context() as patch:

        def is_suspended(order: SmsOrder) -> Submission:
            patch.setattr(time, "time", lambda: real() + SUBMITTED_WITHIN + 1)
            return send(order)

        patch.setattr(world.carrier, "send_sms", is_suspended)
        rooms.sender(world, tmp_path).pass_once()
    became = sorted(world.fresh(one).status for one in reminders)
    assert len(world.carrier.texts) == 1
    assert became == [ReminderStatus.PLANNED, ReminderStatus.PLANNED, ReminderStatus.SENT]


def test_an_error_that_comes_after_its_attempt_was_closed_leaves_the_new_attempt_alone(
    world: World, tmp_path: Path
) -> None:
    """A process stood still for minutes; meanwhile its attempt was looked for, closed, and made anew by another."""
    reminder = world.due(SMS)
    slow, quick = rooms.sender(world, tmp_path), rooms.sender(world, tmp_path)

    def stands_still(_: SmsOrder) -> Submission:
        with world.database.unit_of_work() as db:
            row = db.get(Reminder, reminder.id)
            assert row is not None
            row.lease_until = datetime.now(UTC) - timedelta(minutes=1)
        looking = rooms.reconciler(world)
        for _minutes in range(3):
            looking.pass_once()
            later(world, 4)
        world.carrier.send_sms = send  # type: ignore[method-assign]
        quick.pass_once()
        raise CarrierError(Fault.NOT_CONNECTED)

    send = world.carrier.send_sms
    world.carrier.send_sms = stands_still  # type: ignore[method-assign]
    slow.pass_once()
    rooms.sender(world, tmp_path).pass_once()
    assert world.fresh(reminder).status is ReminderStatus.SENT
    assert len(world.carrier.texts) == 1


def test_two_processes_that_look_in_the_same_second_have_looked_once(world: World, tmp_path: Path) -> None:
    """Where two lead for a moment: a text that the carrier lists late is not sent a second time."""
    reminder = in_doubt(world, tmp_path, SMS, taken=True)
    later(world, 3)
    others = [rooms.reconciler(world)]

    def not_listed_yet(_: str, __: datetime) -> Sequence[Found]:
        if others:
            others.pop().pass_once()
        return []

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.carrier, "find_sms", not_listed_yet)
        report = rooms.reconciler(world).pass_once()
    [attempt] = world.attempts_of(reminder)
    assert (others, report.not_sent, attempt.looks, attempt.status) == ([], 0, 1, AttemptStatus.QUEUED)
    later(world, 4)
    assert rooms.reconciler(world).pass_once().bound == 1
    assert len(world.carrier.texts) == 1


def test_the_money_of_what_surely_did_not_go_comes_back_once(world: World, tmp_path: Path) -> None:
    one_call = Limits(lines=10, calls_per_second=10, sms_per_second=10, daily_budget=0.10)
    world.due(VOICE)
    sending, looking = rooms.sender(world, tmp_path, limits=one_call), rooms.reconciler(world)
    world.carrier.fail_next(DOUBT, taken=False)
    sending.pass_once()
    spent = []
    for _ in range(3):
        later(world, 4)
        looking.pass_once()
        spent += [gate.spent for gate in world.all(Gate) if gate.name == "budget"]
    sending.pass_once()
    sending.pass_once()
    assert spent == pytest.approx([0.10, 0.0, 0.0])
    assert len(world.carrier.calls) == 1
