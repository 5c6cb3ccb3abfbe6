"""`gateway users`: accounts made, reset, listed and disabled at the command line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import SQLModel, select
from typer.testing import CliRunner, Result

from gateway.cli.commands import app
from gateway.records.database import Database
from gateway.records.staffing import Audit, Role, SignInFailure, Staff, StaffSession
from gateway.staff.passwords import is_right
from gateway.staff.sessions import open_session
from gateway.staff.throttle import PER_ACCOUNT, take_try, wait_for
from tests.cli.conftest import Gateway, forget
from tests.support.engines import exists, url_of
from tests.support.world import World

Typed = Callable[..., Result]
NURSE = "nurse@hospital.example"
PASSWORD = "rice-field-2026"
pytestmark = pytest.mark.usefixtures("quick_passwords")


@pytest.fixture
def users(gateway: Gateway, tmp_path: Path) -> Typed:
    """`users("add", …, stdin="…")` on a database that is there."""
    World(tmp_path, file="gateway.db").database.close()

    def type_in(*words: str, stdin: str | bytes = b"") -> Result:
        forget()
        return CliRunner().invoke(app, ["users", *words], input=stdin, catch_exceptions=False)

    return type_in


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    found = Database(url_of(tmp_path / "gateway.db"))
    yield found
    found.close()


def rows(database: Database, kind: type[SQLModel]) -> list[SQLModel]:
    with database.reading() as db:
        return list(db.exec(select(kind)))


def add(users: Typed, email: str = NURSE) -> Result:
    return users("add", email, "--role", "staff", "--password-stdin", stdin=PASSWORD)


def test_an_account_is_made_with_a_random_password_printed_once(users: Typed, database: Database) -> None:
    found = users("add", " Nurse@Hospital.Example ", "--role", "manager", "--name", "พยาบาล ใจดี", "--site", "S1")
    assert found.exit_code == 0
    password = found.stdout.strip()
    assert password not in found.stderr
    [staff] = rows(database, Staff)
    assert (staff.email, staff.name, staff.role, staff.site) == (NURSE, "พยาบาล ใจดี", Role.MANAGER, "S1")
    assert is_right(staff.password_hash, password)
    assert staff.password_hash.startswith("$argon2id$")


def test_a_speaker_gets_an_account_for_the_studio_alone(users: Typed, database: Database) -> None:
    found = users("add", "voice@village.example", "--role", "speaker", "--name", "ป้าคำ")
    assert (found.exit_code, "can sign in as speaker" in found.stderr) == (0, True)
    assert [(one.role, one.name) for one in rows(database, Staff)] == [(Role.SPEAKER, "ป้าคำ")]


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_the_password_comes_from_standard_input_without_its_end_of_line(
    users: Typed, database: Database, end: str
) -> None:
    found = users("add", NURSE, "--role", "staff", "--password-stdin", stdin=f"รหัสผ่านของฉัน {end}")
    assert (found.exit_code, found.stdout) == (0, "")
    assert "รหัสผ่าน" not in found.stderr
    assert is_right(rows(database, Staff)[0].password_hash, "รหัสผ่านของฉัน ")


@pytest.mark.parametrize(
    ("stdin", "complaint"),
    [
        (b"", "empty"),
        (b"\n", "empty"),
        (b"short\n", "too short: 10 characters"),
        (b"x" * 201, "too long: 200 characters"),
        (b"y" * 100_000, "too long"),
        ("ภาษาไทยยาวพอ".encode("cp874"), "expected UTF-8"),
        (b"two lines\nof password\n", "one line"),
        (b"with a nul \x00 inside", "one line"),
    ],
)
def test_a_password_that_cannot_be_is_refused_and_nothing_stored(
    users: Typed, database: Database, stdin: bytes, complaint: str
) -> None:
    found = users("add", NURSE, "--role", "staff", "--password-stdin", stdin=stdin)
    assert (found.exit_code, found.stdout) == (1, "")
    assert complaint in found.stderr
    assert "Traceback" not in found.stderr
    assert rows(database, Staff) == []


@pytest.mark.parametrize(
    "email", ["", "nurse", "@", "a@", "@b", "a b@c", "a@b@c", "a\u200b@b", "x" * 250 + "@b.example"]
)
def test_what_is_no_address_is_refused(users: Typed, database: Database, email: str) -> None:
    found = add(users, email)
    assert found.exit_code == 1
    assert "expected an e-mail address" in found.stderr
    assert rows(database, Staff) == []


def test_an_address_that_is_taken_is_refused_with_what_to_do(users: Typed, database: Database) -> None:
    add(users)
    found = add(users, NURSE.upper())
    assert found.exit_code == 1
    assert f"gateway users reset {NURSE}" in found.stderr
    assert len(rows(database, Staff)) == 1


@pytest.mark.parametrize("more", [["--role", "boss"], []])
def test_a_role_that_is_none_is_refused_with_those_there_are(users: Typed, more: list[str]) -> None:
    found = users("add", NURSE, *more)
    assert found.exit_code == 2
    assert "--role" in found.stderr


def test_a_site_that_is_none_is_refused_with_those_there_are(users: Typed, database: Database) -> None:
    found = users("add", NURSE, "--role", "staff", "--site", "S9")
    assert found.exit_code == 1
    assert "there is no site S9; there are: S1" in found.stderr
    assert rows(database, Staff) == []


def test_a_name_of_two_lines_is_refused(users: Typed, database: Database) -> None:
    found = users("add", NURSE, "--role", "staff", "--name", "one\ntwo")
    assert (found.exit_code, rows(database, Staff)) == (1, [])
    assert "name of one line" in found.stderr


@pytest.mark.parametrize("words", [["add", NURSE, "--role", "staff"], ["reset", NURSE], ["list"], ["disable", NURSE]])
def test_without_a_database_none_is_made(gateway: Gateway, tmp_path: Path, words: list[str]) -> None:
    found = gateway("users", *words)
    assert (found.exit_code, found.stdout) == (1, "")
    assert "there is no database at" in found.stderr
    assert not exists(tmp_path / "gateway.db")


def test_a_reset_gives_a_new_password_ends_sessions_and_forgives(users: Typed, database: Database) -> None:
    add(users)
    now = datetime.now(UTC)
    with database.unit_of_work() as db:
        open_session(db, db.exec(select(Staff)).one(), key=b"", at=now)
    for _ in range(PER_ACCOUNT):
        with database.unit_of_work() as db:
            take_try(db, NURSE, "10.0.0.1", key=b"", at=now)
    found = users("reset", NURSE)
    assert found.exit_code == 0
    [staff] = rows(database, Staff)
    assert is_right(staff.password_hash, found.stdout.strip())
    assert not is_right(staff.password_hash, PASSWORD)
    assert (rows(database, StaffSession), rows(database, SignInFailure)) == ([], [])
    with database.reading() as db:
        assert wait_for(db, NURSE, "10.0.0.1", key=b"", at=now) is None


def test_a_disabled_account_is_out_and_a_reset_lets_it_in_again(users: Typed, database: Database) -> None:
    add(users)
    with database.unit_of_work() as db:
        open_session(db, db.exec(select(Staff)).one(), key=b"", at=datetime.now(UTC))
    assert users("disable", NURSE).exit_code == 0
    assert rows(database, StaffSession) == []
    assert rows(database, Staff)[0].disabled_at is not None
    assert users("reset", NURSE, "--password-stdin", stdin="another-one-2026").exit_code == 0
    assert rows(database, Staff)[0].disabled_at is None


@pytest.mark.parametrize("verb", ["reset", "disable"])
def test_an_account_that_is_none_is_refused(users: Typed, verb: str) -> None:
    found = users(verb, "nobody@hospital.example")
    assert (found.exit_code, found.stdout) == (1, "")
    assert "nobody@hospital.example has no account" in found.stderr


def test_the_list_shows_everybody_and_no_hash(users: Typed) -> None:
    add(users)
    users("add", "head@hospital.example", "--role", "manager", "--site", "S1")
    users("disable", "head@hospital.example")
    text, document = users("list").stdout, users("list", "--json").stdout
    assert [line.split()[:4] for line in text.splitlines()] == [
        ["head@hospital.example", "manager", "S1", "disabled"],
        [NURSE, "staff", "all", "active"],
    ]
    accounts = json.loads(document)["accounts"]
    assert [(one["email"], one["role"], one["site"]) for one in accounts] == [
        ("head@hospital.example", "manager", "S1"),
        (NURSE, "staff", None),
    ]
    assert accounts[0]["disabled_at"] is not None
    assert "argon2" not in text + document


def test_an_empty_list_says_how_to_begin(users: Typed) -> None:
    found = users("list")
    assert (found.exit_code, found.stdout) == (0, "")
    assert "gateway users add" in found.stderr
    assert json.loads(users("list", "--json").stdout) == {"accounts": []}


def test_each_deed_is_kept_without_a_password(users: Typed, database: Database) -> None:
    add(users)
    password = users("reset", NURSE).stdout.strip()
    users("disable", NURSE)
    deeds = rows(database, Audit)
    assert [(deed.verb, deed.staff, deed.kind) for deed in deeds] == [
        ("account_added", None, "staff"),
        ("password_reset", None, "staff"),
        ("account_disabled", None, "staff"),
    ]
    told = json.dumps([[deed.before, deed.after] for deed in deeds])
    assert password not in told
    assert PASSWORD not in told
    assert "argon2" not in told
