"""What the carrier says of an attempt: late, twice, out of order, sometimes about nothing we know."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from gateway.care.booking import release_holds
from gateway.care.consent import record_stop
from gateway.care.notices import hand_to_staff, is_outside_ladder
from gateway.care.tasks import close_task, open_task, open_task_about
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
_FAULT, _CODE = "tamnat_fault", "tamnat_code"  # in an unmatched receipt's `raw`, beside the carrier's own fields
_LIVE = select(AttemptItem.reminder).where(col(AttemptItem.live))
_WORDS = frozenset(status.value for status in CarrierStatus)


def apply_receipt(db: Session, rules: Rules, attempt_id: str, receipt: CarrierReceipt, *, now: datetime) -> bool:
    """Keep the receipt and let it count if it ranks higher than what is known.

    It belongs to the attempt that has the carrier's id, else to the one it names, if that one has no id yet. Returns
    False when it belongs to no attempt of ours: it is kept without one, shown to staff as unmatched, and taken up when
    an attempt gets that id (`learn`).
    """
    attempt = _whose(db, rules.carrier, attempt_id, receipt.carrier_id)
    if attempt is None:
        _keep_unmatched_receipt(db, rules.carrier, receipt, now=now)
        return False
    if _is_new(db, rules.carrier, receipt.carrier_id, receipt.status.value, receipt.seq):
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
    # Also where it is known: it may have been kept before its attempt was, and a second time it changes nothing.
    went_out(db, attempt, receipt.carrier_id, now=now)
    learn(db, rules, attempt, receipt.status, receipt.fault, receipt.code, now=now)
    return True


def went_out(db: Session, attempt: Attempt, carrier_id: str, *, now: datetime) -> None:
    """The carrier has this attempt: bind its id, and count the try once however often we hear it."""
    reopen(db, attempt)
    is_over = attempt.status in FINAL_ATTEMPTS  # closed as not sent, and its reminder is another attempt's by now
    attempt.carrier_id = carrier_id
    attempt.in_doubt_at = attempt.next_look_at = None
    if attempt.submitted_at is None:
        attempt.submitted_at = now
        carried = reminders_of(db, attempt.id)
        others = _others(db, attempt, carried)
        for reminder in carried:
            reminder.tries += 1
            if not is_over and reminder.id not in others:
                reminder.error_count = 0
                reminder.lease_until = None
                set_status(reminder, ReminderStatus.SENT, None)
            db.add(reminder)
    db.add(attempt)
    db.flush()


def reopen(db: Session, attempt: Attempt) -> None:
    """An attempt that two looks did not find went out after all, and what it carries still waits for another one.

    It is that other one: planned still, the same text would go out twice. A reminder that a new attempt has taken
    meanwhile, or that was answered, is left alone.
    """
    if attempt.reason != NOT_SENT or attempt.submitted_at is not None or attempt.status not in FINAL_ATTEMPTS:
        return
    mine = db.exec(
        select(AttemptItem, Reminder)
        .join(Reminder, col(Reminder.id) == col(AttemptItem.reminder))
        .where(col(AttemptItem.attempt) == attempt.id, col(AttemptItem.reminder).not_in(_LIVE))
        .where(col(Reminder.status) == ReminderStatus.PLANNED, col(Reminder.reason) == NOT_SENT)
    ).all()
    for item, reminder in mine:
        item.live = True
        set_status(reminder, ReminderStatus.CLAIMED, None)
        db.add_all([item, reminder])
    if mine:
        attempt.status, attempt.rank, attempt.reason = AttemptStatus.QUEUED, RANK[AttemptStatus.QUEUED], None


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
    """Move the attempt up to `heard`, and when that is final settle what its reminders do next.

    What was heard of it before it was known by the carrier's id counts now, too.
    """
    _learn(db, rules, attempt, heard, fault, code, now)
    take_up(db, rules, attempt, now=now)


def take_up(db: Session, rules: Rules, attempt: Attempt, *, now: datetime) -> int:
    """Give an attempt the receipts that came before it was known by its carrier's id; returns how many there were."""
    if attempt.carrier_id is None:
        return 0
    early = select(Receipt).where(
        col(Receipt.carrier) == attempt.carrier,
        col(Receipt.carrier_id) == attempt.carrier_id,
        col(Receipt.attempt).is_(None),
    )
    found = db.exec(early.order_by(col(Receipt.id))).all()
    for one in found:
        one.attempt = attempt.id
        db.add(one)
        if one.status in _WORDS:  # else it was a call that asked, or a text
            fault = Fault(one.raw[_FAULT]) if one.raw.get(_FAULT) else None
            _learn(db, rules, attempt, CarrierStatus(one.status), fault, one.raw.get(_CODE, ""), now)
    if found:
        task = open_task_about(db, TaskKind.UNMATCHED, attempt.carrier_id)
        if task is not None:
            close_task(db, task, now=now)
    return len(found)


def _learn(
    db: Session, rules: Rules, attempt: Attempt, heard: CarrierStatus, fault: Fault | None, code: str, now: datetime
) -> None:
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


def keep_early(db: Session, carrier: str, receipt: CarrierReceipt, *, now: datetime) -> None:
    """Keep a receipt whose attempt may still be being written, without a task: it is taken up with it, or nobody's."""
    if _is_new(db, carrier, receipt.carrier_id, receipt.status.value, receipt.seq):
        db.add(_unmatched(carrier, receipt, now))


def _keep_unmatched_receipt(db: Session, carrier: str, receipt: CarrierReceipt, *, now: datetime) -> None:
    raw = _unmatched(carrier, receipt, now).raw
    keep_unmatched(db, carrier, receipt.carrier_id, receipt.status.value, receipt.seq, raw, now=now)


def _unmatched(carrier: str, receipt: CarrierReceipt, now: datetime) -> Receipt:
    """The carrier's words as they came, and what its folder made of them: for when the attempt is known."""
    fault = {_FAULT: receipt.fault.value, _CODE: receipt.code} if receipt.fault else {}
    return Receipt(
        carrier=carrier,
        carrier_id=receipt.carrier_id,
        status=receipt.status.value,
        seq=receipt.seq,
        raw={**receipt.raw, **fault},
        at=now,
    )


def _whose(db: Session, carrier: str, attempt_id: str, carrier_id: str) -> Attempt | None:
    named = db.get(Attempt, attempt_id)
    if named is not None and named.carrier_id == carrier_id:
        return named
    mine = (col(Attempt.carrier) == carrier, col(Attempt.carrier_id) == carrier_id)
    known = db.exec(select(Attempt).where(*mine)).first()
    return known or (named if named is not None and named.carrier_id is None else None)


def _others(db: Session, attempt: Attempt, carried: Sequence[Reminder]) -> set[str]:
    """Which of these reminders of an attempt are another one's by now: some of a household's, after `reopen`."""
    if len(carried) < 2:
        return set()
    taken = col(AttemptItem.reminder).in_([one.id for one in carried])
    found = select(AttemptItem.reminder).where(taken, col(AttemptItem.live), col(AttemptItem.attempt) != attempt.id)
    return {one for one in db.exec(found) if one is not None}


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
    carried = reminders_of(db, attempt.id)
    others = _others(db, attempt, carried)
    for reminder in carried:
        if reminder.status is not ReminderStatus.SENT:  # answered, or stopped: of a household, each for themselves
            continue
        if reminder.id in others:
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
