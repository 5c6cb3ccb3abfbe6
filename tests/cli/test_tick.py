"""`gateway tick`: one pass at an instant, without a server, never twice, and never where people are reached."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel, select

from gateway.records.contacts import Attempt, AttemptItem, Reminder
from gateway.records.database import Database
from gateway.records.house import DemoTime
from gateway.records.status import AttemptStatus, Channel, ReminderStatus
from tests.carriers.standin import StandIn
from tests.cli.conftest import Gateway
from tests.support.engines import url_of
from tests.support.world import NINE, World

AT = "2026-08-03T09:00"
TWILIO = {
    "CARRIER": "twilio",
    "TWILIO_ACCOUNT_SID": "AC1",
    "TWILIO_AUTH_TOKEN": "secret",
    "TWILIO_VOICE_FROM": "+6620000001",
    "TWILIO_SMS_FROM": "+6620000001",
    "PUBLIC_URL": "https://gateway.example",
}


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A small world in the database that the commands of this test use."""
    return World(tmp_path, file="gateway.db")


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    stand_in = StandIn()
    yield stand_in
    stand_in.close()


def report(gateway: Gateway, *words: str, **settings: str) -> dict[str, Any]:
    found = gateway("tick", *words, "--json", **settings)
    assert found.exit_code == 0, found.stderr
    assert found.stdout.count("\n") == 1
    document = json.loads(found.stdout)
    assert isinstance(document, dict)
    return document


def rows(file: Path, kind: type[SQLModel]) -> list[dict[str, Any]]:
    database = Database(url_of(file))
    with database.reading() as db:
        found = sorted((row.model_dump(mode="json") for row in db.exec(select(kind))), key=str)
    database.close()
    return found


def test_json_is_one_document_with_each_pass_and_nothing_else(gateway: Gateway, world: World) -> None:
    found = gateway("tick", "--at", AT, "--json")
    document = json.loads(found.stdout)
    assert set(document) == {"at", "plan", "sweep", "reconcile", "takes", "hotline", "dispatch", "figures", "ended_at"}
    assert found.stderr == ""


def test_an_instant_without_an_offset_is_bangkoks(gateway: Gateway, world: World) -> None:
    assert report(gateway, "--at", AT, "--only", "plan")["at"] == "2026-08-03T09:00:00+07:00"
    assert report(gateway, "--at", "2026-08-03T02:00:00Z", "--only", "plan")["at"] == "2026-08-03T09:00:00+07:00"


@pytest.mark.parametrize("only", ["plan,dispach", "", ",", "everything"])
def test_a_pass_nobody_knows_ends_with_2(gateway: Gateway, only: str) -> None:
    found = gateway("tick", "--at", AT, "--only", only)
    assert (found.exit_code, found.stdout) == (2, "")
    assert found.stderr.startswith("--only: expected some of plan,")


@pytest.mark.parametrize("at", ["2026-13-01", "nine", ""])
def test_an_instant_that_is_none_ends_with_2(gateway: Gateway, at: str) -> None:
    found = gateway("tick", "--at", at)
    assert (found.exit_code, found.stdout) == (2, "")
    assert found.stderr.startswith("--at: expected an instant such as")


def test_only_the_passes_asked_for_are_done(gateway: Gateway, world: World) -> None:
    reminder = world.due(Channel.SMS)
    assert set(report(gateway, "--at", AT, "--only", "sweep,reconcile")) == {"at", "sweep", "reconcile", "ended_at"}
    assert world.attempts_of(reminder) == []


def test_a_due_text_and_a_due_call_are_played_to_their_ends(gateway: Gateway, world: World) -> None:
    text, call = world.due(Channel.SMS), world.due(Channel.VOICE)
    found = report(gateway, "--at", AT, "--only", "dispatch")
    assert found["dispatch"]["sent"] == 2
    for reminder in (text, call):
        (attempt,) = world.attempts_of(reminder)
        assert attempt.status not in (AttemptStatus.QUEUED, AttemptStatus.SUBMITTED, AttemptStatus.IN_PROGRESS)


def test_the_same_tick_twice_sends_nothing_twice(gateway: Gateway, sample: Path) -> None:
    first = report(gateway, "--at", AT)
    attempts = rows(sample, Attempt)
    again = report(gateway, "--at", AT)
    assert first["dispatch"]["sent"] == sum(attempt["direction"] == "out" for attempt in attempts) > 100
    assert again["dispatch"]["sent"] == 0
    assert rows(sample, Attempt) == attempts
    carried = [item["reminder"] for item in rows(sample, AttemptItem) if item["reminder"]]
    assert len(carried) == len(set(carried))


def test_the_calendar_goes_on_from_the_tick_and_going_back_is_said(gateway: Gateway, sample: Path) -> None:
    gateway("tick", "--at", "2026-08-05T09:00", "--only", "sweep")
    assert [row["demo_now"] for row in rows(sample, DemoTime)] == ["2026-08-05T02:00:00Z"]
    back = gateway("tick", "--at", "2026-08-04T09:00", "--only", "sweep")
    assert "going back" in back.stderr


def test_nothing_goes_out_at_night(gateway: Gateway, world: World) -> None:
    world.due(Channel.SMS)
    assert report(gateway, "--at", "2026-08-03T22:00", "--only", "dispatch")["dispatch"]["sent"] == 0
    assert world.all(Attempt) == []


def test_while_everything_is_paused_a_tick_sends_nothing(gateway: Gateway, world: World) -> None:
    reminder = world.due(Channel.SMS)
    assert gateway("pause").exit_code == 0
    assert report(gateway, "--at", AT, "--only", "dispatch")["dispatch"]["sent"] == 0
    assert gateway("resume").exit_code == 0
    assert report(gateway, "--at", AT, "--only", "dispatch")["dispatch"]["sent"] == 1
    assert len(world.attempts_of(reminder)) == 1


@pytest.mark.parametrize("live", ["true", "false"])
def test_where_people_are_reached_a_tick_is_refused_with_a_reason(gateway: Gateway, world: World, live: str) -> None:
    reminder = world.due(Channel.SMS)
    found = gateway("tick", "--at", AT, **TWILIO, LIVE=live)
    assert (found.exit_code, found.stdout) == (1, "")
    assert found.stderr == "tick refused: this carrier reaches people: it works by the wall clock only\n"
    assert world.attempts_of(reminder) == []


def test_on_a_stand_in_for_twilio_a_tick_sends_and_waits_for_nobody(
    gateway: Gateway, world: World, stand_in: StandIn
) -> None:
    text, call = world.due(Channel.SMS), world.due(Channel.VOICE)
    settings = TWILIO | {"TWILIO_BASE_URL": stand_in.url}
    assert report(gateway, "--at", AT, "--only", "dispatch", **settings)["dispatch"]["sent"] == 2
    again = report(gateway, "--at", AT, "--only", "dispatch", **settings)
    assert again["dispatch"]["sent"] == 0
    assert (len(stand_in.messages), len(stand_in.calls)) == (1, 1)
    for reminder, seen in ((text, "sms/status"), (call, "voice/answer")):
        (attempt,) = world.attempts_of(reminder)
        assert attempt.status in (AttemptStatus.SUBMITTED, AttemptStatus.QUEUED)
        assert world.fresh(reminder).status is ReminderStatus.SENT
        address = f"https://gateway.example/webhooks/twilio/{seen}/{attempt.id}"
        assert any(value.partition("#")[0] == address for post in stand_in.posts for _, value in post.form)


def test_the_instant_of_a_tick_is_the_time_of_its_rows(gateway: Gateway, world: World) -> None:
    reminder = world.due(Channel.SMS)
    report(gateway, "--at", AT, "--only", "dispatch")
    (attempt,) = world.attempts_of(reminder)
    assert attempt.created_at == NINE
    assert isinstance(world.fresh(reminder), Reminder)
