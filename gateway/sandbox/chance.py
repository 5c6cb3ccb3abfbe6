"""Chance that is the same on every machine: drawn from a hash of what it is about, never from a generator's state.

Python's own hash() changes with the process and a shared generator with the order of calls; either would make
two runs of one seed differ.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping


def digest(*about: object) -> str:
    """Return 64 hex digits that depend on `about` alone (its parts as text, kept apart)."""
    text = "\x1f".join(str(part) for part in about)
    return hashlib.sha256(text.encode()).hexdigest()


def fraction(*about: object) -> float:
    """Return a number in [0, 1) that depends on `about` alone."""
    return int(digest(*about)[:13], 16) / 16**13


def between(low: float, high: float, *about: object) -> float:
    """Return a number in [low, high), to a tenth, that depends on `about` alone."""
    return round(low + (high - low) * fraction(*about), 1)


def pick(weights: Mapping[str, float], *about: object) -> str:
    """Return one key of `weights` in proportion to its weight; raises ValueError when no weight is above 0."""
    total = sum(weights.values())
    if total <= 0:
        raise ValueError("nothing to pick from: no weight is above 0")
    mark = fraction(*about) * total
    chosen = ""
    for name, weight in weights.items():
        if weight <= 0:
            continue
        chosen = name
        mark -= weight
        if mark < 0:
            break
    return chosen
