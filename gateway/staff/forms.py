"""A form sent twice does its work once: a double click, "back" and again, a browser that repeats after a cut line."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col

from gateway.records.staffing import FormPost

KEPT_FOR: Final = timedelta(days=2)


def new_form() -> str:
    """A fresh form's own word."""
    return secrets.token_urlsafe(16)


def do_once(db: Session, form: str, staff: str, work: Callable[[Session], str], *, at: datetime) -> str:
    """Do `work` unless this form of this member of staff was done before; return where it led (a path).

    In the same unit of work as the deed, so that neither is there without the other. `at` is real time.
    """
    token = hashlib.sha256(f"{staff}:{form}".encode()).hexdigest()
    known = db.get(FormPost, token)
    if known is not None:
        return known.location
    location = work(db)
    db.exec(sa.delete(FormPost).where(col(FormPost.at) < at - KEPT_FOR))
    db.add(FormPost(token=token, staff=staff, location=location, at=at))
    db.flush()
    return location
