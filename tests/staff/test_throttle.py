"""How many wrong passwords are looked at, and how long the wait is."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import delete, select

from gateway.records.database import Database
from gateway.records.staffing import SignInFailure
from gateway.staff.throttle import ANYWHERE, KEPT, PER_ACCOUNT, PER_ADDRESS, WINDOW, forgive, take_try, wait_for
from tests.staff.conftest import KEY, NOW

NURSE, HERE = "nurse@hospital.example", "10.0.0.1"


def take(database: Database, email: str = NURSE, address: str = HERE, at: datetime = NOW) -> timedelta | None:
    with database.unit_of_work() as db:
        return take_try(db, email, address, key=KEY, at=at)


def test_after_five_wrong_ones_there_is_a_wait(database: Database) -> None:
    assert [take(database) for _ in range(PER_ACCOUNT)] == [None] * PER_ACCOUNT
    assert take(database, at=NOW + timedelta(minutes=5)) == timedelta(minutes=10)


def test_who_is_told_to_wait_does_not_wait_longer_for_trying(database: Database) -> None:
    for _ in range(PER_ACCOUNT + 20):
        take(database)
    assert take(database, at=NOW + WINDOW - timedelta(seconds=1)) == timedelta(seconds=1)
    assert take(database, at=NOW + WINDOW) is None


def test_the_wait_is_until_the_oldest_of_the_last_five_is_forgotten(database: Database) -> None:
    for minute in range(PER_ACCOUNT):
        take(database, at=NOW + timedelta(minutes=minute))
    assert take(database, at=NOW + timedelta(minutes=10)) == timedelta(minutes=5)
    assert take(database, at=NOW + timedelta(minutes=15)) is None
    assert take(database, at=NOW + timedelta(minutes=15)) == timedelta(minutes=1)


def test_other_capitals_are_the_same_account(database: Database) -> None:
    for n in range(PER_ACCOUNT):
        take(database, email=[NURSE, NURSE.upper(), f" {NURSE} "][n % 3])
    assert take(database) is not None


def test_who_guesses_from_elsewhere_does_not_lock_the_nurse_out(database: Database) -> None:
    for _ in range(PER_ACCOUNT + 20):
        take(database, address="203.0.113.9")
    assert take(database, address="203.0.113.9") is not None
    assert take(database) is None


def test_thirty_wrong_ones_from_many_addresses_and_the_account_waits_everywhere(database: Database) -> None:
    for n in range(ANYWHERE):
        assert take(database, email=[NURSE, NURSE.upper()][n % 2], address=f"203.0.113.{n}") is None
    assert take(database) == WINDOW
    assert take(database, email="doctor@hospital.example") is None


def test_the_figures_are_those_that_are_written_down() -> None:
    assert (PER_ACCOUNT, ANYWHERE, PER_ADDRESS) == (5, 30, 50)


def test_another_account_at_the_same_address_need_not_wait(database: Database) -> None:
    for _ in range(PER_ACCOUNT):
        take(database)
    assert take(database, email="doctor@hospital.example") is None


def test_fifty_wrong_ones_from_one_address_and_everybody_there_waits(database: Database) -> None:
    for n in range(PER_ADDRESS):
        assert take(database, email=f"guess{n}@hospital.example") is None
    assert take(database) == WINDOW
    assert take(database, address="10.0.0.2") is None


def test_what_was_right_is_forgotten_and_only_for_that_account(database: Database) -> None:
    for _ in range(PER_ACCOUNT):
        take(database)
        take(database, email="doctor@hospital.example")
    with database.unit_of_work() as db:
        forgive(db, NURSE.upper(), key=KEY)
    assert take(database) is None
    assert take(database, email="doctor@hospital.example") is not None


def test_neither_account_nor_address_can_be_read_from_the_table(database: Database) -> None:
    take(database)
    with database.reading() as db:
        [row] = db.exec(select(SignInFailure)).all()
    assert NURSE not in str(row)
    assert HERE not in str(row)
    assert (len(row.who), len(row.address)) == (64, 64)


def test_old_failures_are_cleared_away(database: Database) -> None:
    take(database)
    take(database, at=NOW + KEPT)
    with database.reading() as db:
        assert len(db.exec(select(SignInFailure)).all()) == 1


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 240), min_size=1, max_size=40))
def test_never_are_more_than_five_looked_at_in_any_quarter_of_an_hour(database: Database, pauses: list[int]) -> None:
    """`pauses` are the seconds between tries."""
    with database.unit_of_work() as db:
        db.exec(delete(SignInFailure))
    at, looked_at = NOW, []
    for pause in pauses:
        at += timedelta(seconds=pause)
        if take(database, at=at) is None:
            looked_at.append(at)
    for first, sixth in zip(looked_at, looked_at[PER_ACCOUNT:], strict=False):
        assert sixth - first >= WINDOW


@pytest.mark.parametrize("email", ["", "  ", "x" * 10_000, "ก@ข", "\x00"])
def test_whatever_is_typed_as_an_address_is_counted(database: Database, email: str) -> None:
    assert [take(database, email=email) is None for _ in range(6)] == [True] * 5 + [False]
    with database.reading() as db:
        assert wait_for(db, email, HERE, key=KEY, at=NOW) == WINDOW
