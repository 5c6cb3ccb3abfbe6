"""The record of who did what: written in the same transaction as the deed, never changed but for its undoing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlmodel import Session, col, select

from gateway.records.staffing import Audit

UNDO_FOR: Final = timedelta(minutes=1)
"""Real time in which a deed can be taken back."""


def write_audit(
    db: Session,
    *,
    staff: str | None,
    verb: str,
    kind: str,
    subject: str,
    now: datetime,
    person: str | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    undo_for: timedelta | None = None,
) -> Audit:
    """Keep that `staff` (None: somebody at the command line) did `verb` to `subject`, an id of `kind`.

    `now` is business time, `undo_for` real time from this moment. `before` and `after` are plain JSON, enough to take
    it back; they are shown to administrators, so no password or token belongs in them.
    """
    audit = Audit(
        staff=staff,
        verb=verb,
        kind=kind,
        subject=subject,
        person=person,
        before=dict(before or {}),
        after=dict(after or {}),
        at=now,
        undo_until=datetime.now(UTC) + undo_for if undo_for else None,
    )
    db.add(audit)
    db.flush()
    return audit


def is_kept(db: Session, *, staff: str, verb: str, kind: str, subject: str, since: datetime) -> bool:
    """Whether `staff` did this to `subject` after `since` (aware, business time) and it is written down."""
    mine = select(Audit.id).where(
        col(Audit.kind) == kind,
        col(Audit.subject) == subject,
        col(Audit.staff) == staff,
        col(Audit.verb) == verb,
        col(Audit.at) > since,
    )
    return db.exec(mine.limit(1)).first() is not None


def may_be_undone(audit: Audit, *, by: str, at: datetime) -> bool:
    """Whether `by` (a member of staff) may still take it back at `at` (aware, real time): the doer, once, in time."""
    is_open = audit.undo_until is not None and audit.undone_at is None
    return is_open and audit.staff == by and audit.undo_until is not None and at < audit.undo_until
