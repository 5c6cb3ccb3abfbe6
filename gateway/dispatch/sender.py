"""One pass of dispatch: claim and write, submit with no transaction open, then write what came of it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlmodel import Session

from gateway.care.tasks import open_task
from gateway.carriers.port import CallOrder, CarrierError, Fault, SmsCarrier, SmsOrder, Submission, VoiceCarrier
from gateway.dispatch import receipts
from gateway.dispatch.allowance import Limits, allowed, charge
from gateway.dispatch.outbox import Claimed, Outbox, set_status
from gateway.dispatch.retry import ERRORS_BEFORE_POISON, FIRST_LOOK, Next, after_error, wait_after_error
from gateway.dispatch.visits import write_visits
from gateway.kit.clock import Clock
from gateway.records.contacts import Attempt, Reminder
from gateway.records.database import Database
from gateway.records.status import Channel, ReminderStatus, TaskKind

log = logging.getLogger(__name__)

ALARM_PAUSE = timedelta(minutes=15)


@dataclass(slots=True)
class DispatchReport:
    """What one pass did."""

    sent: int = 0
    visits: int = 0
    errors: int = 0
    in_doubt: int = 0
    refused: str = ""


@dataclass(slots=True)
class Sender:
    """Hands due reminders to a carrier. `workers` above 1 submits side by side; simulations use 1."""

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
    _pool: ThreadPoolExecutor | None = field(default=None, repr=False)

    def pass_once(self, *, due_by: datetime | None = None) -> DispatchReport:
        """Send what is due by `due_by` (default: now), as far as rates, lines and money allow."""
        report = DispatchReport()
        if self.sms.reaches_people and not self.live:
            report.refused = "this carrier reaches people and GATEWAY_LIVE is off"
            return report
        now = self.clock.now()
        with self.database.unit_of_work() as db:
            report.visits = write_visits(db, self.outbox.rules.window, now=now, due_by=due_by or now)
        for channel in (Channel.VOICE, Channel.SMS):
            self._send_channel(channel, due_by or now, report)
        return report

    def _send_channel(self, channel: Channel, due_by: datetime, report: DispatchReport) -> None:
        now = self.clock.now()
        with self.database.unit_of_work() as db:
            limit = self._allowed(db, channel, now)
            claimed = self.outbox.claim(db, channel, limit, now=now, due_by=due_by, lease_from=datetime.now(UTC))
            self._charge(db, channel, claimed, now)
        if not claimed:
            return
        results = self._submit_all(claimed)
        with self.database.unit_of_work() as db:
            for item, result in zip(claimed, results, strict=True):
                self._record(db, item, result, report)

    def _submit_all(self, claimed: Sequence[Claimed]) -> list[Submission | CarrierError]:
        if self.workers == 1:
            return [self._submit(item) for item in claimed]
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self.workers, thread_name_prefix="submit")
        return list(self._pool.map(self._submit, claimed))

    def _submit(self, item: Claimed) -> Submission | CarrierError:
        try:
            if item.channel is Channel.SMS:
                return self.sms.send_sms(self._sms_order(item))
            return self.voice.place_call(self._call_order(item))
        except CarrierError as error:
            return error
        except Exception:  # whatever it was, bytes may have been written: look before trying again (law 2)
            log.exception("submission of attempt %s failed in a way the carrier's folder does not know", item.attempt)
            return CarrierError(Fault.IN_DOUBT, in_doubt=True)

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

    def _record(self, db: Session, item: Claimed, result: Submission | CarrierError, report: DispatchReport) -> None:
        attempt = db.get(Attempt, item.attempt)
        if attempt is None:
            raise LookupError(f"attempt {item.attempt} was claimed and is gone")
        if isinstance(result, Submission):
            report.sent += 1
            now = self.clock.now()
            receipts.went_out(db, attempt, result.carrier_id, now=now)
            receipts.learn(db, self.outbox.rules, attempt, result.status, None, "", now=now)
        elif attempt.submitted_at is None:  # else a callback was quicker than our own error: it went out
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
        rules = self.outbox.rules
        each = rules.cost_per_call if channel is Channel.VOICE else rules.cost_per_segment * 3  # 3 parts at most
        return allowed(db, self.limits, channel, each, now)

    def _charge(self, db: Session, channel: Channel, claimed: Sequence[Claimed], now: datetime) -> None:
        units = sum(item.segments if channel is Channel.SMS else 1 for item in claimed)
        charge(db, channel, units=units, cost=sum(item.cost for item in claimed), now=now)
