"""Today and tomorrow: what needs a person, then every session with its figures; it follows what happens by itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session, col, select

from gateway.kit.clock import bangkok_day, bangkok_time
from gateway.records.places import Site
from gateway.reports.board import Board, Counts, board, day_with_sessions
from gateway.web.console.desk import ConsoleDesk
from gateway.web.console.forecast import Panel
from gateway.web.console.gate import Visitor
from gateway.web.console.trouble import Missing, Refused

PATH: Final = "/console/today"
NOON: Final = 12  # from then on the page opens with tomorrow: that is what is prepared in the afternoon
PARTS: Final = ("confirmed", "answered", "unanswered", "not_asked", "unaskable")
"""The figures that add up to everybody booked, in the order of the bar."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: a day (None: the one the clock names) and a site (None: all)."""

    day: date | None
    site: str | None

    def link(self, day: date | None, path: str = PATH) -> str:
        """The address of another day at the same site."""
        query = {"day": day.isoformat() if day else "", "site": self.site or ""}
        found = urlencode({name: value for name, value in query.items() if value})
        return f"{path}?{found}" if found else path


@dataclass(frozen=True, slots=True)
class Share:
    """A piece of a bar: from `x` on, `width` wide, in hundredths."""

    kind: str
    x: float
    width: float


def add_routes(routes: APIRouter, desk: ConsoleDesk) -> None:
    """The page, and the part of it that is asked for again and again."""
    panel = Panel(desk)

    @routes.get("/today")
    def today(day: str = "", site: str = "", visitor: Visitor = Depends(desk.gate.page())) -> Response:
        asked = asked_for(desk, visitor, day, site)
        with desk.database.reading() as db:
            sites = db.exec(select(Site).order_by(col(Site.code))).all()
            values = _values(desk, db, visitor, asked)
        return desk.pages.show(
            visitor, "today.html", sites=sites, live=asked.link(asked.day, f"{PATH}/board"),
            forecasts=panel.of(visitor), **values,
        )  # fmt: skip

    @routes.get("/today/board")
    def today_board(
        request: Request, day: str = "", site: str = "", visitor: Visitor = Depends(desk.gate.page())
    ) -> Response:
        asked = asked_for(desk, visitor, day, site)
        with desk.database.reading() as db:
            values = _values(desk, db, visitor, asked)
        return desk.pages.live(visitor, request, "today_board.html", **values)


def site_name(site: Site, language: str) -> str:
    """A site as the console calls it: short, in the reader's language where it has a name in it."""
    return site.name_en or site.name if language == "en" else site.short_name or site.name


def vaccine_name(desk: ConsoleDesk, code: str, language: str) -> str:
    """A vaccine in the reader's language; one no regimen knows by its code."""
    regimen = desk.regimens.get(code)
    if regimen is None:
        return code
    return regimen.name_th if language == "th" else regimen.name_en


def shares(counts: Counts) -> list[Share]:
    """The pieces of a session's bar; empty when nobody is in it."""
    figures = [(kind, getattr(counts, kind)) for kind in PARTS]
    total = sum(n for _, n in figures)
    found: list[Share] = []
    x = 0.0
    for kind, n in figures:
        if n:
            width = round(100 * n / total, 3)
            found.append(Share(kind, round(x, 3), width))
            x += width
    return found


def asked_for(desk: ConsoleDesk, visitor: Visitor, day: str, site: str) -> Asked:
    """Read a day and a site from an address; raises Missing for a site that is not theirs, Refused for no day."""
    wanted = site or visitor.site
    if visitor.site is not None and wanted != visitor.site:
        raise Missing(back=PATH)
    if wanted is not None:
        with desk.database.reading() as db:
            if db.get(Site, wanted[:16]) is None:
                raise Missing("today.no_such_site", back=PATH)
    return Asked(_day(desk, day), wanted)


def _day(desk: ConsoleDesk, text: str) -> date | None:
    today = bangkok_day(desk.clock.now())
    if text in ("", "today", "tomorrow"):
        return {"": None, "today": today, "tomorrow": today + timedelta(days=1)}[text]
    try:
        found = date.fromisoformat(text) if re.fullmatch(r"20\d\d-\d\d-\d\d", text) else None
    except ValueError:
        found = None
    if found is None:
        raise Refused("today.bad_day", back=PATH)
    return found


def _values(desk: ConsoleDesk, db: Session, visitor: Visitor, asked: Asked) -> dict[str, Any]:
    now = desk.clock.now()
    today = bangkok_day(now)
    by_clock = today + timedelta(days=1 if bangkok_time(now).hour >= NOON else 0)
    shown = asked.day or by_clock
    found = board(db, shown, site=asked.site)
    return {
        "board": found,
        "shown": shown,
        "today": today,
        "asked": asked,
        "follows": asked.day is None,
        "tabs_of_days": _tabs(asked, today, shown),
        "before": asked.link(shown - timedelta(days=1)),
        "after": asked.link(shown + timedelta(days=1)),
        "rides_link": asked.link(shown, "/console/rides"),
        "next_day": day_with_sessions(db, max(shown, today), site=asked.site) if found.is_empty else None,
        "is_day_off": not desk.rules.window.is_open_day(shown),
        "site_name": lambda site: site_name(site, visitor.language),
        "vaccine": lambda code: vaccine_name(desk, code, visitor.language),
        "shares": shares,
        "parts": PARTS,
        "one_site": _only(found),
    }


def _tabs(asked: Asked, today: date, shown: date) -> Sequence[tuple[str, date, str]]:
    """Today, tomorrow, and another day that was picked."""
    days = {"common.today": today, "common.tomorrow": today + timedelta(days=1)}
    if shown not in days.values():
        days["today.picked"] = shown
    return [(name, day, asked.link(day)) for name, day in days.items()]


def _only(found: Board) -> bool:
    return len(found.sites) == 1
