"""Passwords: argon2id by a library that knows it, and random ones that can be read out over a telephone."""

from __future__ import annotations

import secrets
from functools import lru_cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST: Final = 10
LONGEST: Final = 200
"""Characters; argon2 takes any length, but nobody should make us hash a novel."""

_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    return PasswordHasher()  # RFC 9106's second recommendation: 64 MiB, 3 passes, 4 lanes


def hash_password(password: str) -> str:
    """Return an argon2id hash with its salt and parameters. Raises ValueError saying what is wrong with the password."""
    if len(password) < SHORTEST:
        raise ValueError(f"the password is too short: {SHORTEST} characters or more")
    if len(password) > LONGEST:
        raise ValueError(f"the password is too long: {LONGEST} characters at most")
    return _hasher().hash(password)


def is_right(stored: str, password: str) -> bool:
    """Whether `password` is the one that was hashed."""
    if len(password) > LONGEST:
        return False
    try:
        return _hasher().verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def waste_time(password: str) -> None:
    """Take as long as a real check, so that an unknown address cannot be told from a wrong password."""
    is_right(_nobodys_hash(), password)


def random_password() -> str:
    """Return 12 characters in three groups: 59 bits, and no letter that looks like another."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return _hasher().hash(secrets.token_hex(16))
