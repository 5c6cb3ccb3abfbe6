"""Worklists: everything that needs a person, what is known of it, and what came of it."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session, col, select

from gateway.care import at_the_desk, desk_rides
from gateway.care.desk_work import NotPossible
from gateway.care.rides import ride_of
from gateway.care.tasks import (
    RESULTS,
    Result,
    TaskStands,
    assign,
    assignable,
    finish,
    give_back,
    join_deeds,
    read_result,
    reopen,
)
from gateway.kit.clock import Clock, at_bangkok, bangkok_day
from gateway.records.agreements import Appointment
from gateway.records.places import Site
from gateway.records.staffing import Audit, Staff
from gateway.records.status import LIVE_APPOINTMENTS, AppointmentStatus, TaskKind, TaskStatus
from gateway.records.work import Task
from gateway.reports.worklist_facts import read_facts
from gateway.reports.worklists import Entry, Wanted, Whose, counts, find_task, worklist
from gateway.web.console.actions import told_after
from gateway.web.console.desk import ConsoleDesk
from gateway.web.console.gate import Posted, Visitor
from gateway.web.console.looking import note_page
from gateway.web.console.task_words import carrier_word, detail_words
from gateway.web.console.today import site_name
from gateway.web.console.trouble import Missing, Refused

log = logging.getLogger(__name__)

PATH: Final = "/console/worklists"
CONFIRMS: Final = (
    TaskKind.CALLBACK, TaskKind.UNREACHED, TaskKind.QUESTION, TaskKind.NO_PROMPT, TaskKind.MESSAGE,
)  # fmt: skip
"""Kinds of task in which "reached: coming" is a yes to the appointment."""
SHORTEST_WHOLE: Final = 9
"""Digits of a Thai number with its area and its zero."""
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def add_routes(routes: APIRouter, desk: ConsoleDesk) -> None:
    """The lists, their live counts, and one form a task."""

    @routes.get("/worklists")
    def worklists(request: Request, visitor: Visitor = Depends(desk.gate.page())) -> Response:
        values = _page(desk, visitor, request.query_params)
        kind = values["wanted"].kind
        note_page(desk, visitor, f"worklists:{kind.value if kind else 'all'}")  # it shows whole numbers
        return desk.pages.show(visitor, "worklists.html", **values)

    @routes.get("/worklists/counts")
    def live_counts(request: Request, visitor: Visitor = Depends(desk.gate.page())) -> Response:
        wanted = wanted_of(request.query_params, visitor)
        return desk.pages.live(visitor, request, "worklist_kinds.html", **_kinds(desk, visitor, wanted))

    @routes.post("/worklists/{task}")
    def act(task: str, posted: Posted = Depends(desk.gate.form())) -> Response:
        return desk.gate.once(posted, lambda db: _act(desk, db, task, posted))


def wanted_of(asked: Mapping[str, str], visitor: Visitor) -> Wanted:
    """What an address asks for; what it does not understand it leaves out."""
    kind, whose = asked.get("kind", ""), asked.get("whose", "")
    return Wanted(
        me=visitor.id,
        kind=TaskKind(kind) if kind in set(TaskKind) else None,
        site=asked.get("site") or None if visitor.site is None else None,
        bound=visitor.site,
        whose=Whose(whose) if whose in set(Whose) else Whose.ALL,
        status=TaskStatus.DONE if asked.get("state") == "done" else TaskStatus.OPEN,
    )


def address(wanted: Wanted, path: str = PATH, **changes: object) -> str:
    """The address that asks for `wanted`, with changes; what is the default is left out of it."""
    values = {
        "kind": wanted.kind.value if wanted.kind else "",
        "site": wanted.site or "",
        "whose": wanted.whose.value if wanted.whose is not Whose.ALL else "",
        "state": "done" if wanted.status is TaskStatus.DONE else "",
        **changes,
    }
    query = urlencode({name: value for name, value in values.items() if value})
    return f"{path}?{query}" if query else path


def _page(desk: ConsoleDesk, visitor: Visitor, asked: Mapping[str, str]) -> dict[str, Any]:
    wanted, now = wanted_of(asked, visitor), desk.clock.now()
    with desk.database.reading() as db:
        found = worklist(db, wanted, now=now, regimens=desk.regimens, page=int(_page_number(asked) or 1))
        sites = {site.code: site for site in db.exec(select(Site).order_by(col(Site.code)))}
        staff = assignable(db, visitor.site)
    return {
        **_kinds(desk, visitor, wanted),
        **card_values(desk, visitor, sites, staff),
        "found": found,
        "address": lambda **changes: address(wanted, **changes),
        "group": lambda entry: _group(visitor, entry, sites, now) if wanted.kind is TaskKind.RIDE else "",
        "is_filtered": bool(wanted.site or wanted.kind or wanted.whose is not Whose.ALL),
    }


def card_values(desk: ConsoleDesk, visitor: Visitor, sites: Mapping[str, Site], staff: list[Staff]) -> dict[str, Any]:
    """What worklist_task.html asks for, beside the task itself."""
    names = {
        "vaccine": lambda code: vaccine_name(desk, visitor, code),
        "tongue": lambda code: desk.languages.get(code).own_name if code in desk.languages.codes else code,
        "site": lambda code: site_name(sites[code], visitor.language) if code in sites else code,
    }
    return {
        "sites": sites,
        "staff_of": _colleagues(staff, visitor),
        "detail": lambda task: detail_words(visitor, task.detail, names),
        "carrier_word": lambda status: carrier_word(visitor, status),
        "vaccine": lambda code: vaccine_name(desk, visitor, code),
        "results": {kind.value: [one.value for one in results] for kind, results in RESULTS.items()},
        "confirms": {kind.value for kind in CONFIRMS},
        "result": read_result,
        "one_by_one": one_by_one,
        "dialled": dialled,
        "age": lambda since: age(visitor, since, desk.clock.now()),
        "day_of": lambda appointment: bangkok_day(appointment.starts_at).isoformat(),
    }


def _page_number(asked: Mapping[str, str]) -> str:
    """The digits of the page that is asked for, "" for anything else: nobody's list has ten thousand pages."""
    page = asked.get("page", "")
    return page if re.fullmatch(r"[0-9]{1,4}", page) else ""


def one_by_one(entry: Entry, card: Callable[..., str], plain: Callable[[Entry], str], *more: object) -> str:
    """Tell one task by `card`, and where that fails by `plain`: one row nobody foresaw once hid everybody's work."""
    try:
        return card(entry, *more)
    except Exception as error:  # whatever it is, the tasks after this one are somebody's appointment
        log.error("task %s cannot be shown in full: %s", entry.task.id, type(error).__name__)
        return plain(entry)


def _kinds(desk: ConsoleDesk, visitor: Visitor, wanted: Wanted) -> dict[str, Any]:
    now = desk.clock.now()
    with desk.database.reading() as db:
        kinds = counts(db, wanted)
    return {
        "wanted": wanted,
        "kinds": kinds,
        "open_in_all": sum(one.open for one in kinds),
        "kind_address": lambda kind: address(wanted, kind=kind, state=""),
        "live_address": address(wanted, f"{PATH}/counts"),
        "age": lambda since: age(visitor, since, now),
    }


def _colleagues(staff: list[Staff], visitor: Visitor) -> Callable[[Task], list[Staff]]:
    """Whom a task may be given to: those who may see it; oneself where a colleague has it, else there is a button."""

    def of(task: Task) -> list[Staff]:
        mine = task.assignee in (None, visitor.id)
        others = [one for one in staff if one.id != visitor.id or not mine]
        return [one for one in others if one.site is None or one.site == task.site]

    return of


def _group(
    visitor: Visitor, entry: Entry, sites: Mapping[str, Site], now: datetime
) -> tuple[datetime | None, str, str]:
    """Day and part, site and village of a ride; rides of one group stand together."""
    appointment = entry.facts.appointment
    starts_at = appointment.starts_at if appointment and appointment.starts_at >= now else None
    site = sites.get(entry.task.site or "")
    where = site.short_name or site.name if site else entry.task.site or "–"
    return starts_at, where, entry.task.village or visitor.t("worklists.no_village")


def vaccine_name(desk: ConsoleDesk, visitor: Visitor, code: str) -> str:
    """A vaccine as the visitor calls it; an unknown one by its code."""
    regimen = desk.regimens.get(code)
    if regimen is None:
        return code
    return regimen.name_th if visitor.language == "th" else regimen.name_en


def age(visitor: Visitor, since: datetime, now: datetime) -> str:
    """How long ago, in the one unit that matters."""
    seconds = max(0, int((now - since).total_seconds()))
    for unit, size in (("days", _DAY), ("hours", _HOUR), ("minutes", _MINUTE)):
        if seconds >= size:
            return visitor.t(f"worklists.age.{unit}", n=seconds // size)
    return visitor.t("worklists.age.now")


def dialled(e164: str) -> str:
    """A number as it is read aloud in Thailand, 081-234-5678 or 02-123-4567; one of another country as it is stored."""
    national = "0" + e164.removeprefix("+66")
    if not e164.startswith("+66") or len(national) < SHORTEST_WHOLE:
        return e164
    area = 2 if national.startswith("02") else 3
    return f"{national[:area]}-{national[area : area + 3]}-{national[area + 3 :]}"


def _act(desk: ConsoleDesk, db: Session, task_id: str, posted: Posted) -> str:
    visitor, fields = posted.visitor, posted.fields
    wanted = wanted_of(fields, visitor)
    back = address(wanted)
    task = find_task(db, task_id, bound=visitor.site)
    if task is None:
        raise Missing(back=back)
    deed = _DEEDS.get(fields.get("do", ""))
    if deed is None:
        raise Refused("common.trouble.unreadable_form", back=back)
    try:
        audit = deed(db, task, visitor, fields, back, desk.clock)
    except TaskStands as stands:
        raise _somebody_was_quicker(db, stands, back) from stands
    return address(wanted, done=audit, page=_page_number(fields)) + f"#t-{task.id}"


def _somebody_was_quicker(db: Session, stands: TaskStands, back: str) -> Refused:
    by = db.get(Staff, stands.by) if stands.by else None
    if stands.why == "done" and by is None:
        return Refused("worklists.refused.done_by_itself", back=back)
    return Refused(f"worklists.refused.{stands.why}", back=back, name=(by.name or by.email) if by else "")


def _take(db: Session, task: Task, visitor: Visitor, fields: Mapping[str, str], back: str, clock: Clock) -> str:
    return assign(db, task, visitor.id, staff=visitor.id, now=clock.now()).id


def _assign(db: Session, task: Task, visitor: Visitor, fields: Mapping[str, str], back: str, clock: Clock) -> str:
    whom = next((one for one in assignable(db, visitor.site) if one.id == fields.get("to")), None)
    if whom is None or (whom.site is not None and find_task(db, task.id, bound=whom.site) is None):
        raise Refused("worklists.refused.nobody", back=back)
    return assign(db, task, whom.id, staff=visitor.id, now=clock.now(), on_purpose=True).id


def _give_back(db: Session, task: Task, visitor: Visitor, fields: Mapping[str, str], back: str, clock: Clock) -> str:
    return give_back(db, task, staff=visitor.id, now=clock.now()).id


def _reopen(db: Session, task: Task, visitor: Visitor, fields: Mapping[str, str], back: str, clock: Clock) -> str:
    if task.status is TaskStatus.DONE and not fields.get("reason", "").strip():
        raise Refused("worklists.refused.no_reason", back=back)
    return reopen(db, task, staff=visitor.id, now=clock.now(), reason=fields.get("reason", "")).id


def _finish(db: Session, task: Task, visitor: Visitor, fields: Mapping[str, str], back: str, clock: Clock) -> str:
    said, note = fields.get("result", ""), fields.get("note", "")
    if said not in set(Result) or Result(said) not in RESULTS[task.kind]:
        raise Refused("worklists.refused.no_result", back=back)
    result = Result(said)
    if result is Result.OTHER and not note.strip():
        raise Refused("worklists.refused.no_words", back=back)
    audit = finish(db, task, result, staff=visitor.id, now=clock.now(), note=note)
    if task.kind is TaskKind.RIDE:
        _settle_ride(db, task, audit, visitor, fields, back, clock)
    if result is Result.COMING and task.kind in CONFIRMS:
        # After the task is done: confirming closes a task of somebody unreached by itself, and it would have no result.
        _confirm(db, task, audit, visitor, back, clock)
    return audit.id


def _settle_ride(
    db: Session, task: Task, finished: Audit, visitor: Visitor, fields: Mapping[str, str], back: str, clock: Clock
) -> None:
    """Let the ride follow its task: arranged for the hour that was given, or not needed."""
    appointment, result = db.get(Appointment, task.subject), read_result(task.result)[0]
    if appointment is None or appointment.status not in LIVE_APPOINTMENTS or appointment.starts_at <= clock.now():
        return
    by: dict[str, Any] = {"staff": visitor.id, "now": clock.now()}
    try:
        if result is Result.RIDE_ARRANGED:
            at = pick_up_time(fields.get("pick_up", ""), bangkok_day(appointment.starts_at))
            if at is None:
                raise NotPossible("ride_no_hour")
            who = fields.get("driver", "") or fields.get("note", "")
            join_deeds(
                db,
                finished,
                desk_rides.arranged(db, appointment.id, pick_up_at=at, driver=who, told_after=told_after(clock), **by),
            )
        elif result is Result.NO_RIDE_NEEDED and ride_of(db, appointment.id) is not None:
            join_deeds(db, finished, desk_rides.cancelled(db, appointment.id, **by))
    except NotPossible as error:
        raise Refused(f"actions.refused.{error.key}", back=back, **error.values) from error


def pick_up_time(typed: str, day: date) -> datetime | None:
    """The instant of an hour such as 08:15 on a Bangkok day; None for anything else."""
    found = _CLOCK.fullmatch(typed.strip())
    return at_bangkok(day, time.fromisoformat(found[0])) if found else None


def _confirm(db: Session, task: Task, finished: Audit, visitor: Visitor, back: str, clock: Clock) -> None:
    """Confirm the appointment the task is about, if it is about one that is not confirmed yet."""
    appointment = read_facts(db, [task])[task.id].appointment
    if appointment is None or appointment.status is AppointmentStatus.CONFIRMED:
        return
    try:
        join_deeds(db, finished, at_the_desk.confirmed(db, appointment.id, staff=visitor.id, now=clock.now()))
    except NotPossible as error:
        raise Refused("worklists.refused.not_standing", back=back) from error


_Deed = Callable[[Session, Task, Visitor, Mapping[str, str], str, Clock], str]
_DEEDS: Final[dict[str, _Deed]] = {
    "take": _take,
    "assign": _assign,
    "give_back": _give_back,
    "finish": _finish,
    "reopen": _reopen,
}
