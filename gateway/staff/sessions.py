"""Browsers that are signed in. All times here are real time: a demo's clock must not sign anybody out.

A session ends two hours after it was last used, and twelve hours after it began: a shift, at a shared computer.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col

from gateway.records.staffing import Staff, StaffSession

IDLE: Final = timedelta(hours=2)
LONGEST: Final = timedelta(hours=12)
TOUCH_EVERY: Final = timedelta(minutes=1)  # a page that looks for news every two seconds need not write as often


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An account and the session it is used in."""

    staff: Staff
    session: StaffSession


def open_session(db: Session, staff: Staff, *, key: bytes, at: datetime) -> tuple[str, StaffSession]:
    """Return the token for the cookie and the stored session; sessions that are over are cleared away."""
    db.exec(sa.delete(StaffSession).where(col(StaffSession.expires_at) <= at))
    token = secrets.token_urlsafe(32)
    session = StaffSession(
        id=_stored(token, key), staff=staff.id, csrf=secrets.token_urlsafe(24), created_at=at, seen_at=at,
        expires_at=at + IDLE,
    )  # fmt: skip
    db.add(session)
    db.flush()
    return token, session


def find_session(db: Session, token: str, *, key: bytes, at: datetime) -> SignedIn | None:
    """Who is signed in with `token`; None when the session is over or the account disabled."""
    session = db.get(StaffSession, _stored(token, key)) if token else None
    if session is None or at >= min(session.expires_at, session.created_at + LONGEST):
        return None
    staff = db.get(Staff, session.staff)
    return SignedIn(staff, session) if staff is not None and staff.disabled_at is None else None


def needs_touch(session: StaffSession, at: datetime) -> bool:
    """Whether its use should be noted by now."""
    return at - session.seen_at >= TOUCH_EVERY


def touch(db: Session, session_id: str, at: datetime) -> None:
    """Note that a session was used."""
    session = db.get(StaffSession, session_id)
    if session is not None:
        session.seen_at, session.expires_at = at, at + IDLE
        db.add(session)


def close_session(db: Session, session_id: str) -> None:
    """End one session."""
    db.exec(sa.delete(StaffSession).where(col(StaffSession.id) == session_id))


def _stored(token: str, key: bytes) -> str:
    return hmac.new(key, token.encode(), hashlib.sha256).hexdigest()
