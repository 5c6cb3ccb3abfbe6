"""What goes wrong, and how often: chances by a seed, so that a run can be told again (as far as threads allow)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final


class Fault(StrEnum):
    """What may befall a request to create something."""

    NONE = "none"
    RESET_UNREAD = "reset_unread"  # cut before it was read
    BUSY = "busy"  # 503, not taken
    THROTTLED = "throttled"  # 429, not taken
    HANG_UNTAKEN = "hang_untaken"
    HANG_TAKEN = "hang_taken"
    RESET_TAKEN = "reset_taken"
    FAIL_TAKEN = "fail_taken"  # taken, and the answer is 500


CREATE: Final[Mapping[str, float]] = {
    Fault.RESET_UNREAD: 0.04,
    Fault.BUSY: 0.03,
    Fault.THROTTLED: 0.04,
    Fault.HANG_UNTAKEN: 0.03,
    Fault.HANG_TAKEN: 0.05,
    Fault.RESET_TAKEN: 0.05,
    Fault.FAIL_TAKEN: 0.05,
}
LIST: Final[Mapping[str, float]] = {"hang": 0.05, "fail": 0.08}
CALLBACK: Final[Mapping[str, float]] = {"drop": 0.10, "delay": 0.25, "double": 0.15}
PHONE: Final[Mapping[str, float]] = {
    "one": 0.42, "silence": 0.14, "busy": 0.12, "no_answer": 0.12, "machine": 0.12, "off": 0.08,
}  # fmt: skip
TEXT: Final[Mapping[str, float]] = {"delivered": 0.75, "undelivered": 0.10, "sent": 0.15}
REPLY: Final[Mapping[str, float]] = {"one": 0.30}


class Dice:
    """Throws by name: the same seed, name and number give the same face. `calm` is a file that ends all faults."""

    def __init__(self, seed: str, calm: Path) -> None:
        self._seed, self._calm = seed, calm
        self._thrown: dict[str, int] = {}

    @property
    def is_calm(self) -> bool:
        """Whether nothing goes wrong any more."""
        return self._calm.exists()

    def fault(self, name: str, chances: Mapping[str, float]) -> str:
        """What goes wrong this time; "none" mostly, and always once it is calm."""
        face = self.throw(name, chances)
        return Fault.NONE if self.is_calm else face

    def throw(self, name: str, chances: Mapping[str, float]) -> str:
        """A face by its chance; "none" for what is left of 1."""
        point = self.point(name)
        for face, chance in chances.items():
            point -= chance
            if point < 0:
                return str(face)
        return "none"

    def point(self, name: str) -> float:
        """A number from 0 to 1, another one each time."""
        number = self._thrown[name] = self._thrown.get(name, 0) + 1
        digest = hashlib.sha256(f"{self._seed}:{name}:{number}".encode()).digest()
        return int.from_bytes(digest[:8], "big") / 2**64
