"""The console's figures over 1,000,000 reminders and 5,000,000 events, against the same by joining the events.

What counts is the time in the database: the statements of a page are caught and played again on the bare driver, rows
fetched. The pages are then held to a recount after random changes, counted and uncounted.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from datetime import time as hour
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session as Db

from benchmarks.harness import Figure, Result, against, below
from benchmarks.workload import SMALL, Size, analyse, appointment_id, fill, fresh, reminders
from gateway.kit.clock import at_bangkok
from gateway.records import figure_triggers
from gateway.records.database import Database
from gateway.reports.board import board
from gateway.reports.facts import Days, count_board, count_rates
from gateway.reports.figures import board_figures, rate_figures
from gateway.reports.folding import fold
from gateway.reports.rates import By, rates

SITE: Final = "S01"
WAITING: Final = 50  # changes in the five seconds between two passes, while ten lines and ten texts a second are busy
NOTED: Final = 5_000  # attempts of which what they cost with and without triggers is compared
Work = Callable[[Db], object]

_EVENTS: Final = (
    """INSERT INTO attempt (id, direction, phone, channel, status, rank, carrier, carrier_id, sender, language, assets,
           body, segments, created_at, looks)
       SELECT r.id, 'out', l.phone, r.channel, CASE WHEN r.channel = 'voice' THEN CASE r.status WHEN 'answered' THEN
           'completed' ELSE 'no_answer' END ELSE 'delivered' END, 9, 'bench', r.id, '', 'th', '[]', '', 1, r.due_at, 0
       FROM reminder r JOIN person_phone l ON l.person = r.person WHERE r.status <> 'planned'""",
    """INSERT INTO attempt_item (attempt, position, reminder, appointment, person, live)
       SELECT id, 0, id, appointment, person, false FROM reminder WHERE status <> 'planned'""",
    """INSERT INTO receipt (attempt, carrier, carrier_id, status, seq, raw, at)
       SELECT id, 'bench', id, 'sent', 0, '{}', created_at FROM attempt""",
    """INSERT INTO receipt (attempt, carrier, carrier_id, status, seq, raw, at)
       SELECT id, 'bench', id, status, 1, '{}', created_at FROM attempt""",
    """INSERT INTO reply (id, attempt, phone, person, appointment, by_role, channel, raw, answer, at)
       SELECT r.id, r.id, a.phone, r.person, r.appointment, 'own', r.channel, '1',
           CASE WHEN substr(r.id, 31, 1) = '7' THEN 'callback' ELSE 'coming' END, r.due_at
       FROM reminder r JOIN attempt a ON a.id = r.id WHERE r.status = 'answered'""",
    """INSERT INTO outcome (reply, appointment, effect, at)
       SELECT id, appointment, CASE answer WHEN 'coming' THEN 'confirmed' ELSE 'callback' END, at FROM reply""",
    """UPDATE appointment SET status = 'confirmed', confirmed_by_reply =
           (SELECT min(id) FROM reply y WHERE y.appointment = appointment.id AND y.answer = 'coming')
       WHERE id IN (SELECT appointment FROM reply WHERE answer = 'coming')""",
)
_COUNTED: Final = ("reminder", "attempt", "attempt_item", "receipt", "reply", "outcome")


def run(quick: bool) -> Result:
    """Measure it; raises AssertionError where a page and a recount differ."""
    size = SMALL if quick else Size()
    today = size.day(size.days - 2)
    with fresh() as database:
        rows = _fill(database, size)
        began, cpu = time.perf_counter(), time.process_time()
        folded = fold(database)
        took, cpu = time.perf_counter() - began, time.process_time() - cpu
        analyse(database)
        _agree(database, size)
        measured = _measure(database, today)
        waiting = _with_changes(database, size, today)
        _agree(database, size)
        fold(database)
        _agree(database, size)
        noting = _noting(database)
    each = 1e6 * cpu / max(1, folded.appointments)
    return Result("figures", [*measured, noting], [
        ", ".join(f"{n:,} {table}" for table, n in rows.items()) + ".",
        f"With {WAITING} changes not counted yet one site's board takes {waiting:.2f} ms of SQL.",
        f"Counting {folded.appointments:,} appointments anew took {took:.0f} s, {each:.0f} µs of our CPU each.",
        "Equal to a recount of every row: before, with the changes uncounted, and after they were counted.",
    ])  # fmt: skip


def _fill(database: Database, size: Size) -> dict[str, int]:
    """The workload and what came of it, set by set: without triggers, then everything noted at once."""
    with database.unit_of_work() as db:
        figure_triggers.remove(db.connection())
    fill(database, size)
    reminders(database, size, at_bangkok(size.day(size.days - 1), hour(12)))
    analyse(database)
    for statement in _EVENTS:
        with database.unit_of_work() as db:
            db.connection().exec_driver_sql(statement)
    with database.unit_of_work() as db:
        figure_triggers.install(db.connection())
        figure_triggers.count_all_anew(db.connection())
    analyse(database)
    with database.reading() as db:
        return {table: _scalar(db, f"SELECT count(*) FROM {table}") for table in _COUNTED}


def _measure(database: Database, today: date) -> list[Figure]:
    week = today - timedelta(days=7)
    one = _sql(database, lambda db: board(db, today, site=SITE))
    rate = _sql(database, lambda db: rates(db, by=[By.DAY], from_day=week, to_day=today, site=SITE))
    every = _sql(database, lambda db: board(db, today))
    whole = _sql(database, lambda db: rates(db, by=[By.SITE, By.DAY]))
    worst = _sql(database, lambda db: rates(db, by=[By.LANGUAGE, By.CHANNEL]))
    day_rates = _sql(database, lambda db: rates(db, by=[By.SITE], from_day=today, to_day=today))
    joined = _sql(database, lambda db: count_board(db, today, None), times=2)
    joined_rates = _sql(database, lambda db: count_rates(db, Days(today, today, None)), times=2)
    return [
        below("one site's board, SQL", one, 1.0, "ms"),
        below("one site's rates of a week, SQL", rate, 1.0, "ms"),
        below("every site's board, SQL", every, 100.0, "ms"),
        below("every site's rates of every day, SQL", whole, 100.0, "ms"),
        below("the same by language and channel, SQL", worst, 100.0, "ms"),
        against("every site's board, beside joining events", 1000 / every, 1000 / joined, 10.0, "/s"),
        against(
            "every site's rates of a day, beside joining events", 1000 / day_rates, 1000 / joined_rates, 10.0, "/s"
        ),
    ]


def _with_changes(database: Database, size: Size, today: date) -> float:
    """Change something of people of that day and of others; return what one site's board takes until it is counted."""
    dice = random.Random(7)
    with database.unit_of_work() as db:
        for at in range(WAITING):
            known = {"id": appointment_id(dice.randrange(size.appointments)), "staff": f"staff{at}"}
            db.execute(sa.text(dice.choice(_DEEDS)), known)
    return _sql(database, lambda db: board(db, today, site=SITE))


_DEEDS: Final = (
    "UPDATE appointment SET status = 'confirmed', confirmed_by_staff = :staff WHERE id = :id",
    "UPDATE appointment SET status = 'cancelled' WHERE id = :id AND :staff = :staff",
    "UPDATE attempt SET status = 'cancelled' WHERE :staff = :staff AND id IN "
    "(SELECT attempt FROM attempt_item WHERE appointment = :id)",
    "UPDATE reply SET answer = 'unclear' WHERE appointment = :id AND :staff = :staff",
    "DELETE FROM seat WHERE appointment = :id AND :staff = :staff",
    "UPDATE person_phone SET sms = 'stop', voice = 'stop' WHERE :staff = :staff AND person IN "
    "(SELECT person FROM appointment WHERE id = :id)",
)


def _noting(database: Database) -> Figure:
    """What a dispatch pays for its notes: attempts queued, taken and answered, with the triggers and without."""

    def work() -> float:
        began = time.perf_counter()
        with database.unit_of_work() as db:
            attempts = "SELECT id FROM attempt ORDER BY created_at LIMIT " + str(NOTED)
            for status in ("submitted", "ringing", "completed"):
                db.execute(sa.text(f"UPDATE attempt SET status = '{status}' WHERE id IN ({attempts})"))
            db.execute(sa.text(f"UPDATE reminder SET status = 'sent' WHERE id IN ({attempts})"))
            db.execute(sa.text(f"UPDATE reminder SET status = 'answered' WHERE id IN ({attempts})"))
        return time.perf_counter() - began

    work()
    noted = min(work() for _ in range(3))
    with database.unit_of_work() as db:
        figure_triggers.remove(db.connection())
    plain = min(work() for _ in range(3))
    return against("attempts carried, with triggers beside without", NOTED / noted, NOTED / plain, 0.7, "/s")


def _agree(database: Database, size: Size) -> None:
    with database.reading() as db:
        for number in (0, size.days // 2, size.days - 2):
            day = size.day(number)
            assert dict(board_figures(db, day)) == dict(count_board(db, day, None)), f"the board of {day}"
            days = Days(day, day, None)
            counted = {tuple(cell): n for cell, n in count_rates(db, days).items()}
            assert rate_figures(db, ("site", "day", "language", "channel"), days) == counted, f"the rates of {day}"


def _sql(database: Database, page: Work, times: int = 15) -> float:
    """The least milliseconds that a page's statements take on the bare driver, every row fetched."""
    with _caught(database.engine) as statements, database.reading() as db:
        page(db)
    with database.reading() as db:
        cursor = db.connection().connection.cursor()
        best = min(_played(cursor, statements) for _ in range(times))
        cursor.close()
    return best * 1000


def _played(cursor: Any, statements: list[tuple[str, Any]]) -> float:
    began = time.perf_counter()
    for statement, values in statements:
        cursor.execute(statement, values)
        cursor.fetchall()
    return time.perf_counter() - began


@contextmanager
def _caught(engine: sa.Engine) -> Iterator[list[tuple[str, Any]]]:
    """Give the statements and bound values that go to the driver during the block."""
    found: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if not statement.startswith("BEGIN"):  # SQLite's, said by hand
            found.append((statement, values))

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def _scalar(db: Db, statement: str) -> int:
    return int(db.execute(sa.text(statement)).scalar_one())
