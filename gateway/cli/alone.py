"""Who may tick beside whom: a lock beside the database, which the system gives back however the process ends.

On SQLite one process ticks. On PostgreSQL any number of `gateway work` do, side by side; alone is whoever has a clock
or a telephone network of their own.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from sqlalchemy.exc import DBAPIError

from gateway.cli.context import fail, opening
from gateway.records.database import Database
from gateway.records.leader import Leader

LOOK = 5.0  # real seconds between two looks whether the lock is still ours
TAKEN = "another `gateway run` or `gateway work` has {}: stop it first, or name another database"


@contextmanager
def alone(database: Database, *, is_one_of_many: bool = False) -> Iterator[Leader]:
    """Hold the lock of who ticks during the block; ends the command where another process holds it.

    `is_one_of_many`: on PostgreSQL others of the same kind may tick beside this one: rates and lines are counted in the
    database, for all of them together. What it gives is to be asked before each tick: with a restart of the server the
    lock is gone, and is taken anew, unless somebody else was quicker.
    """
    lock = Leader(database, "ticks", shared=is_one_of_many)
    if database.is_sqlite:
        with _alone_with_the_file(database):
            yield lock
        return
    with opening():
        is_ours = lock.leads()
    if not is_ours:
        fail(TAKEN.format(database.url.database))
    try:
        yield lock
    finally:
        lock.close()


def wait_while_ours(lock: Leader, stop: Event) -> bool:
    """Wait until `stop`; False where somebody else took the lock while the server was away."""
    while not stop.wait(LOOK):
        if is_lost(lock):
            return False
    return True


def is_lost(lock: Leader) -> bool:
    """Whether somebody else holds the lock; while the server is away nobody knows, and nobody ticks."""
    try:
        return not lock.leads()
    except DBAPIError:
        return False


@contextmanager
def _alone_with_the_file(database: Database) -> Iterator[None]:
    """Hold `<database file>.lock`.

    The file stays: to remove it would let a third process lock another one of the same name.
    """
    if database.file is None:
        yield
        return
    with opening():
        held = os.open(_beside(database.file), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(held)
        fail(TAKEN.format(database.file))
    try:
        yield
    finally:
        os.close(held)


def _beside(file: Path) -> Path:
    """The same lock whatever way leads to the database."""
    real = file.resolve()
    return real.with_name(f"{real.name}.lock")
