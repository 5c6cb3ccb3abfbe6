"""Claims due reminders: the attempt is written in the same transaction, before any carrier hears of it (law 1)."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from gateway.calls.flow import Flow
from gateway.care.consent import may_contact
from gateway.care.notices import (
    ANSWER_STEP,
    WRONG_PERSON,
    hand_to_staff,
    is_left_alone,
    is_overtaken,
    is_still_true,
    is_told_already,
    is_too_near,
    may_apologise,
)
from gateway.care.tasks import open_task
from gateway.dispatch.cases import Case, due_cases
from gateway.dispatch.prepare import Prepared, Refusal, Speech, prepare_call, prepare_text
from gateway.dispatch.retry import ERRORS_BEFORE_POISON, wait_after_error
from gateway.kit.phones import country_of
from gateway.plan.ladder import Ladder
from gateway.plan.planner import escalate
from gateway.plan.reading import needless
from gateway.plan.window import Window
from gateway.records.contacts import Attempt, AttemptItem, Direction, Reminder
from gateway.records.house import Switch
from gateway.records.people import CarrierBlock, PersonPhone, Phone
from gateway.records.status import Channel, ReminderStatus, TaskKind, may_move

log = logging.getLogger(__name__)

LONGEST_HALF_DAY = timedelta(hours=13)  # from midnight until 13:00
LEASE = timedelta(minutes=5)  # real time: a claim older than this belongs to a process that died


@dataclass(frozen=True, slots=True)
class Rules:
    """What a claim has to respect."""

    ladder: Ladder
    window: Window
    countries: frozenset[str]
    carrier: str
    reaches_people: bool
    sender: str
    cost_per_call: float = 0.0
    cost_per_segment: float = 0.0


@dataclass(frozen=True, slots=True)
class Claimed:
    """An attempt that is written down and may now be submitted."""

    attempt: str
    reminder: str
    channel: Channel
    to: str = field(repr=False)
    body: str = field(repr=False)
    segments: int
    cost: float
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Called:
    """The telephones that rang in this half-day, and the people they rang for, whichever number they had then."""

    phones: set[int] = field(default_factory=set)
    people: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Outbox:
    """Turns due reminders into attempts; give it a session inside a unit of work."""

    speech: Speech
    rules: Rules
    flow: Flow

    def claim(
        self, db: Session, channel: Channel, limit: int, *, now: datetime, due_by: datetime, lease_from: datetime
    ) -> list[Claimed]:
        """Claim up to `limit` reminders of `channel` due by `due_by`; what may not go out is set aside with its reason.

        `now` and `due_by` are business time, `lease_from` is real time.
        """
        if limit < 1 or is_paused(db) or not self.rules.window.is_open(now):
            return []
        cases = due_cases(db, channel, limit, due_by)
        phones = _phones_of(db, [case.person.id for case in cases])
        called = _called_this_half_day(db, phones, self.rules.window, now) if channel is Channel.VOICE else Called()
        claimed = [self._claim_safely(db, case, phones[case.person.id], called, now, lease_from) for case in cases]
        return [item for item in claimed if item is not None]

    def _claim_safely(
        self,
        db: Session,
        case: Case,
        phones: Sequence[tuple[PersonPhone, Phone]],
        called: Called,
        now: datetime,
        lease_from: datetime,
    ) -> Claimed | None:
        """One row that cannot be worked on never stops the rest: it waits, and after some tries it is set aside."""
        try:
            with db.begin_nested():
                return self._claim_one(db, case, phones, called, now, lease_from)
        except Exception as error:  # whatever it is, the rows after this one are somebody's appointment
            log.exception("reminder %s could not be prepared", case.reminder.id)
            self._set_aside(db, case.reminder, type(error).__name__, now)
            return None

    def _set_aside(self, db: Session, reminder: Reminder, error: str, now: datetime) -> None:
        db.refresh(reminder)
        reminder.error_count += 1
        reminder.next_try_at = now + wait_after_error(reminder.error_count)
        if reminder.error_count >= ERRORS_BEFORE_POISON:
            set_status(reminder, ReminderStatus.FAILED, "poison")
            open_task(db, TaskKind.POISON, reminder.id, person=reminder.person, detail=error, now=now)
        db.add(reminder)
        db.flush()

    def _claim_one(
        self,
        db: Session,
        case: Case,
        phones: Sequence[tuple[PersonPhone, Phone]],
        called: Called,
        now: datetime,
        lease_from: datetime,
    ) -> Claimed | None:
        if self._is_over(db, case, now):
            return None
        phone = self._choose_phone(db, case, phones)
        if phone is None:
            self._give_up(db, case, "no_phone", now)
            return None
        if phone.id in called.phones or case.person.id in called.people:
            self._next_half_day(db, case, called, now)
            return None
        ready = self._prepare(case, now)
        if isinstance(ready, Refusal):
            self._refuse(db, case, ready.reason, now)
            return None
        if case.reminder.channel is Channel.VOICE and phone.id is not None:
            called.phones.add(phone.id)
            called.people.add(case.person.id)
        return self._write(db, case, phone, ready, now, lease_from)

    def _is_over(self, db: Session, case: Case, now: datetime) -> bool:
        """Checked at planning and here again: an outage must not end in a burst of stale calls (law 3)."""
        reminder, quiet = case.reminder, self.rules.ladder.quiet_before_start
        if not is_still_true(reminder.purpose, case.appointment.status):
            set_status(reminder, ReminderStatus.CANCELLED, "appointment_" + case.appointment.status.value)
        elif is_overtaken(db, reminder.purpose, case.appointment):
            set_status(reminder, ReminderStatus.SUPPRESSED, "booked_again")
        elif is_told_already(db, reminder, case.appointment):
            set_status(reminder, ReminderStatus.SUPPRESSED, "told_already")
        elif reminder.expires_at <= now or is_too_near(reminder, case.appointment, quiet, now=now):
            set_status(reminder, ReminderStatus.EXPIRED, "too_late")
        elif case.person.died_on or case.person.merged_into:
            set_status(reminder, ReminderStatus.SUPPRESSED, "person_closed")
        elif case.person.sample and self.rules.reaches_people:
            set_status(reminder, ReminderStatus.FAILED, "sample_person")
        elif reason := needless(db, reminder, case.person):
            set_status(reminder, ReminderStatus.CANCELLED, reason)
        else:
            return False
        db.add(reminder)
        return True

    def _choose_phone(self, db: Session, case: Case, phones: Sequence[tuple[PersonPhone, Phone]]) -> Phone | None:
        """The person's own phone first; when nobody picked up there, the household's, turn by turn."""
        usable = [phone for use, phone in phones if self._may_use(db, case, use, phone)]
        return usable[case.reminder.tries % len(usable)] if usable else None

    def _may_use(self, db: Session, case: Case, use: PersonPhone, phone: Phone) -> bool:
        if case.reminder.purpose == WRONG_PERSON:  # to the number that is somebody else's, and to no other
            is_meant = may_apologise(case.reminder, use, phone) and not is_left_alone(db, phone)
        else:
            is_meant = may_contact(case.person, use, phone, case.reminder.channel)
        if not is_meant:
            return False
        return country_of(phone.e164) in self.rules.countries and not self._is_blocked(db, case, phone)

    def _is_blocked(self, db: Session, case: Case, phone: Phone) -> bool:
        """The carrier would refuse our sender on this phone again."""
        is_text = case.reminder.channel is Channel.SMS
        return is_text and db.get(CarrierBlock, (phone.id, self.rules.sender)) is not None

    def _prepare(self, case: Case, now: datetime) -> Prepared | Refusal:
        if case.reminder.channel is Channel.SMS:
            return prepare_text(self.speech, case, now)
        return prepare_call(self.speech, case, self.flow, now)

    def _next_half_day(self, db: Session, case: Case, called: Called, now: datetime) -> None:
        """Nobody is called twice in one half-day: not on a telephone two people share, not on their own two."""
        later = self.rules.window.next_half_day(now)
        if later < case.reminder.expires_at:
            case.reminder.next_try_at = later
            db.add(case.reminder)
        elif case.person.id in called.people:
            self._give_up(db, case, "called_this_half_day", now)
        else:
            self._give_up(db, case, "phone_was_busy_with_others", now)

    def _refuse(self, db: Session, case: Case, reason: str, now: datetime) -> None:
        detail = f"{case.reminder.channel.value}: {reason} ({case.person.language})"
        site = case.appointment.site
        open_task(db, TaskKind.NO_PROMPT, case.appointment.id, person=case.person.id, site=site, detail=detail, now=now)
        self._give_up(db, case, reason, now)

    def _give_up(self, db: Session, case: Case, reason: str, now: datetime) -> None:
        set_status(case.reminder, ReminderStatus.FAILED, reason)
        db.add(case.reminder)
        db.flush()
        if case.reminder.step == ANSWER_STEP:
            hand_to_staff(db, case.reminder, now=now)
        else:
            escalate(db, case.reminder, ladder=self.rules.ladder, window=self.rules.window, now=now)

    def _write(
        self, db: Session, case: Case, phone: Phone, ready: Prepared, now: datetime, lease_from: datetime
    ) -> Claimed:
        reminder, rules = case.reminder, self.rules
        is_text = reminder.channel is Channel.SMS
        cost = round(ready.segments * rules.cost_per_segment if is_text else rules.cost_per_call, 4)
        attempt = Attempt(
            phone=phone.id or 0, channel=reminder.channel, carrier=rules.carrier, sender=rules.sender,
            language=ready.language, assets=list(ready.assets), body_sha=ready.body_sha, body=ready.body,
            segments=ready.segments, cost=cost, currency="USD", created_at=now,
        )  # fmt: skip
        set_status(reminder, ReminderStatus.CLAIMED, None)
        reminder.lease_until = lease_from + LEASE
        db.add_all([attempt, reminder])
        db.flush()
        db.add(AttemptItem(attempt=attempt.id, reminder=reminder.id, appointment=case.appointment.id,
                           person=case.person.id))  # fmt: skip
        db.flush()
        return Claimed(attempt.id, reminder.id, reminder.channel, phone.e164, ready.body, ready.segments, cost,
                       reminder.expires_at)  # fmt: skip


def set_status(reminder: Reminder, wanted: ReminderStatus, reason: str | None) -> bool:
    """Move the reminder where the table of moves allows it; a move it does not know changes nothing."""
    if not may_move(reminder.status, wanted):
        return False
    reminder.status, reminder.reason = wanted, reason
    return True


def is_paused(db: Session) -> bool:
    """Whether the one switch that stops everything is on."""
    switch = db.get(Switch, "pause")
    return switch is not None and switch.is_on


def _phones_of(db: Session, people: Sequence[str]) -> dict[str, list[tuple[PersonPhone, Phone]]]:
    found: dict[str, list[tuple[PersonPhone, Phone]]] = defaultdict(list)
    statement = (
        select(PersonPhone, Phone)
        .join(Phone, col(Phone.id) == col(PersonPhone.phone))
        .where(col(PersonPhone.person).in_(people))
        .order_by(col(PersonPhone.person), col(PersonPhone.rank), col(PersonPhone.phone))
    )
    for use, phone in db.exec(statement).all():
        found[use.person].append((use, phone))
    return found


def _called_this_half_day(
    db: Session, phones: Mapping[str, Sequence[tuple[PersonPhone, Phone]]], window: Window, now: datetime
) -> Called:
    """Which of these people were called in the half-day of `now`, and which of their phones rang, for whomever.

    Asked every second: only what the indices by phone and by person's reminder hold about these few is read.
    """
    present = window.half_day(now)
    rung = (
        col(Attempt.channel) == Channel.VOICE,
        col(Attempt.direction) == Direction.OUT,
        col(Attempt.created_at) > now - LONGEST_HALF_DAY,
        col(Attempt.submitted_at).is_not(None) | col(Attempt.in_doubt_at).is_not(None),
    )
    numbers = {phone.id for uses in phones.values() for _, phone in uses}
    by_phone = select(Attempt.phone, Attempt.created_at).where(col(Attempt.phone).in_(numbers), *rung)
    by_person = (
        select(Reminder.person, Attempt.created_at)
        .join(AttemptItem, col(AttemptItem.reminder) == col(Reminder.id))
        .join(Attempt, col(Attempt.id) == col(AttemptItem.attempt))
        .where(col(Reminder.person).in_(list(phones)), *rung)
    )
    return Called(
        {phone for phone, at in db.exec(by_phone) if window.half_day(at) == present},
        {person for person, at in db.exec(by_person) if window.half_day(at) == present},
    )
