"""Rides: who is to be fetched on a day, village by village; arranged one by one or for a whole village at once.

On the screen a number shows its end, as on a session's list. The paper goes with the driver, who rings from the
village's road: it has whole numbers, is a page of its own, and opening it is written down.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, Final

from fastapi import APIRouter, Depends, Response
from sqlmodel import Session, col, select

from gateway.care import desk_rides
from gateway.care.desk_work import NotPossible
from gateway.kit.clock import bangkok_day, bangkok_time
from gateway.kit.phones import mask
from gateway.records.agreements import Appointment
from gateway.records.places import Site
from gateway.records.staffing import Audit
from gateway.records.work import Ride
from gateway.reports.rides import ride_list, waiting_on_other_days
from gateway.staff.audit import is_kept, write_audit
from gateway.web.console.actions import told_after
from gateway.web.console.dates import say_day
from gateway.web.console.desk import ConsoleDesk
from gateway.web.console.gate import Posted, Visitor
from gateway.web.console.looking import note_page, this_morning
from gateway.web.console.sheets import PRINTED, national
from gateway.web.console.today import NOON, Asked, asked_for, site_name, vaccine_name
from gateway.web.console.trouble import Missing, Refused
from gateway.web.console.worklists import pick_up_time

PATH: Final = "/console/rides"


def add_routes(routes: APIRouter, desk: ConsoleDesk) -> None:
    """The list, the list on paper, and the forms of the list."""
    door = Depends(desk.gate.page())

    @routes.get("/rides")
    def on_screen(day: str = "", site: str = "", visitor: Visitor = door) -> Response:
        asked = asked_for(desk, visitor, day, site)
        values = _values(desk, visitor, asked)
        note_page(desk, visitor, f"rides:{values['shown']}:{asked.site or 'all'}")
        return desk.pages.show(visitor, "rides.html", **values)

    @routes.get("/rides/paper")
    def on_paper(day: str = "", site: str = "", visitor: Visitor = door) -> Response:
        asked = asked_for(desk, visitor, day, site)
        values = _values(desk, visitor, asked)
        _note_print(desk, visitor, f"rides:{values['shown']}:{asked.site or 'all'}")
        return desk.pages.show(visitor, "rides_paper.html", **values)

    @routes.post("/rides")
    def act(posted: Posted = Depends(desk.gate.form())) -> Response:
        return desk.gate.once(posted, lambda db: _act(desk, db, posted))


def address(day: date, site: str | None, path: str = PATH) -> str:
    """The rides of a day at a site."""
    return Asked(day, site).link(day, path)


def _values(desk: ConsoleDesk, visitor: Visitor, asked: Asked) -> dict[str, Any]:
    now = desk.clock.now()
    today = bangkok_day(now)
    shown = asked.day or today + timedelta(days=1 if bangkok_time(now).hour >= NOON else 0)
    with desk.database.reading() as db:
        found = ride_list(db, shown, site=asked.site)
        elsewhere = waiting_on_other_days(db, shown, since=now, site=asked.site)
        sites = db.exec(select(Site).order_by(col(Site.code))).all()
    return {
        "rides": found,
        "elsewhere": elsewhere,
        "sites": sites,
        "asked": asked,
        "shown": shown,
        "today": today,
        "days": [say_day(shown, language) for language in ("th", "en")],
        "site_name": lambda site: site_name(site, visitor.language),
        "vaccine": lambda code: vaccine_name(desk, code, visitor.language),
        "village": lambda name: name or visitor.t("worklists.no_village"),
        "mask": mask,
        "national": national,
        "may_arrange": shown >= today,
        "link": lambda day, path=PATH: asked.link(day, path),
        "before": shown - timedelta(days=1),
        "after": shown + timedelta(days=1),
    }


def _note_print(desk: ConsoleDesk, visitor: Visitor, page: str) -> None:
    """Keep that the paper with whole numbers was opened, once a Bangkok day."""
    now = desk.clock.now()
    with desk.database.unit_of_work() as db:
        if not is_kept(db, staff=visitor.id, verb=PRINTED, kind="page", subject=page, since=this_morning(now)):
            write_audit(db, staff=visitor.id, verb=PRINTED, kind="page", subject=page, now=now)


def _act(desk: ConsoleDesk, db: Session, posted: Posted) -> str:
    fields = posted.fields
    asked = asked_for(desk, posted.visitor, fields.get("day", ""), fields.get("site", ""))
    if asked.day is None:
        raise Refused("common.trouble.unreadable_form", back=PATH)
    back = asked.link(asked.day, PATH)
    try:
        audit = _deed(desk, db, posted, asked.day, back)
    except NotPossible as error:
        raise Refused(f"actions.refused.{error.key}", back=back, **error.values) from error
    return f"{back}&done={audit.id}"


def _deed(desk: ConsoleDesk, db: Session, posted: Posted, day: date, back: str) -> Audit:
    by: dict[str, Any] = {"staff": posted.visitor.id, "now": desk.clock.now()}
    for name, deed in _OF_ONE.items():
        if posted.fields.get(name):
            return deed(db, _appointment(db, posted.fields[name], posted.visitor, back), **by)
    at = pick_up_time(posted.fields.get("pick_up", ""), day)
    if at is None:
        raise NotPossible("ride_no_hour")
    chosen = [_appointment(db, ride, posted.visitor, back) for ride in posted.every.get("ride", ())]
    return desk_rides.all_arranged(
        db, chosen, pick_up_at=at, driver=posted.fields.get("driver", ""), told_after=told_after(desk.clock), **by
    )


_OF_ONE: Final[Mapping[str, Callable[..., Audit]]] = {
    "cancel": desk_rides.cancelled,
    "unarrange": desk_rides.unarranged,
}
"""Buttons beside one person, by their name; their value is the ride."""


def _appointment(db: Session, ride_id: str, visitor: Visitor, back: str) -> str:
    """The appointment of a ride this visitor may see."""
    ride = db.get(Ride, ride_id[:32])
    appointment = db.get(Appointment, ride.appointment) if ride else None
    if appointment is None or visitor.site not in (None, appointment.site):
        raise Missing("rides.no_ride", back=back)
    return appointment.id
