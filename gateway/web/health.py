"""Whether we live, whether we can work, and figures for a monitor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from fastapi import APIRouter, Response
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, func, select

from gateway.records.away import why_not_writable
from gateway.records.contacts import Attempt, Reminder
from gateway.records.database import Database
from gateway.records.house import Counter, Switch
from gateway.records.migrations import HEAD, current_revision, is_newer
from gateway.records.status import TaskStatus
from gateway.records.work import Task
from gateway.reports.pulse import tick_ages


def router(database: Database, more: Callable[[], list[str]] = list) -> APIRouter:
    """`/healthz`: the process answers. `/readyz`: its database does, too. `/metrics`: Prometheus text, and `more`."""
    routes = APIRouter()

    @routes.api_route("/healthz", methods=["GET", "HEAD"], include_in_schema=False)
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @routes.get("/readyz")
    def readyz(response: Response) -> dict[str, str]:
        problem = _problem(database)
        if problem:
            response.status_code = 503
        return {"status": problem or "ok"}

    @routes.get("/metrics")
    def metrics() -> Response:
        with database.reading() as db:
            return Response("\n".join([*_figures(db), *more()]) + "\n", media_type="text/plain; version=0.0.4")

    return routes


def _problem(database: Database) -> str:
    try:
        revision = current_revision(database)
    except SQLAlchemyError:
        return "the database does not answer"
    if is_newer(revision):
        return "the database is of a newer version: run the newer program"
    if revision != HEAD:
        return "the database is not up to date: run `gateway db upgrade`"
    return why_not_writable(database)


def _figures(db: Session) -> list[str]:
    lines = [f"tamnat_{name}_total {n}" for name, n in db.exec(select(Counter.name, Counter.n).order_by(Counter.name))]
    pause = db.get(Switch, "pause")
    lines.append(f"tamnat_paused {int(pause is not None and pause.is_on)}")
    ages = tick_ages(db, real_now=datetime.now(UTC))
    lines += [f'tamnat_tick_age_seconds{{tick="{name}"}} {age:.1f}' for name, age in ages.items()]
    for label, column in (("reminders", Reminder.status), ("attempts", Attempt.status)):
        counted = db.exec(select(column, func.count()).group_by(col(column)).order_by(col(column))).all()
        lines += [f'tamnat_{label}{{status="{status}"}} {n}' for status, n in counted]
    waiting = select(Task.kind, func.count()).where(col(Task.status) == TaskStatus.OPEN).group_by(col(Task.kind))
    return lines + [f'tamnat_open_tasks{{kind="{kind}"}} {n}' for kind, n in db.exec(waiting).all()]
