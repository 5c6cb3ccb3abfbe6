"""Passwords: hashed by argon2id, compared as people type them, never short."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.staff import passwords
from gateway.staff.passwords import LONGEST, SHORTEST, hash_anew, hash_password, is_right, random_password


@pytest.fixture
def weak() -> PasswordHasher:
    """A hasher with parameters of long ago."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, weak: PasswordHasher) -> Iterator[None]:
    """Hash with little work, where many are hashed."""
    passwords._nobodys_hash.cache_clear()
    monkeypatch.setattr(passwords, "_hasher", lambda: weak)
    yield
    passwords._nobodys_hash.cache_clear()


def test_it_is_argon2id_with_at_least_the_work_owasp_asks_for() -> None:
    stored = hash_password("rice-field-2026")
    found = re.match(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$", stored)
    assert found
    assert int(found[1]) >= 19 * 1024
    assert int(found[2]) >= 2


def test_only_the_right_one_is_right() -> None:
    stored = hash_password("rice-field-2026")
    assert is_right(stored, "rice-field-2026")
    for wrong in ("Rice-field-2026", "rice-field-2026 ", "", "x" * LONGEST):
        assert not is_right(stored, wrong)


def test_two_hashes_of_one_password_differ() -> None:
    assert hash_password("rice-field-2026") != hash_password("rice-field-2026")


def test_nobody_is_never_let_in() -> None:
    assert not is_right(None, "rice-field-2026")
    assert not is_right(None, "")


@pytest.mark.parametrize("stored", ["", "none", "$argon2id$", "$argon2id$v=19$m=8,t=1,p=1$x$y", "$2b$12$abc"])
def test_a_damaged_hash_lets_nobody_in(stored: str) -> None:
    assert not is_right(stored, "rice-field-2026")


@pytest.mark.parametrize("length", [0, 1, SHORTEST - 1])
def test_a_short_one_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="too short: 10 characters or more"):
        hash_password("x" * length)


def test_a_very_long_one_is_refused_and_never_hashed() -> None:
    with pytest.raises(ValueError, match="too long: 200 characters at most"):
        hash_password("x" * (LONGEST + 1))
    assert not is_right(hash_password("x" * LONGEST), "x" * (LONGEST + 1))


@pytest.mark.usefixtures("quick")
@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec="utf-8"), min_size=SHORTEST, max_size=LONGEST))
def test_whatever_was_set_is_right_and_with_one_more_letter_wrong(password: str) -> None:
    stored = hash_password(password)
    assert is_right(stored, password)
    assert not is_right(stored, password + "x")


def test_a_letter_composed_by_another_keyboard_is_the_same() -> None:
    assert is_right(hash_password("กำลังใจของฉัน"), "กํ\u0e32ลังใจของฉัน")  # sara am, and its two parts
    assert is_right(hash_password("cafe\u0301 au lait"), "caf\u00e9 au lait")


def test_a_hash_of_long_ago_is_made_anew_and_one_of_today_is_not(weak: PasswordHasher) -> None:
    old = weak.hash("rice-field-2026")
    new = hash_anew(old, "rice-field-2026")
    assert new is not None
    assert is_right(new, "rice-field-2026")
    assert hash_anew(new, "rice-field-2026") is None


def test_random_ones_can_be_read_out_and_are_accepted() -> None:
    made = {random_password() for _ in range(500)}
    assert len(made) == 500
    for one in made:
        assert re.fullmatch(r"([a-z2-9]{4}-){2}[a-z2-9]{4}", one)
        assert not set("l1o0i") & set(one)
    hash_password(made.pop())


def test_no_more_than_two_are_checked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    under_way, most, mutex = 0, 0, threading.Lock()
    both = threading.Barrier(passwords.AT_ONCE)

    class Slow:
        def hash(self, password: str) -> str:
            return "nobody"

        def verify(self, stored: str, password: str) -> bool:
            nonlocal under_way, most
            with mutex:
                under_way += 1
                most = max(most, under_way)
            both.wait(10)
            with mutex:
                under_way -= 1
            return True

    passwords._nobodys_hash.cache_clear()
    monkeypatch.setattr(passwords, "_hasher", Slow)
    threads = [threading.Thread(target=is_right, args=("x", "y")) for _ in range(4 * passwords.AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    passwords._nobodys_hash.cache_clear()
    assert (most, under_way) == (passwords.AT_ONCE, 0)
