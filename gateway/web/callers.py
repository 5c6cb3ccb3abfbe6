"""Somebody calls us: their own appointment if the number is on record, else who we are and nothing personal."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, col, select

from gateway.calls.flow import (
    Answered,
    CallFacts,
    CallState,
    CheckPin,
    Event,
    FindPhrase,
    HangUp,
    Keys,
    PhoneCommand,
    Play,
    Request,
    Settle,
    Studio,
    advance,
)
from gateway.calls.hotline import TO_THE_STUDIO, Hotline
from gateway.carriers.port import CallEvent
from gateway.records.contacts import Attempt
from gateway.records.conversations import Call
from gateway.records.people import Phone
from gateway.records.status import AttemptStatus, Channel
from gateway.replies.inbox import Candidate, who_may_this_be
from gateway.voice.keys import Key
from gateway.web import speaking, studio_calls
from gateway.web.desk import Desk
from gateway.web.incoming import is_number, keep_phone, open_attempt, phone_of
from gateway.web.turns import begin, nothing_asked, nothing_noted, open_call, said, say_or_end

HOTLINE = Hotline.name
UNKNOWN = "none"  # stands for the attempt of a caller who is on no record
DEFAULT_LANGUAGE = "th"  # until a caller can choose, one who is unknown is greeted in the country's language


def answer_inbound(desk: Desk, db: Session, event: CallEvent) -> str:
    """Answer a call to us; asked again for the same call, the same words.

    Every call from a phone on record leaves its rows, also one that heard nothing personal: what the carrier says of
    it later belongs to something, and is no work for staff.
    """
    known = db.exec(select(Call).where(col(Call.carrier_sid) == event.carrier_id)).first()
    if known is not None:
        return said(db, desk, known, 0)
    now = desk.clock.now()
    phone = phone_of(db, event.caller)
    if phone is None or phone.id is None:
        return _who_we_are(desk, now)
    whose = _whose(db, phone, now)
    spoken = desk.speech.spoken_language(whose.person.language) if whose else None
    language = spoken or DEFAULT_LANGUAGE
    attempt = _attempt(desk, db, phone.id, event, language, whose, now)
    facts = _facts(desk, whose, language, now) if whose and spoken else _nothing_personal(desk, language, now)
    return begin(desk, db, attempt, desk.flows[HOTLINE], facts, whose.person.id if whose else None, event, now)


def unknown_turn(desk: Desk, db: Session, number: int, event: CallEvent) -> str:
    """A caller on no record pressed a key, or did not; only # leads anywhere.

    Nothing of them is kept before a PIN was right: where they stand is in the turn's own number, odd after the
    greeting, even at the PIN. Asked again for the same call, the same words.
    """
    known = db.exec(select(Call).where(col(Call.carrier_sid) == event.carrier_id)).first()
    if known is not None:
        return said(db, desk, known, number)
    if number < 1:
        return speaking.hang_up(desk)
    before = _stranger(desk, number)

    def answer(request: Request) -> Event:
        if isinstance(request, CheckPin | FindPhrase | Settle):
            return studio_calls.answer_studio(desk, db, None, event, request)
        return nothing_asked(request)

    state, commands = advance(desk.flows[before.flow], before, Keys(event.digits or ""), answer, nothing_noted)
    if state.flow != HOTLINE and not is_number(event.caller):
        state, commands = before, (Play((Key.BYE,)), HangUp())  # a recording must belong to a call one can look up
    state = studio_calls.in_the_studio(desk, before, state)
    if state.studio is not None and state.studio.speaker is not None:
        return _on_record(desk, db, state, commands, number, event)
    return speaking.put(desk, commands, state.facts, attempt=UNKNOWN, next_turn=_turn_after(number, state)).response


def _stranger(desk: Desk, number: int) -> CallState:
    """Where a caller on no record stands at this turn."""
    flow, visits = desk.flows[HOTLINE], (number - 1) // 2
    facts = _nothing_personal(desk, DEFAULT_LANGUAGE, desk.clock.now())
    lobby, _ = advance(flow, flow.begin(facts), Answered(), nothing_asked, nothing_noted)
    lobby = replace(lobby, studio=Studio(visits=visits, wrong_pins=visits))
    if number % 2:
        return lobby
    inside, _ = advance(flow, lobby, Keys(TO_THE_STUDIO), nothing_asked, nothing_noted)
    return studio_calls.in_the_studio(desk, lobby, inside)


def _turn_after(number: int, state: CallState) -> int:
    is_odd = state.flow == HOTLINE
    return number + (1 if (number + 1) % 2 == is_odd else 2)


def _on_record(
    desk: Desk, db: Session, state: CallState, commands: tuple[PhoneCommand, ...], number: int, event: CallEvent
) -> str:
    """A PIN was right: from here on the call has its rows."""
    now, phone = desk.clock.now(), keep_phone(db, event.caller)
    if phone is None or phone.id is None:
        return speaking.hang_up(desk)
    attempt = _attempt(desk, db, phone.id, event, DEFAULT_LANGUAGE, None, now)
    call = open_call(db, attempt, state, None, event, now)
    return say_or_end(desk, db, call, state, commands, number, None)


def _attempt(
    desk: Desk, db: Session, phone: int, event: CallEvent, language: str, whose: Candidate | None, now: datetime
) -> Attempt:
    return open_attempt(
        db,
        carrier=desk.reader.name,
        carrier_id=event.carrier_id,
        phone=phone,
        channel=Channel.VOICE,
        status=AttemptStatus.IN_PROGRESS,
        language=language,
        whose=whose,
        now=now,
    )


def _whose(db: Session, phone: Phone, now: datetime) -> Candidate | None:
    """Whose appointment to speak of; None where several share the phone and none of them was called.

    Who calls back means the call they missed: on a family's phone the newest of them, not the soonest appointment.
    """
    if phone.id is None:
        return None
    candidates = who_may_this_be(db, phone.id, now=now, contacted_within=None)
    called = [(one.attempt.created_at, one) for one in candidates if one.attempt and _is_call(one.attempt)]
    if called:
        return max(called, key=lambda call: call[0])[1]
    is_shared = len({one.person.id for one in candidates}) > 1
    return candidates[0] if candidates and not is_shared else None


def _is_call(attempt: Attempt) -> bool:
    return attempt.channel is Channel.VOICE


def _who_we_are(desk: Desk, now: datetime) -> str:
    """What a number that is on no record hears; without a phone there is nothing to hang a row on."""
    flow, facts = desk.flows[HOTLINE], _nothing_personal(desk, DEFAULT_LANGUAGE, now)
    _, commands = advance(flow, flow.begin(facts), Answered(), nothing_asked, nothing_noted)
    return speaking.put(desk, commands, facts, attempt=UNKNOWN, next_turn=1).response


def _nothing_personal(desk: Desk, language: str, now: datetime) -> CallFacts:
    return CallFacts(
        language=language,
        now=now,
        purpose="callback",
        voice=_voice(desk, language),
        may_record=_may_record(desk),
    )


def _may_record(desk: Desk) -> bool:
    return studio_calls.instructor(desk.speech) is not None


def _voice(desk: Desk, language: str) -> str:
    voice = desk.speech.voices.of(language)
    return voice.name if voice else ""


def _facts(desk: Desk, whose: Candidate, language: str, now: datetime) -> CallFacts:
    appointment = whose.appointment
    regimen = desk.regimens.get(appointment.regimen)
    return CallFacts(
        language=language,
        now=now,
        purpose="callback",
        appointment=appointment.id,
        starts_at=appointment.starts_at,
        dose_number=appointment.dose_no,
        site=appointment.site,
        neutral=whose.person.neutral or (regimen is not None and regimen.neutral),
        voice=_voice(desk, language),
        may_record=_may_record(desk),
    )
