"""Identifiers for rows that appear in URLs: 128 random bits, so that nobody can guess a neighbour's."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count


def _random_id() -> str:
    return secrets.token_hex(16)


_source: Callable[[], str] = _random_id


def new_id() -> str:
    """Return a fresh identifier: 32 lower-case hexadecimal digits."""
    return _source()


def is_seeded() -> bool:
    """Whether identifiers follow from a seed: then those that an engine makes must follow from `new_id`, too."""
    return _source is not _random_id


@contextmanager
def seeded_ids(seed: str) -> Iterator[None]:
    """Within the block `new_id` follows from `seed` alone: for simulations, whose rows must be the same twice.

    Guessable by construction, so only wiring opens it, and only where nobody is reached.
    """
    global _source
    numbers = count()
    previous = _source

    def next_id() -> str:
        return hashlib.sha256(f"{seed}:{next(numbers)}".encode()).hexdigest()[:32]

    _source = next_id
    try:
        yield
    finally:
        _source = previous
