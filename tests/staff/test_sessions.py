"""Browsers that are signed in: for how long, and who is out at once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from gateway.records.database import Database
from gateway.records.staffing import Staff, StaffSession
from gateway.staff.accounts import disable_account
from gateway.staff.sessions import (
    IDLE,
    LONGEST,
    TOUCH_EVERY,
    SignedIn,
    close_session,
    find_session,
    needs_touch,
    open_session,
    touch,
)
from tests.staff.conftest import KEY, NOW

SECOND = timedelta(seconds=1)


@pytest.fixture
def token(database: Database, nurse: Staff) -> str:
    return opened(database, nurse)


def opened(database: Database, staff: Staff, at: datetime = NOW) -> str:
    with database.unit_of_work() as db:
        return open_session(db, staff, key=KEY, at=at)[0]


def found(database: Database, token: str, at: datetime, key: bytes = KEY) -> SignedIn | None:
    with database.reading() as db:
        return find_session(db, token, key=key, at=at)


def use(database: Database, token: str, at: datetime) -> None:
    signed_in = found(database, token, at)
    assert signed_in
    with database.unit_of_work() as db:
        touch(db, signed_in.session.id, at)


def test_a_token_leads_to_its_account(database: Database, nurse: Staff, token: str) -> None:
    signed_in = found(database, token, NOW)
    assert signed_in
    assert signed_in.staff.email == nurse.email


@pytest.mark.parametrize("wrong", ["", "x", "0" * 43, "\x00", "ก" * 50])
def test_another_token_leads_nowhere(database: Database, token: str, wrong: str) -> None:
    assert found(database, wrong, NOW) is None
    assert found(database, token + "x", NOW) is None


def test_the_table_does_not_hold_the_token(database: Database, token: str) -> None:
    with database.reading() as db:
        [row] = db.exec(select(StaffSession)).all()
    assert token not in str(row)
    assert found(database, row.id, NOW) is None


def test_another_secret_key_signs_everybody_out(database: Database, token: str) -> None:
    assert found(database, token, NOW, key=b"another") is None


def test_two_hours_without_use_end_it(database: Database, token: str) -> None:
    assert found(database, token, NOW + IDLE - SECOND)
    assert found(database, token, NOW + IDLE) is None


def test_use_keeps_it_open_but_not_beyond_twelve_hours(database: Database, token: str) -> None:
    for hour in range(1, 12):
        use(database, token, NOW + timedelta(hours=hour))
    assert found(database, token, NOW + LONGEST - SECOND)
    assert found(database, token, NOW + LONGEST) is None


def test_use_is_noted_once_a_minute(database: Database, token: str) -> None:
    signed_in = found(database, token, NOW)
    assert signed_in
    assert not needs_touch(signed_in.session, NOW + TOUCH_EVERY - SECOND)
    assert needs_touch(signed_in.session, NOW + TOUCH_EVERY)


def test_a_session_that_was_closed_is_over(database: Database, token: str) -> None:
    signed_in = found(database, token, NOW)
    assert signed_in
    with database.unit_of_work() as db:
        close_session(db, signed_in.session.id)
        touch(db, signed_in.session.id, NOW)  # a page that was just being shown
    assert found(database, token, NOW) is None


def test_a_disabled_account_is_out_at_once_everywhere(database: Database, nurse: Staff, token: str) -> None:
    other = opened(database, nurse)
    with database.unit_of_work() as db:
        disable_account(db, nurse.email, at=NOW)
    assert (found(database, token, NOW), found(database, other, NOW)) == (None, None)


def test_a_disabled_account_is_out_even_where_a_session_was_left(database: Database, nurse: Staff, token: str) -> None:
    with database.unit_of_work() as db:
        staff = db.get(Staff, nurse.id)
        assert staff
        staff.disabled_at = NOW
    assert found(database, token, NOW) is None


def test_sessions_that_are_over_are_cleared_away(database: Database, nurse: Staff, token: str) -> None:
    opened(database, nurse, at=NOW + IDLE)
    with database.reading() as db:
        assert len(db.exec(select(StaffSession)).all()) == 1


def test_each_session_has_a_word_of_its_own_against_forged_forms(database: Database, nurse: Staff) -> None:
    tokens = [opened(database, nurse) for _ in range(3)]
    words = {signed_in.session.csrf for token in tokens if (signed_in := found(database, token, NOW))}
    assert len(words) == 3
