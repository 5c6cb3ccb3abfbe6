"""What of the pulse calls for somebody: each a word for the page's sentence, its figures, and the runbook that helps.

Pure. The worst comes first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from gateway.records.status import TaskKind
from gateway.reports.pulse import Pulse

WAITS_LONG: Final = timedelta(minutes=10)
"""Rates and lines let a morning's first minutes queue; after these, more is due than can go out, or nothing goes."""
NEARLY_SPENT: Final = 0.8
MANY_LOST: Final = 0.2
ENOUGH_TO_JUDGE: Final = 20
BAD_SIGNATURE: Final = "webhook_bad_signature"


class Gravity(StrEnum):
    """How soon somebody must act."""

    BAD = "bad"  # people are not reached while it lasts
    WARN = "warn"  # it will come to that, or some are not


@dataclass(frozen=True, slots=True)
class Connection:
    """The carrier as this process is set up."""

    name: str
    reaches_people: bool
    live: bool
    may_use_drafts: bool


@dataclass(frozen=True, slots=True)
class Symptom:
    """Something that is not well. `code` names its sentence; `values` fill it; `runbook` is a file in docs/runbooks."""

    code: str
    gravity: Gravity
    runbook: str = ""
    values: dict[str, int | str | datetime] = field(default_factory=dict)


def symptoms(pulse: Pulse, connection: Connection) -> list[Symptom]:
    """Return what is not well, the worst first; empty when all is."""
    found = [*_stopped(pulse, connection), *_ticking(pulse), *_queue(pulse), *_money(pulse), *_strays(pulse)]
    return sorted(found, key=lambda one: list(Gravity).index(one.gravity))


def _stopped(pulse: Pulse, connection: Connection) -> Iterator[Symptom]:
    if pulse.pause.is_on:
        yield Symptom("paused", Gravity.BAD, "wrong_message.md")
    if not connection.reaches_people:
        return
    if not connection.live:
        yield Symptom("not_live", Gravity.BAD, "carrier_down.md")
    if not connection.may_use_drafts:
        yield Symptom("drafts", Gravity.BAD, "wrong_message.md")


def _ticking(pulse: Pulse) -> Iterator[Symptom]:
    never = [tick for tick in pulse.ticks if tick.age is None]
    late = [tick for tick in pulse.ticks if tick.is_late]
    if len(never) == len(pulse.ticks):
        yield Symptom("no_worker", Gravity.BAD, "ticks_stopped.md")
        return
    if never or late:
        yield Symptom("late_ticks", Gravity.BAD, "ticks_stopped.md", {"n": len(never) + len(late)})
    for tick in pulse.ticks:
        if tick.failures:
            yield Symptom("failing_tick", Gravity.BAD, "ticks_stopped.md",
                          {"tick": tick.name, "n": tick.failures, "error": tick.error})  # fmt: skip


def _queue(pulse: Pulse) -> Iterator[Symptom]:
    """Outside the window reminders may be due and wait, and that is as it should be."""
    oldest = pulse.oldest
    if pulse.hours.is_open and not pulse.pause.is_on and oldest is not None and pulse.now - oldest > WAITS_LONG:
        waiting = sum(one.hour + one.older for one in pulse.waiting)
        yield Symptom("backlog", Gravity.WARN, "backlog.md", {"n": waiting, "oldest": oldest})
    if pulse.doubts.orphaned:
        yield Symptom("orphaned", Gravity.WARN, "carrier_down.md", {"n": pulse.doubts.orphaned})
    if pulse.doubts.in_doubt:
        yield Symptom("in_doubt", Gravity.WARN, "carrier_down.md", {"n": pulse.doubts.in_doubt})


def _money(pulse: Pulse) -> Iterator[Symptom]:
    share = pulse.money.share
    if pulse.money.is_spent:
        yield Symptom("budget_spent", Gravity.BAD, "backlog.md")
    elif share is not None and share >= NEARLY_SPENT:
        yield Symptom("budget_near", Gravity.WARN, "backlog.md", {"percent": f"{share * 100:.0f}"})


def _strays(pulse: Pulse) -> Iterator[Symptom]:
    """What came back and fits nothing, and what could not be sent."""
    forged = pulse.counters.get(BAD_SIGNATURE, 0)
    if forged:
        yield Symptom("bad_signature", Gravity.WARN, "webhooks_refused.md", {"n": forged})
    for kind, code, runbook in _TASKS:
        if waiting := pulse.tasks.get(kind, 0):
            yield Symptom(code, Gravity.WARN, runbook, {"n": waiting, "kind": kind.value})
    texts = pulse.texts
    if texts.sent >= ENOUGH_TO_JUDGE and texts.undelivered / texts.sent > MANY_LOST:
        yield Symptom("many_lost", Gravity.WARN, "carrier_down.md", {"n": texts.undelivered, "sent": texts.sent})


_TASKS: Final = (
    (TaskKind.POISON, "poison", "carrier_down.md"),
    (TaskKind.UNMATCHED, "unmatched", "webhooks_refused.md"),
    (TaskKind.IN_DOUBT, "in_doubt_tasks", "carrier_down.md"),
    (TaskKind.NO_PROMPT, "no_prompt", "wrong_message.md"),
)
