"""What of the pulse calls for somebody: each symptom shows when it is there and not when it is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.records.status import Channel, TaskKind
from gateway.reports.pulse import TICKS, Allowance, Calls, Doubts, Hours, Money, Pause, Pulse, Texts, Tick, Waiting
from gateway.reports.symptoms import Connection, Gravity, symptoms
from tests.reports.conftest import bangkok

NOW = bangkok("2026-11-28T10:00")
RUNBOOKS = Path(__file__).parents[2] / "docs" / "runbooks"
SANDBOX = Connection("sandbox", reaches_people=False, live=False, may_use_drafts=True)
REAL = Connection("twilio", reaches_people=True, live=True, may_use_drafts=True)
WELL = Pulse(
    now=NOW,
    ticks=tuple(Tick(name, 20.0, NOW, timedelta(seconds=3), 0.1) for name in TICKS),
    waiting=tuple(Waiting(channel) for channel in Channel),
    doubts=Doubts(),
    money=Money(10.0, 50.0, "USD", 0.1),
    allowance=Allowance(10, 1.0, 10.0, 50.0, 0.1, timedelta(minutes=15)),
    lines_in_use=3,
    texts=Texts(),
    calls=Calls(),
    hours=Hours(True, bangkok("2026-11-28T19:30")),
    pause=Pause(),
    unmatched_receipts=0,
)
LATE = Tick("plan", 20.0, NOW, timedelta(minutes=9))
FAILING = Tick("plan", 20.0, NOW, timedelta(seconds=3), failures=2, error="OSError", failed=timedelta(seconds=3))
OLD = Waiting(Channel.SMS, minute=1, hour=3, older=2, oldest=NOW - timedelta(hours=2))
YOUNG = Waiting(Channel.SMS, ten_minutes=3, oldest=NOW - timedelta(minutes=9))
SICK: list[tuple[str, dict[str, Any]]] = [
    ("paused", {"pause": Pause(True, NOW, "Anong")}),
    ("no_worker", {"ticks": tuple(Tick(name) for name in TICKS)}),
    ("late_ticks", {"ticks": (LATE, *WELL.ticks[1:])}),
    ("late_ticks", {"ticks": (Tick("plan"), *WELL.ticks[1:])}),
    ("failing_tick", {"ticks": (FAILING, *WELL.ticks[1:])}),
    ("backlog", {"waiting": (OLD,)}),
    ("orphaned", {"doubts": Doubts(claimed=2, orphaned=1)}),
    ("in_doubt", {"doubts": Doubts(in_doubt=1, oldest=NOW)}),
    ("budget_near", {"money": Money(40.0, 50.0, "USD", 0.1)}),
    ("budget_spent", {"money": Money(49.95, 50.0, "USD", 0.1)}),
    ("bad_signature", {"counters": {"webhook_bad_signature": 1}}),
    ("poison", {"tasks": {TaskKind.POISON: 1}}),
    ("unmatched", {"tasks": {TaskKind.UNMATCHED: 2}}),
    ("in_doubt_tasks", {"tasks": {TaskKind.IN_DOUBT: 2}}),
    ("no_prompt", {"tasks": {TaskKind.NO_PROMPT: 2}}),
    ("many_lost", {"texts": Texts(sent=20, delivered=15, undelivered=5)}),
]


def codes(pulse: Pulse, connection: Connection = REAL) -> list[str]:
    return [one.code for one in symptoms(pulse, connection)]


@pytest.mark.parametrize("connection", [SANDBOX, REAL])
def test_a_house_that_is_well_has_none(connection: Connection) -> None:
    assert codes(WELL, connection) == []


@pytest.mark.parametrize(("code", "change"), SICK)
def test_each_shows_alone_when_it_is_there(code: str, change: dict[str, Any]) -> None:
    assert codes(replace(WELL, **change)) == [code]


@pytest.mark.parametrize(("code", "change"), SICK)
def test_each_names_a_runbook_that_is_there(code: str, change: dict[str, Any]) -> None:
    (found,) = symptoms(replace(WELL, **change), REAL)
    assert (RUNBOOKS / found.runbook).is_file()


@pytest.mark.parametrize(
    "change",
    [
        {"waiting": (YOUNG,)},
        {"waiting": (OLD,), "hours": Hours(False, bangkok("2026-11-29T09:00"))},
        {"doubts": Doubts(claimed=3)},
        {"money": Money(39.9, 50.0, "USD", 0.1)},
        {"money": Money(9_999.0, None, "USD", 0.1)},
        {"texts": Texts(sent=19, undelivered=19)},
        {"texts": Texts(sent=20, undelivered=4)},
        {"counters": {"something_else": 9}},
        {"tasks": {TaskKind.RIDE: 9}},
        {"lines_in_use": 10},
    ],
)
def test_what_is_as_it_should_be_calls_for_nobody(change: dict[str, Any]) -> None:
    assert codes(replace(WELL, **change)) == []


def test_while_paused_what_waits_is_no_news() -> None:
    assert codes(replace(WELL, waiting=(OLD,), pause=Pause(True))) == ["paused"]


def test_a_carrier_that_reaches_people_must_be_live_and_its_words_approved() -> None:
    assert codes(WELL, replace(REAL, live=False)) == ["not_live"]
    assert codes(WELL, replace(REAL, may_use_drafts=False)) == ["drafts"]
    assert codes(WELL, replace(SANDBOX, may_use_drafts=False)) == []


def test_the_worst_comes_first() -> None:
    sick = replace(WELL, counters={"webhook_bad_signature": 1}, doubts=Doubts(in_doubt=1), pause=Pause(True),
                   ticks=(FAILING, *WELL.ticks[1:]))  # fmt: skip
    found = symptoms(sick, REAL)
    assert [one.code for one in found] == ["paused", "failing_tick", "in_doubt", "bad_signature"]
    assert [one.gravity for one in found] == [Gravity.BAD, Gravity.BAD, Gravity.WARN, Gravity.WARN]


def test_the_figures_of_a_sentence_are_those_of_the_pulse() -> None:
    (backlog,) = symptoms(replace(WELL, waiting=(OLD, Waiting(Channel.VOICE, minute=5, oldest=NOW))), REAL)
    assert backlog.values == {"n": 5, "oldest": NOW - timedelta(hours=2)}
    (near,) = symptoms(replace(WELL, money=Money(45.0, 50.0, "USD", 0.1)), REAL)
    assert near.values == {"percent": "90"}
    (failing,) = symptoms(replace(WELL, ticks=(FAILING, *WELL.ticks[1:])), REAL)
    assert failing.values == {"tick": "plan", "n": 2, "error": "OSError"}
