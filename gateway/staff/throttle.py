"""Wrong passwords are counted, and after a few there is a wait. Real time throughout.

Counted by the account tried (known or not, so that the answer tells nothing) and, more generously, by the address it
came from: one hospital's staff often share one.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from gateway.records.staffing import SignInFailure

WINDOW: Final = timedelta(minutes=15)
PER_ACCOUNT: Final = 5
PER_ADDRESS: Final = 50


def wait_for(db: Session, email: str, address: str, *, key: bytes, at: datetime) -> timedelta | None:
    """How long this account, or everybody at this address, must wait before the next try; None: not at all."""
    waits = [
        _wait(db, col(SignInFailure.who) == _hidden(email.strip().lower(), key), PER_ACCOUNT, at),
        _wait(db, col(SignInFailure.address) == _hidden(address, key), PER_ADDRESS, at),
    ]
    return max((wait for wait in waits if wait), default=None)


def note_failure(db: Session, email: str, address: str, *, key: bytes, at: datetime) -> None:
    """Count one wrong password; what is older than the window is forgotten."""
    db.exec(sa.delete(SignInFailure).where(col(SignInFailure.at) <= at - WINDOW))
    db.add(SignInFailure(who=_hidden(email.strip().lower(), key), address=_hidden(address, key), at=at))
    db.flush()


def forgive(db: Session, email: str, *, key: bytes) -> None:
    """Forget an account's failures: it was signed in, or its password was reset."""
    db.exec(sa.delete(SignInFailure).where(col(SignInFailure.who) == _hidden(email.strip().lower(), key)))


def _wait(db: Session, mine: sa.ColumnElement[bool], allowed: int, at: datetime) -> timedelta | None:
    recent = (mine, col(SignInFailure.at) > at - WINDOW)
    count, oldest = db.exec(select(func.count(), func.min(SignInFailure.at)).where(*recent)).one()
    return oldest + WINDOW - at if count >= allowed else None


def _hidden(value: str, key: bytes) -> str:
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()
