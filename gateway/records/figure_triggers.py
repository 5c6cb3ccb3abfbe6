"""What makes figures never miss a change: triggers that note it in `uncounted`, in the transaction of the change.

Whoever writes a row (the ORM, set-based SQL, staff at the database's own prompt) need not think of figures. They note
what a change is about and look nothing up: on PostgreSQL a look would be one more thing for two transactions to
collide over. They are set anew after every migration, since SQLite loses those of a table that is rebuilt.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from sqlalchemy.engine import Connection

from gateway.records.figures import Changed
from gateway.records.status import OPEN_REMINDERS, AttemptStatus, TaskKind

_PREFIX: Final = "uncounted_"
_C = Changed
Mark = tuple[Changed, str]
"""What a change is about, and the column that has its id."""


def _words(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


_SENT: Final = (
    "({row}.direction = 'out' AND {row}.status NOT IN ('queued', 'cancelled')"
    " AND NOT ({row}.status = 'failed' AND {row}.carrier_id IS NULL))"
)
_REACHED: Final = f"({{row}}.status IN ({_words((AttemptStatus.DELIVERED, AttemptStatus.COMPLETED))}))"
_OPEN: Final = f"({{row}}.status IN ({_words(OPEN_REMINDERS)}))"
TOLD_OF: Final = (TaskKind.RIDE, TaskKind.CALLBACK, TaskKind.UNREACHED, TaskKind.NO_PROMPT)
"""Open tasks of an appointment that figures tell of."""
_TOLD: Final = f"({{row}}.status = 'open' AND {{row}}.kind IN ({_words(TOLD_OF)}))"


class Watch(NamedTuple):
    """A table that figures rest on. `{row}` stands for the row as it was or is now."""

    table: str
    new: tuple[Mark, ...]  # noted of a row that came, or of one as it is now
    old: tuple[Mark, ...]  # noted of a row that went, or of one as it was
    columns: tuple[str, ...]  # an update of others is none of ours
    matters: str = ""  # rows of which this is not so count for nothing
    compared: tuple[str, ...] = ()  # an update that leaves these as they were changes no figure; () : the columns
    is_only_updated: bool = False  # a new row concerns no appointment

    @property
    def facts(self) -> tuple[str, ...]:
        """What an update must change to be noted."""
        return self.compared or tuple(f"{{row}}.{column}" for column in self.columns)


_APPOINTMENT: Final = ((_C.APPOINTMENT, "appointment"),)
WATCHED: Final = (
    Watch(
        "appointment", ((_C.APPOINTMENT, "id"),), ((_C.APPOINTMENT, "id"),),
        ("person", "site", "session", "regimen", "starts_at", "status", "confirmed_by_reply", "confirmed_by_staff"),
    ),
    Watch("seat", _APPOINTMENT, _APPOINTMENT, ("appointment",)),
    Watch(
        "reminder", _APPOINTMENT, _APPOINTMENT, ("appointment", "purpose", "status"),
        compared=("{row}.appointment", "{row}.purpose", _OPEN),
    ),
    Watch(
        "attempt", ((_C.ATTEMPT, "id"),), ((_C.ATTEMPT, "id"),),
        ("direction", "channel", "status", "carrier_id", "created_at"), matters=_SENT,
        compared=("{row}.channel", "{row}.created_at", _SENT, _REACHED),
    ),
    Watch(
        "attempt_item", ((_C.ATTEMPT, "attempt"),),
        (*_APPOINTMENT, (_C.REMINDER, "reminder")), ("attempt", "reminder", "appointment"),
    ),
    Watch(
        "reply", _APPOINTMENT, (*_APPOINTMENT, (_C.REPLY, "id")), ("appointment", "attempt", "answer", "at"),
    ),
    Watch("outcome", _APPOINTMENT, _APPOINTMENT, ("appointment", "reply")),
    Watch(
        "task", ((_C.APPOINTMENT, "subject"),), ((_C.APPOINTMENT, "subject"),), ("kind", "subject", "status"),
        matters=_TOLD,
    ),
    Watch("person", ((_C.PERSON, "id"),), (), ("language",), is_only_updated=True),
    Watch(
        "person_phone", ((_C.PERSON, "person"),), ((_C.PERSON, "person"),),
        ("person", "phone", "role", "sms", "voice"),
    ),
    Watch("phone", ((_C.PHONE, "id"),), (), ("line_type", "parked_at"), is_only_updated=True),
)  # fmt: skip
"""Every table that `reports.facts` reads, but for sessions, whose seats are counted as they stand."""


def install(connection: Connection) -> None:
    """Set the triggers anew."""
    for statement in (*_drops(connection), *statements(connection.dialect.name)):
        connection.exec_driver_sql(statement)


def remove(connection: Connection) -> None:
    """Take the triggers away: before their table goes."""
    for statement in _drops(connection):
        connection.exec_driver_sql(statement)


def count_all_anew(connection: Connection) -> None:
    """Throw the summary away and note every appointment: after a migration nobody knows what it has changed."""
    for table in ("uncounted", "counted", "summary_board", "summary_rates"):
        connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608  # ours, of constants
    connection.exec_driver_sql("INSERT INTO uncounted (kind, about) SELECT 'appointment', id FROM appointment")


def missing(connection: Connection) -> list[str]:
    """Return the triggers that are not there; changes they were to note would be missing in figures."""
    found = {name for name, _ in _found(connection)}
    return sorted(f"{_PREFIX}{watch.table}_{event}" for watch in WATCHED for event in _events(watch)
                  if f"{_PREFIX}{watch.table}_{event}" not in found)  # fmt: skip


def statements(dialect: str) -> Iterator[str]:
    """Give the statements that make them, on `sqlite` or `postgresql`."""
    make = _on_sqlite if dialect == "sqlite" else _on_postgresql
    for watch in WATCHED:
        for event in _events(watch):
            yield from make(watch, event)


def _events(watch: Watch) -> tuple[str, ...]:
    return ("update",) if watch.is_only_updated else ("insert", "update", "delete")


def _found(connection: Connection) -> list[tuple[str, str]]:
    """Name and table of the triggers that are there."""
    if connection.dialect.name == "sqlite":
        listed = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
    else:
        listed = "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"
    return [(name, table) for name, table in connection.exec_driver_sql(listed) if name.startswith(_PREFIX)]


def _drops(connection: Connection) -> list[str]:
    on = " ON {}" if connection.dialect.name != "sqlite" else ""
    return [f"DROP TRIGGER {name}{on.format(table)}" for name, table in _found(connection)]


def _on_sqlite(watch: Watch, event: str) -> Iterator[str]:
    of = f" OF {', '.join(watch.columns)}" if event == "update" else ""
    noted = "; ".join(
        _note(kind, f"{row}.{column}", _is_noted(row, column, other, "IS NOT"))
        for row, column, kind, other in _marks(watch, event)
    )
    when = _when(watch, event, "IS NOT")
    condition = f" WHEN {when}" if when else ""
    yield (
        f"CREATE TRIGGER {_PREFIX}{watch.table}_{event} AFTER {event.upper()}{of} ON {watch.table}{condition} "
        f"BEGIN {noted}; END"
    )


def _on_postgresql(watch: Watch, event: str) -> Iterator[str]:
    """Rows that come or go are noted once a statement, in a set; of those updated each one that changed a figure."""
    name = f"{_PREFIX}{watch.table}_{event}"
    differs = "IS DISTINCT FROM"
    if event == "update":
        notes = [
            _note(kind, f"CAST({row}.{column} AS VARCHAR)", _is_noted(row, column, other, differs))
            for row, column, kind, other in _marks(watch, event)
        ]
        when = _when(watch, event, differs)
        fires = f"AFTER UPDATE OF {', '.join(watch.columns)} ON {watch.table} FOR EACH ROW WHEN ({when})"
    else:
        matters = f" AND {watch.matters.format(row='r')}" if watch.matters else ""
        notes = [
            _note(kind, f"CAST(r.{column} AS VARCHAR)", f"r.{column} IS NOT NULL{matters}", " FROM these AS r")
            for _, column, kind, _ in _marks(watch, event)
        ]
        rows = "NEW" if event == "insert" else "OLD"
        fires = f"AFTER {event.upper()} ON {watch.table} REFERENCING {rows} TABLE AS these FOR EACH STATEMENT"
    body = f"$$ BEGIN {'; '.join(notes)}; RETURN NULL; END $$"
    yield f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS {body}"
    yield f"CREATE TRIGGER {name} {fires} EXECUTE FUNCTION {name}()"


def _note(kind: str, about: str, condition: str, source: str = "") -> str:
    return f"INSERT INTO uncounted (kind, about) SELECT '{kind}', {about}{source} WHERE {condition}"


def _marks(watch: Watch, event: str) -> Iterator[tuple[str, str, str, str]]:
    """Row, column and kind of what is noted; and of an old row the same of the new one, where that is noted, too."""
    if event != "delete":
        yield from (("NEW", column, kind.value, "") for kind, column in watch.new)
    if event != "insert":
        for kind, column in watch.old:
            is_twice = event == "update" and (kind, column) in watch.new
            yield "OLD", column, kind.value, f"NEW.{column}" if is_twice else ""


def _is_noted(row: str, column: str, other: str, differs: str) -> str:
    return f"{row}.{column} IS NOT NULL" + (f" AND {row}.{column} {differs} {other}" if other else "")


def _when(watch: Watch, event: str, differs: str) -> str:
    """The condition on which a row is noted; "" for always."""
    rows = {"insert": ("NEW",), "delete": ("OLD",), "update": ("OLD", "NEW")}[event]
    matters = " OR ".join(watch.matters.format(row=row) for row in rows) if watch.matters else ""
    if event != "update":
        return matters
    changed = " OR ".join(f"{fact.format(row='OLD')} {differs} {fact.format(row='NEW')}" for fact in watch.facts)
    return f"({matters}) AND ({changed})" if matters else changed
