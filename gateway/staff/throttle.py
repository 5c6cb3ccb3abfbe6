"""Wrong passwords are counted, and after a few there is a wait. Real time throughout.

Counted by the account tried (known or not, so that the answer tells nothing) together with the address it came from;
more generously by the account alone, so that whoever guesses elsewhere does not lock its owner out; and by the address
alone: one hospital's staff often share one. A try is counted before the password is looked at and forgotten when
it was right: however many guesses come at once, no more than the allowed ones are looked at.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from gateway.records.staffing import SignInFailure

WINDOW: Final = timedelta(minutes=15)
KEPT: Final = timedelta(hours=1)
"""How long a failure is remembered: `pins` looks further back."""
PER_ACCOUNT: Final = 5
"""For one account from one address."""
ANYWHERE: Final = 30
"""For one account, wherever from."""
PER_ADDRESS: Final = 50
"""From one address, whatever the account."""


def take_try(db: Session, email: str, address: str, *, key: bytes, at: datetime) -> timedelta | None:
    """Count a try as wrong until `forgive` says otherwise; or return how long to wait, and count nothing.

    Needs a unit of work of its own, committed before the password is looked at.
    """
    wait = wait_for(db, email, address, key=key, at=at)
    if wait is None:
        db.exec(sa.delete(SignInFailure).where(col(SignInFailure.at) <= at - KEPT))
        db.add(SignInFailure(who=_account(email, key), address=_hidden(address, key), at=at))
        db.flush()
    return wait


def wait_for(db: Session, email: str, address: str, *, key: bytes, at: datetime) -> timedelta | None:
    """How long this account, here or anywhere, or everybody here must wait before the next try; None: not at all."""
    theirs = col(SignInFailure.who) == _account(email, key)
    here = col(SignInFailure.address) == _hidden(address, key)
    waits = [
        _wait(db, sa.and_(theirs, here), PER_ACCOUNT, at),
        _wait(db, theirs, ANYWHERE, at),
        _wait(db, here, PER_ADDRESS, at),
    ]
    return max((wait for wait in waits if wait), default=None)


def forgive(db: Session, email: str, *, key: bytes) -> None:
    """Forget an account's failures: it was signed in, or its password was reset."""
    db.exec(sa.delete(SignInFailure).where(col(SignInFailure.who) == _account(email, key)))


def _wait(db: Session, mine: sa.ColumnElement[bool], allowed: int, at: datetime) -> timedelta | None:
    """Until fewer than `allowed` failures lie within the window."""
    recent = select(SignInFailure.at).where(mine, col(SignInFailure.at) > at - WINDOW)
    newest = db.exec(recent.order_by(col(SignInFailure.at).desc()).limit(allowed)).all()
    return newest[-1] + WINDOW - at if len(newest) == allowed else None


def _account(email: str, key: bytes) -> str:
    return _hidden(email.strip().lower(), key)


def _hidden(value: str, key: bytes) -> str:
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()
