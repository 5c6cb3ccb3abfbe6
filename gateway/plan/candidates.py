"""The appointments that have something to be planned, gathered in a temporary table with what decides their reminders.

Everything of a person is settled here, by the engine and for thousands at once: their way (which channels), their
place in the spread, whose turn it is. Equal to `reach.py`, `ladder.first_channels` and `priority.py`, row by row: the
property test in tests/plan/test_sets.py holds them together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session

from gateway.care.notices import ANSWER_STEP
from gateway.languages.table import load_languages
from gateway.plan.due import Way
from gateway.plan.priority import priority_sql
from gateway.plan.reach import reads_by_default
from gateway.plan.rules import Rules, served
from gateway.plan.timetable import place_sql
from gateway.records.columns import UtcDateTime
from gateway.records.status import Channel

_FIRST: Final[tuple[tuple[Channel, ...], ...]] = (
    (), (Channel.SMS,), (Channel.VOICE,), (Channel.SMS, Channel.VOICE),
)  # fmt: skip
_TAKES_TEXTS, _TAKES_CALLS = 4, 8
ELSEWHERE: Final = "elsewhere"  # stands for planned steps that no ladder names
_ONE_PHONE: Final = 2**33  # more than twice any telephone's number in its table
PLANNING: Final = sa.table(
    "planning",
    sa.column("appointment"),
    sa.column("person"),
    sa.column("starts_at", UtcDateTime()),
    sa.column("source"),
    sa.column("done"),
    sa.column("way"),
)

KIND: Final = ("starts_at", "source", "done", "way")
"""The columns of `planning` that say which timetable is an appointment's."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Appointments that differ in their place alone: their time, source, steps planned before, and people's way."""

    starts_at: datetime
    source: str
    done: int
    way: int
    count: int


def gather(
    db: Session,
    rules: Rules,
    *,
    is_far: bool,
    after: datetime | None,
    limit: int | None,
    only: Sequence[str] | None = None,
) -> tuple[int, datetime | None]:
    """Put the next appointments that begin after an instant into the table `planning`.

    Returns how many there are, and after which instant to go on, None at the end: about `limit` are taken, and all
    who come at one time together. `is_far` asks for those beyond the horizon, of whom only what goes out at once is
    planned. `only` names the appointments that are looked at; with it, no `limit`.
    """
    is_sqlite = db.get_bind().dialect.name == "sqlite"
    _make_table(db, is_sqlite=is_sqlite)
    values: dict[str, Any] = {
        "after": after or rules.now,
        "horizon": rules.horizon,
        "steps": rules.timed_steps,
        "sources": rules.at_once_sources,
        "textable": served(rules.textable),
        "speakable": served(rules.speakable),
        "read": [code for code in load_languages().codes if reads_by_default(code)],
    }
    which = _far(rules) if is_far else _NEAR
    if only is not None:
        which, values["only"] = f"{which} AND a.id IN :only", list(only)
    until = None
    if limit:
        begins = _execute(db, _until(which, limit), values).scalars().all()
        if not begins:
            return 0, None
        until = begins[-1] if len(begins) == limit else None
    values["until"] = until
    count = _execute(db, _statement(rules, which, is_sqlite=is_sqlite, has_end=until is not None), values).rowcount
    return count, until


def kinds(db: Session) -> list[Kind]:
    """Return what is in the table, kind by kind."""
    columns = [PLANNING.c[name] for name in KIND]
    statement = sa.select(*columns, sa.func.count()).group_by(*columns).order_by(*columns)
    return [Kind(*row) for row in db.execute(statement)]


def way_from(number: int) -> Way:
    """Return the way that the table's number stands for."""
    return Way(_FIRST[number % 4], bool(number & _TAKES_TEXTS), bool(number & _TAKES_CALLS))


def steps_from(number: int, rules: Rules) -> frozenset[str]:
    """Return the steps planned before that the table's number stands for."""
    return frozenset(step for place, step in enumerate(_noted_steps(rules)) if number >> place & 1)


def _noted_steps(rules: Rules) -> list[str]:
    return [*(step.name for step in rules.ladder.steps), ANSWER_STEP, ELSEWHERE]


def _make_table(db: Session, *, is_sqlite: bool) -> None:
    """On SQLite in the order of the appointments' identifiers, in which the reminders are written."""
    instant, end = ("TEXT", "WITHOUT ROWID") if is_sqlite else ("TIMESTAMPTZ", "ON COMMIT DROP")
    db.execute(sa.text(f"""CREATE TEMPORARY TABLE IF NOT EXISTS planning (
        appointment VARCHAR NOT NULL PRIMARY KEY, person VARCHAR NOT NULL, starts_at {instant} NOT NULL,
        source VARCHAR NOT NULL, done INTEGER NOT NULL, way INTEGER NOT NULL, place INTEGER NOT NULL,
        priority INTEGER NOT NULL) {end}"""))  # fmt: skip
    db.execute(sa.text("DELETE FROM planning"))


def _until(which: str, limit: int) -> str:
    """When the next `limit` begin. Mostly there is none: then this was the one look at all of them."""
    return f"""SELECT a.starts_at FROM appointment a WHERE a.status = 'booked' AND a.starts_at > :after AND {which}
        ORDER BY a.starts_at LIMIT {limit}"""  # noqa: S608  # of constants


def _statement(rules: Rules, which: str, *, is_sqlite: bool, has_end: bool) -> str:
    """Read the facts once (MATERIALIZED: the engine would work each of them out again wherever it is used)."""
    return f"""
        INSERT INTO planning (appointment, person, starts_at, source, done, way, place, priority)
        WITH facts AS MATERIALIZED (
            SELECT a.id, a.person, a.starts_at, a.source, p.reads_script, p.language, p.target_group,
                CASE WHEN p.preferred_channel = 'visit' AND p.village = '' THEN NULL ELSE p.preferred_channel END
                    AS preferred,
                {_age(is_sqlite=is_sqlite)} AS age, {_REACH} AS reach, {_SERVED} AS served, {_done(rules)} AS done
            FROM appointment a JOIN person p ON p.id = a.person
            WHERE a.status = 'booked' AND a.starts_at > :after {"AND a.starts_at <= :until" if has_end else ""}
                AND {which} AND p.died_on IS NULL AND p.merged_into IS NULL
        )
        SELECT id, person, starts_at, source, done, {_way(rules)}, {place_sql("id", is_sqlite=is_sqlite)},
            {priority_sql("target_group", "age", is_sqlite=is_sqlite)}
        FROM facts"""  # noqa: S608  # of constants, and of names from files that are checked


def _execute(db: Session, statement: str, values: dict[str, Any]) -> sa.CursorResult[Any]:
    """Run a statement with the values it names: instants as the tables keep them, lists as lists."""
    named = {name: value for name, value in values.items() if f":{name}" in statement}
    kinds = [
        sa.bindparam(
            name,
            type_=UtcDateTime() if isinstance(value, datetime) else sa.String(),  # an empty list has a type, too
            expanding=isinstance(value, list),
        )
        for name, value in named.items()
    ]
    text = sa.text(statement).bindparams(*kinds)
    if statement.startswith("SELECT"):
        return db.connection().execute(text.columns(starts_at=UtcDateTime()), named)
    return db.connection().execute(text, named)


_NEAR: Final = """a.starts_at < :horizon
    AND NOT EXISTS (SELECT 1 FROM reminder r WHERE r.appointment = a.id AND r.step IN :steps)
    AND NOT EXISTS (SELECT 1 FROM reminder r WHERE r.appointment = a.id AND r.status IN ('answered', 'suppressed'))"""
"""Not planned yet; a ladder that an answer or a stop has ended is not begun again (law 4)."""

_TEXTS, _CALLS = "pp.sms = 'allow' AND ph.line_type = 'mobile'", "pp.voice = 'allow'"
_REACH: Final = f"""COALESCE((
    SELECT max(CASE WHEN {_TEXTS} THEN 1 ELSE 0 END) + max(CASE WHEN {_CALLS} THEN 2 ELSE 0 END)
        + 4 * (min(CASE WHEN ({_TEXTS}) OR {_CALLS} THEN CAST(pp.rank AS BIGINT) * {_ONE_PHONE} + ph.id * 2
            + CASE WHEN ph.line_type = 'mobile' THEN 0 ELSE 1 END END) % 2)
    FROM person_phone pp JOIN phone ph ON ph.id = pp.phone
    WHERE pp.person = a.person AND pp.role <> 'vhv' AND ph.parked_at IS NULL), 0)"""  # noqa: S608  # of constants
"""1 texts, 2 calls, 4 the telephone tried first is a landline; 0 none may be used. As `reach.reach_of`."""

_SERVED: Final = """CASE WHEN p.language IN :textable THEN 1 ELSE 0 END
    + CASE WHEN p.language IN :speakable THEN 2 ELSE 0 END"""
"""1 there is something to write in their language, 2 something to say; beside `_REACH` bit for bit."""


def _age(*, is_sqlite: bool) -> str:
    """Full years on the Bangkok day of the appointment, NULL where nobody knows; days as numbers such as 20261122."""
    if is_sqlite:
        born, day = "replace(p.birth_date, '-', '')", "strftime('%Y%m%d', a.starts_at, '+7 hours')"
    else:
        born = "to_char(p.birth_date, 'YYYYMMDD')"
        day = "to_char(a.starts_at AT TIME ZONE 'Asia/Bangkok', 'YYYYMMDD')"
    return f"(CAST({day} AS INTEGER) - CAST({born} AS INTEGER)) / 10000"


def _far(rules: Rules) -> str:
    """Nothing planned yet, and told of at once; the engine has an index of those that no roster brought."""
    is_small = "AND a.source <> 'roster'" if "roster" not in rules.at_once_sources else ""
    return f"""a.starts_at >= :horizon AND a.source IN :sources {is_small}
        AND NOT EXISTS (SELECT 1 FROM reminder r WHERE r.appointment = a.id)"""  # noqa: S608  # of constants


def _done(rules: Rules) -> str:
    """The steps planned before, a bit each; a visit is no step, and what no ladder names counts as one."""
    bits = [f"r.step = '{_quoted(step)}'" for step in _noted_steps(rules)[:-1]] + ["true"]
    sums = " + ".join(f"max(CASE WHEN {bit} THEN {1 << place} ELSE 0 END)" for place, bit in enumerate(bits))
    before = "FROM reminder r WHERE r.appointment = a.id AND r.channel <> 'visit'"
    return f"CASE WHEN EXISTS (SELECT 1 {before}) THEN (SELECT {sums} {before}) ELSE 0 END"


def _way(rules: Rules) -> str:
    """The number of the way: what is tried first (1 a text, 2 a call, 3 both), and what a step may ask for.

    0: not by telephone. As `ladder.first_channels` and `due.way_of`.
    """
    return f"""CASE WHEN reach & served & 3 = 0 OR preferred = 'visit' THEN 0 ELSE
        CASE WHEN reach & served & 3 < 3 THEN reach & served & 3 WHEN preferred = 'sms' THEN 1
            WHEN preferred = 'voice' OR age >= {rules.ladder.elder_age} OR reach >= 4 OR reads_script = false THEN 2
            WHEN reads_script = true OR language IN :read THEN 1 ELSE 3 END
        + {_TAKES_TEXTS} * (reach & served & 1) * (CASE WHEN reads_script = false THEN 0 ELSE 1 END)
        + {_TAKES_CALLS} / 2 * (reach & served & 2) END"""


def _quoted(text: str) -> str:
    return text.replace("'", "''").replace(":", r"\:")
