"""What the carrier says of an attempt: late, twice, out of order, sometimes about nothing we know."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from gateway.care.booking import release_holds
from gateway.care.consent import record_stop
from gateway.care.notices import hand_to_staff, is_outside_ladder
from gateway.care.tasks import open_task
from gateway.carriers.port import CarrierStatus, Fault
from gateway.carriers.port import Receipt as CarrierReceipt
from gateway.dispatch.outbox import Rules, set_status
from gateway.dispatch.retry import Next, after_final
from gateway.plan.planner import escalate
from gateway.records.contacts import Attempt, AttemptItem, Receipt, Reminder
from gateway.records.conversations import Call
from gateway.records.people import CarrierBlock
from gateway.records.status import (
    FINAL_ATTEMPTS,
    RANK,
    AttemptStatus,
    Channel,
    ReminderStatus,
    TaskKind,
    receipt_counts,
)

log = logging.getLogger(__name__)
NOT_SENT = "not_sent"


def apply_receipt(db: Session, rules: Rules, attempt_id: str, receipt: CarrierReceipt, *, now: datetime) -> bool:
    """Keep the receipt and let it count if it ranks higher than what is known.

    Returns False when it belongs to no attempt of ours: it is kept without one, and shown to staff as unmatched.
    """
    attempt = db.get(Attempt, attempt_id)
    if attempt is None or attempt.carrier_id not in (None, receipt.carrier_id):
        keep_unmatched(db, rules.carrier, receipt.carrier_id, receipt.status.value, receipt.seq, receipt.raw, now=now)
        return False
    if not _is_new(db, rules.carrier, receipt.carrier_id, receipt.status.value, receipt.seq):
        return True
    db.add(
        Receipt(
            attempt=attempt.id,
            carrier=rules.carrier,
            carrier_id=receipt.carrier_id,
            status=receipt.status.value,
            seq=receipt.seq,
            raw=dict(receipt.raw),
            at=now,
        )
    )
    went_out(db, attempt, receipt.carrier_id, now=now)
    learn(db, rules, attempt, receipt.status, receipt.fault, receipt.code, now=now)
    return True


def went_out(db: Session, attempt: Attempt, carrier_id: str, *, now: datetime) -> None:
    """The carrier has this attempt: bind its id, and count the try once however often we hear it."""
    attempt.carrier_id = carrier_id
    attempt.in_doubt_at = attempt.next_look_at = None
    if attempt.submitted_at is None:
        attempt.submitted_at = now
        for reminder in reminders_of(db, attempt.id):
            reminder.tries += 1
            reminder.error_count = 0
            reminder.lease_until = None
            set_status(reminder, ReminderStatus.SENT, None)
            db.add(reminder)
    db.add(attempt)
    db.flush()


def learn(
    db: Session,
    rules: Rules,
    attempt: Attempt,
    heard: CarrierStatus,
    fault: Fault | None,
    code: str,
    *,
    now: datetime,
) -> None:
    """Move the attempt up to `heard`, and when that is final settle what its reminders do next."""
    status = AttemptStatus(heard.value)
    if not receipt_counts(attempt.status, status):
        log.debug("receipt %s ignored: the attempt is already %s", status.value, attempt.status.value)
        return
    was_final = attempt.status in FINAL_ATTEMPTS
    attempt.status, attempt.rank = status, RANK[status]
    attempt.reason = fault.value if fault else None
    db.add(attempt)
    if status in FINAL_ATTEMPTS and not was_final:
        _settle(db, rules, attempt, fault, code, now)


def close_not_sent(db: Session, attempt: Attempt) -> None:
    """It surely did not go: the attempt is over, and its reminder is free for a new one."""
    attempt.status, attempt.rank = AttemptStatus.FAILED, RANK[AttemptStatus.FAILED]
    attempt.reason = NOT_SENT
    attempt.in_doubt_at = attempt.next_look_at = None
    _end_items(db, attempt.id)
    db.add(attempt)


def keep_unmatched(
    db: Session,
    carrier: str,
    carrier_id: str,
    status: str,
    seq: int,
    raw: Mapping[str, Any],
    *,
    now: datetime,
    subject: str | None = None,
) -> None:
    """Nothing is dropped: a receipt for nothing we know is a row and a task (law 11).

    `subject`: what an open task is about that this one belongs to.
    """
    if not _is_new(db, carrier, carrier_id, status, seq):
        return
    db.add(Receipt(carrier=carrier, carrier_id=carrier_id, status=status, seq=seq, raw=dict(raw), at=now))
    about = subject or carrier_id
    open_task(db, TaskKind.UNMATCHED, about, detail=f"{carrier} says {status} of something unknown", now=now)


def reminders_of(db: Session, attempt_id: str) -> list[Reminder]:
    """The reminders an attempt carries, in order."""
    statement = (
        select(Reminder)
        .join(AttemptItem, col(AttemptItem.reminder) == col(Reminder.id))
        .where(col(AttemptItem.attempt) == attempt_id)
        .order_by(col(AttemptItem.position))
    )
    return list(db.exec(statement).all())


def _is_new(db: Session, carrier: str, carrier_id: str, status: str, seq: int) -> bool:
    statement = select(Receipt.id).where(
        col(Receipt.carrier) == carrier,
        col(Receipt.carrier_id) == carrier_id,
        col(Receipt.status) == status,
        col(Receipt.seq) == seq,
    )
    return db.exec(statement).first() is None


def _settle(db: Session, rules: Rules, attempt: Attempt, fault: Fault | None, code: str, now: datetime) -> None:
    _end_items(db, attempt.id)
    _close_call(db, attempt, now)
    if fault in (Fault.OPTED_OUT, Fault.BLOCKED):
        remember_block(db, attempt, fault, code, rules.sender, now)
    step = after_final(attempt.channel, attempt.status, fault)
    for reminder in reminders_of(db, attempt.id):
        if reminder.status is not ReminderStatus.SENT:  # answered, or stopped: of a household, each for themselves
            continue
        is_news = is_outside_ladder(reminder.step)
        is_told = is_news and attempt.status is AttemptStatus.COMPLETED  # a call that tells asks for no answer
        follow(db, rules, reminder, Next.WAIT if is_told else step, fault, now)


def follow(db: Session, rules: Rules, reminder: Reminder, step: Next, fault: Fault | None, now: datetime) -> None:
    """Let the ladder go on for a reminder whose attempt did not bring an answer."""
    if step is Next.WAIT:
        return
    is_news = is_outside_ladder(reminder.step)
    if is_news and (reminder.channel is Channel.SMS or step is Next.OTHER_CHANNEL):
        set_status(reminder, ReminderStatus.FAILED, fault.value if fault else "not_delivered")
        db.add(reminder)
        hand_to_staff(db, reminder, now=now)
        return
    if step is Next.OTHER_CHANNEL:
        set_status(reminder, ReminderStatus.FAILED, fault.value if fault else "not_delivered")
        db.add(reminder)
        db.flush()
    escalate(db, reminder, ladder=rules.ladder, window=rules.window, now=now)


def remember_block(db: Session, attempt: Attempt, fault: Fault, code: str, sender: str, now: datetime) -> None:
    """A person told the carrier to stop our texts: that is a stop, for each person reached by that text."""
    if db.get(CarrierBlock, (attempt.phone, sender)) is None:
        db.add(CarrierBlock(phone=attempt.phone, sender=sender, code=code, at=now))
    if fault is not Fault.OPTED_OUT:
        return
    for item in db.exec(select(AttemptItem).where(col(AttemptItem.attempt) == attempt.id)).all():
        record_stop(db, item.person, attempt.phone, channel=Channel.SMS, source="carrier", now=now)


def _end_items(db: Session, attempt_id: str) -> None:
    for item in db.exec(select(AttemptItem).where(col(AttemptItem.attempt) == attempt_id)).all():
        item.live = False
        db.add(item)
    db.flush()


def _close_call(db: Session, attempt: Attempt, now: datetime) -> None:
    """Seats held during the call are free again the moment it ends."""
    call = db.exec(select(Call).where(col(Call.attempt) == attempt.id)).first()
    if call is not None and call.closed_at is None:
        call.closed_at = now
        db.add(call)
        release_holds(db, call.id)
