"""From an address and a password to a session, or to one answer that tells a guesser nothing. Real time throughout."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from gateway.records.database import Database
from gateway.records.staffing import Staff, StaffSession
from gateway.staff import passwords, sessions, throttle
from gateway.staff.accounts import find_account


@dataclass(frozen=True, slots=True)
class Opened:
    """Signed in: `token` goes into the cookie and nowhere else."""

    staff: Staff
    session: StaffSession
    token: str


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """Not signed in; with a `wait` the password was not even looked at."""

    wait: timedelta | None = None


def sign_in(
    database: Database, email: str, password: str, *, address: str, key: bytes, at: datetime
) -> Opened | TurnedAway:
    """Try to sign in from a network `address`; an unknown account, a disabled one and a wrong password are alike."""
    wait = database.run(lambda db: throttle.take_try(db, email, address, key=key, at=at))
    if wait is not None:
        return TurnedAway(wait)
    with database.reading() as db:
        staff = find_account(db, email)
    hashed = staff.password_hash if staff is not None and staff.disabled_at is None else None
    if not passwords.is_right(hashed, password) or staff is None:
        return TurnedAway()
    return _open(database, staff, passwords.hash_anew(staff.password_hash, password), key=key, at=at)


def _open(database: Database, known: Staff, stronger: str | None, *, key: bytes, at: datetime) -> Opened | TurnedAway:
    """Looks again: the account may have been reset or disabled while its password was checked."""

    def opened(db: Session) -> Opened | TurnedAway:
        staff = db.get(Staff, known.id)
        if staff is None or staff.disabled_at is not None or staff.password_hash != known.password_hash:
            return TurnedAway()
        throttle.forgive(db, staff.email, key=key)
        staff.password_hash = stronger or staff.password_hash
        token, session = sessions.open_session(db, staff, key=key, at=at)
        return Opened(staff, session, token)

    return database.run(opened)
