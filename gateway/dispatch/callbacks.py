"""Calls back who called the hotline in vain: in the order in which they called, when a line is free, at our cost.

The same laws as for every call: the attempt is written before the carrier is asked, nobody is called outside the window
or the hotline's hours, by the same rates, lines and budget; what is in doubt is looked for before it is tried again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from sqlmodel import Session, col, select

from gateway.care import hotline_waits
from gateway.care.hotline_waits import HotlineRules
from gateway.care.tasks import open_task
from gateway.carriers.port import CallOrder, CarrierError, Fault, Submission, VoiceCarrier
from gateway.dispatch import receipts
from gateway.dispatch.allowance import LINE_IS_LOST_AFTER, TURN, Limits, allowed, charge, not_sent
from gateway.dispatch.outbox import Rules, is_paused
from gateway.dispatch.patience import patiently
from gateway.dispatch.retry import FIRST_LOOK, Next, after_error
from gateway.dispatch.telephones import is_ringing, last_rung
from gateway.kit.clock import Clock
from gateway.records.contacts import Attempt
from gateway.records.conversations import Call, HotlineWait, Turn, VoiceMessage
from gateway.records.database import Database
from gateway.records.people import Phone
from gateway.records.status import FINAL_ATTEMPTS, AttemptStatus, Channel, TaskKind, WaitStatus

log = logging.getLogger(__name__)

NOT_SENT_PAUSE: Final = timedelta(minutes=1)  # after a throttled or refused request
ALARM_PAUSE: Final = timedelta(minutes=15)
SILENT_FOR: Final = timedelta(hours=3)  # reconciling has asked twice by then; a call lasts minutes


@dataclass(slots=True)
class CallbacksReport:
    """What one pass did."""

    called: int = 0
    done: int = 0
    again: int = 0  # nobody answered: once more later
    given_up: int = 0
    errors: int = 0
    in_doubt: int = 0
    refused: str = ""

    def add(self, part: CallbacksReport) -> None:
        """Count in what one transaction of the pass did."""
        for name in ("called", "done", "again", "given_up", "errors", "in_doubt"):
            setattr(self, name, getattr(self, name) + getattr(part, name))


@dataclass(frozen=True, slots=True)
class _Claimed:
    attempt: str
    wait: str
    to: str = field(repr=False)


@dataclass(slots=True)
class Callbacks:
    """One pass settles the calls back that are over and places those whose turn it is."""

    database: Database
    rules: Rules
    hotline: HotlineRules
    voice: VoiceCarrier
    clock: Clock
    limits: Limits
    webhooks: str  # the absolute address below which the carrier finds us
    can_speak: Callable[[str], bool]  # whether there is a voice for this language now
    fallback_url: str = ""
    live: bool = False

    def pass_once(self) -> CallbacksReport:
        """Settle what is over, then call who is next, as far as hours, lines, rates and money allow."""
        report = self.database.run(self._settle)
        if self.voice.reaches_people and not self.live:
            report.refused = "this carrier reaches people and GATEWAY_LIVE is off"
            return report
        claimed, part = self.database.run(self._claim, turn=TURN)  # reminders draw on the same lines
        report.add(part)
        results = [self._submit(item) for item in claimed]
        if claimed:
            record = partial(self._record_all, claimed=claimed, results=results)
            report.add(patiently(lambda: self.database.run(record, turn=TURN)))
        return report

    def _record_all(
        self, db: Session, claimed: Sequence[_Claimed], results: Sequence[Submission | CarrierError]
    ) -> CallbacksReport:
        report = CallbacksReport()  # its own: this may be done again
        for item, result in zip(claimed, results, strict=True):
            self._record(db, item, result, report)
        return report

    # What is over

    def _settle(self, db: Session) -> CallbacksReport:
        now, report = self.clock.now(), CallbacksReport()
        for wait, attempt in hotline_waits.being_called(db):
            if attempt.status in FINAL_ATTEMPTS:
                self._settle_one(db, wait, attempt, report)
            elif attempt.created_at < now - SILENT_FOR and attempt.in_doubt_at is None and attempt.submitted_at:
                self._unanswered(db, wait, report)
            elif _is_orphan(attempt, now):  # a process died between claim and record: it may have gone out
                attempt.in_doubt_at = attempt.next_look_at = now
                db.add(attempt)
        return report

    def _settle_one(self, db: Session, wait: HotlineWait, attempt: Attempt, report: CallbacksReport) -> None:
        now = self.clock.now()
        if attempt.reason == receipts.NOT_SENT:
            hotline_waits.put_back(db, wait, at=now)
        elif _was_spoken_to(db, attempt):
            hotline_waits.close_wait(db, wait, WaitStatus.DONE, now=now)
            report.done += 1
        else:
            self._unanswered(db, wait, report)

    def _unanswered(self, db: Session, wait: HotlineWait, report: CallbacksReport) -> None:
        now = self.clock.now()
        again_at = self.rules.window.next_half_day(now)
        self._count(report, hotline_waits.unanswered(db, wait, again_at=again_at, now=now))

    def _count(self, report: CallbacksReport, became: WaitStatus) -> None:
        report.given_up += became is WaitStatus.GIVEN_UP
        report.again += became is WaitStatus.WAITING

    # Whose turn it is

    def _claim(self, db: Session) -> tuple[list[_Claimed], CallbacksReport]:
        now, report = self.clock.now(), CallbacksReport()
        for wait in hotline_waits.too_old(db, now=now):
            hotline_waits.give_up(db, wait, now=now)
            report.given_up += 1
        if is_paused(db) or not (self.rules.window.is_open(now) and self.hotline.hours.is_open(now)):
            return [], report
        if not hotline_waits.next_in_line(db, 1, now=now):  # asked every few seconds: nothing is written for nobody
            return [], report
        free = self.hotline.lines - hotline_waits.lines_taken(db, since=now - LINE_IS_LOST_AFTER)
        limit = min(allowed(db, self.limits, Channel.VOICE, self.rules.cost_per_call, now), free)
        claimed = []
        for wait, phone in hotline_waits.next_in_line(db, limit, now=now) if limit > 0 else ():
            later = self._wait_longer(db, wait, now)
            if not hotline_waits.may_call_back(self.hotline, phone, self.rules.countries):
                hotline_waits.drop(db, wait, now=now)  # parked meanwhile: never called, and nobody's work
            elif later is not None:
                hotline_waits.put_back(db, wait, at=later)
            elif self.can_speak(wait.language):
                claimed.append(self._write(db, wait, phone, now))
            else:  # a call in which nothing can be said is none (law 6)
                hotline_waits.give_up(db, wait, now=now)
                report.given_up += 1
        charge(db, Channel.VOICE, units=len(claimed), cost=len(claimed) * self.rules.cost_per_call, now=now)
        return claimed, report

    def _wait_longer(self, db: Session, wait: HotlineWait, now: datetime) -> datetime | None:
        """Until when, where a call of ours rings there already, or did since they asked (law 3).

        Who calls because they missed our call is called back in the same half-day: it rang before they asked.
        """
        if is_ringing(db, wait.phone, since=now - LINE_IS_LOST_AFTER):
            return now + NOT_SENT_PAUSE
        window, rung_at = self.rules.window, last_rung(db, wait.phone, now)
        if rung_at is None or rung_at <= wait.asked_at or window.half_day(rung_at) != window.half_day(now):
            return None
        return window.next_half_day(now)

    def _write(self, db: Session, wait: HotlineWait, phone: Phone, now: datetime) -> _Claimed:
        rules = self.rules
        attempt = Attempt(
            phone=phone.id or 0, channel=Channel.VOICE, carrier=rules.carrier, sender=rules.sender,
            language=wait.language, cost=rules.cost_per_call, currency="USD", created_at=now,
        )  # fmt: skip
        db.add(attempt)
        db.flush()
        wait.status, wait.attempt = WaitStatus.CALLING, attempt.id
        db.add(wait)
        db.flush()
        return _Claimed(attempt.id, wait.id, phone.e164)

    # The carrier

    def _submit(self, item: _Claimed) -> Submission | CarrierError:
        try:
            return self.voice.place_call(self._order(item))
        except CarrierError as error:
            return error
        except Exception:  # whatever it was, bytes may have been written: look before trying again (law 2)
            log.exception("call back %s failed in a way the carrier's folder does not know", item.attempt)
            return CarrierError(Fault.IN_DOUBT, in_doubt=True)

    def _order(self, item: _Claimed) -> CallOrder:
        answer, status, fallback = (f"{self.webhooks}/voice/{what}/{item.attempt}" for what in _ADDRESSES)
        return CallOrder(item.attempt, item.to, answer, status, self.fallback_url or fallback)

    def _record(self, db: Session, item: _Claimed, result: Submission | CarrierError, report: CallbacksReport) -> None:
        attempt, wait = db.get(Attempt, item.attempt), db.get(HotlineWait, item.wait)
        if attempt is None or wait is None:
            raise LookupError(f"attempt {item.attempt} was claimed and is gone")
        now = self.clock.now()
        if isinstance(result, Submission):
            report.called += 1
            receipts.went_out(db, attempt, result.carrier_id, now=now)
            receipts.learn(db, self.rules, attempt, result.status, None, "", now=now)
        elif attempt.submitted_at is None and attempt.status not in FINAL_ATTEMPTS:
            # Else a callback was quicker than our own error, and it went out; or we were so slow that it was looked
            # for and closed, and its wait is another attempt's by now.
            self._record_error(db, attempt, wait, result, report)

    def _record_error(
        self, db: Session, attempt: Attempt, wait: HotlineWait, error: CarrierError, report: CallbacksReport
    ) -> None:
        now, step = self.clock.now(), after_error(error)
        report.errors += 1
        if step is Next.LOOK:
            report.in_doubt += 1
            attempt.in_doubt_at, attempt.next_look_at = now, now + FIRST_LOOK
            db.add(attempt)
            return
        receipts.close_not_sent(db, attempt)
        not_sent(db, attempt, retry_after=error.retry_after, now=now)
        if step is Next.ALARM:
            subject = f"{self.rules.carrier}:{Channel.VOICE.value}"
            open_task(db, TaskKind.POISON, subject, detail=f"the carrier refuses: {error}", now=now)
        if step in (Next.LATER, Next.ALARM):
            pause = ALARM_PAUSE if step is Next.ALARM else NOT_SENT_PAUSE
            hotline_waits.put_back(db, wait, at=now + max(pause, timedelta(seconds=error.retry_after)))
        elif step is Next.OTHER_CHANNEL:  # there is no such number, or the network refuses it
            hotline_waits.give_up(db, wait, now=now)
            report.given_up += 1
        else:
            self._unanswered(db, wait, report)


_ADDRESSES: Final[Sequence[str]] = ("answer", "status", "fallback")


def _is_orphan(attempt: Attempt, now: datetime) -> bool:
    is_unsent = attempt.status is AttemptStatus.QUEUED and attempt.in_doubt_at is None
    return is_unsent and attempt.created_at < now - LINE_IS_LOST_AFTER


def _was_spoken_to(db: Session, attempt: Attempt) -> bool:
    """Whether a person was there: a completed call alone is not one, voicemail completes, too (law 5)."""
    call = db.exec(select(Call.id).where(col(Call.attempt) == attempt.id)).first()
    if call is None:
        return False
    has_keyed = select(Turn.turn_no).where(
        col(Turn.call) == call, col(Turn.digits).is_not(None), col(Turn.digits) != ""
    )
    has_spoken = select(VoiceMessage.id).where(col(VoiceMessage.call) == call)
    return db.exec(has_keyed).first() is not None or db.exec(has_spoken).first() is not None
