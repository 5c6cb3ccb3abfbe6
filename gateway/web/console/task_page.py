"""One task by itself: what was spoken, and the number somebody keyed, shown when it is asked for and written down.

A keyed number is an identity: no list holds it, and the page of its task shows it for ten minutes to whom asked.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session, col, select

from gateway.care.tasks import assignable
from gateway.records.places import Site
from gateway.records.staffing import Audit
from gateway.records.status import TaskKind
from gateway.records.work import Task
from gateway.reports.spoken import keyed_number
from gateway.reports.worklist_facts import read_facts
from gateway.reports.worklists import Entry, Urgency, Wanted, Worklist, find_task
from gateway.staff.audit import write_audit
from gateway.staff.looking_back import NUMBER_SHOWN
from gateway.web.console.desk import ConsoleDesk
from gateway.web.console.gate import Posted, Visitor
from gateway.web.console.looking import note_page
from gateway.web.console.trouble import Missing
from gateway.web.console.worklists import PATH, card_values

SHOWN_FOR: Final = timedelta(minutes=10)
"""Business time for which the number stands on the page of whoever asked for it."""


def add_routes(routes: APIRouter, desk: ConsoleDesk) -> None:
    """The page, and the form that shows the number."""

    @routes.get("/worklists/{task}")
    def task_page(request: Request, task: str, visitor: Visitor = Depends(desk.gate.page())) -> Response:
        values = _values(desk, visitor, task, request.query_params.get("done", ""))
        note_page(desk, visitor, f"task:{task}")  # it shows whole telephone numbers
        return desk.pages.show(visitor, "task_page.html", **values)

    @routes.post("/worklists/{task}/number")
    def show_number(task: str, posted: Posted = Depends(desk.gate.form())) -> Response:
        return desk.gate.once(posted, lambda db: _show_number(desk, db, task, posted))


def _values(desk: ConsoleDesk, visitor: Visitor, task_id: str, done: str) -> dict[str, Any]:
    with desk.database.reading() as db:
        task = _find(db, task_id, visitor)
        entry = Entry(task, Urgency.NONE, read_facts(db, [task], bound=visitor.site)[task.id])
        sites = {site.code: site for site in db.exec(select(Site).order_by(col(Site.code)))}
        staff = assignable(db, visitor.site)
        number = keyed_number(db, task.id) if _was_shown(desk, db, task, visitor, done) else None
    return {
        **card_values(desk, visitor, sites, staff),
        "wanted": Wanted(me=visitor.id, kind=task.kind, bound=visitor.site, status=task.status),
        "found": Worklist([entry], 1, 1, 1),
        "entry": entry,
        "number": number,
        "has_number": task.kind is TaskKind.REGISTER and entry.facts.keyed is not None,
        "back": f"{PATH}?kind={task.kind.value}",
    }


def _find(db: Session, task_id: str, visitor: Visitor) -> Task:
    task = find_task(db, task_id, bound=visitor.site)
    if task is None:
        raise Missing("worklists.no_task", back=PATH)
    return task


def _was_shown(desk: ConsoleDesk, db: Session, task: Task, visitor: Visitor, done: str) -> bool:
    """Whether this visitor asked for the number a moment ago: the address alone shows it to nobody."""
    audit = db.get(Audit, done[:32]) if done else None
    is_theirs = audit is not None and audit.staff == visitor.id and audit.verb == NUMBER_SHOWN
    return bool(is_theirs and audit and audit.subject == task.id and desk.clock.now() - audit.at < SHOWN_FOR)


def _show_number(desk: ConsoleDesk, db: Session, task_id: str, posted: Posted) -> str:
    task = _find(db, task_id, posted.visitor)
    if keyed_number(db, task.id) is None:
        raise Missing("worklists.no_number", back=f"{PATH}/{task.id}")
    audit = write_audit(
        db, staff=posted.visitor.id, verb=NUMBER_SHOWN, kind="task", subject=task.id, person=task.person,
        now=desk.clock.now(),
    )  # fmt: skip
    return f"{PATH}/{task.id}?done={audit.id}#number"
