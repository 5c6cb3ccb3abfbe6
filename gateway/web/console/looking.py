"""Who looked at what: kept once in a while, so that a page that follows what happens does not fill the record."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final

from gateway.kit.clock import at_bangkok, bangkok_day
from gateway.staff.audit import is_kept, write_audit
from gateway.staff.looking_back import VIEWED
from gateway.web.console.desk import ConsoleDesk
from gateway.web.console.gate import Visitor

LOOKED_LATELY: Final = timedelta(minutes=10)
"""Business time within which opening the same person's page again is not written down again."""


def note_person(desk: ConsoleDesk, visitor: Visitor, person: str) -> None:
    """Keep that a person's page was opened: numbers and names are on it in full."""
    note_look(desk, visitor, "person", person, person=person, since=desk.clock.now() - LOOKED_LATELY)


def note_part(desk: ConsoleDesk, visitor: Visitor, person: str) -> None:
    """Keep that a part of a person's page was asked for, once a Bangkok day: an open page asks every two seconds."""
    note_look(desk, visitor, "person", person, person=person, since=this_morning(desk.clock.now()))


def note_page(desk: ConsoleDesk, visitor: Visitor, page: str) -> None:
    """Keep that a page with whole numbers on it was opened, once a Bangkok day."""
    note_look(desk, visitor, "page", page, since=this_morning(desk.clock.now()))


def note_look(
    desk: ConsoleDesk, visitor: Visitor, kind: str, subject: str, *, since: datetime, person: str | None = None
) -> None:
    """Keep a look, unless one of this visitor's is kept after `since` (aware, business time)."""
    with desk.database.reading() as db:
        if is_kept(db, staff=visitor.id, verb=VIEWED, kind=kind, subject=subject, since=since):
            return
    with desk.database.unit_of_work() as db:
        if not is_kept(db, staff=visitor.id, verb=VIEWED, kind=kind, subject=subject, since=since):
            now = desk.clock.now()
            write_audit(db, staff=visitor.id, verb=VIEWED, kind=kind, subject=subject, person=person, now=now)


def this_morning(now: datetime) -> datetime:
    """A moment before the Bangkok day began, so that what was kept at midnight itself is of the day."""
    return at_bangkok(bangkok_day(now), time()) - timedelta(microseconds=1)
