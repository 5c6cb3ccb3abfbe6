"""Killed at random in the middle of its work, and lied to by its carrier: nobody is rung twice, nobody is forgotten.

A few rounds; `make chaos ENGINE=postgresql ROUNDS=50 SEED=7` plays as many as you like.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.run import play

ROUNDS = {"sqlite": 3, "postgresql": 3}


@pytest.mark.parametrize("engine", list(ROUNDS))
def test_whatever_dies_and_whatever_the_carrier_does_nobody_is_rung_twice_or_forgotten(
    engine: str, tmp_path: Path
) -> None:
    assert play(tmp_path, engine, ROUNDS[engine], seed=11) == []
