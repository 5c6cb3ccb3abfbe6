"""One process ticks: a lock beside the database, which the system gives back however the process ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.cli.context import fail, opening
from gateway.records.database import Database


@contextmanager
def alone(database: Database) -> Iterator[None]:
    """Hold `<database file>.lock` during the block; ends the command where another process holds it.

    Two that tick would each keep to the rates and lines they were given, and together place twice as many calls.
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
        fail(f"another `gateway run` or `gateway work` has {database.file}: stop it first, or name another database")
    try:
        yield
    finally:
        os.close(held)


def _beside(file: Path) -> Path:
    """The same lock whatever way leads to the database."""
    real = file.resolve()
    return real.with_name(f"{real.name}.lock")
