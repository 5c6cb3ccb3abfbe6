"""What is shown beside the deeds: appointments one may act on, the calendar of seats, the question before a death."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final

from fastapi import APIRouter, Depends, Request, Response

from gateway.care.calendar import LATE, month_of
from gateway.kit.clock import bangkok_day
from gateway.records.agreements import Appointment
from gateway.records.places import Site
from gateway.records.status import LIVE_APPOINTMENTS
from gateway.web.console.actions import find_appointment, find_person, page_of, panel
from gateway.web.console.desk import ConsoleDesk
from gateway.web.console.gate import Visitor
from gateway.web.console.looking import note_part
from gateway.web.console.trouble import Missing, Refused

_MONTH: Final = re.compile(r"20\d\d-(?:0[1-9]|1[0-2])")


def add_routes(routes: APIRouter, desk: ConsoleDesk) -> None:
    """Pages that only show; their forms go to `actions`."""

    @routes.get("/people/{person}/standing")
    def standing(request: Request, person: str, visitor: Visitor = Depends(desk.gate.page())) -> Response:
        with desk.database.reading() as db:
            values = panel(desk, db, find_person(db, person, visitor).id)
        note_part(desk, visitor, person)
        return desk.pages.live(visitor, request, "person_standing.html", **values)

    @routes.get("/people/{person}/move/{appointment}")
    def move(
        person: str,
        appointment: str,
        month: str = "",
        site: str = "",
        visitor: Visitor = Depends(desk.gate.page()),
    ) -> Response:
        return desk.pages.show(visitor, "move.html", **_calendar(desk, visitor, person, appointment, month, site))

    @routes.get("/people/{person}/died")
    def died(person: str, visitor: Visitor = Depends(desk.gate.page())) -> Response:
        with desk.database.reading() as db:
            found = find_person(db, person, visitor)
        if found.merged_into or found.died_on:
            key = "person_merged" if found.merged_into else "person_dead"
            raise Refused(f"actions.refused.{key}", back=page_of(person))
        return desk.pages.show(visitor, "action_died.html", person=found, today=bangkok_day(desk.clock.now()))


def _calendar(
    desk: ConsoleDesk, visitor: Visitor, person: str, appointment: str, month: str, site: str
) -> dict[str, Any]:
    now = desk.clock.now()
    with desk.database.reading() as db:
        found = find_appointment(db, appointment, visitor)
        if found.person != person:
            raise Missing("actions.refused.no_appointment", back=page_of(person))
        who = find_person(db, person, visitor)
        if found.status not in LIVE_APPOINTMENTS or who.died_on or who.merged_into:
            raise Refused("actions.refused.not_live", back=page_of(person))
        shown = month_of(
            db,
            found,
            first=_first(month, found, now=bangkok_day(now)),
            site=site[:16],
            now=now,
            regimens=desk.regimens,
            holidays=desk.rules.window.holidays,
        )
        here = db.get_one(Site, found.site)
    regimen = desk.regimens.get(found.regimen)
    names = (regimen.name_th, regimen.name_en) if regimen else (found.regimen, found.regimen)
    return {
        "person": who,
        "appointment": found,
        "month": shown,
        "site": here,
        "regimen": names[visitor.language == "en"],
        "urgent": regimen is not None and not regimen.may_move_by_key,
        "late": any(LATE in choice.warnings and not choice.obstacle for day in shown.days for choice in day.choices),
        "base": f"{page_of(person)}/move/{appointment}",
    }


def _first(month: str, appointment: Appointment, *, now: date) -> date:
    """The month asked for, else the appointment's own; never one that is over."""
    wanted = date.fromisoformat(f"{month}-01") if _MONTH.fullmatch(month) else bangkok_day(appointment.starts_at)
    return max(wanted, now.replace(day=1))
