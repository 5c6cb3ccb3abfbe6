"""Passwords: argon2id by a library that knows it, and random ones that can be read out over a telephone."""

from __future__ import annotations

import secrets
import threading
import unicodedata
from functools import lru_cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST: Final = 10
LONGEST: Final = 200
"""Characters; argon2 takes any length, but nobody should make us hash a novel."""

AT_ONCE: Final = 2
"""Checks under way: each takes 64 MiB, and forty guesses at once must not take the machine's memory."""

_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike
_turns: Final = threading.BoundedSemaphore(AT_ONCE)


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    return PasswordHasher()  # RFC 9106's second recommendation: 64 MiB, 3 passes, 4 lanes


def hash_password(password: str) -> str:
    """Return an argon2id hash with its salt and parameters. Raises ValueError saying what is wrong with it."""
    if len(password) < SHORTEST:
        raise ValueError(f"the password is too short: {SHORTEST} characters or more")
    if len(password) > LONGEST:
        raise ValueError(f"the password is too long: {LONGEST} characters at most")
    return _hasher().hash(_composed(password))


def is_right(stored: str | None, password: str) -> bool:
    """Whether `password` is the one that was hashed; with None (no such account) no, after as long a look."""
    nobody = _nobodys_hash()  # made before either way is taken, so that the first look at each takes the same time
    if len(password) > LONGEST:
        return False
    try:
        with _turns:
            return _hasher().verify(stored or nobody, _composed(password)) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def hash_anew(stored: str, password: str) -> str | None:
    """Return a stronger hash of a password that was right, where `stored` was made with older parameters."""
    return _hasher().hash(_composed(password)) if _hasher().check_needs_rehash(stored) else None


def random_password() -> str:
    """Return 12 characters in three groups: 59 bits, and no letter that looks like another."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


def _composed(password: str) -> str:
    """One keyboard composes a letter and its marks, another sends them apart: the same password."""
    return unicodedata.normalize("NFKC", password)


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return _hasher().hash(secrets.token_hex(16))
