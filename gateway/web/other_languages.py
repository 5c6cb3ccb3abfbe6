"""Key *: which languages a call can go on in, and going on in one of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Final

from sqlmodel import Session, col, select

from gateway.calls.flow import CallFacts, CallState
from gateway.calls.hotline import Hotline
from gateway.dispatch.prepare import Speech
from gateway.records.contacts import Attempt
from gateway.records.conversations import Call
from gateway.records.people import Person, PhoneRole
from gateway.records.places import Site
from gateway.staff.audit import write_audit
from gateway.voice.keys import Key, hotline_keys
from gateway.voice.prompts import Prompt
from gateway.voice.speaker import can_name
from gateway.voice.voices import Voice
from gateway.web.desk import Desk
from gateway.web.names import place_prompt
from gateway.web.whose_call import people_on

IN_THE_MENU: Final = (Key.LANGUAGE_THIS, Key.PRESS_1, Key.PRESS_2, Key.PRESS_3)
"""What a voice must be able to say for its language to be offered."""


def find_languages(speech: Speech, db: Session, call: Call, state: CallState) -> tuple[str, ...]:
    """The languages that can be spoken now but for the present one; those of the people around here first.

    Around here: on record at the sites this call has to do with. Then in the order of the table.
    """
    codes = [code for code in speech.languages.codes if code != state.facts.language]
    spoken = [code for code in codes if _voice_for(speech, state, code) is not None]
    often = _frequent(db, _sites(db, call, state.facts))
    return tuple(sorted(spoken, key=lambda code: -often[code]))


def speak_in(desk: Desk, db: Session, call: Call, state: CallState, language: str) -> CallFacts | None:
    """The same facts in `language`, which is remembered of who chose it; None where it has no voice now."""
    voice = _voice_for(desk.speech, state, language) if language in desk.speech.languages.codes else None
    if voice is None:
        return None
    _remember(desk, db, call, state, language)
    return _renamed(desk.speech, db, state.facts, voice)


def _voice_for(speech: Speech, state: CallState, language: str) -> Voice | None:
    """Who can say the menu and the rest of this call; a caller hears more than who is called."""
    if speech.voices.of(language) is None:
        return None
    more = hotline_keys() if state.flow == Hotline.name else ()
    return speech.voices.able(language, (*IN_THE_MENU, *more))


def _sites(db: Session, call: Call, facts: CallFacts) -> set[str]:
    known = {facts.site, *(subject.site for subject in facts.subjects)} - {""}
    attempt = db.get(Attempt, call.attempt)
    if known or attempt is None:
        return known
    return {person.site for person in people_on(db, attempt.phone) if person.site}


def _frequent(db: Session, sites: set[str]) -> Counter[str]:
    living = (col(Person.merged_into).is_(None), col(Person.died_on).is_(None))
    around = (col(Person.site).in_(sites),) if sites else ()
    return Counter(db.exec(select(Person.language).where(*living, *around)).all())


def _remember(desk: Desk, db: Session, call: Call, state: CallState, language: str) -> None:
    """Who chose it is spoken to in it from now on; nobody at the console did that, and it is written down."""
    person = _who_chose(db, call, state)
    if person is None or person.language == language:
        return
    before, person.language = person.language, language
    db.add(person)
    db.flush()
    write_audit(
        db,
        staff=None,
        verb="language_chosen",
        kind="person",
        subject=person.id,
        person=person.id,
        before={"language": before},
        after={"language": language, "by": "call"},
        now=desk.clock.now(),
    )


def _who_chose(db: Session, call: Call, state: CallState) -> Person | None:
    """Whom the call speaks of, if that is one; on a household's phone, whose own it is."""
    facts = state.facts
    chosen = {facts.subjects[at].person for at in state.chosen}
    if len(chosen) == 1:
        return db.get(Person, chosen.pop())
    if not facts.subjects and (facts.person or call.person):
        return db.get(Person, facts.person or call.person)
    return _owner(db, call)


def _owner(db: Session, call: Call) -> Person | None:
    attempt = db.get(Attempt, call.attempt)
    if attempt is None:
        return None
    owners = people_on(db, attempt.phone, role=PhoneRole.OWN)
    return owners[0] if len(owners) == 1 else None


def _renamed(speech: Speech, db: Session, facts: CallFacts, voice: Voice) -> CallFacts:
    """The facts with this voice, and what it can say of names and places."""
    subjects = tuple(
        replace(
            one,
            name=_name(speech, db, voice, one.person, one.name),
            place=_place(speech, db, voice, one.site, one.place),
        )
        for one in facts.subjects
    )
    places = {one.place for one in subjects} or {_place(speech, db, voice, facts.site, facts.place)}
    return replace(
        facts,
        language=voice.language,
        voice=voice.name,
        subjects=subjects,
        place=places.pop() if len(places) == 1 else "",
        name="" if subjects else _name(speech, db, voice, facts.person, facts.name),
    )


def _name(speech: Speech, db: Session, voice: Voice, who: str, before: str) -> str:
    """Their name, where this voice has spoken it; beeps stand in for it only where they were named before."""
    person = db.get(Person, who) if who else None
    prompt = speech.scripts[voice.language].name_prompt(person.name) if person else None
    return _said(voice, prompt) if before or voice.says(prompt) else ""


def _place(speech: Speech, db: Session, voice: Voice, code: str, before: str) -> str:
    """The place, where this voice has spoken it; beeps stand in for it only where it was named before."""
    site = db.get(Site, code) if code else None
    prompt = place_prompt(speech, voice.language, site) if site else None
    return _said(voice, prompt) if before or voice.says(prompt) else ""


def _said(voice: Voice, prompt: Prompt | None) -> str:
    return str(prompt.key) if prompt is not None and can_name(voice, prompt) else ""
