"""One INSERT for everybody's reminders: the appointments gathered, each joined to the timetable of its kind."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session

from gateway.care.notices import ANSWER_STEP
from gateway.kit.ids import is_seeded, new_id
from gateway.plan.candidates import KIND, Kind, steps_from, way_from
from gateway.plan.due import Way, contacts
from gateway.plan.rules import PlanReport, Rules
from gateway.plan.timetable import PLACES, StepTime, Stretch, timetable
from gateway.records.columns import UtcDateTime
from gateway.records.status import Channel

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)
_COLUMNS: Final = (
    "source", "done", "way", "number", "purpose", "step", "channel",
    "due", "due_room", "due_micro", "ends", "ends_room", "ends_micro",
)  # fmt: skip
TIMES: Final = sa.table("plan_time", sa.column("starts_at", UtcDateTime()), *(sa.column(name) for name in _COLUMNS))


def write_reminders(db: Session, found: Sequence[Kind], rules: Rules) -> PlanReport:
    """Write the reminders of the appointments in `planning`, which are of the kinds `found`.

    Who is left without a row in `plan_time` cannot be contacted by telephone, or it is too late for that.
    """
    is_sqlite = db.get_bind().dialect.name == "sqlite"
    _make_table(db, is_sqlite=is_sqlite)
    times, report = _times(found, rules)
    if times:
        db.execute(sa.insert(TIMES), times)
    if report.planned:
        identifier, values = _identifier(db, is_sqlite=is_sqlite)
        db.execute(sa.text(_insert(identifier, is_sqlite=is_sqlite)), values)
    return report


def _times(found: Sequence[Kind], rules: Rules) -> tuple[list[dict[str, Any]], PlanReport]:
    """The timetable's rows, and what comes of them. A kind with nothing to write and nothing to do has row -1."""
    rows: list[dict[str, Any]] = []
    purposes: Counter[str] = Counter()
    known: dict[tuple[datetime, str, int], tuple[StepTime, ...]] = {}
    for kind in found:
        already, way = steps_from(kind.done, rules), way_from(kind.way)
        if not way.first:
            continue
        key = kind.starts_at, kind.source, kind.done
        if key not in known:
            known[key] = timetable(kind.starts_at, kind.source, rules.ladder, rules.window, rules.now, already)
        made = list(_reminders(kind, known[key], way, already, rules))
        if not made and not already:
            continue
        wanted = [row for row in made if kind.starts_at < rules.horizon or row["step"] in rules.at_once_steps]
        rows.extend(wanted or [_row(kind, -1)])
        for row in wanted:
            purposes[row["purpose"]] += kind.count
    return rows, PlanReport(purposes.total(), dict(sorted(purposes.items())))


def _reminders(
    kind: Kind, times: Sequence[StepTime], way: Way, already: frozenset[str], rules: Rules
) -> Iterator[dict[str, Any]]:
    for number, time in enumerate(times):
        for channel, due in contacts(time, way):
            if not is_told_already(time.step.purpose, channel, already):
                yield _row(kind, number, time, channel, due)


def is_told_already(purpose: str, channel: Channel, already: frozenset[str]) -> bool:
    """Who gets a text that the day was changed needs no second text with the same day; a call says more than a text."""
    return purpose == "notice" and channel is Channel.SMS and ANSWER_STEP in already


def _row(
    kind: Kind, number: int, time: StepTime | None = None, channel: Channel | None = None, due: Stretch | None = None
) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(_COLUMNS)
    row |= {"starts_at": kind.starts_at, "source": kind.source, "done": kind.done, "way": kind.way, "number": number}
    if time and channel and due:
        row |= {"purpose": time.step.purpose, "step": time.step.name, "channel": channel.value}
        row |= _stretch("due", due) | _stretch("ends", time.end)
    return row


def _stretch(name: str, stretch: Stretch) -> dict[str, int]:
    """A stretch as numbers: seconds since 1970, seconds of room, and the microseconds of where it begins."""
    since = (stretch.begins - _EPOCH) // _SECOND
    return {name: since, f"{name}_room": stretch.seconds, f"{name}_micro": stretch.begins.microsecond}


def _make_table(db: Session, *, is_sqlite: bool) -> None:
    instant, end = ("TEXT", "") if is_sqlite else ("TIMESTAMPTZ", "ON COMMIT DROP")
    db.execute(sa.text(f"""CREATE TEMPORARY TABLE IF NOT EXISTS plan_time (
        starts_at {instant}, source VARCHAR, done INTEGER, way INTEGER, number INTEGER, purpose VARCHAR, step VARCHAR,
        channel VARCHAR, due BIGINT, due_room INTEGER, due_micro INTEGER, ends BIGINT, ends_room INTEGER,
        ends_micro INTEGER) {end}"""))  # fmt: skip
    db.execute(sa.text("CREATE INDEX IF NOT EXISTS ix_plan_time ON plan_time (starts_at, way, source, done)"))
    db.execute(sa.text("DELETE FROM plan_time"))


def _insert(identifier: str, *, is_sqlite: bool) -> str:
    """In the order of the appointments' identifiers: the indexes are filled from left to right, page by page."""
    return f"""
        INSERT INTO reminder (id, appointment, person, purpose, step, channel, due_at, next_try_at, tries, expires_at,
            priority, status, error_count)
        SELECT {identifier}, appointment, person, purpose, step, channel, due_at, due_at, 0, ends_at, priority,
            'planned', 0
        FROM (
            SELECT c.appointment, c.person, c.priority, t.purpose, t.step, t.channel,
                {_instant("due", is_sqlite=is_sqlite)} AS due_at, {_instant("ends", is_sqlite=is_sqlite)} AS ends_at
            FROM planning c JOIN plan_time t USING ({", ".join(KIND)})
            WHERE t.number >= 0 ORDER BY c.appointment
        ) AS planned"""  # noqa: S608  # of constants


def _instant(name: str, *, is_sqlite: bool) -> str:
    """An instant of a stretch as the engine keeps it: `Stretch.at`."""
    seconds = f"t.{name} + t.{name}_room * c.place / {PLACES}"
    if is_sqlite:
        micro = f"CASE t.{name}_micro WHEN 0 THEN '.000000' ELSE printf('.%06d', t.{name}_micro) END"
        return f"datetime({seconds}, 'unixepoch') || {micro}"
    return f"to_timestamp({seconds}) + t.{name}_micro * INTERVAL '1 microsecond'"


def _identifier(db: Session, *, is_sqlite: bool) -> tuple[str, dict[str, str]]:
    """An expression for a new identifier as `kit.ids` makes them, and its values.

    A simulation's rows must be the same twice, in whatever order the engine comes to them: there an identifier follows
    from one of `new_id` and from what the reminder is.
    """
    if not is_seeded():
        return ("lower(hex(randomblob(16)))" if is_sqlite else "replace(gen_random_uuid()::text, '-', '')"), {}
    if is_sqlite:
        connection: Any = db.connection().connection.driver_connection
        connection.create_function("md5", 1, _md5, deterministic=True)
    return "md5(:seed || appointment || step || channel)", {"seed": new_id()}


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
