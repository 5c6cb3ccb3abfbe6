"""A text came in: who may it be from, what does it mean, what comes of it. Never guessed; asked back once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlmodel import Session, col, select

from gateway.care.notices import OPTIONS, plan_notice, said_of_several
from gateway.care.tasks import close_task, open_task, open_task_about
from gateway.carriers.port import InboundSms
from gateway.dispatch.receipts import keep_unmatched
from gateway.kit.answers import Answer
from gateway.languages import words
from gateway.records.agreements import Appointment
from gateway.records.contacts import Receipt
from gateway.records.conversations import Outcome, Reply, TextQuestion
from gateway.records.house import Counter
from gateway.records.people import Phone
from gateway.records.status import AttemptStatus, Channel, TaskKind, TaskStatus
from gateway.records.work import Task
from gateway.replies import questions, talk
from gateway.replies.asking import FOR_THE_PHONE, AskBack, LeaveToStaff, Place, Told, decide
from gateway.replies.inbox import (
    Candidate,
    is_read_already,
    is_text_known,
    last_asked,
    record_reply,
    texts_of,
    who_may_this_be,
)
from gateway.replies.outcomes import apply
from gateway.replies.resuming import resume
from gateway.replies.sms import (
    asks_for_a_ride_too,
    is_start,
    is_start_for_carriers,
    needs_reading,
    read_for_several,
    read_reply,
    starts_for,
)
from gateway.web.desk import Desk
from gateway.web.incoming import open_attempt, phone_of

LONGEST: Final = 1600
MOST_IN_AN_HOUR: Final = 40  # of one phone: a volunteer answers for twenty people, and may write twice for each
_TOO_MANY: Final = "text.too_many"
ASKED_BACK: Final = "asked_back"  # the outcome of a text that made us ask


def take_text(desk: Desk, db: Session, text: InboundSms) -> None:
    """Keep the text once, and let it take effect where it is clear whose it is and what it says."""
    now = desk.clock.now()
    phone = phone_of(db, text.sender)
    if phone is None or phone.id is None:
        _keep_of_nobody(desk, db, text)
        return
    if is_text_known(db, text.carrier_id) or _is_one_too_many(db, phone.id, text.body, now):
        return
    known = who_may_this_be(db, phone.id, now=now) or who_may_this_be(db, phone.id, now=now, contacted_within=None)
    taken = _Text(desk, db, text, phone, tuple(known), now)
    starting = taken.who_starts()
    if starting is not None:
        taken.resume(starting)
    elif known:
        taken.understand()
    else:
        taken.take_alone([])


def _is_one_too_many(db: Session, phone: int, body: str, now: datetime) -> bool:
    """Whether a phone that floods us had its texts of the hour; a counter is all that is left of the rest.

    Stop and start are heard whatever came before.
    """
    if is_start(body) or words.mentions(body, Answer.STOP):
        return False
    if texts_of(db, phone, since=now - timedelta(hours=1)) < MOST_IN_AN_HOUR:
        return False
    counter = db.get(Counter, _TOO_MANY) or Counter(name=_TOO_MANY)
    counter.n += 1
    db.add(counter)
    return True


def _keep_of_nobody(desk: Desk, db: Session, text: InboundSms) -> None:
    """A text of a number we do not know: every one is kept, and one task a number waits for staff."""
    whose = sha256(text.sender.encode()).hexdigest()[:16]
    same = (
        select(Task.subject)
        .join(Receipt, col(Receipt.carrier_id) == col(Task.subject))
        .where(col(Task.kind) == TaskKind.UNMATCHED, col(Task.status) == TaskStatus.OPEN)
        .where(col(Receipt.raw)["from"].as_string() == whose)
    )
    raw, now = {"body": text.body[:LONGEST], "from": whose}, desk.clock.now()
    waiting = db.exec(same).first()
    keep_unmatched(db, desk.reader.name, text.carrier_id, "text", -1, raw, now=now, subject=waiting)


@dataclass(frozen=True, slots=True)
class _Text:
    """One text from a phone on record, with those it may be from, soonest first."""

    desk: Desk
    db: Session
    text: InboundSms
    phone: Phone
    candidates: tuple[Candidate, ...]
    now: datetime

    def understand(self) -> None:
        """One person's phone is read as the call's keys; on a phone of several, numbers may stand for people."""
        conversation = talk.conversation_on(self.db, self._phone_id, self.candidates, now=self.now)
        alone = talk.whose_alone(self.db, self._phone_id, self.candidates, now=self.now)
        if alone and not conversation.talk.has_list:
            self.take_alone(alone)
            return
        said = read_for_several(self.text.body, self._language)
        decision = decide(said, self._key(conversation.talk.place), conversation.talk)
        if isinstance(decision, AskBack):
            self._ask_back(conversation, decision)
        elif isinstance(decision, LeaveToStaff):
            self._leave_to_staff(conversation, decision)
        else:
            self._take_for_several(conversation, decision)

    def _key(self, place: Place) -> Answer:
        """Where it is not known who comes, a ride beside the yes would get lost: what is unclear is read by staff."""
        is_lost = place is not Place.WHAT and self._wants_ride_too
        return Answer.UNCLEAR if is_lost else read_reply(self.text.body, self._language)

    @property
    def _wants_ride_too(self) -> bool:
        return asks_for_a_ride_too(self.text.body, self._language)

    def take_alone(self, mine: list[Candidate]) -> None:
        """A text of one person, about what they were asked last; without one, of nobody we know."""
        answer = read_reply(self.text.body, self._language)
        question = questions.open_question(self.db, self._phone_id)
        is_unclear = answer in (Answer.UNCLEAR, Answer.REPEAT)  # our options are what can be said again
        about = mine[:1] if answer in FOR_THE_PHONE or is_unclear else mine
        replies = [self._record(answer, one.appointment) for one in about] or [self._record(answer, self._too_late())]
        if not is_unclear:
            self._settle(question, is_alone=True)
        for reply in replies:
            self._apply(reply)
        self._say_confirmed(replies)
        if is_unclear and mine and question is None:
            self._offer_options(replies[0], mine)

    def _too_late(self) -> Appointment | None:
        """What a text is about that comes after the day, so that staff see it: it answers nothing any more."""
        parked = self.phone.parked_at is not None
        return None if parked or self.candidates else last_asked(self.db, self._phone_id, now=self.now)

    def resume(self, people: Sequence[str] = ()) -> None:
        """They, or the one who alone uses the phone, or all of it want to hear from us again."""
        alone = talk.whose_alone(self.db, self._phone_id, self.candidates, now=self.now)
        mine = [one for one in self.candidates if one.person.id in people] or alone
        reply = self._record(Answer.UNCLEAR, mine[0].appointment if mine else None)
        is_heard = is_start_for_carriers(self.text.body)
        resume(self.db, reply, now=self.now, named=people, is_heard_by_carrier=is_heard)

    def who_starts(self) -> list[str] | None:
        """Whom a text asks to hear from us again, [] for the whole phone; None where it asks for nothing like that.

        Who was chosen before ("2", and our question what they want) is meant without a number, too.
        """
        numbers, is_plain = starts_for(self.text.body), is_start(self.text.body)
        if not numbers and not is_plain:
            return None
        conversation = talk.conversation_on(self.db, self._phone_id, self.candidates, now=self.now)
        numbers = numbers or conversation.talk.chosen
        if not numbers:
            return []
        if not conversation.talk.has_list or max(numbers) > len(conversation.people) or min(numbers) < 1:
            return None
        self._settle(conversation.question)
        return [one.person for one in self._meant(conversation, Answer.STOP, numbers)]

    def _take_for_several(self, conversation: talk.Conversation, told: Told) -> None:
        self._settle(conversation.question)  # before the ladders stop, or our question would count as stopped with them
        for answer, numbers in told.answers:
            replies = [self._record(answer, one) for one in self._meant(conversation, answer, numbers)]
            # Who says of all of them that they are not there says it of the phone.
            is_of_all = answer is Answer.WRONG_PERSON and len(numbers) == len(conversation.people)
            is_named = bool(numbers) and not is_of_all
            for reply in replies or [self._record(answer)]:
                self._apply(reply, is_named=is_named)
            self._say_confirmed(replies)

    def _apply(self, reply: Reply, *, is_named: bool = False) -> None:
        ride, rules = self._wants_ride_too, self.desk.regimens
        apply(self.db, reply, now=self.now, regimens=rules, is_named=is_named, with_ride=ride)

    def _meant(self, conversation: talk.Conversation, answer: Answer, numbers: tuple[int, ...]) -> list[Appointment]:
        """The appointments of these people; what is about the phone is said once for each of them."""
        found: list[Appointment] = []
        for number in numbers:
            mine = [self.db.get(Appointment, one) for one in conversation.people[number - 1]]
            found.extend(one for one in mine[: 1 if answer in FOR_THE_PHONE else None] if one is not None)
        return found

    def _ask_back(self, conversation: talk.Conversation, ask: AskBack) -> None:
        waiting = conversation.question
        if waiting is not None and not conversation.talk.is_asked:  # it did not go out yet, or a newer list did
            if (tuple(waiting.chosen), waiting.answer) == (ask.chosen, ask.answer):
                self._note(self._record_piece(conversation, ask), ASKED_BACK)
                return
            questions.leave_to_staff(self.db, waiting, now=self.now)
            self._leave_to_staff(conversation, LeaveToStaff(ask.chosen, ask.answer))
            return
        if waiting is not None:
            questions.settle(self.db, waiting, now=self.now)
        reply = self._record_piece(conversation, ask)
        if self._is_askable(ask) and questions.ask_back(self.db, reply, conversation.people, ask, now=self.now):
            self._note(reply, ASKED_BACK)
            if not ask.chosen and ask.answer is None:
                self._open_task(reply, conversation, ask)  # what we do not understand at all is read by staff, too
        else:
            self._open_task(reply, conversation, ask)

    def _is_askable(self, ask: AskBack) -> bool:
        return questions.may_ask(self.db, self._phone_id, ask, now=self.now) and not self._is_touchy

    @property
    def _is_touchy(self) -> bool:
        """Whether somebody may be telling us to stop: they are never written to by a machine again."""
        return words.mentions(self.text.body, Answer.STOP)

    def _leave_to_staff(self, conversation: talk.Conversation, said: LeaveToStaff) -> None:
        if conversation.question is not None and conversation.question.closed_at is None:
            questions.settle(self.db, conversation.question, now=self.now)
        self._open_task(self._record_piece(conversation, said), conversation, said)

    def _record_piece(self, conversation: talk.Conversation, said: AskBack | LeaveToStaff) -> Reply:
        """A text that says only whom, or only what; it stands on the person's page where it is one person's."""
        chosen = conversation.people[said.chosen[0] - 1] if len(said.chosen) == 1 else ()
        about = self.db.get(Appointment, chosen[0]) if chosen else None
        return self._record(said.answer or Answer.UNCLEAR, person=about.person if about else None)

    def _open_task(self, reply: Reply, conversation: talk.Conversation, said: AskBack | LeaveToStaff) -> None:
        first = self.candidates[0]
        named = {one.appointment.id: one for one in self.candidates}
        chosen = conversation.people[said.chosen[0] - 1] if said.chosen else ()
        about = next((named[one] for one in chosen if one in named), first)
        self._note(reply, "question")
        if is_read_already(self.db, TaskKind.QUESTION, reply):
            return
        open_task(
            self.db,
            TaskKind.QUESTION,
            reply.id,
            person=about.person.id,
            site=about.appointment.site,
            village=about.person.village or None,
            detail=said_of_several(conversation.people, said.chosen, said.answer),
            now=self.now,
        )

    def _offer_options(self, reply: Reply, mine: list[Candidate]) -> None:
        """What is not understood is answered once with what can be answered; staff have it in any case."""
        ask = AskBack(OPTIONS)
        if self._is_askable(ask) and questions.ask_back(self.db, reply, talk.people_of(mine), ask, now=self.now):
            self._note(reply, ASKED_BACK)

    def _settle(self, question: TextQuestion | None, *, is_alone: bool = False) -> None:
        """A clear answer ends our question, and the task of a first text that held nothing but a slip."""
        if question is None or question.closed_at is not None:
            return
        if is_alone and len(question.people) > 1:  # who answered for themselves did not answer for the others
            questions.leave_to_staff(self.db, question, now=self.now)
            return
        questions.settle(self.db, question, now=self.now)
        first = self.db.get(Reply, question.reply)
        task = open_task_about(self.db, TaskKind.QUESTION, question.reply)
        if first is not None and task is not None and not needs_reading(first.raw):
            close_task(self.db, task, now=self.now)

    def _say_confirmed(self, replies: list[Reply]) -> None:
        """One text a person with the day said again, whoever answered for them."""
        told: set[str | None] = set()
        for reply in replies:
            appointment = self.db.get(Appointment, reply.appointment) if reply.appointment else None
            outcomes = select(Outcome).where(col(Outcome.reply) == reply.id, col(Outcome.effect) == "confirmed")
            if appointment is None or reply.person in told or self.db.exec(outcomes).first() is None:
                continue
            told.add(reply.person)
            plan_notice(self.db, appointment, "confirmed", now=self.now)

    def _record(self, answer: Answer, appointment: Appointment | None = None, *, person: str | None = None) -> Reply:
        reply, _ = record_reply(
            self.db,
            phone_id=self._phone_id,
            channel=Channel.SMS,
            raw=self.text.body[:LONGEST],
            answer=answer,
            now=self.now,
            attempt=self._attempt_for(appointment),
            carrier_msg_id=self.text.carrier_id,
            person=appointment.person if appointment else person,
            appointment=appointment.id if appointment else None,
        )
        return reply

    def _attempt_for(self, appointment: Appointment | None) -> str:
        """The attempt this text answers; a text that answers none becomes an inbound attempt of its own."""
        about = [one for one in self.candidates if appointment is not None and one.appointment.id == appointment.id]
        if about and about[0].attempt is not None:
            return about[0].attempt.id
        attempt = open_attempt(
            self.db,
            carrier=self.desk.reader.name,
            carrier_id=self.text.carrier_id,
            phone=self._phone_id,
            channel=Channel.SMS,
            status=AttemptStatus.DELIVERED,
            language=self._language,
            whose=about[0] if about else None,
            now=self.now,
        )
        return attempt.id

    def _note(self, reply: Reply, effect: str) -> None:
        self.db.add(Outcome(reply=reply.id, effect=effect, at=self.now))
        self.db.flush()

    @property
    def _phone_id(self) -> int:
        return self.phone.id or 0

    @property
    def _language(self) -> str:
        return self.candidates[0].person.language if self.candidates else "th"
