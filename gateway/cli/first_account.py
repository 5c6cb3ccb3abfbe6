"""The first account: made with a random password where nobody can sign in yet, and said once on the terminal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from sqlmodel import Session

from gateway.cli.context import say
from gateway.records.staffing import Role
from gateway.settings import CarrierName, LogFormat
from gateway.staff.accounts import add_account, has_accounts
from gateway.staff.audit import write_audit
from gateway.staff.passwords import random_password
from gateway.wiring import House

FIRST: Final = "admin@localhost"  # plainly of this machine: nobody writes to it


def tell_console(house: House, address: str, *, with_handsets: bool = False) -> None:
    """Say where the console is, and on a database without accounts how to get in: on stderr, once, in no log.

    `address` is this process's own on this machine; behind a carrier people come by the public one.
    """
    on_sandbox = house.settings.carrier is CarrierName.SANDBOX
    here = address if on_sandbox else house.public_url
    say(f"console: {here}/console{_way_in(house)}")
    if on_sandbox and with_handsets:
        say(f"handsets: {here}/sandbox")


def _way_in(house: House) -> str:
    if house.settings.log_format is LogFormat.JSON:  # stderr is collected then, and a collected password is no secret
        return _without_a_password(house)
    password = _first_password(house)
    if password is None:
        return ""
    return (
        f"  sign in as {FIRST} with the password {password} (shown only now; gateway users reset {FIRST} gives another)"
    )


def _without_a_password(house: House) -> str:
    with house.database.reading() as db:
        return "" if has_accounts(db) else "  nobody can sign in yet: gateway users add makes an account"


def _first_password(house: House) -> str | None:
    """One unit of work: of two processes that start at once, one makes the account and says its password."""
    with house.database.reading() as db:
        if has_accounts(db):
            return None
    password = random_password()

    def make(db: Session) -> str | None:
        if has_accounts(db):
            return None
        staff = add_account(db, FIRST, Role.ADMIN, password, at=datetime.now(UTC), name="Admin")
        write_audit(db, staff=None, verb="account_added", kind="staff", subject=staff.id, now=house.clock.now(),
                    after={"email": staff.email, "role": staff.role.value, "site": None})  # fmt: skip
        return password

    return house.database.run(make)
