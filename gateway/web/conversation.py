"""A call in progress: which call it is, where it stands, and what it says next. One request is one unit of work."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain

from sqlmodel import Session, col, select

from gateway.calls.flow import (
    CallState,
    CheckPin,
    Event,
    FindPhrase,
    FindSeats,
    Held,
    Hold,
    Keys,
    Note,
    Offer,
    PutDown,
    Request,
    SeatsFound,
    Settle,
    Spoken,
    Take,
    Taken,
    advance,
)
from gateway.calls.last_words import is_waiting_for_a_day
from gateway.calls.saving import state_from_json
from gateway.calls.steps import Because, Node
from gateway.calls.studio_call import StudioNode
from gateway.care import booking
from gateway.care.notices import plan_notice
from gateway.carriers.port import CallEvent
from gateway.dispatch.prepare import Case, call_facts
from gateway.dispatch.receipts import keep_unmatched, went_out
from gateway.kit.answers import Answer
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, AttemptItem, Reminder
from gateway.records.conversations import Call, Reply
from gateway.records.people import Person
from gateway.records.places import Site
from gateway.records.status import (
    FINAL_ATTEMPTS,
    LIVE_APPOINTMENTS,
    Channel,
    ReminderStatus,
)
from gateway.replies.inbox import record_reply
from gateway.replies.outcomes import apply, apply_move
from gateway.voice.voices import CARRIER
from gateway.web import callers, speaking, studio_calls
from gateway.web.desk import Desk
from gateway.web.turns import begin, said, say_or_end

HELD_FOR = timedelta(minutes=10)  # a lost hang-up keeps seats from others no longer than this


def answer(desk: Desk, db: Session, attempt_id: str, event: CallEvent) -> str:
    """Somebody, or something, picked up: begin the call, or say again how it began."""
    attempt = db.get(Attempt, attempt_id)
    now = desk.clock.now()
    if attempt is None:
        keep_unmatched(db, desk.reader.name, event.carrier_id, "answer", -1, {}, now=now)
        return desk.renderer.empty().body
    known = db.exec(select(Call).where(col(Call.attempt) == attempt.id)).first()
    if known is not None:
        return said(db, desk, known, 0) if known.carrier_sid == event.carrier_id else speaking.hang_up(desk)
    if attempt.status in FINAL_ATTEMPTS or attempt.carrier_id not in (None, event.carrier_id):
        return speaking.hang_up(desk)  # a second call for the same attempt: never ring twice for one reminder
    went_out(db, attempt, event.carrier_id, now=now)
    case = _case_of(db, attempt.id)
    if case is None:
        return speaking.hang_up(desk)
    facts = call_facts(desk.speech, case, attempt.language, now, is_open=_is_open(desk, attempt, case, now))
    if desk.speech.voices.of(facts.language) is None:
        facts = replace(facts, voice=_made_ready_in(desk, attempt))
    return begin(desk, db, attempt, desk.flows["reminder_call"], facts, case.person.id, event, now)


def turn(desk: Desk, db: Session, attempt_id: str, number: int, event: CallEvent) -> str:
    """A key was pressed, something spoken, or nothing. The same turn again gets the same answer and counts once."""
    if attempt_id == callers.UNKNOWN:
        return callers.unknown_turn(desk, db, number, event)
    call = db.exec(select(Call).where(col(Call.attempt) == attempt_id)).first()
    if call is None:
        keep_unmatched(db, desk.reader.name, event.carrier_id, f"turn {number}", number, {}, now=desk.clock.now())
        return desk.renderer.empty().body
    if call.carrier_sid != event.carrier_id:
        return speaking.hang_up(desk)
    if call.closed_at is not None:
        studio_calls.throw_away(desk, db, call, number, event)
        return speaking.hang_up(desk)
    if number != call.turn_no + 1:
        return said(db, desk, call, min(number, call.turn_no))
    return _Exchange(desk, db, call, number, event).play()


@dataclass(slots=True)
class _Exchange:
    """One turn of one call: what the flow asks for is answered from the house's own rooms."""

    desk: Desk
    db: Session
    call: Call
    number: int
    event: CallEvent

    def play(self) -> str:
        state = state_from_json(self.call.state)
        flow = self.desk.flows[self.call.flow]
        state = replace(state, facts=speaking.as_it_stands(self.desk, state.facts))
        shown = None if state.node == StudioNode.PIN else self.digits
        before = state
        state, commands = advance(flow, state, self._happened(state), self._answer, self._note)
        state = studio_calls.in_the_studio(self.desk, before, state)
        spoken = say_or_end(self.desk, self.db, self.call, self._follow_move(state), commands, self.number, shown)
        if is_waiting_for_a_day(state) and state_from_json(self.call.state).node == Node.ENDED:
            self._note(Note(Answer.CALLBACK, Because.UNSPEAKABLE))  # the days could not be said
        return spoken

    @property
    def digits(self) -> str:
        """What was keyed, "" for silence."""
        return self.event.digits or ""

    def _happened(self, state: CallState) -> Event:
        recording = self.event.recording
        was_spoken = recording is not None and studio_calls.keep_spoken(
            self.desk, self.db, self.call, self.number, state.studio, recording
        )
        if self.event.hung_up:
            return PutDown()
        return Spoken() if was_spoken else Keys(self.digits)

    def _answer(self, request: Request) -> Event:
        if isinstance(request, CheckPin | FindPhrase | Settle):
            return studio_calls.answer_studio(self.desk, self.db, self.call, self.event, request)
        if isinstance(request, FindSeats):
            return SeatsFound(self._offers(request.count))
        if isinstance(request, Hold):
            until = self.desk.clock.now() + HELD_FOR
            return Held(tuple(o for o in request.offers if booking.hold(self.db, o.session, self.call.id, until=until)))
        return self._take(request)

    def _offers(self, count: int) -> tuple[Offer, ...]:
        appointment = self._appointment()
        regimen = self.desk.regimens.get(appointment.regimen) if appointment else None
        if appointment is None or (regimen is not None and not regimen.may_move_by_key):
            return ()  # a rabies course is not moved by a key: staff ring at once
        found = booking.offers(
            self.db, appointment, now=self.desk.clock.now(), count=count, regimens=self.desk.regimens
        )
        return tuple(Offer(offer.session, offer.starts_at) for offer in found)

    def _take(self, request: Take) -> Event:
        reply, _ = self._record(Answer.MOVE)
        now = self.desk.clock.now()
        moved = apply_move(
            self.db, reply, request.offer.session, call=self.call.id, now=now, regimens=self.desk.regimens
        )
        if moved is None:
            return Taken(None)
        plan_notice(self.db, moved, "moved", now=now)
        self.call.state = {**self.call.state, "moved_to": moved.id}
        return Taken(moved.starts_at)

    def _note(self, note: Note) -> None:
        reply, is_new = self._record(note.answer)
        if is_new:
            apply(self.db, reply, now=self.desk.clock.now(), regimens=self.desk.regimens)

    def _record(self, answer: Answer) -> tuple[Reply, bool]:
        attempt, appointment = self.db.get(Attempt, self.call.attempt), self._appointment()
        return record_reply(
            self.db,
            phone_id=attempt.phone if attempt else 0,
            channel=Channel.VOICE,
            raw=self.digits[:32],
            answer=answer,
            now=self.desk.clock.now(),
            attempt=self.call.attempt,
            call=self.call.id,
            turn_no=self.number,
            person=self.call.person,
            appointment=appointment.id if appointment else None,
        )

    def _appointment(self) -> Appointment | None:
        wanted = self.call.state.get("moved_to") or state_from_json(self.call.state).facts.appointment
        return self.db.get(Appointment, wanted) if wanted else None

    def _follow_move(self, state: CallState) -> CallState:
        """After a move the call goes on about the new appointment."""
        moved = self.call.state.get("moved_to")
        return replace(state, facts=replace(state.facts, appointment=moved)) if moved else state


def _is_open(desk: Desk, attempt: Attempt, case: Case, now: datetime) -> bool:
    """A call that waited in a queue is checked once more when it is answered (law 3)."""
    if attempt.cancel_requested_at is not None or case.appointment.status not in LIVE_APPOINTMENTS:
        return False
    if case.reminder.status not in (ReminderStatus.SENT, ReminderStatus.CLAIMED):
        return False
    return case.reminder.expires_at > now and desk.rules.window.is_open(now)


def _made_ready_in(desk: Desk, attempt: Attempt) -> str:
    """The voice this call was placed in, if it lost a phrase while the telephone rang: the others may do."""
    kept = chain.from_iterable(desk.speech.clips.kept(attempt.language).values())
    return next((one.clip.voice for one in kept if one.clip.sha256 in attempt.assets), CARRIER)


def _case_of(db: Session, attempt_id: str) -> Case | None:
    statement = (
        select(Reminder, Appointment, Person, Site)
        .join(AttemptItem, col(AttemptItem.reminder) == col(Reminder.id))
        .join(Appointment, col(Appointment.id) == col(Reminder.appointment))
        .join(Person, col(Person.id) == col(Reminder.person))
        .join(Site, col(Site.code) == col(Appointment.site))
        .where(col(AttemptItem.attempt) == attempt_id)
        .order_by(col(AttemptItem.position))
    )
    row = db.exec(statement).first()
    return Case(*row) if row is not None else None
