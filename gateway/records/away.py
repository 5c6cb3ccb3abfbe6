"""A database that does not do what it is asked: it is gone, full, read-only, or busy for too long.

That is nobody's bug and nobody's fault: whoever asked is told, and asks again.
"""

from __future__ import annotations

import shutil
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session

from gateway.records.database import Database

LEAST_FREE: Final = 64 * 1024 * 1024
"""Bytes beside a SQLite file. With less, what goes out soon cannot be written down, and then nothing goes out."""
_GONE: Final = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError)
_NOT_NOW: Final = ("25006", "25P03")  # it only reads; and it ended a transaction in which nothing happened for too long


def is_away(error: BaseException) -> bool:
    """Whether the database itself did not do what was asked; nothing of it was written, or nobody knows."""
    if isinstance(error, sa.exc.DBAPIError) and getattr(error.orig, "sqlstate", None) in _NOT_NOW:
        return True
    return isinstance(error, _GONE)


def why_not_writable(database: Database) -> str:
    """What keeps the database from being written, in words for staff and a monitor; empty where nothing does."""
    if database.file is not None and shutil.disk_usage(database.file.parent).free < LEAST_FREE:
        return "the disk is full: nothing goes out before there is room"
    try:
        database.run(_try_to_write)
    except _Undone:
        return ""
    except sa.exc.DBAPIError as error:
        if not is_away(error):
            raise
        return "the database cannot be written: nothing goes out"
    return ""


class _Undone(Exception):
    """Takes back what was tried."""


def _try_to_write(db: Session) -> None:
    db.execute(sa.text("UPDATE switch SET is_on = is_on WHERE name = ''"))
    raise _Undone
