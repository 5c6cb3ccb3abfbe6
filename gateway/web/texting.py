"""A text came in: who may it be from, what does it mean, what comes of it. Never guessed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from gateway.care.consent import record_start
from gateway.care.notices import plan_notice
from gateway.care.tasks import open_task
from gateway.carriers.port import InboundSms
from gateway.dispatch.receipts import keep_unmatched
from gateway.kit.answers import Answer
from gateway.records.conversations import Outcome, Reply
from gateway.records.people import PersonPhone, Phone
from gateway.records.status import AttemptStatus, Channel, TaskKind
from gateway.replies.inbox import Candidate, record_reply, who_may_this_be
from gateway.replies.outcomes import apply
from gateway.replies.sms import is_start, read_reply
from gateway.web.desk import Desk
from gateway.web.incoming import open_attempt, phone_of

LONGEST = 1600
FOR_THE_PHONE = (Answer.STOP, Answer.WRONG_PERSON)  # these mean everybody who uses it


def take_text(desk: Desk, db: Session, text: InboundSms) -> None:
    """Keep the text once, and let it take effect where it is clear whose it is and what it says."""
    now = desk.clock.now()
    phone = phone_of(db, text.sender)
    if phone is None or phone.id is None:
        keep_unmatched(db, desk.reader.name, text.carrier_id, "text", -1, {"body": text.body[:LONGEST]}, now=now)
        return
    candidates = who_may_this_be(db, phone.id, now=now) or who_may_this_be(db, phone.id, now=now, contacted_within=None)
    language = candidates[0].person.language if candidates else "th"
    answer = read_reply(text.body, language)
    whose = candidates[0] if len({c.person.id for c in candidates}) == 1 else None
    reply, is_new = record_reply(
        db,
        phone_id=phone.id,
        channel=Channel.SMS,
        raw=text.body[:LONGEST],
        answer=answer,
        now=now,
        attempt=_attempt_for(desk, db, phone.id, text, whose, language, now),
        carrier_msg_id=text.carrier_id,
        person=whose.person.id if whose else None,
        appointment=whose.appointment.id if whose else None,
    )
    if is_new and is_start(text.body):
        _resume(db, reply, phone, now)
    elif is_new and candidates and whose is None and answer not in FOR_THE_PHONE:
        _ask_staff(db, reply, candidates, now)
    elif is_new:
        _take_effect(desk, db, reply, whose, now)


def _take_effect(desk: Desk, db: Session, reply: Reply, whose: Candidate | None, now: datetime) -> None:
    outcomes = apply(db, reply, now=now, regimens=desk.regimens)
    if whose is not None and any(outcome.effect == "confirmed" for outcome in outcomes):
        plan_notice(db, whose.appointment, "confirmed", now=now)


def _ask_staff(db: Session, reply: Reply, candidates: Sequence[Candidate], now: datetime) -> None:
    """Several people share the phone: staff are told which, and where, and nobody's answer is made up."""
    ids = " ".join(one.appointment.id for one in candidates)
    open_task(
        db,
        TaskKind.QUESTION,
        reply.id,
        person=candidates[0].person.id,
        site=candidates[0].appointment.site,
        village=candidates[0].person.village or None,
        detail=f"{reply.answer.value} by text, from one phone for {len(candidates)} appointments: {ids}"[:200],
        now=now,
    )
    db.add(Outcome(reply=reply.id, effect="question", at=now))


def _resume(db: Session, reply: Reply, phone: Phone, now: datetime) -> None:
    """Everybody who uses this phone may be texted and called again, from now on; nothing missed is sent."""
    statement = (
        select(PersonPhone.person).where(col(PersonPhone.phone) == reply.phone).order_by(col(PersonPhone.person))
    )
    for person in db.exec(statement).all():
        record_start(db, person, reply.phone, source="text", reply=reply.id, now=now)
    db.add(Outcome(reply=reply.id, effect="resumed", at=now))


def _attempt_for(
    desk: Desk, db: Session, phone: int, text: InboundSms, whose: Candidate | None, language: str, now: datetime
) -> str:
    """The attempt this text answers; a text that answers none becomes an inbound attempt of its own."""
    if whose is not None and whose.attempt is not None:
        return whose.attempt.id
    attempt = open_attempt(
        db,
        carrier=desk.reader.name,
        carrier_id=text.carrier_id,
        phone=phone,
        channel=Channel.SMS,
        status=AttemptStatus.DELIVERED,
        language=language,
        whose=whose,
        now=now,
    )
    return attempt.id
