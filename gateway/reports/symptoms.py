"""What of the pulse calls for somebody: each a word for the page's sentence, its figures, and the runbook that helps.

Pure. The worst comes first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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


Values = dict[str, int | str | datetime]


@dataclass(frozen=True, slots=True)
class Symptom:
    """Something that is not well. `code` names its sentence; `values` fill it; `runbook` is a file in docs/runbooks."""

    code: str
    gravity: Gravity
    runbook: str
    values: Values


SYMPTOMS: Final[Mapping[str, tuple[Gravity, str]]] = {
    "paused": (Gravity.BAD, "wrong_message.md"),
    "not_live": (Gravity.BAD, "carrier_down.md"),
    "drafts": (Gravity.BAD, "wrong_message.md"),
    "no_worker": (Gravity.BAD, "ticks_stopped.md"),
    "late_ticks": (Gravity.BAD, "ticks_stopped.md"),
    "failing_tick": (Gravity.BAD, "ticks_stopped.md"),
    "budget_spent": (Gravity.BAD, "backlog.md"),
    "budget_near": (Gravity.WARN, "backlog.md"),
    "backlog": (Gravity.WARN, "backlog.md"),
    "orphaned": (Gravity.WARN, "carrier_down.md"),
    "in_doubt": (Gravity.WARN, "carrier_down.md"),
    "bad_signature": (Gravity.WARN, "webhooks_refused.md"),
    "poison": (Gravity.WARN, "carrier_down.md"),
    "unmatched": (Gravity.WARN, "webhooks_refused.md"),
    "in_doubt_tasks": (Gravity.WARN, "carrier_down.md"),
    "no_prompt": (Gravity.WARN, "wrong_message.md"),
    "many_lost": (Gravity.WARN, "carrier_down.md"),
}
"""Every symptom there is, how soon somebody must act, and the file in docs/runbooks that helps."""


def symptoms(pulse: Pulse, connection: Connection) -> list[Symptom]:
    """Return what is not well, the worst first; empty when all is."""
    found = [*_stopped(pulse, connection), *_ticking(pulse), *_queue(pulse), *_money(pulse), *_strays(pulse)]
    return sorted(found, key=lambda one: list(Gravity).index(one.gravity))


def _symptom(code: str, values: Values | None = None) -> Symptom:
    return Symptom(code, *SYMPTOMS[code], values or {})


def _stopped(pulse: Pulse, connection: Connection) -> Iterator[Symptom]:
    if pulse.pause.is_on:
        yield _symptom("paused")
    if not connection.reaches_people:
        return
    if not connection.live:
        yield _symptom("not_live")
    if not connection.may_use_drafts:
        yield _symptom("drafts")


def _ticking(pulse: Pulse) -> Iterator[Symptom]:
    never = [tick for tick in pulse.ticks if tick.age is None]
    late = [tick for tick in pulse.ticks if tick.is_late]
    if len(never) == len(pulse.ticks):
        yield _symptom("no_worker")
        return
    if never or late:
        yield _symptom("late_ticks", {"n": len(never) + len(late)})
    for tick in pulse.ticks:
        if tick.failures:
            yield _symptom("failing_tick", {"tick": tick.name, "n": tick.failures, "error": tick.error})  # fmt: skip


def _queue(pulse: Pulse) -> Iterator[Symptom]:
    """Outside the window reminders may be due and wait, and that is as it should be."""
    oldest = pulse.oldest
    if pulse.hours.is_open and not pulse.pause.is_on and oldest is not None and pulse.now - oldest > WAITS_LONG:
        waiting = sum(one.hour + one.older for one in pulse.waiting)
        yield _symptom("backlog", {"n": waiting, "oldest": oldest})
    if pulse.doubts.orphaned:
        yield _symptom("orphaned", {"n": pulse.doubts.orphaned})
    if pulse.doubts.in_doubt:
        yield _symptom("in_doubt", {"n": pulse.doubts.in_doubt})


def _money(pulse: Pulse) -> Iterator[Symptom]:
    share = pulse.money.share
    if pulse.money.is_spent:
        yield _symptom("budget_spent")
    elif share is not None and share >= NEARLY_SPENT:
        yield _symptom("budget_near", {"percent": f"{share * 100:.0f}"})


def _strays(pulse: Pulse) -> Iterator[Symptom]:
    """What came back and fits nothing, and what could not be sent."""
    forged = pulse.counters.get(BAD_SIGNATURE, 0)
    if forged:
        yield _symptom("bad_signature", {"n": forged})
    for kind, code in _TASKS:
        if waiting := pulse.tasks.get(kind, 0):
            yield _symptom(code, {"n": waiting})
    texts = pulse.texts
    if texts.sent >= ENOUGH_TO_JUDGE and texts.undelivered / texts.sent > MANY_LOST:
        yield _symptom("many_lost", {"n": texts.undelivered, "sent": texts.sent})


_TASKS: Final = (
    (TaskKind.POISON, "poison"),
    (TaskKind.UNMATCHED, "unmatched"),
    (TaskKind.IN_DOUBT, "in_doubt_tasks"),
    (TaskKind.NO_PROMPT, "no_prompt"),
)
