"""Who may look at the handsets: anybody while only invented people are on record, staff as soon as one is real."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse
from sqlmodel import col, select

from gateway.records.database import Database
from gateway.records.people import Person
from gateway.records.staffing import Role
from gateway.web.console.desk import ConsoleDesk

Guard = Callable[[Request], Response | None]
ONE_SITE = "The handsets show what everybody was told; your account sees one site only.\n"
NO_PEOPLE = "The handsets show what everybody was told; your account is for recording phrases and sees nobody.\n"

POLL = "/state"
"""What an open page of handsets asks for by itself: it keeps nobody signed in."""


def guard(desk: ConsoleDesk, *, console: str = "") -> Guard:
    """A doorkeeper for pages outside the console that show what people were told; None lets in.

    `console` is the address of the console where another process serves it.
    """

    def ask(request: Request) -> Response | None:
        if not holds_real_people(desk.database):
            return None
        visitor = desk.gate.visitor(request, is_use=not request.url.path.endswith(POLL))
        if visitor is None:
            return RedirectResponse(f"{console}/console/sign-in?next=/sandbox", 303)
        if not visitor.may(Role.STAFF):
            return PlainTextResponse(NO_PEOPLE, 403)
        return PlainTextResponse(ONE_SITE, 403) if visitor.site else None

    return ask


def holds_real_people(database: Database) -> bool:
    """Whether anybody on record is not of the invented sample."""
    with database.reading() as db:
        return db.exec(select(Person.id).where(~col(Person.sample)).limit(1)).first() is not None
