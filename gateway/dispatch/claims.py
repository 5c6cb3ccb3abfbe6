"""What a claim has to respect, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gateway.plan.ladder import Ladder
from gateway.plan.window import Window
from gateway.records.status import Channel

LEASE = timedelta(minutes=5)  # real time: a claim older than this belongs to a process that died


@dataclass(frozen=True, slots=True)
class Rules:
    """What a claim has to respect."""

    ladder: Ladder
    window: Window
    countries: frozenset[str]
    carrier: str
    reaches_people: bool
    sender: str
    cost_per_call: float = 0.0
    cost_per_segment: float = 0.0

    def cost_of(self, channel: Channel, segments: int) -> float:
        """What one call, or one text of so many parts, is reckoned to cost."""
        return round(segments * self.cost_per_segment if channel is Channel.SMS else self.cost_per_call, 4)


@dataclass(frozen=True, slots=True)
class Claimed:
    """An attempt that is written down and may now be submitted; it carries one reminder, or a household's."""

    attempt: str
    reminders: tuple[str, ...]
    channel: Channel
    to: str = field(repr=False)
    body: str = field(repr=False)
    segments: int
    cost: float
    expires_at: datetime
