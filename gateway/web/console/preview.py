"""Any text on a drawn phone and any call phrase by phrase, before anybody gets them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session, col, select

from gateway.dispatch.prepare import Case
from gateway.dispatch.preview import (
    LONGEST_QUESTION,
    SAID_BY,
    SPOKEN,
    Choice,
    ShownCall,
    ShownPhrase,
    ShownText,
    Source,
    case_of,
    invented_case,
    show_call,
    show_text,
)
from gateway.records.agreements import Appointment
from gateway.records.people import Person
from gateway.records.places import Site
from gateway.records.status import LIVE_APPOINTMENTS
from gateway.web.console.actions import find_person, page_of
from gateway.web.console.desk import ConsoleDesk
from gateway.web.console.gate import Visitor
from gateway.web.console.looking import note_person
from gateway.web.console.trouble import Missing, Refused
from gateway.wording.catalogue import Purpose

PATH: Final = "/console/words/preview"
ROUTES: Final = ("house", "two_way", "one_way")
_STACKING: Final = "\u1039\u17d2"  # Burmese and Khmer: what follows is written under the letter
_TWO_WAY: Final = {"two_way": True, "one_way": False}


@dataclass(frozen=True, slots=True)
class Wish:
    """What was chosen on the page."""

    language: str
    purpose: Purpose
    neutral: bool
    route: str
    longest: bool

    @property
    def choice(self) -> Choice:
        """The same, as the preview asks for it."""
        return Choice(self.language, self.purpose, self.neutral, _TWO_WAY.get(self.route), self.longest)


def add_routes(routes: APIRouter, desk: ConsoleDesk) -> None:
    """The page, for somebody invented and for a person on record."""
    door = Depends(desk.gate.page())

    @routes.get("/words/preview")
    def page(request: Request, visitor: Visitor = door) -> Response:
        wish = _read(desk, request.query_params, PATH)
        case, at = invented_case(desk.speech, wish.choice, desk.clock.now())
        return _show(desk, visitor, wish, case, at)

    @routes.get("/people/{person}/preview")
    def of_person(request: Request, person: str, visitor: Visitor = door) -> Response:
        with desk.database.reading() as db:
            found = find_person(db, person, visitor)
            wish = _read(desk, {**request.query_params, "language": found.language}, page_of(found.id))
            case = _next_case(db, found, wish.purpose, desk.clock.now())
        note_person(desk, visitor, found.id)
        return _show(desk, visitor, wish, case, desk.clock.now(), person=found)


def _read(desk: ConsoleDesk, raw: Mapping[str, str], back: str) -> Wish:
    """What the address asks for; raises Refused for a language or purpose there is not."""
    language, purpose = raw.get("language") or "th", raw.get("purpose") or Purpose.REMINDER.value
    if language not in desk.languages.codes:
        raise Refused("preview.no_language", back=back)
    if purpose not in list(Purpose):
        raise Refused("preview.no_purpose", back=back)
    route = raw.get("route", "")
    is_neutral, is_longest = raw.get("neutral") == "yes", raw.get("names") == "longest"
    return Wish(language, Purpose(purpose), is_neutral, route if route in ROUTES else "house", is_longest)


def _next_case(db: Session, person: Person, purpose: Purpose, now: datetime) -> Case:
    """The person with their next appointment; raises Missing where there is none ahead."""
    ahead = (col(Appointment.status).in_(LIVE_APPOINTMENTS), col(Appointment.starts_at) > now)
    mine = select(Appointment).where(col(Appointment.person) == person.id, *ahead)
    appointment = db.exec(mine.order_by(col(Appointment.starts_at))).first()
    if appointment is None:
        raise Missing("preview.no_appointment", back=page_of(person.id))
    return case_of(person, appointment, db.get_one(Site, appointment.site), purpose, now)


def _show(
    desk: ConsoleDesk, visitor: Visitor, wish: Wish, case: Case, at: datetime, person: Person | None = None
) -> Response:
    speech, rules = desk.speech, desk.rules
    text = show_text(
        speech, case, at, cost=rules.cost_per_segment, two_way=wish.choice.two_way, neutral=wish.neutral
    )  # fmt: skip
    call = None
    if wish.purpose in SPOKEN:
        call = show_call(speech, case, at, cost=rules.cost_per_call, neutral=wish.neutral)
    words = PreviewWords(desk, visitor, wish.language)
    values: dict[str, Any] = {"wish": wish, "text": text, "call": call, "words": words, "person": person, "at": at}
    return desk.pages.show(visitor, "preview.html", **values, **_choices(desk))


def _choices(desk: ConsoleDesk) -> dict[str, Any]:
    return {
        "path": PATH,
        "languages": desk.languages.codes,
        "purposes": list(Purpose),
        "routes": ROUTES,
        "said_by": SAID_BY,
        "longest_question": LONGEST_QUESTION,
    }


@dataclass(frozen=True, slots=True)
class PreviewWords:
    """What the template asks for in the visitor's words; `wanted` is the language that was chosen."""

    desk: ConsoleDesk
    visitor: Visitor
    wanted: str

    def tongue(self, code: str) -> str:
        """A language's own name and, for who cannot read that, ours."""
        language = self.desk.languages.get(code)
        return language.own_name if language.own_name == language.name else f"{language.own_name} ({language.name})"

    def why(self, reason: str) -> str:
        """Why something would not go out, and what to do; a reason without words is shown as it is stored."""
        key = f"worklists.why.{reason}"
        known = self.visitor.words.phrase(key) is not None
        return self.visitor.t(key, tongue=self.tongue(self.wanted)) if known else reason

    def parts(self, text: ShownText) -> str:
        """How many parts, and how to make them fewer."""
        if text.advice is None or text.advice.over == 0:
            return self.visitor.t("preview.parts", n=len(text.parts))
        values = {"parts": text.advice.parts, "fewer": text.advice.parts - 1}
        return self.visitor.t("preview.parts_less", n=text.advice.over, **values)

    def on_the_phone(self, text: ShownText) -> list[str]:
        """The parts for reading: a mark between two must not tear a letter from its signs."""
        shown: list[str] = []
        for part in text.parts:
            signs = _signs_at_start(part, shown[-1] if shown else "")
            if shown:
                shown[-1] += part[:signs]
            shown.append(part[signs:])
        return shown

    def heard(self, call: ShownCall) -> list[tuple[str, int]]:
        """From where its phrases come, with how many from each, those that are used."""
        return [(source.value, n) for source in Source if (n := call.count(source))]

    def aside(self, phrase: ShownPhrase, language: str) -> str:
        """The phrase for who does not know its language; "" where nothing is needed, or nobody translated it."""
        if self.visitor.language == "en":
            return phrase.back if language != "en" else ""
        if language == "th":
            return ""
        thai = self.desk.speech.scripts.get("th")
        prompt = thai.prompts.get(phrase.key) if thai else None
        return prompt.text if prompt else phrase.back


def _signs_at_start(part: str, before: str) -> int:
    """How many characters at the start of `part` belong to the letter that `before` ends with."""
    count = 0
    while before and count < len(part) and _hangs_on(part[count], part[count - 1] if count else before[-1]):
        count += 1
    return count


def _hangs_on(letter: str, last: str) -> bool:
    return last in _STACKING or unicodedata.category(letter).startswith("M")
