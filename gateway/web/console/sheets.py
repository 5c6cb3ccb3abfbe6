"""The list of a session: on the screen, and on paper for the table at the door.

What is told of telephones, and why: on the screen a number shows its last three digits only, in the page's source as
well; who needs it opens the person's page. The paper gives the whole number of those who have not confirmed, because
staff ring them from it, often where there is no screen; of those who confirmed it gives none, for paper gets lost. It
is a page of its own, so that no number lies in the one that stays open all day. Opening either is kept in the record
of deeds, once for each member of staff, session and Bangkok day.
"""

from __future__ import annotations

from datetime import datetime, time
from typing import Final

from fastapi import APIRouter, Depends, Response
from sqlmodel import Session, col, select

from gateway.kit.clock import at_bangkok, bangkok_day
from gateway.kit.phones import mask
from gateway.records.staffing import Audit, Role
from gateway.reports.sheet import sheet
from gateway.staff.audit import write_audit
from gateway.web.console.dates import say_day
from gateway.web.console.desk import ConsoleDesk
from gateway.web.console.gate import Visitor
from gateway.web.console.today import site_name, vaccine_name
from gateway.web.console.trouble import Missing

TODAY: Final = "/console/today"
VIEWED, PRINTED = "viewed", "printed"


def add_routes(routes: APIRouter, desk: ConsoleDesk) -> None:
    """The list, and the list on paper."""

    @routes.get("/sessions/{session}")
    def on_screen(session: str, visitor: Visitor = Depends(desk.gate.page())) -> Response:
        return _show(desk, visitor, session, "sheet.html", VIEWED)

    @routes.get("/sessions/{session}/paper")
    def on_paper(session: str, visitor: Visitor = Depends(desk.gate.page())) -> Response:
        return _show(desk, visitor, session, "sheet_paper.html", PRINTED)


def _show(desk: ConsoleDesk, visitor: Visitor, session: str, template: str, verb: str) -> Response:
    now = desk.clock.now()
    with desk.database.reading() as db:
        found = sheet(db, session, site=visitor.site)
        is_known = found is None or _is_kept(db, visitor.id, session, verb, now)
    if found is None:
        raise Missing("sheets.no_such_session", back=TODAY)
    if not is_known:
        with desk.database.unit_of_work() as db:
            write_audit(db, staff=visitor.id, verb=verb, kind="session", subject=session, now=now)
    day = found.session.day
    return desk.pages.show(
        visitor,
        template,
        sheet=found,
        days=[say_day(day, language) for language in ("th", "en")],
        site_name=site_name(found.site, visitor.language),
        vaccine=lambda code: vaccine_name(desk, code, visitor.language),
        mask=mask,
        national=national,
        back=f"{TODAY}?day={day.isoformat()}" + (f"&site={found.site.code}" if visitor.site else ""),
        confirmed=found.confirmed,
        is_today=day == bangkok_day(now),
        may_close=visitor.may(Role.MANAGER) and found.session.closed_at is None and found.session.starts_at > now,
    )


def national(e164: str) -> str:
    """A Thai number as people here dial it, in groups: 081-234-5678; another country's as it is."""
    if not e164.startswith("+66"):
        return e164
    digits = "0" + e164[3:]
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"


def _is_kept(db: Session, staff: str, session: str, verb: str, now: datetime) -> bool:
    statement = select(Audit.id).where(
        col(Audit.kind) == "session",
        col(Audit.subject) == session,
        col(Audit.staff) == staff,
        col(Audit.verb) == verb,
        col(Audit.at) >= at_bangkok(bangkok_day(now), time(0, 0)),
    )
    return db.exec(statement).first() is not None
