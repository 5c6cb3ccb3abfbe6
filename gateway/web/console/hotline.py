"""The hotline: its lines now, who waits to be called back, the last calls; it follows what happens by itself."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Depends, Request, Response

from gateway.care.hotline_waits import HotlineRules
from gateway.kit.opening_hours import MIDNIGHT, Span
from gateway.reports.hotline import hotline_view
from gateway.web.console.desk import ConsoleDesk
from gateway.web.console.gate import Visitor
from gateway.web.console.looking import note_page
from gateway.web.console.worklists import age

PATH: Final = "/console/hotline"


def add_routes(routes: APIRouter, desk: ConsoleDesk) -> None:
    """The page, and the part of it that follows the lines."""

    @routes.get("/hotline")
    def page(visitor: Visitor = Depends(desk.gate.page())) -> Response:
        note_page(desk, visitor, "hotline")
        return desk.pages.show(visitor, "hotline.html", **_values(desk, visitor))

    @routes.get("/hotline/now")
    def now(request: Request, visitor: Visitor = Depends(desk.gate.page())) -> Response:
        return desk.pages.live(visitor, request, "hotline_now.html", **_values(desk, visitor))


def _values(desk: ConsoleDesk, visitor: Visitor) -> dict[str, Any]:
    now = desk.clock.now()
    with desk.database.reading() as db:
        view = hotline_view(db, desk.hotline, now=now)
    return {
        "line": view,
        "week": opening_week(desk.hotline),
        "is_always": desk.hotline.hours.is_always,
        "path": PATH,
        "age": lambda since: age(visitor, since, now),
    }


def opening_week(rules: HotlineRules) -> list[tuple[int, int, str]]:
    """Days with the same hours together: (first, last, hours), days from Monday, 0; hours "" on days off."""
    found: list[tuple[int, int, str]] = []
    for day, spans in enumerate(rules.hours.week):
        hours = ", ".join(_said(span) for span in spans)
        if found and found[-1][2] == hours:
            found[-1] = (found[-1][0], day, hours)
        else:
            found.append((day, day, hours))
    return found


def _said(span: Span) -> str:
    return f"{_clock(span.opens)}–{_clock(span.closes)}"


def _clock(minute: int) -> str:
    return "24:00" if minute == MIDNIGHT else f"{minute // 60:02}:{minute % 60:02}"
