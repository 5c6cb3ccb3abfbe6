"""Who may look at the handsets: anybody while only invented people are on record, staff as soon as one is real."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import col, select

from gateway.records.database import Database
from gateway.records.people import Person
from gateway.web.console.desk import ConsoleDesk

Guard = Callable[[Request], Response | None]


def guard(desk: ConsoleDesk) -> Guard:
    """A doorkeeper for pages outside the console that show what people were told; None lets in."""

    def ask(request: Request) -> Response | None:
        if not holds_real_people(desk.database) or desk.gate.visitor(request) is not None:
            return None
        return RedirectResponse("/console/sign-in?next=/sandbox", 303)

    return ask


def holds_real_people(database: Database) -> bool:
    """Whether anybody on record is not of the invented sample."""
    with database.reading() as db:
        return db.exec(select(Person.id).where(~col(Person.sample)).limit(1)).first() is not None
