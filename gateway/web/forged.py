"""What a request leaves that no carrier signed: a counter and nothing else."""

from __future__ import annotations

from typing import Final

from sqlmodel import Session

from gateway.records.house import Counter

BAD_SIGNATURE: Final = "webhook_bad_signature"


def count_forged(db: Session) -> None:
    """Count one more."""
    count(db, BAD_SIGNATURE)


def count(db: Session, name: str) -> None:
    """Count one more of `name`."""
    counter = db.get(Counter, name) or Counter(name=name)
    counter.n += 1
    db.add(counter)
