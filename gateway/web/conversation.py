"""A call in progress: which call it is, where it stands, and what it says next. One request is one unit of work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain

from sqlmodel import Session, col, select

from gateway.calls.flow import Flow
from gateway.carriers.port import CallEvent
from gateway.dispatch.cases import Case, cases_of
from gateway.dispatch.prepare import flow_name, household_facts
from gateway.dispatch.receipts import keep_unmatched, reopen, went_out
from gateway.records.contacts import Attempt
from gateway.records.conversations import Call
from gateway.records.status import FINAL_ATTEMPTS, LIVE_APPOINTMENTS, ReminderStatus
from gateway.voice.voices import CARRIER
from gateway.web import callers, speaking, spoken_messages, studio_calls
from gateway.web.desk import Desk
from gateway.web.exchange import Exchange
from gateway.web.late import take_late
from gateway.web.turns import begin, said


def answer(desk: Desk, db: Session, attempt_id: str, event: CallEvent) -> str:
    """Somebody, or something, picked up: begin the call, or, while it lasts, say again how it began."""
    attempt = db.get(Attempt, attempt_id)
    now = desk.clock.now()
    if attempt is None:
        keep_unmatched(db, desk.reader.name, event.carrier_id, "answer", -1, {}, now=now)
        return desk.renderer.empty().body
    known = db.exec(select(Call).where(col(Call.attempt) == attempt.id)).first()
    if known is not None:
        is_over = known.closed_at is not None or attempt.status in FINAL_ATTEMPTS
        if is_over or known.carrier_sid != event.carrier_id:
            return speaking.hang_up(desk)
        return said(db, desk, known, 0)
    reopen(db, attempt)  # twice looked for and not found; and here it is
    if attempt.status in FINAL_ATTEMPTS or attempt.carrier_id not in (None, event.carrier_id):
        return speaking.hang_up(desk)  # a second call for the same attempt: never ring twice for one reminder
    went_out(db, attempt, event.carrier_id, now=now)
    if callers.is_call_back(db, attempt.id):
        return callers.answer_back(desk, db, attempt, event)
    cases = cases_of(db, attempt.id)
    if not cases:
        return speaking.hang_up(desk)
    closed = [case.appointment.id for case in cases if not _is_open(desk, attempt, case, now)]
    facts = household_facts(desk.speech, cases, attempt.language, now, closed=closed)
    if desk.speech.voices.of(facts.language) is None:
        facts = replace(facts, voice=_made_ready_in(desk, attempt))
    return begin(desk, db, attempt, _flow_of(desk, cases), facts, _one_person(cases), event, now)


def turn(desk: Desk, db: Session, attempt_id: str, number: int, event: CallEvent) -> str:
    """A key was pressed, something spoken, or nothing. The same turn again gets the same answer and counts once.

    Nobody hears the answer of a call that is over; what was keyed or spoken in it counts all the same.
    """
    call = db.exec(select(Call).where(col(Call.attempt) == attempt_id)).first()
    if call is None:
        keep_unmatched(db, desk.reader.name, event.carrier_id, f"turn {number}", number, {}, now=desk.clock.now())
        return desk.renderer.empty().body
    if call.carrier_sid != event.carrier_id:
        return speaking.hang_up(desk)
    if call.closed_at is not None:
        studio_calls.throw_away(desk, db, call, number, event)
        spoken_messages.keep_late(desk, db, call, number, event)
        take_late(desk, db, call, number, event)
        return speaking.hang_up(desk)
    if number != call.turn_no + 1:
        return said(db, desk, call, min(number, call.turn_no))
    return Exchange(desk, db, call, number, event).play()


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


def _flow_of(desk: Desk, cases: Sequence[Case]) -> Flow:
    """News is told, a reminder asks: the flow in which it was made ready."""
    return desk.flows[flow_name(cases[0].reminder.purpose)]


def _one_person(cases: Sequence[Case]) -> str | None:
    """Whose call it is; on the phone of several, nobody's before one of them was chosen."""
    people = {case.person.id for case in cases}
    return people.pop() if len(people) == 1 else None
