"""PINs of speakers: made, replaced, withdrawn, guessed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.records.database import Database
from gateway.records.staffing import Role, SignInFailure, Staff
from gateway.records.wordings import SpeakerPin
from gateway.staff import pins
from gateway.staff.pins import ANYWHERE, PER_NUMBER, VALID_FOR, PinOwner
from gateway.staff.throttle import KEPT
from tests.staff.conftest import KEY, NOW
from tests.support.world import World

HERE = "+66812345678"


def make(database: Database, staff: Staff, language: str = "nod", at=NOW) -> str:
    with database.unit_of_work() as db:
        return pins.make_pin(db, staff.id, language, key=KEY, at=at)


def check(database: Database, pin: str, number: str = HERE, at=NOW, key: bytes = KEY) -> PinOwner | None:
    with database.unit_of_work() as db:
        return pins.check_pin(db, pin, number=number, key=key, at=at)


def wrong(pin: str) -> str:
    return f"{(int(pin) + 1) % 10**6:06d}"


def test_a_pin_is_six_digits_and_opens_its_own_account(database: Database, nurse: Staff) -> None:
    pin = make(database, nurse)
    assert (len(pin), pin.isascii(), pin.isdigit()) == (6, True, True)
    assert check(database, pin) == PinOwner(nurse.id, "nod")


def test_neither_the_pin_nor_the_number_can_be_read_from_the_tables(
    database: Database, nurse: Staff, world: World
) -> None:
    pin = make(database, nurse)
    check(database, wrong(pin))
    rows = [row.model_dump_json() for table in (SpeakerPin, SignInFailure) for row in world.all(table)]
    assert len(rows) == 2
    assert not any(f'"{pin}"' in row or HERE in row for row in rows)


def test_with_another_key_it_opens_nothing(database: Database, nurse: Staff) -> None:
    assert check(database, make(database, nurse), key=b"another") is None


def test_the_next_pin_replaces_the_last(database: Database, nurse: Staff) -> None:
    first = make(database, nurse)
    second = make(database, nurse, "tts")
    assert first == second or check(database, first) is None
    assert check(database, second) == PinOwner(nurse.id, "tts")


def test_after_a_fortnight_it_is_over(database: Database, nurse: Staff) -> None:
    pin = make(database, nurse)
    assert check(database, pin, at=NOW + VALID_FOR - timedelta(seconds=1))
    assert check(database, pin, at=NOW + VALID_FOR) is None
    with database.reading() as db:
        assert pins.pin_of(db, nurse.id, at=NOW + VALID_FOR - timedelta(seconds=1)) is not None
        assert pins.pin_of(db, nurse.id, at=NOW + VALID_FOR) is None


def test_pins_that_are_over_are_cleared_away(database: Database, nurse: Staff, world: World) -> None:
    make(database, nurse)
    other = Staff(email="b@hospital.example", role=Role.SPEAKER, password_hash="none", created_at=NOW)
    world.add(other)
    make(database, other, at=NOW + VALID_FOR)
    assert [row.staff for row in world.all(SpeakerPin)] == [other.id]


def test_a_withdrawn_pin_opens_nothing_and_there_is_none_to_withdraw_twice(database: Database, nurse: Staff) -> None:
    pin = make(database, nurse)
    with database.unit_of_work() as db:
        assert (pins.withdraw_pin(db, nurse.id), pins.withdraw_pin(db, nurse.id)) == (True, False)
    assert check(database, pin) is None


def test_a_disabled_accounts_pin_opens_nothing(database: Database, nurse: Staff) -> None:
    pin = make(database, nurse)
    with database.unit_of_work() as db:
        db.get_one(Staff, nurse.id).disabled_at = NOW
    assert check(database, pin) is None


@pytest.mark.parametrize("pin", ["", "1", "12345", "1234567", "abc", "๑๒๓๔๕๖", "\x00" * 6, "9" * 200])
def test_what_is_no_pin_is_a_wrong_one(database: Database, nurse: Staff, world: World, pin: str) -> None:
    make(database, nurse)
    assert check(database, pin) is None
    assert len(world.all(SignInFailure)) == 1


def test_a_number_that_guessed_too_often_is_shut_for_an_hour_and_others_are_not(
    database: Database, nurse: Staff
) -> None:
    pin = make(database, nurse)
    for minute in range(PER_NUMBER):
        assert check(database, wrong(pin), at=NOW + timedelta(minutes=minute)) is None
    later = NOW + timedelta(minutes=PER_NUMBER)
    assert check(database, pin, at=later) is None
    assert check(database, pin, number="+66898765432", at=later)
    assert check(database, pin, at=NOW + KEPT + timedelta(seconds=1))


def test_being_shut_out_is_not_prolonged_by_trying(database: Database, nurse: Staff, world: World) -> None:
    pin = make(database, nurse)
    for _ in range(PER_NUMBER + 7):
        check(database, wrong(pin))
    assert len(world.all(SignInFailure)) == PER_NUMBER


def test_guesses_from_many_numbers_shut_all_of_them(database: Database, nurse: Staff) -> None:
    pin = make(database, nurse)
    with database.unit_of_work() as db:
        for n in range(ANYWHERE):
            pins.check_pin(db, wrong(pin), number=f"+668000{n:05d}", key=KEY, at=NOW)
    assert check(database, pin) is None
    assert check(database, pin, at=NOW + KEPT + timedelta(seconds=1))


@given(st.text("0123456789", min_size=6, max_size=6))
def test_obvious_are_one_digit_alone_and_runs(pin: str) -> None:
    runs = ("0123456789" * 2, "9876543210" * 2)
    assert pins._is_obvious(pin) == (len(set(pin)) == 1 or any(pin in run for run in runs))
    assert pins._is_obvious("123456")
