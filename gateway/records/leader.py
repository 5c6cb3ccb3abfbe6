"""One process of many leads: it holds a lock of the database, and another one has it seconds after it is gone."""

from __future__ import annotations

import threading
from contextlib import suppress

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gateway.records.database import Database, lock_key


class Leader:
    """Asked before whatever one process does for all. Safe to be asked by several threads."""

    def __init__(self, database: Database, name: str = "leader", *, shared: bool = False) -> None:
        """`shared`: any number of those who share lead together, and nobody alone meanwhile."""
        self._database, self._key = database, lock_key(name)
        self._take = sa.func.pg_try_advisory_lock_shared if shared else sa.func.pg_try_advisory_lock
        self._release = sa.func.pg_advisory_unlock_shared if shared else sa.func.pg_advisory_unlock
        self._asking = threading.Lock()
        self._held: Connection | None = None

    def leads(self) -> bool:
        """Whether this process leads now; takes the lead where nobody has it. On SQLite there is one process.

        The server is asked each time: who lost the connection has lost the lead with it. Raises DBAPIError where the
        server does not answer.
        """
        if self._database.is_sqlite:
            return True
        with self._asking:
            if self._held is not None and not _lives(self._held):
                self._let_go()
            if self._held is None:
                self._held = self._taken()
            return self._held is not None

    def close(self) -> None:
        """Give the lead back."""
        with self._asking:
            self._let_go()

    def _taken(self) -> Connection | None:
        """The connection whose lock it is; None where another process has it."""
        connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            if connection.execute(sa.select(self._take(self._key))).scalar():
                return connection
        except BaseException:
            connection.invalidate()
            raise
        connection.close()
        return None

    def _let_go(self) -> None:
        """Unlock, and close the connection itself, not into the pool: with it goes the lock, whatever its state."""
        if self._held is None:
            return
        with suppress(sa.exc.SQLAlchemyError):  # it broke: then the server has unlocked
            self._held.execute(sa.select(self._release(self._key)))
        self._held.invalidate()
        self._held.close()
        self._held = None


def _lives(connection: Connection) -> bool:
    try:
        connection.execute(sa.select(1))
    except sa.exc.DBAPIError:
        return False
    return True
