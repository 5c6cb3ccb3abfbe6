"""What one pass of planning goes by, and what it reports."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from gateway.languages.table import load_languages
from gateway.plan.ladder import Ladder
from gateway.plan.reach import understands
from gateway.plan.window import Window


@dataclass(frozen=True, slots=True)
class PlanReport:
    """What one pass wrote: reminders in all and by purpose, tasks for staff, visits for volunteers."""

    planned: int = 0
    by_purpose: dict[str, int] = field(default_factory=dict)
    tasks: int = 0
    visits: int = 0

    def __add__(self, other: PlanReport) -> PlanReport:
        """Return both together."""
        purposes = Counter(self.by_purpose) + Counter(other.by_purpose)
        return PlanReport(
            planned=self.planned + other.planned,
            by_purpose=dict(sorted(purposes.items())),
            tasks=self.tasks + other.tasks,
            visits=self.visits + other.visits,
        )


@dataclass(frozen=True, slots=True)
class Rules:
    """The ladder, its hours, the languages something can be said and written in, `now` and how far to look."""

    ladder: Ladder
    window: Window
    now: datetime
    horizon: datetime
    speakable: frozenset[str]
    textable: frozenset[str]

    @property
    def timed_steps(self) -> list[str]:
        """The steps that have their hour."""
        return [step.name for step in self.ladder.steps if step.hour is not None]

    @property
    def at_once_steps(self) -> list[str]:
        """The steps that go out as soon as there is an appointment."""
        return [step.name for step in self.ladder.steps if step.hour is None]

    @property
    def at_once_sources(self) -> list[str]:
        """Where the appointments come from that are told of at once."""
        return [step.only_source or "" for step in self.ladder.steps if step.hour is None]


def served(offered: frozenset[str]) -> list[str]:
    """The languages whose people are served by those `offered`: these, and those the table lets them stand in for."""
    known = set(load_languages().codes)
    return sorted({code for code in known if understands(code, offered)} | (offered - known))
