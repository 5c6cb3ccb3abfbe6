"""Looks again: at submissions whose fate is in doubt, at calls cancelled too late, at receipts that never came."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlmodel import Session, col, select

from gateway.care.tasks import close_task, open_task, open_task_about
from gateway.carriers.port import CarrierError, CarrierStatus, Found, SmsCarrier, VoiceCarrier
from gateway.dispatch import receipts
from gateway.dispatch.outbox import Rules, set_status
from gateway.dispatch.retry import LOOKS, NEXT_LOOK
from gateway.kit.clock import Clock
from gateway.records.contacts import Attempt, AttemptItem, Direction, Reminder
from gateway.records.database import Database
from gateway.records.people import Phone
from gateway.records.status import FINAL_ATTEMPTS, AttemptStatus, Channel, ReminderStatus, TaskKind

log = logging.getLogger(__name__)

BATCH = 100
SKEW = timedelta(minutes=2)  # the carrier's clock and ours need not agree
SILENT_FOR = timedelta(hours=1)  # by then every text has its receipt and every call is over


@dataclass(slots=True)
class ReconcileReport:
    """What one pass found out."""

    bound: int = 0
    not_sent: int = 0
    still_in_doubt: int = 0
    refreshed: int = 0
    cancelled: int = 0
    released: int = 0


@dataclass(slots=True)
class Reconciler:
    """Asks the carrier about attempts we cannot be sure of. No transaction is open while it asks."""

    database: Database
    rules: Rules
    sms: SmsCarrier
    voice: VoiceCarrier
    clock: Clock

    def pass_once(self) -> ReconcileReport:
        """Free orphaned claims, look at what is in doubt, refresh what fell silent, cancel what was answered."""
        report = ReconcileReport()
        report.released = self._doubt_orphans()
        for attempt, number in self._due_looks():
            self._look(attempt, number, report)
        for attempt, number in self._silent():
            self._refresh(attempt, number, report)
        for attempt in self._to_cancel():
            self._cancel(attempt, report)
        return report

    def _doubt_orphans(self) -> int:
        """A process died between claim and record: its attempts may have gone out, so they are in doubt."""
        now = self.clock.now()
        with self.database.unit_of_work() as db:
            statement = (
                select(Attempt, Reminder)
                .join(AttemptItem, col(AttemptItem.attempt) == col(Attempt.id))
                .join(Reminder, col(Reminder.id) == col(AttemptItem.reminder))
                .where(col(Attempt.status) == AttemptStatus.QUEUED, col(Attempt.in_doubt_at).is_(None))
                .where(col(Reminder.status) == ReminderStatus.CLAIMED, col(Reminder.lease_until) < datetime.now(UTC))
            )
            orphans = db.exec(statement).all()
            for attempt, reminder in orphans:
                attempt.in_doubt_at = attempt.next_look_at = now
                set_status(reminder, ReminderStatus.SENT, None)
                db.add_all([attempt, reminder])
            return len({attempt.id for attempt, _ in orphans})

    def _due_looks(self) -> list[tuple[Attempt, str]]:
        return self._outgoing(
            col(Attempt.in_doubt_at).is_not(None),
            col(Attempt.submitted_at).is_(None),
            col(Attempt.next_look_at) <= self.clock.now(),
        )

    def _silent(self) -> list[tuple[Attempt, str]]:
        now = self.clock.now()
        return self._outgoing(
            col(Attempt.carrier_id).is_not(None),
            col(Attempt.submitted_at) < now - SILENT_FOR,
            col(Attempt.next_look_at).is_(None) | (col(Attempt.next_look_at) <= now),
            col(Attempt.looks) < LOOKS,
        )

    def _outgoing(self, *conditions: object) -> list[tuple[Attempt, str]]:
        statement = (
            select(Attempt, Phone.e164)
            .join(Phone, col(Phone.id) == col(Attempt.phone))
            .where(col(Attempt.direction) == Direction.OUT, col(Attempt.status).not_in(FINAL_ATTEMPTS))
            .where(*conditions)  # type: ignore[arg-type]
            .order_by(col(Attempt.created_at), col(Attempt.id))
            .limit(BATCH)
        )
        with self.database.reading() as db:
            return [(attempt, number) for attempt, number in db.exec(statement).all()]

    def _look(self, attempt: Attempt, number: str, report: ReconcileReport) -> None:
        listed = self._list(attempt, number)
        with self.database.unit_of_work() as db:
            row = db.get(Attempt, attempt.id)
            if row is None or row.submitted_at is not None:  # a callback bound it while we were looking
                return
            match = self._match(db, row, listed) if listed is not None else None
            if match is not None:
                self._bind(db, row, match)
                report.bound += 1
            elif listed is None or row.looks + 1 < LOOKS:
                self._look_later(db, row, counted=listed is not None)
                report.still_in_doubt += 1
            else:
                self._free(db, row)
                report.not_sent += 1

    def _list(self, attempt: Attempt, number: str) -> Sequence[Found] | None:
        since = attempt.created_at - SKEW
        try:
            if attempt.channel is Channel.SMS:
                return self.sms.find_sms(number, since)
            return self.voice.find_calls(number, since)
        except CarrierError as error:
            log.warning("could not look for attempt %s: %s", attempt.id, error)
            return None

    def _match(self, db: Session, attempt: Attempt, listed: Sequence[Found]) -> Found | None:
        """The listed submission that is this attempt's: the same words, and bound to no other attempt."""
        for found in listed:
            if attempt.body_sha and hashlib.sha256((found.body or "").encode()).hexdigest() != attempt.body_sha:
                continue
            statement = select(Attempt.id).where(
                col(Attempt.carrier) == attempt.carrier, col(Attempt.carrier_id) == found.carrier_id
            )
            if db.exec(statement).first() is None:
                return found
        return None

    def _bind(self, db: Session, attempt: Attempt, found: Found) -> None:
        now = self.clock.now()
        receipts.went_out(db, attempt, found.carrier_id, now=now)
        receipts.learn(db, self.rules, attempt, found.status, found.fault, "", now=now)
        self._no_longer_in_doubt(db, attempt)

    def _look_later(self, db: Session, attempt: Attempt, *, counted: bool) -> None:
        now = self.clock.now()
        attempt.looks += 1 if counted else 0
        attempt.next_look_at = now + NEXT_LOOK
        open_task(db, TaskKind.IN_DOUBT, attempt.id, detail="the carrier did not say whether it went out", now=now)
        db.add(attempt)

    def _free(self, db: Session, attempt: Attempt) -> None:
        """Two looks found nothing: it did not go. The reminder is planned again, by a new attempt."""
        now = self.clock.now()
        receipts.close_not_sent(db, attempt)
        for reminder in receipts.reminders_of(db, attempt.id):
            reminder.lease_until = None
            reminder.next_try_at = now
            set_status(reminder, ReminderStatus.PLANNED, "not_sent")
            db.add(reminder)
        self._no_longer_in_doubt(db, attempt)

    def _no_longer_in_doubt(self, db: Session, attempt: Attempt) -> None:
        task = open_task_about(db, TaskKind.IN_DOUBT, attempt.id)
        if task is not None:
            close_task(db, task, now=self.clock.now())

    def _refresh(self, attempt: Attempt, number: str, report: ReconcileReport) -> None:
        found = next((f for f in self._list(attempt, number) or () if f.carrier_id == attempt.carrier_id), None)
        now = self.clock.now()
        with self.database.unit_of_work() as db:
            row = db.get(Attempt, attempt.id)
            if row is None:
                return
            row.looks, row.next_look_at = row.looks + 1, now + SILENT_FOR
            db.add(row)
            if found is not None:
                receipts.learn(db, self.rules, row, found.status, found.fault, "", now=now)
                report.refreshed += 1

    def _to_cancel(self) -> list[Attempt]:
        found = self._outgoing(col(Attempt.cancel_requested_at).is_not(None), col(Attempt.carrier_id).is_not(None))
        return [
            attempt
            for attempt, _ in found
            if attempt.channel is Channel.VOICE and attempt.status is not AttemptStatus.IN_PROGRESS
        ]

    def _cancel(self, attempt: Attempt, report: ReconcileReport) -> None:
        """An answer came by another way: a call still waiting need not ring."""
        try:
            self.voice.cancel_call(attempt.carrier_id or "")
        except CarrierError as error:
            log.warning("could not cancel attempt %s: %s", attempt.id, error)
            return
        with self.database.unit_of_work() as db:
            row = db.get(Attempt, attempt.id)
            if row is not None:
                receipts.learn(db, self.rules, row, CarrierStatus.CANCELLED, None, "", now=self.clock.now())
                report.cancelled += 1
