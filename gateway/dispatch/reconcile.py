"""Looks again: at submissions whose fate is in doubt, at calls cancelled too late, at receipts that never came.

Source of the recipe: facts/twilio.md §5. Nothing here guesses: what cannot be told stays in doubt, and staff see it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from gateway.care.tasks import close_task, open_task, open_task_about
from gateway.carriers.port import CarrierError, CarrierStatus, Found, SmsCarrier, VoiceCarrier
from gateway.dispatch import receipts
from gateway.dispatch.allowance import not_sent
from gateway.dispatch.looking import Answers, Looked, Lookout, ReconcileReport, candidates, certain
from gateway.dispatch.nightly import Nightly
from gateway.dispatch.outbox import Rules, set_status
from gateway.dispatch.retry import FIRST_LOOK, LOOKS, NEXT_LOOK, until_next_look
from gateway.kit.clock import Clock
from gateway.records.contacts import NOT_OVER, Attempt, AttemptItem, Direction, Reminder
from gateway.records.database import Database, is_conflict
from gateway.records.people import Phone
from gateway.records.status import FINAL_ATTEMPTS, AttemptStatus, Channel, ReminderStatus, TaskKind

log = logging.getLogger(__name__)

BATCH: Final = 200
WRITTEN_TOGETHER: Final = 50  # attempts whose answers are written in one transaction
CANCELLED_TOGETHER: Final = 20
SILENT_FOR: Final = timedelta(hours=1)  # by then every text has its receipt and every call is over
NOT_SAID: Final = "the carrier did not say whether it went out"
SEVERAL: Final = "more than one call at the carrier may be this one: look there by number and time"


@dataclass(slots=True)
class Reconciler:
    """Asks the carrier about attempts we cannot be sure of. No transaction is open while it asks."""

    database: Database
    rules: Rules
    sms: SmsCarrier
    voice: VoiceCarrier
    clock: Clock
    workers: int = 1

    def pass_once(self) -> ReconcileReport:
        """Free orphaned claims, look at what is in doubt, refresh what fell silent, cancel what was answered."""
        report = ReconcileReport()
        report.released = self.database.run(self._doubt_orphans)
        self._ask_about(self._due_looks(), self._look, report)
        self._ask_about(self._silent(), self._refresh, report)
        for attempt in self._to_cancel():
            self._cancel(attempt, report)
        night = Nightly(self.database, self.rules, self.clock)
        self._ask_about(night.begin(), night.settle, report)
        return report

    def _doubt_orphans(self, db: Session) -> int:
        """A process died between claim and record: its attempts may have gone out, so they are in doubt.

        Whatever became of their reminders meanwhile: one that was answered by another way may have gone out all the
        same. They are looked at no sooner than others in doubt: a process that was only slow, or whose clock was moved,
        may still be at it.
        """
        now = self.clock.now()
        statement = (
            select(Attempt, Reminder)
            .join(AttemptItem, col(AttemptItem.attempt) == col(Attempt.id))
            .join(Reminder, col(Reminder.id) == col(AttemptItem.reminder))
            .where(NOT_OVER, col(Attempt.status) == AttemptStatus.QUEUED, col(Attempt.in_doubt_at).is_(None))
            .where(col(Attempt.direction) == Direction.OUT, col(Reminder.lease_until) < datetime.now(UTC))
        )
        orphans = db.exec(statement).all()
        for attempt, reminder in orphans:
            attempt.in_doubt_at, attempt.next_look_at = now, now + FIRST_LOOK
            set_status(reminder, ReminderStatus.SENT, None)
            db.add_all([attempt, reminder])
        return len({attempt.id for attempt, _ in orphans})

    def _due_looks(self) -> list[Looked]:
        return self._outgoing(
            col(Attempt.in_doubt_at).is_not(None),
            col(Attempt.submitted_at).is_(None),
            col(Attempt.next_look_at) <= self.clock.now(),
        )

    def _silent(self) -> list[Looked]:
        now = self.clock.now()
        return self._outgoing(
            col(Attempt.carrier_id).is_not(None),
            col(Attempt.submitted_at) < now - SILENT_FOR,
            col(Attempt.next_look_at).is_(None) | (col(Attempt.next_look_at) <= now),
            col(Attempt.looks) < LOOKS,
        )

    def _outgoing(self, *conditions: object) -> list[Looked]:
        statement = (
            select(Attempt, Phone.e164)
            .join(Phone, col(Phone.id) == col(Attempt.phone))
            .where(col(Attempt.direction) == Direction.OUT, NOT_OVER)
            .where(*conditions)  # type: ignore[arg-type]
            .order_by(col(Attempt.next_look_at), col(Attempt.created_at), col(Attempt.id))
            .limit(BATCH)
        )
        with self.database.reading() as db:
            return [Looked(attempt, number) for attempt, number in db.exec(statement).all()]

    def _ask_about(self, wanted: Sequence[Looked], write: Write, report: ReconcileReport) -> None:
        """Ask about all of them, then write what was said, some in one transaction; who was not asked waits."""
        if not wanted:
            return
        answers = Lookout(self.sms, self.voice, self.workers).ask(wanted)
        asked = [one for one in wanted if one.subject in answers]
        for start in range(0, len(asked), WRITTEN_TOGETHER):
            part = asked[start : start + WRITTEN_TOGETHER]
            report.add(self.database.run(lambda db, part=part: _write_all(db, part, answers, write)))  # type: ignore[misc]

    def _look(self, db: Session, row: Attempt, listed: Sequence[Found] | None, report: ReconcileReport) -> None:
        if row.submitted_at is not None or row.status in FINAL_ATTEMPTS:
            return  # a callback bound it while we were looking
        mine = candidates(row, listed, _bound(db, row, listed)) if listed is not None else []
        match = certain(row, mine, _rivals(db, row)) if mine else None
        if match is not None:
            self._bind(db, row, match)
            report.bound += 1
        elif listed is None or mine or row.looks + 1 < LOOKS:
            self._look_later(db, row, counted=listed is not None, detail=SEVERAL if mine else NOT_SAID)
            report.still_in_doubt += 1
        else:
            self._free(db, row)
            report.not_sent += 1

    def _bind(self, db: Session, attempt: Attempt, found: Found) -> None:
        now = self.clock.now()
        attempt.looks = 0  # from here on they count how often it was asked for after it fell silent
        receipts.went_out(db, attempt, found.carrier_id, now=now)
        receipts.learn(db, self.rules, attempt, found.status, found.fault, "", now=now)
        self._no_longer_in_doubt(db, attempt)

    def _look_later(self, db: Session, attempt: Attempt, *, counted: bool, detail: str) -> None:
        now = self.clock.now()
        attempt.looks += 1 if counted else 0
        attempt.next_look_at = now + (until_next_look(attempt.looks) if counted else NEXT_LOOK)
        open_task(db, TaskKind.IN_DOUBT, attempt.id, detail=detail, now=now)
        db.add(attempt)

    def _free(self, db: Session, attempt: Attempt) -> None:
        """Two looks found nothing: it did not go. The reminder is planned again, by a new attempt."""
        now = self.clock.now()
        receipts.close_not_sent(db, attempt)
        not_sent(db, attempt, now=now)
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

    def _refresh(self, db: Session, row: Attempt, listed: Sequence[Found] | None, report: ReconcileReport) -> None:
        now = self.clock.now()
        row.looks, row.next_look_at = row.looks + 1, now + SILENT_FOR
        db.add(row)
        found = next((one for one in listed or () if one.carrier_id == row.carrier_id), None)
        if found is not None:
            receipts.learn(db, self.rules, row, found.status, found.fault, "", now=now)
            report.refreshed += 1

    def _to_cancel(self) -> list[Attempt]:
        found = self._outgoing(
            col(Attempt.cancel_requested_at).is_not(None),
            col(Attempt.carrier_id).is_not(None),
            col(Attempt.channel) == Channel.VOICE,
            col(Attempt.status) != AttemptStatus.IN_PROGRESS,
        )
        return [one.attempt for one in found[:CANCELLED_TOGETHER]]

    def _cancel(self, attempt: Attempt, report: ReconcileReport) -> None:
        """An answer came by another way: a call still waiting need not ring."""
        try:
            self.voice.cancel_call(attempt.carrier_id or "")
        except CarrierError as error:
            log.warning("could not cancel attempt %s: %s", attempt.id, error)
            return
        self.database.run(lambda db: self._is_cancelled(db, attempt.id))
        report.cancelled += 1

    def _is_cancelled(self, db: Session, attempt_id: str) -> None:
        row = db.get(Attempt, attempt_id)
        if row is not None:
            receipts.learn(db, self.rules, row, CarrierStatus.CANCELLED, None, "", now=self.clock.now())


Write = Callable[[Session, Attempt, "Sequence[Found] | None", ReconcileReport], None]
"""Writes what was said of one attempt; it may be called again for the same one."""


def _write_all(db: Session, part: Sequence[Looked], answers: Answers, write: Write) -> ReconcileReport:
    """One that cannot be written never takes down the others: it is asked about again."""
    report = ReconcileReport()
    for one in part:
        mine = ReconcileReport()
        try:
            with db.begin_nested():
                row = db.get(Attempt, one.attempt.id)
                if row is not None and _is_as_listed(row, one.attempt):
                    write(db, row, answers[one.subject], mine)
        except Exception as error:  # whatever it is, the others are somebody's call
            if is_conflict(error):
                raise
            log.exception("what the carrier said of attempt %s could not be written", one.attempt.id)
        else:
            report.add(mine)
    return report


def _is_as_listed(row: Attempt, listed: Attempt) -> bool:
    """Whether nobody looked since it was listed: two processes' looks in one second are not two looks minutes apart."""
    return (row.looks, row.next_look_at) == (listed.looks, listed.next_look_at)


def _bound(db: Session, attempt: Attempt, listed: Sequence[Found]) -> set[str]:
    """Which of these are other attempts' already."""
    ids = [one.carrier_id for one in listed]
    known = select(Attempt.carrier_id).where(
        col(Attempt.carrier) == attempt.carrier, col(Attempt.carrier_id).in_(ids), col(Attempt.id) != attempt.id
    )
    return {one for one in db.exec(known) if one is not None}


def _rivals(db: Session, attempt: Attempt) -> Sequence[Attempt]:
    """Other attempts in doubt that rang the same telephone."""
    others = select(Attempt).where(
        col(Attempt.phone) == attempt.phone,
        col(Attempt.channel) == attempt.channel,
        col(Attempt.direction) == Direction.OUT,
        col(Attempt.carrier_id).is_(None),
        col(Attempt.status).not_in(FINAL_ATTEMPTS),
        col(Attempt.id) != attempt.id,
    )
    return db.exec(others).all()
