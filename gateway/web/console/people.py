"""Finding a person: one box for a name, the end of a number, a village or a hospital number.

The words that are looked for travel in a form, never in an address: addresses end in logs and histories.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from fastapi import APIRouter, Depends, Response
from sqlmodel import Session, col, select

from gateway.kit.clock import bangkok_day
from gateway.kit.thai_dates import DateError, parse_date
from gateway.plan.reach import age_on
from gateway.records.places import Site
from gateway.reports.people_search import Found, Wanted, search_people, waiting_people
from gateway.staff.audit import write_audit
from gateway.web.console.desk import ConsoleDesk
from gateway.web.console.gate import Posted, Visitor

PATH: Final = "/console/people"
_LONGEST: Final = 120


@dataclass(frozen=True, slots=True)
class Asked:
    """What stood in the form; `day` as it was typed."""

    typed: str = ""
    site: str = ""
    language: str = ""
    day: str = ""


def add_routes(routes: APIRouter, desk: ConsoleDesk) -> None:
    """The form, and its answer."""

    @routes.get("/people")
    def form(visitor: Visitor = Depends(desk.gate.page())) -> Response:
        return _page(desk, visitor, Asked())

    @routes.post("/people")
    def answer(posted: Posted = Depends(desk.gate.form())) -> Response:
        fields = posted.fields
        asked = Asked(*(fields.get(name, "").strip()[:_LONGEST] for name in ("typed", "site", "language", "day")))
        return _page(desk, posted.visitor, asked, is_asked=True)


def _page(desk: ConsoleDesk, visitor: Visitor, asked: Asked, *, is_asked: bool = False) -> Response:
    now = desk.clock.now()
    with desk.database.reading() as db:
        sites = _sites(db, visitor)
        wanted, is_day_wrong = _wanted(desk, asked, sites)
        is_sound = is_asked and not is_day_wrong
        found = search_people(db, wanted, site=visitor.site, now=now) if is_sound else None
        shown = found.people if found else waiting_people(db, site=visitor.site, now=now)
    if found and found.problem is None:
        _note_search(desk, visitor, found)
    return desk.pages.show(
        visitor,
        "people.html",
        status=400 if is_day_wrong else 200,
        asked=asked,
        sites=sites,
        site_name=_site_names(sites, visitor.language),
        languages=_language_choices(desk),
        found=found,
        is_day_wrong=is_day_wrong,
        problem=found.problem.value if found and found.problem else "",
        lines=[(one, age_on(one.birth_date, bangkok_day(now))) for one in shown],
        example=bangkok_day(now),
    )


def _note_search(desk: ConsoleDesk, visitor: Visitor, found: Found) -> None:
    """Keep that somebody was looked for, and never the words: they are names and numbers."""
    with desk.database.unit_of_work() as db:
        write_audit(db, staff=visitor.id, verb="searched", kind="page", subject="people",
                    after={"found": len(found.people)}, now=desk.clock.now())  # fmt: skip


def _wanted(desk: ConsoleDesk, asked: Asked, sites: list[Site]) -> tuple[Wanted, bool]:
    """What is meant, and whether the day cannot be read; a site or language that is no choice is no filter."""
    day: date | None = None
    is_wrong = False
    if asked.day:
        try:
            day = parse_date(asked.day, today=bangkok_day(desk.clock.now()))
        except DateError:
            is_wrong = True
    site = asked.site if any(one.code == asked.site for one in sites) else None
    language = asked.language if asked.language in desk.languages.codes else None
    return Wanted(asked.typed, site=site, language=language, day=day), is_wrong


def _sites(db: Session, visitor: Visitor) -> list[Site]:
    query = select(Site).order_by(col(Site.code))
    return list(db.exec(query.where(col(Site.code) == visitor.site) if visitor.site else query))


def _site_names(sites: list[Site], language: str) -> Mapping[str, str]:
    return {one.code: (one.name_en if language == "en" and one.name_en else one.short_name or one.name)
            for one in sites}  # fmt: skip


def _language_choices(desk: ConsoleDesk) -> list[tuple[str, str]]:
    return [(code, desk.languages.get(code).own_name) for code in desk.languages.codes]
