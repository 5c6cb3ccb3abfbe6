"""Plan one day and one year, against a raw INSERT … SELECT … ORDER BY, a loop of ORM objects and a scheduler's jobs.

The raw statement writes the very rows that planning wrote into the very table it wrote them to, with its indexes, keys
and triggers, in planning's order. The loop and the jobs are a sample, told by the row.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from sqlmodel import Session, select

from benchmarks.harness import Figure, Result, against, seconds
from benchmarks.workload import FIRST_DAY, LANGUAGES, Size, fill, fresh
from gateway.kit.clock import at_bangkok
from gateway.kit.ids import new_id
from gateway.plan.ladder import load_ladder
from gateway.plan.planner import PlanReport, plan_in_parts
from gateway.records.contacts import Reminder
from gateway.records.database import Database

QUICK = Size(people=20_000, a_day=2_000, days=10, sites=20)
YEAR = 400  # days ahead: all there is
LOOP, JOBS = 1_000, 300
_NOW = at_bangkok(FIRST_DAY - timedelta(days=14), time(8))
_COLUMNS = ("id, appointment, person, purpose, step, channel, due_at, next_try_at, tries, expires_at, priority, status,"
            " error_count")  # fmt: skip


def run(quick: bool) -> Result:
    """Measure the engine that was asked for."""
    size = QUICK if quick else Size()
    figures: list[Figure] = []
    notes = [
        f"{size.appointments} appointments, {size.a_day} a day; the loop is told from {LOOP} rows, the jobs from {JOBS}"
    ]
    with fresh() as database:
        fill(database, size)
        day = _measure(database, "one day", 14, figures)
        _measure(database, "one year", YEAR, figures)
        loop, jobs = LOOP / seconds(lambda: _loop(database)), JOBS / seconds(lambda: _jobs(database))
    figures.append(against("one day: a loop of ORM objects, a commit each", day, loop, 150, "reminders/s"))
    figures.append(against("one day: one APScheduler job a reminder", day, jobs, 1, "reminders/s"))
    return Result("plan", figures, notes)


def _measure(database: Database, what: str, days: int, figures: list[Figure]) -> float:
    """Plan, plan again, then write the same rows raw; twice, the better of each. Returns reminders a second."""
    ours, again, raw, count = float("inf"), float("inf"), float("inf"), 0
    for _ in range(2):
        _clear(database)
        ours = min(ours, seconds(lambda: _plan(database, days)))
        count = _count(database)
        assert count, "nothing was planned"
        again = min(again, seconds(lambda: _plan(database, days)))
        assert _count(database) == count, "planning again wrote something"
        _do(database, "DROP TABLE IF EXISTS bench_rows")
        _do(database, "CREATE TABLE bench_rows AS SELECT * FROM reminder")
        _clear(database)
        raw = min(raw, seconds(lambda: _do(database, f"""
            INSERT INTO reminder ({_COLUMNS}) SELECT {_COLUMNS} FROM bench_rows ORDER BY appointment""")))  # fmt: skip
    figures.append(against(f"{what}: raw INSERT … SELECT … ORDER BY", count / ours, count / raw, 0.8, "reminders/s"))
    figures.append(against(f"{what}: planning again", 1 / again, 1 / ours, 1.0, "passes/s"))
    return count / ours


def _plan(database: Database, days: int) -> PlanReport:
    ladder, offered = load_ladder(), frozenset(LANGUAGES)
    window = ladder.window(time(9), time(19, 30))
    return plan_in_parts(database, ladder, window, now=_NOW, speakable=offered, textable=offered, horizon_days=days)


def _clear(database: Database) -> None:
    """Nothing planned; and on PostgreSQL no trace of what was, as on a day that begins."""
    if database.is_sqlite:
        _do(database, "DELETE FROM reminder")
        _do(database, "DELETE FROM uncounted")
        return
    _do(database, "TRUNCATE reminder CASCADE")
    _do(database, "TRUNCATE uncounted")


def _count(database: Database) -> int:
    with database.reading() as db:
        return db.exec(select(sa.func.count()).select_from(Reminder)).one()


def _do(database: Database, statement: str) -> None:
    with database.unit_of_work() as db:
        db.execute(sa.text(statement))


def _first_rows(database: Database, count: int) -> list[dict[str, Any]]:
    columns = [name.strip() for name in _COLUMNS.split(",")]
    with database.reading() as db:
        found = db.exec(select(Reminder).limit(count)).all()
        return [{name: getattr(one, name) for name in columns} for one in found]


def _loop(database: Database) -> None:
    """Objects, one after another, each committed."""
    rows = _first_rows(database, LOOP)
    _clear(database)
    for row in rows:
        database.run(_adding(row))


def _adding(row: dict[str, Any]) -> Callable[[Session], None]:
    return lambda db: db.add(Reminder(**{**row, "id": new_id()}))


def _jobs(database: Database) -> None:
    """A job for each reminder in APScheduler's own table in the same database."""
    scheduler = BackgroundScheduler(jobstores={"default": SQLAlchemyJobStore(engine=database.engine)}, timezone="UTC")
    scheduler.start(paused=True)
    for row in _first_rows(database, JOBS):
        scheduler.add_job(_remind, "date", run_date=_far_off(row["due_at"]), args=[row["id"]])
    scheduler.shutdown()


def _remind(reminder: str) -> str:
    return reminder


def _far_off(due: datetime) -> datetime:
    return due + timedelta(days=3650)  # never in the past: none is ever run
