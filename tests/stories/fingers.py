"""Handsets that press other keys in their second call than in their first; `presses 5 - 9` are the same in each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from gateway.kit.phones import parse_phone
from gateway.sandbox import owner
from gateway.sandbox.habits import CallBehaviour, Press
from gateway.sandbox.handsets import Handset
from gateway.sandbox.profiles import Manner

Presses = Callable[..., None]
"""`presses(number, [keys of the first call], [of the second] ...)`; "" is silence, no keys at all: nobody picks up."""


@pytest.fixture
def presses(monkeypatch: pytest.MonkeyPatch) -> Presses:
    """Let a telephone press these keys, one entry a question; after its last call it does as in that one."""
    scripts: dict[str, Sequence[Sequence[str]]] = {}
    by_habit = owner.decide_call

    def decide(seed: int | str, handset: Handset, nth: int, call_number: int | None = None) -> CallBehaviour:
        script = scripts.get(handset.number)
        if script is None:
            return by_habit(seed, handset, nth, call_number)
        keys = script[min(call_number or nth, len(script)) - 1]
        if not keys:
            return CallBehaviour(Manner.NO_ANSWER)
        return CallBehaviour(Manner.PRESSES, presses=tuple(Press(key, 1.0) for key in keys))

    monkeypatch.setattr(owner, "decide_call", decide)

    def remember(number: str, *calls: Sequence[str]) -> None:
        scripts[parse_phone(number).e164] = calls

    return remember
