"""The PIN with which a speaker records by telephone: six digits, shown once, kept as a keyed hash. All in real time.

A PIN opens the microphone and nothing else: what is recorded with it waits for a second person like every recording.
Even so guessing is counted, by the number that calls and by all of them together; a number that guessed too often is
told that its PIN is wrong, also when it is right.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from gateway.records.staffing import SignInFailure, Staff
from gateway.records.wordings import SpeakerPin
from gateway.staff.throttle import KEPT

DIGITS: Final = 6
VALID_FOR: Final = timedelta(days=14)
PER_NUMBER: Final = 10
"""Wrong PINs an hour from one number, after which none from there is right."""
ANYWHERE: Final = 100
"""Wrong PINs an hour from everywhere, after which none is right: of a million, few are in use."""
_MOST_DRAWS: Final = 100
_ANY: Final = "speaker pin"


@dataclass(frozen=True, slots=True)
class PinOwner:
    """Whose PIN it is, and the language they speak."""

    staff: str
    language: str


def make_pin(db: Session, staff: str, language: str, *, key: bytes, at: datetime) -> str:
    """Give an account a new PIN in place of the one it has; returns it, to be shown once and nowhere else."""
    pin = _unused(db, key, at)
    kept = db.get(SpeakerPin, staff) or SpeakerPin(staff=staff, pin_hash="", language="", created_at=at, expires_at=at)
    kept.pin_hash, kept.language = _hidden(pin, key), language
    kept.created_at, kept.expires_at = at, at + VALID_FOR
    db.add(kept)
    db.flush()
    return pin


def withdraw_pin(db: Session, staff: str) -> bool:
    """Let an account's PIN open nothing any more; False: it had none."""
    return db.exec(sa.delete(SpeakerPin).where(col(SpeakerPin.staff) == staff)).rowcount > 0


def pin_of(db: Session, staff: str, *, at: datetime) -> SpeakerPin | None:
    """An account's PIN that can be used at `at`: what language it is for and until when; never the PIN itself."""
    kept = db.get(SpeakerPin, staff)
    return kept if kept is not None and at < kept.expires_at else None


def check_pin(db: Session, pin: str, *, number: str, key: bytes, at: datetime) -> PinOwner | None:
    """Say whose PIN it is; None when it is nobody's, too old, its account disabled, or `number` guessed too often.

    A wrong one is counted in the caller's own unit of work.
    """
    if _is_shut(db, number, key, at):
        return None
    kept = db.exec(select(SpeakerPin).where(col(SpeakerPin.pin_hash) == _hidden(pin, key))).first()
    staff = db.get(Staff, kept.staff) if kept is not None and at < kept.expires_at else None
    if kept is None or staff is None or staff.disabled_at is not None:
        db.add(SignInFailure(who=_hidden(_ANY, key), address=_caller(number, key), at=at))
        db.flush()
        return None
    return PinOwner(staff.id, kept.language)


def _is_shut(db: Session, number: str, key: bytes, at: datetime) -> bool:
    wrong = (col(SignInFailure.who) == _hidden(_ANY, key), col(SignInFailure.at) > at - KEPT)
    here = col(SignInFailure.address) == _caller(number, key)
    return _count(db, *wrong, here) >= PER_NUMBER or _count(db, *wrong) >= ANYWHERE


def _count(db: Session, *which: sa.ColumnElement[bool]) -> int:
    return db.exec(select(func.count()).select_from(SignInFailure).where(*which)).one()


def _unused(db: Session, key: bytes, at: datetime) -> str:
    """A PIN nobody else has; PINs that are too old make room for others."""
    db.exec(sa.delete(SpeakerPin).where(col(SpeakerPin.expires_at) <= at))
    for _ in range(_MOST_DRAWS):
        pin = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
        taken = db.exec(select(SpeakerPin).where(col(SpeakerPin.pin_hash) == _hidden(pin, key))).first()
        if taken is None and not _is_obvious(pin):
            return pin
    raise RuntimeError("no PIN is free")


def _is_obvious(pin: str) -> bool:
    """One digit alone, or a run such as 123456: what a guesser tries first."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    return len(steps) == 1 and steps <= {0, 1, 9}


def _hidden(value: str, key: bytes) -> str:
    return hmac.new(key, b"pin:" + value.encode(), hashlib.sha256).hexdigest()


def _caller(number: str, key: bytes) -> str:
    return _hidden(f"from {number}", key)
