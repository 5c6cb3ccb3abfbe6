"""Somebody calls us: their own appointments if the number is on record, else what is public and nothing personal.

Who is answered leaves rows, so that a message or a registration belongs to somebody. A withheld number leaves nothing,
and one that calls too often a count alone.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from gateway.calls.calling import Calling
from gateway.calls.flow import (
    Answered,
    CallFacts,
    Event,
    FindHours,
    FindLanguages,
    HoursFound,
    LanguagesFound,
    Note,
    OpenHours,
    Request,
    advance,
)
from gateway.calls.hotline import Hotline
from gateway.care import hotline_waits
from gateway.carriers.port import CallEvent
from gateway.dispatch.allowance import LINE_IS_LOST_AFTER
from gateway.dispatch.cases import Case
from gateway.dispatch.prepare import household_facts
from gateway.dispatch.receipts import take_up
from gateway.kit.opening_hours import clock
from gateway.kit.phones import e164_of
from gateway.records.contacts import Attempt, AttemptItem
from gateway.records.conversations import Call
from gateway.records.house import Counter
from gateway.records.people import Phone
from gateway.records.status import AttemptStatus, Channel, WaitStatus
from gateway.voice.keys import hotline_keys, wanted_keys
from gateway.voice.voices import Voice
from gateway.web import noting, other_languages, speaking, studio_calls
from gateway.web.desk import Desk
from gateway.web.incoming import is_number, keep_phone, open_attempt, phone_of
from gateway.web.turns import nothing_asked, nothing_noted, open_call, said, say_or_end
from gateway.web.whose_call import language_of_phone, those_ahead

HOTLINE: Final = Hotline.name
TOO_OFTEN: Final = "hotline_too_often"
LINE_FULL: Final = "hotline_line_full"  # turned away without a promise: too many wait already
DEFAULT_LANGUAGE: Final = "th"  # until a caller can choose, one who is unknown is greeted in the country's language
_NOBODY: Final = "none"  # in the place of an attempt, where the words ask for no key


def answer_inbound(desk: Desk, db: Session, event: CallEvent) -> str:
    """Answer a call to us; asked again for the same call, the same words."""
    known = db.exec(select(Call).where(col(Call.carrier_sid) == event.carrier_id)).first()
    if known is not None:
        return said(db, desk, known, 0)
    now = desk.clock.now()
    if not is_number(event.caller):
        return _say_only(desk, Calling.NOTHING_MORE, DEFAULT_LANGUAGE, now)
    phone = phone_of(db, event.caller)
    if phone is not None and hotline_waits.has_called_too_often(db, desk.hotline, phone.id or 0, now=now):
        _count(db, TOO_OFTEN)
        if hotline_waits.is_a_flood(db, desk.hotline, phone.id or 0, now=now):
            return speaking.hang_up(desk)
        return _say_only(desk, Calling.TOO_OFTEN, _language(desk, db, phone), now)
    reason = _turned_away(desk, db, phone, now)
    if phone is not None and hotline_waits.is_on_the_line(db, phone.id or 0, since=now - LINE_IS_LOST_AFTER):
        reason = reason or hotline_waits.BUSY  # one number holds one line, and one call's seats
        return _say_only(desk, Calling(f"{reason}_only"), _language(desk, db, phone), now)
    if reason and _is_refused(desk, db, phone):
        _count(db, LINE_FULL)
        language = _language(desk, db, phone) if phone else DEFAULT_LANGUAGE
        return _say_only(desk, Calling(f"{reason}_only"), language, now)
    phone = phone or keep_phone(db, event.caller)
    if phone is None or phone.id is None:
        return speaking.hang_up(desk)
    if reason:
        return _turn_away(desk, db, phone, reason, event, now)
    hotline_waits.got_through(db, phone.id, now=now)
    return _answer(desk, db, phone, event, now)


def answer_back(desk: Desk, db: Session, attempt: Attempt, event: CallEvent) -> str:
    """Somebody picked up whom we call back. Checked once more, as every call: they may have got through meanwhile."""
    now, phone = desk.clock.now(), db.get(Phone, attempt.phone)
    wait = hotline_waits.wait_of_attempt(db, attempt.id)
    is_wanted = wait is not None and wait.status is WaitStatus.CALLING and attempt.cancel_requested_at is None
    if phone is None or not is_wanted or not desk.rules.window.is_open(now):
        return speaking.hang_up(desk)
    facts, cases = _facts(desk, db, phone, Calling.CALLED_BACK, now)
    return _begin(desk, db, attempt, facts, cases, event, now)


def is_call_back(db: Session, attempt: str) -> bool:
    """Whether this call goes to somebody who called us in vain."""
    return hotline_waits.wait_of_attempt(db, attempt) is not None


def _answer(desk: Desk, db: Session, phone: Phone, event: CallEvent, now: datetime) -> str:
    facts, cases = _facts(desk, db, phone, Calling.CALLBACK, now)
    attempt = _attempt(desk, db, phone, event, facts.language, now)
    return _begin(desk, db, attempt, facts, cases, event, now)


def _begin(
    desk: Desk, db: Session, attempt: Attempt, facts: CallFacts, cases: list[Case], event: CallEvent, now: datetime
) -> str:
    """Open the call's row and say its first words."""
    flow, people = desk.flows[HOTLINE], {case.person.id for case in cases}
    for position, case in enumerate(cases):  # what is spoken of: on their page, and in the figures
        whose = {"appointment": case.appointment.id, "person": case.person.id}
        db.add(AttemptItem(attempt=attempt.id, position=position, live=False, **whose))
    begun = flow.begin(facts)
    call = open_call(db, attempt, begun, people.pop() if len(people) == 1 else None, event, now)

    def answer(request: Request) -> Event:
        if isinstance(request, FindLanguages):
            return LanguagesFound(other_languages.find_languages(desk.speech, db, call, begun))
        return HoursFound(_our_hours(desk, now)) if isinstance(request, FindHours) else nothing_asked(request)

    def note(noted: Note) -> None:  # an hour there is no clip for: staff call instead
        noting.note(desk, db, call, 0, "", begun, noted)

    state, commands = advance(flow, begun, Answered(), answer, note)
    said_first = say_or_end(desk, db, call, state, commands, 0, None)
    take_up(db, desk.rules, attempt, now=now)  # who put down at once: the news of it may have been quicker
    return said_first


# Who is not answered now


def _turned_away(desk: Desk, db: Session, phone: Phone | None, now: datetime) -> str:
    """Why nobody can be answered now, "" where somebody can."""
    if not desk.hotline.hours.is_open(now):
        return hotline_waits.CLOSED
    taken = hotline_waits.lines_taken(db, since=now - LINE_IS_LOST_AFTER, but=phone.id if phone else None)
    return hotline_waits.BUSY if taken >= desk.hotline.lines else ""


def _is_refused(desk: Desk, db: Session, phone: Phone | None) -> bool:
    """Whether there is no place left in the line for this number; who has one keeps it."""
    has_place = phone is not None and hotline_waits.open_wait(db, phone.id or 0) is not None
    return not has_place and hotline_waits.is_line_full(db, desk.hotline)


def _turn_away(desk: Desk, db: Session, phone: Phone, reason: str, event: CallEvent, now: datetime) -> str:
    """Say that it is closed or that all lines are taken, and put them in the line of those who are called back."""
    language = _language(desk, db, phone)
    attempt = _attempt(desk, db, phone, event, language, now)
    attempt.reason = reason
    db.add(attempt)
    is_ours = phone.e164 == e164_of(event.called)
    window, hours = desk.rules.window, desk.hotline.hours
    is_ever_called = hours.meets(window.opens, window.closes) and not is_ours
    is_called_back = is_ever_called and hotline_waits.may_call_back(desk.hotline, phone, desk.rules.countries)
    if is_called_back:
        hotline_waits.wait_in_line(db, phone.id or 0, language=language, reason=reason, now=now)
    facts = _public(desk, Calling(reason if is_called_back else f"{reason}_only"), language, now)
    return _begin(desk, db, attempt, facts, [], event, now)


def _say_only(desk: Desk, calling: Calling, language: str, now: datetime) -> str:
    """A few words and goodbye; nothing is kept of it."""
    flow, facts = desk.flows[HOTLINE], replace(_public(desk, calling, language, now), may_record=False)

    def answer(request: Request) -> Event:
        return HoursFound(_our_hours(desk, now)) if isinstance(request, FindHours) else nothing_asked(request)

    _, commands = advance(flow, flow.begin(facts), Answered(), answer, nothing_noted)
    return speaking.put(desk, commands, facts, attempt=_NOBODY, next_turn=1).response


def _our_hours(desk: Desk, now: datetime) -> tuple[OpenHours, ...]:
    span = desk.hotline.hours.next_span(now)
    return (OpenHours("", clock(span.opens), clock(span.closes)),)


# What the call is about


def _facts(desk: Desk, db: Session, phone: Phone, calling: Calling, now: datetime) -> tuple[CallFacts, list[Case]]:
    """What is said to this number, and about whom; nothing about anybody where their language has no voice.

    One person's appointment is said only with their name, where others of the same phone come on other days.
    """
    ahead = those_ahead(db, phone, now=now)
    for cases in (ahead.cases, ahead.of_all):
        facts = _about(desk, cases, calling, now) if cases else None
        if facts is not None and (facts.subjects or facts.name or not ahead.of_all):
            return facts, cases
    return _public(desk, calling, _language(desk, db, phone), now), []


def _about(desk: Desk, cases: list[Case], calling: Calling, now: datetime) -> CallFacts | None:
    """What is said of these; None where their language has no voice."""
    language = desk.speech.spoken_language(cases[0].person.language)
    if language is None or _voice(desk, language)[0] is None:
        return None
    voice, has_all = _voice(desk, language)
    facts = household_facts(desk.speech, cases, language, now)
    facts = replace(
        facts,
        purpose=calling if has_all else Calling.UNSPOKEN,
        voice=voice.name if voice else "",
        may_record=_may_record(desk),
    )
    return speaking.as_it_stands(desk, facts)


def _public(desk: Desk, calling: Calling, language: str, now: datetime) -> CallFacts:
    """Facts of a call that says nothing about anybody, as far as the voice has the phrases for it."""
    voice, has_all = _voice(desk, language)
    if not has_all:
        is_answered = calling in (Calling.CALLBACK, Calling.CALLED_BACK)
        calling = Calling.UNSPOKEN if is_answered else Calling.NOTHING_MORE
    name, hours = voice.name if voice else "", desk.hotline.hours
    opens = None if hours.is_open(now) else hours.next_open(now)  # told to who calls while it is closed
    return CallFacts(
        language=language, now=now, purpose=calling, voice=name, may_record=_may_record(desk), starts_at=opens
    )


def _language(desk: Desk, db: Session, phone: Phone) -> str:
    """The language of the phone's people where it is one that can be spoken, else the country's."""
    wanted = language_of_phone(db, phone)
    spoken = desk.speech.spoken_language(wanted) if wanted else None
    return spoken if spoken and _voice(desk, spoken)[0] is not None else DEFAULT_LANGUAGE


def _voice(desk: Desk, language: str) -> tuple[Voice | None, bool]:
    """Who speaks, and whether they have recorded what only callers hear, too."""
    able = desk.speech.voices.able(language, (*wanted_keys(), *hotline_keys()))
    return able or desk.speech.voices.of(language), able is not None


def _may_record(desk: Desk) -> bool:
    return studio_calls.instructor(desk.speech) is not None


def _attempt(desk: Desk, db: Session, phone: Phone, event: CallEvent, language: str, now: datetime) -> Attempt:
    return open_attempt(
        db,
        carrier=desk.reader.name,
        carrier_id=event.carrier_id,
        phone=phone.id or 0,
        channel=Channel.VOICE,
        status=AttemptStatus.IN_PROGRESS,
        language=language,
        whose=None,
        now=now,
    )


def _count(db: Session, name: str) -> None:
    counter = db.get(Counter, name) or Counter(name=name)
    counter.n += 1
    db.add(counter)
