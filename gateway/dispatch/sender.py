"""One pass of dispatch: claim and write, submit with no transaction open, then write what came of it.

What came of one batch and the claim of the next are one transaction: a batch costs one wait for the disk.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

import sqlalchemy as sa
from sqlmodel import Session

from gateway.care.tasks import open_task
from gateway.carriers.port import (
    CallOrder,
    CarrierError,
    CarrierStatus,
    Fault,
    SmsCarrier,
    SmsOrder,
    Submission,
    VoiceCarrier,
    one_by_one,
)
from gateway.dispatch import receipts
from gateway.dispatch.allowance import Limits, allowed, charge, not_sent
from gateway.dispatch.fast_rows import record_taken
from gateway.dispatch.outbox import Claimed, Outbox, set_status
from gateway.dispatch.patience import AWAY, patiently
from gateway.dispatch.retry import ERRORS_BEFORE_POISON, FIRST_LOOK, Next, after_error, wait_after_error
from gateway.dispatch.steady import next_pass_in
from gateway.dispatch.visits import write_visits
from gateway.kit.clock import Clock
from gateway.records.contacts import Attempt, Reminder
from gateway.records.database import Database, is_conflict
from gateway.records.status import FINAL_ATTEMPTS, Channel, ReminderStatus, TaskKind
from gateway.wording.render import MAX_PARTS

log = logging.getLogger(__name__)

SUBMITTED_WITHIN: Final = 180.0
"""Real seconds after its claim in which a batch is submitted; with the carrier's time-out well within outbox.LEASE.

By the clock of the lease as well as by the machine's own, which stands still while it is suspended."""
ALARM_PAUSE = timedelta(minutes=15)
PASS_LASTS: Final = 5.0  # real seconds after which a pass claims no more, so that its tick is seen to be alive
_CHANNELS: Final = (Channel.VOICE, Channel.SMS)

Result = Submission | CarrierError
Order = TypeVar("Order")


@dataclass(slots=True)
class DispatchReport:
    """What one pass did."""

    sent: int = 0
    visits: int = 0
    errors: int = 0
    in_doubt: int = 0
    refused: str = ""

    def add(self, part: DispatchReport) -> None:
        """Count in what one batch of the pass did."""
        self.sent += part.sent
        self.errors += part.errors
        self.in_doubt += part.in_doubt


@dataclass(frozen=True, slots=True)
class Batch:
    """What was claimed together, and what the carrier said of each."""

    claimed: Sequence[Claimed]
    results: Sequence[Result]


@dataclass(slots=True)
class Sender:
    """Hands due reminders to a carrier. With `workers` above 1 side by side; simulations use 1, one after another."""

    database: Database
    outbox: Outbox
    sms: SmsCarrier
    voice: VoiceCarrier
    clock: Clock
    limits: Limits
    public_url: str
    webhook_prefix: str
    fallback_url: str = ""
    live: bool = False
    workers: int = 1
    _claimed_at: datetime = field(default_factory=lambda: datetime.now(UTC), init=False, repr=False)  # real

    def pass_once(self, *, due_by: datetime | None = None) -> DispatchReport:
        """Send what is due by `due_by` (default: now), as far as rates, lines and money allow.

        Batch after batch, calls and texts in turn; what was put back in a pass waits for another one.
        """
        report = DispatchReport()
        if self.sms.reaches_people and not self.live:
            report.refused = "this carrier reaches people and GATEWAY_LIVE is off"
            return report
        now, ends = self.clock.now(), time.monotonic() + PASS_LASTS
        due_by = due_by or now
        window = self.outbox.rules.window
        report.visits = self.database.run(lambda db: write_visits(db, window, now=now, due_by=due_by), turn="claim")
        claimed = self.database.run(lambda db: self._claim_next(db, _CHANNELS, due_by), turn="claim")
        while claimed:
            batch = Batch(claimed, self._submit_all(claimed))
            claimed, part = self._record_and_claim(batch, due_by if time.monotonic() < ends else None)
            report.add(part)
        return report

    def next_pass_in(self) -> float | None:
        """Seconds until something that is due may go out; None where nothing is due, or nothing may go out at all."""
        if self.sms.reaches_people and not self.live:
            return None
        with self.database.reading() as db:
            rules = self.outbox.rules
            return next_pass_in(db, self.limits, self._dearest, rules.window, now=self.clock.now())

    def _claim_next(self, db: Session, channels: Sequence[Channel], due_by: datetime) -> list[Claimed]:
        """Claim a batch by the first of these channels that has anything for now."""
        for channel in channels:
            now = self.clock.now()
            limit = self._allowed(db, channel, now)
            self._claimed_at = lease_from = datetime.now(UTC)
            claimed = self.outbox.claim(db, channel, limit, now=now, due_by=due_by, lease_from=lease_from)
            self._charge(db, channel, claimed, now)
            if claimed:
                return claimed
        return []

    def _record_and_claim(self, batch: Batch, due_by: datetime | None) -> tuple[list[Claimed], DispatchReport]:
        """Write what came of a batch; with `due_by`, claim the next one in the same transaction.

        Where the two fail together, what came of the batch is written alone: it is known to nobody else.
        """
        try:
            return patiently(lambda: self.database.run(lambda db: self._settle(db, batch, due_by), turn="claim"))
        except Exception:  # whatever keeps the next batch from being claimed, what went out must be on record
            if due_by is None:
                raise
            log.exception("a batch could not be claimed; what came of the one before is written alone")
        return patiently(lambda: self.database.run(lambda db: self._settle(db, batch, None), turn="claim"))

    def _settle(self, db: Session, batch: Batch, due_by: datetime | None) -> tuple[list[Claimed], DispatchReport]:
        report = DispatchReport()  # its own: this may be done again
        known = self._record_taken(db, batch)
        report.sent = len(known)
        for item, result in zip(batch.claimed, batch.results, strict=True):
            if item.attempt not in known:
                self._record_safely(db, item, result, report)
        if due_by is None:
            return [], report
        db.flush()
        db.expunge_all()  # what is claimed is read from the rows, not from what this transaction remembers of them
        done = batch.claimed[0].channel
        other = Channel.SMS if done is Channel.VOICE else Channel.VOICE
        return self._claim_next(db, (other, done), due_by), report

    def _record_taken(self, db: Session, batch: Batch) -> set[str]:
        """Write together what needs no thought: the carrier took it, and nothing else was heard of it."""
        taken = {
            item.attempt: result.carrier_id
            for item, result in zip(batch.claimed, batch.results, strict=True)
            if isinstance(result, Submission) and result.status is CarrierStatus.SUBMITTED
        }
        if self.outbox.one_by_one or not taken:
            return set()
        try:
            with db.begin_nested():
                return record_taken(db, taken, now=self.clock.now())
        except sa.exc.IntegrityError as error:  # an id the carrier gave twice: found one by one
            if is_conflict(error):
                raise
            return set()

    def _record_safely(self, db: Session, item: Claimed, result: Result, report: DispatchReport) -> None:
        """What came of one never takes down what came of the others; it is then found by its lease, in doubt."""
        part = DispatchReport()
        try:
            with db.begin_nested():
                self._record(db, item, result, part)
        except Exception as error:  # one result that cannot be written must not take the batch's others with it
            if is_conflict(error) or isinstance(error, AWAY):
                raise
            log.exception("what came of attempt %s could not be written", item.attempt)
            report.errors += 1
        else:
            report.add(part)

    def _submit_all(self, claimed: Sequence[Claimed]) -> list[Result]:
        """Hand a batch over, one channel's; past SUBMITTED_WITHIN no more, for by then it may be looked for as lost."""
        try:
            if claimed[0].channel is Channel.SMS:
                return self._submit(self.sms.send_all, self.sms.send_sms, [self._sms_order(one) for one in claimed])
            return self._submit(self.voice.place_all, self.voice.place_call, [self._call_order(one) for one in claimed])
        except Exception:  # whatever it was, bytes may have been written: look before trying again (law 2)
            log.exception("a batch failed in a way the carrier's folder does not know")
            return [CarrierError(Fault.IN_DOUBT, in_doubt=True)] * len(claimed)

    def _submit(
        self, all_at_once: Callable[..., list[Result]], one: Callable[[Order], Submission], orders: Sequence[Order]
    ) -> list[Result]:
        passed = (datetime.now(UTC) - self._claimed_at).total_seconds()
        within = SUBMITTED_WITHIN - max(0.0, passed)
        if self.workers == 1:
            return one_by_one(one, orders, within=within)
        return all_at_once(orders, within=within)

    def _sms_order(self, item: Claimed) -> SmsOrder:
        # The carrier may keep a text for hours while a handset is off: not past its use, and not into the night.
        now = self.clock.now()
        last = min(item.expires_at, self.outbox.rules.window.closes_at(now))
        valid_for = max(timedelta(minutes=1), last - now)
        return SmsOrder(item.attempt, item.to, item.body, self._url("sms/status", item), valid_for)

    def _call_order(self, item: Claimed) -> CallOrder:
        fallback = self.fallback_url or self._url("voice/fallback", item)
        answer, status = self._url("voice/answer", item), self._url("voice/status", item)
        return CallOrder(item.attempt, item.to, answer, status, fallback)

    def _url(self, what: str, item: Claimed) -> str:
        return f"{self.public_url}{self.webhook_prefix}/{what}/{item.attempt}"

    def _record(self, db: Session, item: Claimed, result: Result, report: DispatchReport) -> None:
        attempt = db.get(Attempt, item.attempt)
        if attempt is None:
            raise LookupError(f"attempt {item.attempt} was claimed and is gone")
        if isinstance(result, Submission):
            report.sent += 1
            now = self.clock.now()
            receipts.went_out(db, attempt, result.carrier_id, now=now)
            receipts.learn(db, self.outbox.rules, attempt, result.status, None, "", now=now)
        elif attempt.submitted_at is None and attempt.status not in FINAL_ATTEMPTS:
            # Else a callback was quicker than our own error, and it went out; or we were so slow that it was looked
            # for and closed, and its reminder is another attempt's by now.
            self._record_error(db, attempt, result, report)

    def _record_error(self, db: Session, attempt: Attempt, error: CarrierError, report: DispatchReport) -> None:
        """Write what a failed submission means for each reminder it carried."""
        now, step = self.clock.now(), after_error(error)
        reminders = receipts.reminders_of(db, attempt.id)
        report.errors += 1
        if step is Next.LOOK:
            report.in_doubt += 1
            attempt.in_doubt_at, attempt.next_look_at = now, now + FIRST_LOOK
            for reminder in reminders:
                set_status(reminder, ReminderStatus.SENT, None)
            db.add_all([attempt, *reminders])
            return
        receipts.close_not_sent(db, attempt)
        not_sent(db, attempt, retry_after=error.retry_after, now=now)
        if error.fault is Fault.OPTED_OUT:
            receipts.remember_block(db, attempt, error.fault, error.code, attempt.sender, now)
        for reminder in reminders:
            reminder.lease_until = None
            if step in (Next.LATER, Next.ALARM):
                self._put_back(db, reminder, error, step, now)
                continue
            set_status(reminder, ReminderStatus.SENT, None)  # so that the ladder may go on from it
            receipts.follow(db, self.outbox.rules, reminder, step, error.fault, now)

    def _put_back(self, db: Session, reminder: Reminder, error: CarrierError, step: Next, now: datetime) -> None:
        """Nothing went out: the reminder waits its turn again, its tries uncounted."""
        reminder.error_count += 1
        wait = ALARM_PAUSE if step is Next.ALARM else wait_after_error(reminder.error_count, error.retry_after)
        reminder.next_try_at = now + wait
        if step is Next.ALARM:
            subject = f"{self.outbox.rules.carrier}:{reminder.channel.value}"
            open_task(db, TaskKind.POISON, subject, detail=f"the carrier refuses: {error}", now=now)
        if reminder.error_count >= ERRORS_BEFORE_POISON and step is Next.LATER:
            open_task(db, TaskKind.POISON, reminder.id, person=reminder.person, detail=str(error), now=now)
        set_status(reminder, ReminderStatus.PLANNED, error.fault.value)
        db.add(reminder)

    def _allowed(self, db: Session, channel: Channel, now: datetime) -> int:
        return allowed(db, self.limits, channel, self._dearest[channel], now)

    @property
    def _dearest(self) -> dict[Channel, float]:
        """What one call, and one text of the most parts, is reckoned to cost."""
        rules = self.outbox.rules
        return {
            Channel.VOICE: rules.cost_of(Channel.VOICE, 0),
            Channel.SMS: rules.cost_of(Channel.SMS, MAX_PARTS),
            Channel.VISIT: 0.0,
        }

    def _charge(self, db: Session, channel: Channel, claimed: Sequence[Claimed], now: datetime) -> None:
        units = sum(item.segments if channel is Channel.SMS else 1 for item in claimed)
        charge(db, channel, units=units, cost=sum(item.cost for item in claimed), now=now)
