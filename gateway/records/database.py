"""The engines, and the only place that commits.

One request or one tick is one unit of work, and on both engines it sees the records as if it were alone with them:

- SQLite has one writer at a time; writers take the lock when they begin (`BEGIN IMMEDIATE`): with deferred
  transactions 100 callers on 10 seats met 56 times "database is locked"; with this, none.
- PostgreSQL runs them side by side, SERIALIZABLE. Of two that got in each other's way the later one ends with
  `Conflict`, having changed nothing, and is done again: `run` does so, and the rims (a request, a tick) do.
"""

from __future__ import annotations

import os
import random
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, ExceptionContext, make_url
from sqlmodel import Session

from gateway.records.line import Line

_WRITES = "tamnat_writes"
_AGAIN: Final = ("40001", "40P01")
"""SQLSTATEs of a transaction that another one overtook: serialization failure and deadlock.
(https://www.postgresql.org/docs/current/mvcc-serialization-failure-handling.html)"""
_SAME_KEY: Final = "23505"
"""SQLSTATE of a row of the same key. Mostly somebody else wrote it since we looked, and who looks again finds it; but a
row that is wrong in itself meets it for ever, and must be found out like any other error."""
_LOOKS: Final = 2  # tries that may end so before one row of many is taken for wrong
_LAST_LOOKS: Final = 6  # tries before the whole unit of work is: by then it stood in line (`_QUEUE_AFTER`)
_met: ContextVar[int] = ContextVar("met", default=0)
"""How many earlier tries of this unit of work met a row of the same key."""
TRIES: Final = 20
_SNAPSHOT: Final = "REPEATABLE READ"
_QUEUE_AFTER: Final = 4  # lost tries in a row, after which `run` stands in line instead of racing again
_LONGEST_WAIT: Final = 0.25  # seconds between two tries
WRITES_WITHIN: Final = 15.0  # real seconds to wait for others to have written
CONNECTIONS: Final = 8  # kept open; twice as many more while they are needed
TURN_WITHIN: Final = "30s"
"""How long to wait for one's turn: a claim that waits in silence is seen by nobody, one that fails is on the health
page."""
LONG_WITHIN: Final = "10min"  # the turn of a roster, or of an upgrade; and a long unit of work may think as long
_LONG: Final = sa.text(f"SET LOCAL idle_in_transaction_session_timeout = '{LONG_WITHIN}'")
_KEEPALIVES: Final = {"keepalives": 1, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
"""Seconds, seconds, times: a server that vanished is found out within half a minute, not after two hours."""
_SESSION: Final = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "30000",
    "idle_in_transaction_session_timeout": "60000",
}
"""The same for the server, of us: a machine that vanished, or hangs, amid a claim would keep all others from claiming
for hours, and the server from forgetting what anybody looked at since."""
T = TypeVar("T")


class Conflict(Exception):
    """Another transaction was quicker; nothing was changed, and the whole unit of work is to be done again."""


def is_conflict(error: BaseException) -> bool:
    """Whether an error inside a unit of work means that another transaction was quicker.

    Who goes on after an error of one row must let such an error pass: PostgreSQL has ended the whole transaction.
    """
    return _is_overtaken(error, _LOOKS)


def _is_overtaken(error: BaseException, looks: int) -> bool:
    if isinstance(error, Conflict):
        return True
    state = _sqlstate(error)
    return state in _AGAIN or (state == _SAME_KEY and _met.get() < looks)


def _sqlstate(error: BaseException | None) -> str | None:
    return getattr(error.orig, "sqlstate", None) if isinstance(error, sa.exc.DBAPIError) else None


@contextmanager
def another_try(met: int) -> Iterator[None]:
    """Within it a unit of work is tried once more, of whose earlier tries `met` met a row of the same key.

    After some of them that is an error as any other: `is_conflict` says so where rows are done one by one, and at last
    the unit of work raises it, and not Conflict.
    """
    token = _met.set(met)
    try:
        yield
    finally:
        _met.reset(token)


def met_same_key(error: Conflict) -> bool:
    """Whether it was a row of the same key that this try met."""
    return _sqlstate(error.__cause__) == _SAME_KEY


class Database:
    """A SQLite file or a PostgreSQL database, by URL."""

    def __init__(self, url: str) -> None:
        self.url = _with_driver(make_url(url))
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        # Parameters stay out of errors and logs: they are names and numbers of people.
        options: dict[str, Any] = {"hide_parameters": True}
        self.engine = self._sqlite_engine(options) if self.is_sqlite else _postgres_engine(self.url, options)
        serial: dict[str, Any] = {} if self.is_sqlite else {"isolation_level": "SERIALIZABLE"}
        self._writing = self.engine.execution_options(**{_WRITES: True}, **serial)
        self._waiting = Line(1 if self.is_sqlite else 2 * CONNECTIONS, patience=WRITES_WITHIN)
        # A page's figures are of one instant, on PostgreSQL as on SQLite.
        self._looking = self.engine if self.is_sqlite else self.engine.execution_options(
            isolation_level=_SNAPSHOT
        )  # fmt: skip

    @cached_property
    def file(self) -> Path | None:
        """The file of a SQLite database; None for one in memory or on a server."""
        name = self.url.database
        return Path(name) if self.is_sqlite and name and name != ":memory:" else None

    @contextmanager
    def unit_of_work(self, *, turn: str = "", long: bool = False) -> Iterator[Session]:
        """Give a session whose changes are committed together at the end, or not at all if anything raises.

        `turn` names what is done one after another by all processes: this one waits for its turn before it looks at
        anything, so that it sees all that the one before it wrote. `long`: it takes seconds and touches much. Of what
        it looked at others may meanwhile write, and it collides only where both write the same row: serializable, a
        roster of 60,000 rows would collide with every answer of a busy day, and never end. Raises Conflict where
        another was quicker.
        """
        with self._waiting.place(), self._turn(turn, long) as bind, Session(bind, expire_on_commit=False) as session:
            try:
                with session.begin():
                    if long and not self.is_sqlite:
                        session.execute(_LONG)
                    yield session
            except sa.exc.DBAPIError as error:
                if self.is_sqlite or not _is_overtaken(error, _LAST_LOOKS):
                    raise
                raise Conflict("another transaction was quicker") from error

    def run(self, work: Callable[[Session], T], *, turn: str = "", tries: int = TRIES, long: bool = False) -> T:
        """Do `work` as a unit of work, and again where another transaction was quicker; return what it returned.

        `work` may be called several times, and must therefore do nothing but change rows.
        """
        tried = count()
        return again(lambda: self._once(work, turn or self._queue(next(tried)), long), tries=tries)

    def _once(self, work: Callable[[Session], T], turn: str, long: bool) -> T:
        with self.unit_of_work(turn=turn, long=long) as session:
            return work(session)

    def _queue(self, tried: int) -> str:
        """Where to queue: of twenty who want the same row, the unlucky would lose twenty races one after another."""
        return "crowd" if tried >= _QUEUE_AFTER else ""

    @contextmanager
    def reading(self, *, long: bool = False) -> Iterator[Session]:
        """Give a session for looking only: whatever it changes is rolled back.

        `long`: minutes may pass between two looks, because somebody reads what is printed page by page.
        """
        with Session(self._looking, expire_on_commit=False) as session:
            if long and not self.is_sqlite:
                session.execute(_LONG)
            yield session  # closing rolls back, and leaves what was read readable

    @contextmanager
    def in_turn(self, name: str) -> Iterator[None]:
        """Wait for the lock `name` of all processes, and hold it during the block (PostgreSQL)."""
        with self._turn(name, long=True):
            yield

    @contextmanager
    def _turn(self, name: str, long: bool = False) -> Iterator[Engine | Connection]:
        """The lock is taken before the transaction begins: one taken in it would wait with yesterday's snapshot.

        Both are of one connection: with two, those who wait would hold all that are kept, and the first in the line
        would find none left to work with.
        """
        if self.is_sqlite or not name:
            yield self._looking if long and not self.is_sqlite else self._writing
            return
        with self.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            within = sa.func.set_config("lock_timeout", LONG_WITHIN if long else TURN_WITHIN, True)  # this statement's
            connection.execute(sa.select(within, sa.func.pg_advisory_lock(lock_key(name))))
            connection.commit()
            connection.execution_options(isolation_level=_SNAPSHOT if long else "SERIALIZABLE")
            try:
                yield connection
            finally:
                _give_back(connection, name)

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()

    def _sqlite_engine(self, options: dict[str, Any]) -> Engine:
        engine = sa.create_engine(
            self.url,
            max_overflow=-1,  # a thread that looks never waits for one that does; there are as many as threads
            connect_args={"check_same_thread": False, "timeout": WRITES_WITHIN},
            **options,
        )
        sa.event.listen(engine, "do_connect", self._make_private)
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
        return engine

    def _make_private(self, *_: object) -> None:
        """A new file and its folder are the owner's alone: it holds names and numbers. -wal and -shm follow the file.

        Made when it is first opened and not before: who only asks where it would be leaves no trace.
        """
        if self.file is None or self.file.exists():
            return
        _make_folder(self.file.parent)
        os.close(os.open(self.file, os.O_CREAT | os.O_WRONLY, 0o600))


def again(work: Callable[[], T], *, tries: int = TRIES) -> T:
    """Call `work` until it ends without Conflict, with a short and growing wait; the last Conflict is raised."""
    met = 0
    for tried in range(1, tries):
        try:
            with another_try(met):
                return work()
        except Conflict as error:
            met += met_same_key(error)
            time.sleep(pause(tried))
    with another_try(met):
        return work()


def pause(tried: int) -> float:
    """How long to wait, in seconds, before the next try: growing, and by chance, not all who collided at once again."""
    return random.uniform(0, min(0.01 * 1.5**tried, _LONGEST_WAIT))


def lock_key(name: str) -> int:
    """A lock's number on PostgreSQL, the same in every process."""
    return zlib.crc32(f"tamnat:{name}".encode())


def _give_back(connection: Connection, name: str) -> None:
    """Unlock; a connection that broke meanwhile has lost the lock already."""
    try:
        connection.rollback()  # of what is not committed by now nothing is kept
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(sa.select(sa.func.pg_advisory_unlock(lock_key(name))))
    except sa.exc.DBAPIError:
        connection.invalidate()


def _with_driver(url: URL) -> URL:
    """`postgresql://…` and `postgres://…`, as people write them, name no driver; ours is psycopg."""
    return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgresql", "postgres") else url


def _postgres_engine(url: URL, options: dict[str, Any]) -> Engine:
    ours = {"connect_timeout": 10, "application_name": "tamnat", "tcp_user_timeout": 30_000, **_KEEPALIVES}
    engine = sa.create_engine(
        url,
        pool_size=CONNECTIONS,
        max_overflow=2 * CONNECTIONS,
        pool_pre_ping=True,  # a server that was restarted is found again without an error
        connect_args={name: value for name, value in ours.items() if name not in url.query},
        **options,
    )
    sa.event.listen(engine, "connect", _prepare_postgres)
    sa.event.listen(engine, "handle_error", _without_values)
    return engine


def _prepare_postgres(connection: Any, _record: object) -> None:
    from gateway.records.without_nul import WithoutNul  # the driver costs a start on SQLite a tenth of a second

    connection.adapters.register_dumper(str, WithoutNul)
    connection.autocommit = True  # a setting of a transaction that is rolled back is rolled back with it
    connection.execute("; ".join(f"SET {name} = {value}" for name, value in _SESSION.items()))  # poolers refuse options
    connection.autocommit = False


def _without_values(context: ExceptionContext) -> None:
    """PostgreSQL repeats the row that was refused, "Key (e164)=(+66…) already exists"; ours says what, and not who."""
    error, outer = context.original_exception, context.sqlalchemy_exception
    primary = getattr(getattr(error, "diag", None), "message_primary", None)
    if primary is None:
        return
    is_about_a_value = (getattr(error, "sqlstate", None) or "").startswith("22")  # its first line holds the value, too
    error.args = ("a value was refused" if is_about_a_value else primary,)
    if outer is not None:
        outer.args = (f"({type(error).__module__}.{type(error).__name__}) {error.args[0]}",)


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it; `mkdir(parents=True)` would leave those above open to all."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late; ours is in _begin_sqlite
    cursor = connection.cursor()
    # FULL, not NORMAL: an attempt lost with the power after its call was placed would be a second call.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
