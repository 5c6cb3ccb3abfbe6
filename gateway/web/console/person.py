"""A person's page: who they are, what is agreed, what waits, and the whole story; it follows what happens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session

from gateway.records.people import Person
from gateway.reports.people_search import is_seen_from, survivor_of
from gateway.reports.person_view import PersonView, person_view
from gateway.reports.story import by_day, called_off, story, to_come
from gateway.reports.story_events import Call, Event, Noted
from gateway.web.console.actions import panel
from gateway.web.console.desk import ConsoleDesk
from gateway.web.console.gate import Visitor
from gateway.web.console.looking import note_part, note_person
from gateway.web.console.person_words import PersonWords
from gateway.web.console.trouble import Missing

PATH: Final = "/console/people"
MOST_EVENTS: Final = 120  # on one page; who has more has been with us for years, and older days are a link away
MOST_CALLS: Final = 4  # whose words are on the page itself; those of earlier calls are a link away


def add_routes(routes: APIRouter, desk: ConsoleDesk) -> None:
    """The page, its three parts that follow what happens, and one call or note by itself."""
    _add_single(routes, desk)
    door = Depends(desk.gate.page())

    @routes.get("/people/{person}")
    def page(person: str, visitor: Visitor = door, days: str = "") -> Response:
        now = desk.clock.now()
        with desk.database.reading() as db:
            found = _find(db, person, visitor)
            if found.merged_into is not None:
                return _merged(desk, db, visitor, found)
            values = {**_head(db, found, now, visitor), **_story(db, found, now, visitor, all_days=days == "all")}
            values |= panel(desk, db, found.id)
        note_person(desk, visitor, found.id)
        return desk.pages.show(visitor, "person.html", words=PersonWords(desk, visitor), **values)

    @routes.get("/people/{person}/now")
    def head(request: Request, person: str, visitor: Visitor = door) -> Response:
        return part(request, person, visitor, "person_now.html")

    @routes.get("/people/{person}/side")
    def side(request: Request, person: str, visitor: Visitor = door) -> Response:
        return part(request, person, visitor, "person_side.html")

    def part(request: Request, person: str, visitor: Visitor, template: str) -> Response:
        with desk.database.reading() as db:
            found = _present(db, person, visitor)
            values = _head(db, found, desk.clock.now(), visitor)
        note_part(desk, visitor, found.id)
        return desk.pages.live(visitor, request, template, words=PersonWords(desk, visitor), **values)

    @routes.get("/people/{person}/story")
    def told(request: Request, person: str, visitor: Visitor = door, days: str = "") -> Response:
        with desk.database.reading() as db:
            found = _present(db, person, visitor)
            values = _story(db, found, desk.clock.now(), visitor, all_days=days == "all")
        note_part(desk, visitor, found.id)
        return desk.pages.live(visitor, request, "person_story.html", words=PersonWords(desk, visitor), **values)


def _add_single(routes: APIRouter, desk: ConsoleDesk) -> None:
    door = Depends(desk.gate.page())

    @routes.get("/people/{person}/calls/{call}")
    def call(person: str, call: str, visitor: Visitor = door) -> Response:
        with desk.database.reading() as db:
            found = _present(db, person, visitor)
            heard = next(
                (one for one in story(db, found.id, visitor.site) if isinstance(one, Call) and one.key == call), None
            )
        note_part(desk, visitor, found.id)
        if heard is None:
            raise Missing("person.no_call", back=f"{PATH}/{found.id}")
        words = PersonWords(desk, visitor)
        return desk.pages.show(visitor, "person_call.html", words=words, person=found, call=heard)

    @routes.get("/people/{person}/notes/{note}")
    def whole_note(person: str, note: str, visitor: Visitor = door) -> Response:
        with desk.database.reading() as db:
            found = _present(db, person, visitor)
            written = next(
                (one for one in story(db, found.id, visitor.site) if isinstance(one, Noted) and one.key == note), None
            )
        note_part(desk, visitor, found.id)
        if written is None:
            raise Missing("person.no_note", back=f"{PATH}/{found.id}")
        return desk.pages.show(visitor, "person_note.html", person=found, note=written)


def _find(db: Session, person: str, visitor: Visitor) -> Person:
    """The person of this id; raises Missing for one nobody has, and for one of another site."""
    found = db.get(Person, person)
    if found is None or not is_seen_from(db, survivor_of(db, found), visitor.site):
        raise Missing("person.missing", back=PATH)
    return found


def _present(db: Session, person: str, visitor: Visitor) -> Person:
    """For parts of the page: somebody merged meanwhile is shown as who they are now."""
    return survivor_of(db, _find(db, person, visitor))


def _merged(desk: ConsoleDesk, db: Session, visitor: Visitor, person: Person) -> Response:
    present = survivor_of(db, person)
    return desk.pages.show(visitor, "person_merged.html", person=person, present=present)


def _head(db: Session, person: Person, now: datetime, visitor: Visitor) -> dict[str, Any]:
    view = person_view(db, person, now=now, site=visitor.site)
    return {
        "view": view,
        "person": person,
        "appointments": view.appointments,
        "phones": view.phones,
        "is_reachable": _is_reachable(view),
    }


def _is_reachable(view: PersonView) -> bool:
    """Whether any number is left to text or call."""
    return any(
        phone.parked_at is None and phone.role != "vhv" and "allow" in (phone.sms, phone.voice) for phone in view.phones
    )


def _story(db: Session, person: Person, now: datetime, visitor: Visitor, *, all_days: bool) -> dict[str, Any]:
    events = story(db, person.id, visitor.site)
    days = by_day(events, now)
    shown = days if all_days else _newest(days)
    calls = [event.key for _, group in shown for event in reversed(group) if isinstance(event, Call) and event.turns]
    return {
        "story_of": person.id,
        "ahead": to_come(events, now),
        "called_off": called_off(events),
        "days": shown,
        "days_left": len(days) - len(shown),
        "all_days": all_days,
        "spoken_calls": frozenset(calls[:MOST_CALLS]),
        "newest_call": calls[0] if calls else "",
    }


def _newest(days: Sequence[tuple[date, list[Event]]]) -> list[tuple[date, list[Event]]]:
    """The newest days with MOST_EVENTS between them; one at least."""
    shown: list[tuple[date, list[Event]]] = []
    for one in days:
        if shown and sum(len(group) for _, group in shown) + len(one[1]) > MOST_EVENTS:
            break
        shown.append(one)
    return shown
