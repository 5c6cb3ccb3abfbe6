"""What can go wrong between a request and its answer, for tests: the cases in which the sender is left in doubt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What happens to one create request."""

    NONE = "none"
    THROTTLED = "throttled"  # 429: certainly not processed
    DROPPED = "dropped"  # processed, the connection breaks before the answer is whole
    SERVER_ERROR = "server_error"  # processed, answered by a 500


@dataclass
class Faults:
    """Counts down: the next `drop_response_after_accept` creates lose their answer, then `answer_500_after_accept`.

    `hang_seconds` (real time) holds back every answer to a create after it was accepted; `throttle_every` n refuses
    each nth create with 429 before it is looked at (0: never).
    """

    drop_response_after_accept: int = 0
    answer_500_after_accept: int = 0
    hang_seconds: float = 0.0
    throttle_every: int = 0
    creates: int = 0

    def next_create(self) -> Fault:
        """Say what happens to the create request that has just come in."""
        self.creates += 1
        if self.throttle_every and self.creates % self.throttle_every == 0:
            return Fault.THROTTLED
        if self.drop_response_after_accept:
            self.drop_response_after_accept -= 1
            return Fault.DROPPED
        if self.answer_500_after_accept:
            self.answer_500_after_accept -= 1
            return Fault.SERVER_ERROR
        return Fault.NONE
