"""From an address and a password to a session, or to one answer for every other case."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlmodel import select

from gateway.records.database import Database
from gateway.records.staffing import Role, SignInFailure, Staff, StaffSession
from gateway.staff import passwords, signing_in
from gateway.staff.accounts import add_account, disable_account, reset_password
from gateway.staff.signing_in import Opened, TurnedAway, sign_in
from gateway.staff.throttle import PER_ACCOUNT, WINDOW
from tests.staff.conftest import KEY, NOW

pytestmark = pytest.mark.usefixtures("quick_passwords")

NURSE, PASSWORD, HERE = "nurse@hospital.example", "rice-field-2026", "10.0.0.1"


@pytest.fixture
def account(database: Database) -> Staff:
    with database.unit_of_work() as db:
        return add_account(db, NURSE, Role.STAFF, PASSWORD, at=NOW)


def attempt(
    database: Database, password: str = PASSWORD, *, email: str = NURSE, at: datetime = NOW
) -> Opened | TurnedAway:
    return sign_in(database, email, password, address=HERE, key=KEY, at=at)


def rows(database: Database, kind: type) -> int:
    with database.reading() as db:
        return len(db.exec(select(kind)).all())


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("email", [NURSE, f" {NURSE.upper()} "])
def test_the_right_password_opens_a_session(database: Database, email: str) -> None:
    opened = attempt(database, email=email)
    assert isinstance(opened, Opened)
    assert opened.staff.email == NURSE
    assert (rows(database, StaffSession), rows(database, SignInFailure)) == (1, 0)


@pytest.mark.usefixtures("account")
def test_each_sign_in_has_a_token_of_its_own(database: Database) -> None:
    tokens = {one.token for one in (attempt(database) for _ in range(3)) if isinstance(one, Opened)}
    assert len(tokens) == 3


def test_unknown_wrong_and_disabled_are_answered_alike_and_all_are_hashed(
    database: Database, account: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    verify = PasswordHasher.verify

    def watched(self: PasswordHasher, stored: str, password: str) -> bool:
        looked.append(stored[: stored.rindex("$", 0, stored.rindex("$"))])  # all but the salt and the hash
        return verify(self, stored, password)

    monkeypatch.setattr(PasswordHasher, "verify", watched)
    wrong, unknown = attempt(database, "another-one-2026"), attempt(database, email="nobody@hospital.example")
    with database.unit_of_work() as db:
        disable_account(db, NURSE, at=NOW)
    assert wrong == unknown == attempt(database) == TurnedAway()
    assert len(looked) == 3
    assert len(set(looked)) == 1, "the same work was done for each"


@pytest.mark.usefixtures("account")
def test_the_tenth_wrong_one_is_not_looked_at_nor_is_the_right_one_until_the_wait_is_over(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    is_right = passwords.is_right
    monkeypatch.setattr(
        signing_in.passwords, "is_right", lambda stored, password: looked.append(password) or is_right(stored, password)
    )
    answers = [attempt(database, f"wrong-password-{n}") for n in range(10)]
    assert answers[:PER_ACCOUNT] == [TurnedAway()] * PER_ACCOUNT
    assert answers[PER_ACCOUNT:] == [TurnedAway(WINDOW)] * (10 - PER_ACCOUNT)
    assert len(looked) == PER_ACCOUNT
    assert attempt(database, at=NOW + timedelta(minutes=14)) == TurnedAway(timedelta(minutes=1))
    assert isinstance(attempt(database, at=NOW + WINDOW), Opened)


@pytest.mark.usefixtures("account")
def test_twenty_guesses_at_once_are_no_more_than_five(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    monkeypatch.setattr(signing_in.passwords, "is_right", lambda stored, password: bool(looked.append(password)))
    together = threading.Barrier(20)

    def guess(n: int) -> None:
        together.wait(20)
        attempt(database, f"guess-number-{n}")

    threads = [threading.Thread(target=guess, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(looked) == PER_ACCOUNT


@pytest.mark.usefixtures("account")
def test_who_remembers_at_the_fifth_try_begins_anew(database: Database) -> None:
    for _ in range(PER_ACCOUNT - 1):
        attempt(database, "wrong-password")
    assert isinstance(attempt(database), Opened)
    assert attempt(database, "wrong-password") == TurnedAway()


def test_a_hash_of_long_ago_is_stored_anew(database: Database, account: Staff) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with database.unit_of_work() as db:
        staff = db.get(Staff, account.id)
        assert staff
        staff.password_hash = old
    assert isinstance(attempt(database), Opened)
    with database.reading() as db:
        stored = db.exec(select(Staff.password_hash)).one()
    assert stored != old
    assert isinstance(attempt(database), Opened)


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("meanwhile", ["disabled", "reset"])
def test_an_account_that_is_closed_while_its_password_is_checked_is_not_opened(
    database: Database, monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    def slow(stored: str | None, password: str) -> bool:
        with database.unit_of_work() as db:
            if meanwhile == "disabled":
                disable_account(db, NURSE, at=NOW)
            else:
                reset_password(db, NURSE, "another-one-2026")
        return True

    monkeypatch.setattr(signing_in.passwords, "is_right", slow)
    assert attempt(database) == TurnedAway()
    assert rows(database, StaffSession) == 0
