"""The accounts of the console: made and reset at the command line, found by e-mail address."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from gateway.records.places import Site
from gateway.records.staffing import Role, Staff, StaffSession
from gateway.staff.passwords import hash_password

LONGEST_ADDRESS: Final = 254  # RFC 5321
LONGEST_NAME: Final = 100
_EMAIL: Final = re.compile(r"[^\s@]+@[^\s@]+")


class AccountError(Exception):
    """An account cannot be made or found; the message says why and what to do."""


def add_account(
    db: Session, email: str, role: Role, password: str, *, at: datetime, name: str = "", site: str | None = None
) -> Staff:
    """Make an account. Raises AccountError when the address is none or taken, the site unknown, the password weak."""
    address = _address(email)
    if find_account(db, address) is not None:
        raise AccountError(f"{address} has an account: `gateway users reset {address}` gives it a new password")
    if not name.isprintable() or len(name) > LONGEST_NAME:
        raise AccountError(f"expected a name of one line, {LONGEST_NAME} characters at most")
    if site is not None and db.get(Site, site) is None:
        raise AccountError(f"there is no site {site}; there are: {_sites(db)}")
    staff = Staff(
        email=address, name=name.strip() or address.split("@")[0], role=role, site=site,
        password_hash=_hashed(password), created_at=at,
    )  # fmt: skip
    db.add(staff)
    db.flush()
    return staff


def reset_password(db: Session, email: str, password: str) -> Staff:
    """Give an account a new password and end its sessions; a disabled one works again. Raises AccountError."""
    staff = _known(db, email)
    staff.password_hash, staff.disabled_at = _hashed(password), None
    _sign_out_everywhere(db, staff)
    return staff


def disable_account(db: Session, email: str, *, at: datetime) -> Staff:
    """Let an account sign in no more, and end its sessions; what it did stays on record. Raises AccountError."""
    staff = _known(db, email)
    staff.disabled_at = staff.disabled_at or at
    _sign_out_everywhere(db, staff)
    return staff


def find_account(db: Session, email: str) -> Staff | None:
    """The account of an address, in whatever case it is typed."""
    return db.exec(select(Staff).where(col(Staff.email) == email.strip().lower())).first()


def has_accounts(db: Session) -> bool:
    """Whether anybody can sign in."""
    return db.exec(select(Staff.id).limit(1)).first() is not None


def _known(db: Session, email: str) -> Staff:
    staff = find_account(db, email)
    if staff is None:
        raise AccountError(
            f"{email.strip()} has no account: `gateway users add` makes one, `gateway users list` names all"
        )
    return staff


def _sign_out_everywhere(db: Session, staff: Staff) -> None:
    db.exec(sa.delete(StaffSession).where(col(StaffSession.staff) == staff.id))
    db.add(staff)
    db.flush()


def _sites(db: Session) -> str:
    codes = db.exec(select(Site.code).order_by(col(Site.code))).all()
    return ", ".join(codes) or "none yet, `gateway sites load` brings them in"


def _address(email: str) -> str:
    address = email.strip().lower()
    if not _EMAIL.fullmatch(address) or not address.isprintable() or len(address) > LONGEST_ADDRESS:
        raise AccountError("expected an e-mail address, such as nurse@hospital.example")
    return address


def _hashed(password: str) -> str:
    try:
        return hash_password(password)
    except ValueError as error:
        raise AccountError(str(error)) from error
