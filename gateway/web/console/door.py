"""The door: people are checked in on their session's list, one form each."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Depends, Response
from sqlmodel import Session

from gateway.care.desk_door import arrived, not_arrived
from gateway.care.desk_work import NotPossible
from gateway.records.agreements import Appointment
from gateway.records.places import Session as Sitting
from gateway.web.console.desk import ConsoleDesk
from gateway.web.console.gate import Posted
from gateway.web.console.trouble import Missing, Refused

_DEEDS: Final = {"arrived": arrived, "not_arrived": not_arrived}


def add_routes(routes: APIRouter, desk: ConsoleDesk) -> None:
    """The form of the list; the deed is undone from the band above it, back to the list."""

    @routes.post("/sessions/{session}/arrived")
    def check_in(session: str, posted: Posted = Depends(desk.gate.form())) -> Response:
        return desk.gate.once(posted, lambda db: _check_in(desk, db, session, posted))


def _check_in(desk: ConsoleDesk, db: Session, session: str, posted: Posted) -> str:
    back, site = f"/console/sessions/{session}", posted.visitor.site
    sitting = db.get(Sitting, session)
    if sitting is None or site not in (None, sitting.site):
        raise Missing("sheets.no_such_session", back="/console/today")
    appointment = db.get(Appointment, posted.fields.get("appointment", "")[:32])
    if appointment is None or appointment.session != session:
        raise Refused("sheets.not_in_session", back=back)
    deed = _DEEDS.get(posted.fields.get("do", ""))
    if deed is None:
        raise Refused("common.trouble.unreadable_form", back=back)
    try:
        audit = deed(db, appointment.id, staff=posted.visitor.id, now=desk.clock.now())
    except NotPossible as error:
        raise Refused(f"actions.refused.{error.key}", back=back, **error.values) from error
    return f"{back}?done={audit.id}#a-{appointment.id}"
