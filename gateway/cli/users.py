"""`gateway users …`: who may use the console."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from sqlmodel import Session, col, select

from gateway.cli.context import fail, say, stored
from gateway.records.staffing import Role, Staff
from gateway.staff import throttle
from gateway.staff.accounts import AccountError, add_account, disable_account, reset_password
from gateway.staff.audit import write_audit
from gateway.staff.passwords import LONGEST, random_password
from gateway.wiring import House

users_app = typer.Typer(no_args_is_help=True)

Email = Annotated[str, typer.Argument(help="The account's e-mail address.")]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input; else a random one is printed.")
]
MOST_BYTES = 4 * LONGEST + 2


@users_app.command("add")
def add(
    email: Email,
    role: Annotated[
        Role, typer.Option(help="A speaker only records phrases; each other role may do what those before it may.")
    ],
    password_stdin: FromStdin = False,
    name: Annotated[str, typer.Option(help="As it is shown on pages; by default what stands before the @.")] = "",
    site: Annotated[str | None, typer.Option(help="The code of the only site they see; by default all.")] = None,
) -> None:
    """Make an account. Without --password-stdin its password is random, and printed this once."""
    built = stored()
    password = _password() if password_stdin else random_password()
    with _work(built) as db:
        staff = add_account(db, email, role, password, at=datetime.now(UTC), name=name, site=site)
        _note(db, built, "account_added", staff)
    say(f"{staff.email} can sign in as {staff.role.value} {_where(staff)}")
    _print_unless(password_stdin, password)


@users_app.command("reset")
def reset(email: Email, password_stdin: FromStdin = False) -> None:
    """Give an account a new password, end its sessions and any wait; a disabled account works again."""
    built = stored()
    password = _password() if password_stdin else random_password()
    with _work(built) as db:
        staff = reset_password(db, email, password)
        throttle.forgive(db, staff.email, key=built.gate.key)
        _note(db, built, "password_reset", staff)
    say(f"{staff.email} has a new password and is signed out everywhere")
    _print_unless(password_stdin, password)


@users_app.command("disable")
def disable(email: Email) -> None:
    """Let an account sign in no more, at once; what it did stays on record."""
    built = stored()
    with _work(built) as db:
        staff = disable_account(db, email, at=datetime.now(UTC))
        _note(db, built, "account_disabled", staff)
    say(f"{staff.email} can sign in no more and is signed out everywhere; `gateway users reset` lets it in again")


@users_app.command("list")
def list_accounts(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False) -> None:
    """Every account, with its role and site."""
    with stored().database.reading() as db:
        accounts = db.exec(select(Staff).order_by(col(Staff.email))).all()
    if as_json:
        print(json.dumps({"accounts": [_document(one) for one in accounts]}, ensure_ascii=False))  # noqa: T201
        return
    if not accounts:
        say("there are no accounts: `gateway users add` makes one, and so does the first start of `gateway run`")
    width = max((len(one.email) for one in accounts), default=0)
    for one in accounts:
        state = "disabled" if one.disabled_at else "active"
        print(f"{one.email:{width}}  {one.role.value:7}  {one.site or 'all':8}  {state:8}  {one.name}")  # noqa: T201


@contextmanager
def _work(built: House) -> Iterator[Session]:
    try:
        with built.database.unit_of_work() as db:
            yield db
    except AccountError as error:
        fail(str(error))


def _note(db: Session, built: House, verb: str, staff: Staff) -> None:
    about = {"email": staff.email, "role": staff.role.value, "site": staff.site}
    write_audit(db, staff=None, verb=verb, kind="staff", subject=staff.id, now=built.clock.now(), after=about)


def _password() -> str:
    """One line; an end of line is none of its letters."""
    raw = sys.stdin.buffer.read(MOST_BYTES + 1)
    try:
        text = raw.decode("utf-8").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        fail("--password-stdin: expected UTF-8")
    if not text:
        fail("--password-stdin: standard input is empty; expected the password")
    if not text.isprintable():
        fail("--password-stdin: expected one line without control characters")
    return text


def _print_unless(was_given: bool, password: str) -> None:
    if not was_given:
        print(password)  # noqa: T201  # the command's result
        say("(the password is shown only now)")


def _where(staff: Staff) -> str:
    return f"for site {staff.site}" if staff.site else "for all sites"


def _document(staff: Staff) -> dict[str, Any]:
    return {
        "email": staff.email,
        "name": staff.name,
        "role": staff.role.value,
        "site": staff.site,
        "created_at": staff.created_at.isoformat(),
        "disabled_at": staff.disabled_at.isoformat() if staff.disabled_at else None,
    }
