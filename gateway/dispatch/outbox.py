"""Claims due reminders: the attempt is written in the same transaction, before any carrier hears of it (law 1)."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from gateway.calls.flow import Flow
from gateway.care.consent import may_contact
from gateway.care.notices import (
    CALLBACK_NUMBER,
    QUESTIONS,
    WRONG_PERSON,
    hand_to_staff,
    is_left_alone,
    is_outside_ladder,
    is_overtaken,
    is_still_true,
    is_told_already,
    is_too_near,
    may_apologise,
)
from gateway.care.tasks import open_task
from gateway.dispatch.cases import Case, cases_by_id, complete, day_of
from gateway.dispatch.claims import LEASE, Claimed, Rules
from gateway.dispatch.fast import Ordinary, may_pay
from gateway.dispatch.fast_rows import Asked, due_rows
from gateway.dispatch.fast_text import TextPress
from gateway.dispatch.household import at_most, fits, in_order, language_of, may_share
from gateway.dispatch.moment import at_this_moment
from gateway.dispatch.neighbours import Neighbours
from gateway.dispatch.prepare import (
    Prepared,
    Refusal,
    Speech,
    flow_name,
    prepare_household_call,
    prepare_household_text,
)
from gateway.dispatch.retry import ERRORS_BEFORE_POISON, wait_after_error
from gateway.dispatch.telephones import Contact, Telephones, telephones_of, was_texted
from gateway.plan.planner import escalate
from gateway.plan.reading import needless
from gateway.records.contacts import Attempt, AttemptItem, Reminder
from gateway.records.conversations import TextQuestion
from gateway.records.database import is_conflict
from gateway.records.house import Switch
from gateway.records.people import PersonPhone, Phone
from gateway.records.status import Channel, ReminderStatus, TaskKind, may_move

__all__ = ["LEASE", "Claimed", "Outbox", "Rules", "is_paused", "set_status"]

log = logging.getLogger(__name__)

SET_ASIDE: Final = 30
"""About so many that may not go out are looked past in one claim: for each of them a permitted second would be lost."""


@dataclass(frozen=True, slots=True)
class Round:
    """One claim: `now` and `due_by` are business time, `lease_from` is real time.

    `apart` are the telephones whose people could not be put together, so that each of them is written to alone;
    `told_who_rang` those that are texted the number to call back.
    """

    now: datetime
    due_by: datetime
    lease_from: datetime
    telephones: Telephones
    neighbours: Neighbours
    speech: Speech
    apart: set[int] = field(default_factory=set)
    told_who_rang: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Outbox:
    """Turns due reminders into attempts; give it a session inside a unit of work.

    `flow` is the reminder's; `others` are the flows of calls that tell something else, by name (`prepare.flow_name`).
    With `one_by_one` no case is taken for an ordinary one (`fast`): slower, and the rows are the same.
    """

    speech: Speech
    rules: Rules
    flow: Flow
    others: Mapping[str, Flow] = field(default_factory=dict)
    one_by_one: bool = False
    press: TextPress = field(default_factory=TextPress, repr=False)

    def claim(
        self, db: Session, channel: Channel, limit: int, *, now: datetime, due_by: datetime, lease_from: datetime
    ) -> list[Claimed]:
        """Claim up to `limit` attempts by `channel` for what is due by `due_by`, households together.

        What may not go out is set aside with its reason. `now` and `due_by` are business time, `lease_from` is real.
        """
        if limit < 1 or is_paused(db) or not self.rules.window.is_open(now):
            return []
        rules, quiet = self.rules, self.rules.ladder.quiet_before_start
        asked = Asked(channel, limit, now, due_by, day_of(now)[1], quiet, rules.sender, rules.reaches_people)
        for _ in range(max(2, SET_ASIDE // limit)):
            rows = due_rows(db, asked)
            claimed = self._claim_rows(db, asked, rows, lease_from) if rows else []
            if claimed or not rows:
                return claimed
            db.flush()
            db.expunge_all()  # what is due is asked of the rows
        return []

    def _claim_rows(self, db: Session, asked: Asked, rows: Sequence[Any], lease_from: datetime) -> list[Claimed]:
        rules, channel, now, due_by = self.rules, asked.channel, asked.now, asked.due_by
        claimed: dict[str, Claimed | None] = {}
        if not self.one_by_one:
            claimed |= Ordinary(self.speech, rules, self.press, self._prepare).claim(db, asked, rows, lease_from)
        cases = cases_by_id(db, [row.id for row in rows if row.id not in claimed])
        if cases:
            people = {case.person.id for case in cases}
            phones = telephones_of(db, people, channel, self.rules.window, now)
            around = Neighbours(db, phones, channel, rules.sender, rules.window, now)
            this = Round(now, due_by, lease_from, phones, around, at_this_moment(self.speech))
            claimed |= {case.reminder.id: self._claim_safely(db, case, this) for case in cases}
        in_turn = (claimed.get(row.id) for row in rows)
        return [item for item in in_turn if item is not None]

    def _claim_safely(self, db: Session, case: Case, this: Round) -> Claimed | None:
        """One row that cannot be worked on never stops the rest: it waits, and after some tries it is set aside."""
        try:
            with db.begin_nested():
                return self._claim_one(db, case, this)
        except Exception as error:  # whatever it is, the rows after this one are somebody's appointment
            if is_conflict(error):  # PostgreSQL has ended the whole transaction: all of it is done again
                raise
            log.exception("reminder %s could not be prepared", case.reminder.id)
            this.neighbours.changed(None)
            self._set_aside(db, case.reminder, type(error).__name__, this.now)
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

    def _claim_one(self, db: Session, lead: Case, this: Round) -> Claimed | None:
        is_taken = lead.reminder.status is not ReminderStatus.PLANNED  # with others of its household, a moment ago
        if is_taken or self._is_over(db, lead, this.now):
            return None
        phone = self._choose_phone(db, lead, this)
        if phone is None:
            self._give_up(db, lead, "no_phone", this)
            return None
        if self._rang_already(lead, phone, this):
            self._next_half_day(db, lead, this)
            return None
        if self._is_both_at_once(db, lead, phone, this) or self._is_said_already(db, lead, phone, this):
            return None
        facts = this.neighbours.facts()
        cases = complete(db, in_order([lead, *self._household(db, lead, phone, this)]), facts)
        ready = self._prepare(this.speech, cases, this.now)
        if isinstance(ready, Refusal) and len(cases) > 1:  # too long together, or no words for several
            this.apart.add(phone.id or 0)
            cases = complete(db, [lead], facts)
            ready = self._prepare(this.speech, cases, this.now)
        if isinstance(ready, Refusal):
            self._refuse(db, lead, ready.reason, this)
            return None
        return self._write(db, cases, phone, ready, this)

    def _rang_already(self, case: Case, phone: Phone, this: Round) -> bool:
        called = this.telephones.called
        return phone.id in called.phones or case.person.id in called.people

    def _household(self, db: Session, lead: Case, phone: Phone, this: Round) -> list[Case]:
        """Who else of this telephone is spoken of in the same call or text; each as if it were their own turn.

        Whoever may not be contacted there is left out, and their own ladder goes on.
        """
        language = language_of(this.speech, lead) if may_share(lead) else None
        if language is None or phone.id is None or phone.id in this.apart:
            return []
        users = this.telephones.users.get(phone.id, ())
        found = this.neighbours.household(lead, users)
        joining = [case for case in found if self._may_join(db, lead, case, phone, language, this)]
        return at_most([lead, *joining])[1:]

    def _may_join(self, db: Session, lead: Case, case: Case, phone: Phone, language: str, this: Round) -> bool:
        if not fits(lead, case) or language_of(this.speech, case) != language:
            return False
        if case.person.id in this.telephones.called.people or not self._may_be_early(db, case, phone, this):
            return False
        chosen = self._choose_phone(db, case, this)
        return chosen is not None and chosen.id == phone.id and not self._is_over(db, case, this.now)

    def _may_be_early(self, db: Session, case: Case, phone: Phone, this: Round) -> bool:
        """Whether it may go out before its turn: not the call that follows a text, nor the second try of a text."""
        if case.reminder.next_try_at <= this.due_by:
            return True
        if case.reminder.channel is Channel.SMS:
            return case.reminder.tries == 0
        if _is_text_to_come(db, case.reminder):
            return False
        texted = this.neighbours.carried(phone.id or 0, Channel.SMS)
        return Contact.about(case.reminder, case.appointment) not in texted

    def _is_both_at_once(self, db: Session, case: Case, phone: Phone, this: Round) -> bool:
        """Whether this telephone got a call (a text) about another of the house for this step in this half-day.

        Then the text (the call) waits for the next one, while there is one. That a person themselves gets both is the
        ladder's own wish.
        """
        if not may_share(case) or len(this.telephones.users.get(phone.id or 0, ())) < 2:
            return False
        other = Channel.VOICE if case.reminder.channel is Channel.SMS else Channel.SMS
        mine = Contact.about(case.reminder, case.appointment)
        carried = this.neighbours.carried(phone.id or 0, other)
        of_step = {one.person for one in carried if (one.step, one.day) == (mine.step, mine.day)}
        later = self.rules.window.next_half_day(this.now)
        if not of_step or case.person.id in of_step or later >= case.reminder.expires_at:
            return False
        case.reminder.next_try_at = later
        db.add(case.reminder)
        return True

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

    def _choose_phone(self, db: Session, case: Case, this: Round) -> Phone | None:
        """The person's own phone first; when nobody picked up there, the household's, turn by turn."""
        uses = this.telephones.of[case.person.id]
        usable = [phone for use, phone in uses if self._may_use(db, case, use, phone, this)]
        return usable[case.reminder.tries % len(usable)] if usable else None

    def _may_use(self, db: Session, case: Case, use: PersonPhone, phone: Phone, this: Round) -> bool:
        if case.reminder.purpose == WRONG_PERSON:  # to the number that is somebody else's, and to no other
            is_meant = may_apologise(case.reminder, use, phone) and not is_left_alone(db, phone)
        else:
            is_meant = may_contact(case.person, use, phone, case.reminder.channel)
        if not is_meant or (case.reminder.purpose in QUESTIONS and phone.id != _asking_phone(db, case.reminder)):
            return False
        is_text = case.reminder.channel is Channel.SMS
        is_blocked = is_text and this.neighbours.is_blocked(phone.id or 0)  # the carrier would refuse our sender again
        return may_pay(phone.e164, self.rules.countries) and not is_blocked

    def _is_said_already(self, db: Session, case: Case, phone: Phone, this: Round) -> bool:
        """Whether this telephone was told in this half-day who rang in vain: one call for a house is one such text."""
        if case.reminder.purpose != CALLBACK_NUMBER:
            return False
        window, told = self.rules.window, phone.id in this.told_who_rang
        if not told and not was_texted(db, phone.id or 0, CALLBACK_NUMBER, window, this.now):
            this.told_who_rang.add(phone.id or 0)
            return False
        set_status(case.reminder, ReminderStatus.SUPPRESSED, "told_already")
        db.add(case.reminder)
        return True

    def _prepare(self, speech: Speech, cases: Sequence[Case], now: datetime) -> Prepared | Refusal:
        reminder = cases[0].reminder
        if reminder.channel is Channel.SMS:
            return prepare_household_text(speech, cases, now)
        name = flow_name(reminder.purpose)
        flow = self.flow if name == self.flow.name else self.others.get(name)
        return prepare_household_call(speech, cases, flow, now) if flow else Refusal("no_flow")

    def _next_half_day(self, db: Session, case: Case, this: Round) -> None:
        """Nobody is called twice in one half-day: not on a telephone two people share, not on their own two."""
        later = self.rules.window.next_half_day(this.now)
        if later < case.reminder.expires_at:
            case.reminder.next_try_at = later
            db.add(case.reminder)
        elif case.person.id in this.telephones.called.people:
            self._give_up(db, case, "called_this_half_day", this)
        else:
            self._give_up(db, case, "phone_was_busy_with_others", this)

    def _refuse(self, db: Session, case: Case, reason: str, this: Round) -> None:
        detail = f"{case.reminder.channel.value}: {reason} ({case.person.language})"
        site = case.appointment.site
        open_task(
            db, TaskKind.NO_PROMPT, case.appointment.id, person=case.person.id, site=site, detail=detail, now=this.now
        )
        self._give_up(db, case, reason, this)

    def _give_up(self, db: Session, case: Case, reason: str, this: Round) -> None:
        set_status(case.reminder, ReminderStatus.FAILED, reason)
        db.add(case.reminder)
        db.flush()
        if is_outside_ladder(case.reminder.step):
            hand_to_staff(db, case.reminder, now=this.now)
            this.neighbours.changed(None)
        else:
            escalate(db, case.reminder, ladder=self.rules.ladder, window=self.rules.window, now=this.now)
            this.neighbours.changed(case.person.id)

    def _write(self, db: Session, cases: Sequence[Case], phone: Phone, ready: Prepared, this: Round) -> Claimed:
        """One attempt, and one call's or text's cost, however many people it is about."""
        rules, channel = self.rules, cases[0].reminder.channel
        cost = rules.cost_of(channel, ready.segments)
        attempt = Attempt(
            phone=phone.id or 0, channel=channel, carrier=rules.carrier, sender=rules.sender, language=ready.language,
            assets=list(ready.assets), body_sha=ready.body_sha, body=ready.body, segments=ready.segments, cost=cost,
            currency="USD", created_at=this.now,
        )  # fmt: skip
        db.add(attempt)
        db.flush()
        for position, case in enumerate(cases):
            set_status(case.reminder, ReminderStatus.CLAIMED, None)
            case.reminder.lease_until = this.lease_from + LEASE
            db.add_all([case.reminder, AttemptItem(
                attempt=attempt.id, position=position, reminder=case.reminder.id, appointment=case.appointment.id,
                person=case.person.id,
            )])  # fmt: skip
        db.flush()
        if channel is Channel.VOICE and phone.id is not None:
            this.telephones.called.phones.add(phone.id)
            this.telephones.called.people.update(case.person.id for case in cases)
        reminders = tuple(case.reminder.id for case in cases)
        expires_at = min(case.reminder.expires_at for case in cases)
        return Claimed(attempt.id, reminders, channel, phone.e164, ready.body, ready.segments, cost, expires_at)


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


def _asking_phone(db: Session, reminder: Reminder) -> int | None:
    """The telephone a question of ours is for: the one whose text we did not understand."""
    return db.exec(select(TextQuestion.phone).where(col(TextQuestion.reminder) == reminder.id)).first()


def _is_text_to_come(db: Session, call: Reminder) -> bool:
    """Whether the step of this call begins with a text that did not go out yet."""
    text = select(Reminder.id).where(
        col(Reminder.appointment) == call.appointment,
        col(Reminder.step) == call.step,
        col(Reminder.channel) == Channel.SMS,
        col(Reminder.status).in_((ReminderStatus.PLANNED, ReminderStatus.CLAIMED)),
    )
    return db.exec(text).first() is not None
