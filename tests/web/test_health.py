"""Whether we live, and figures for a monitor."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from gateway.cli.serving import listen, serving
from gateway.records.house import Switch, TickRun
from gateway.web import health
from tests.support.world import NINE, World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.database.close()


@pytest.fixture
def client(world: World) -> Iterator[httpx.Client]:
    app = FastAPI()
    app.include_router(health.router(world.database))
    listener = listen(0)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with serving(app, listener), httpx.Client(base_url=address, trust_env=False) as client:
        yield client


def test_who_asks_with_head_is_told_that_we_live(client: httpx.Client) -> None:
    answer = client.head("/healthz")
    assert (answer.status_code, answer.text) == (200, "")
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.parametrize("is_on", [True, False])
def test_a_monitor_is_told_whether_everything_is_paused_and_we_are_ready_all_the_same(
    world: World, client: httpx.Client, *, is_on: bool
) -> None:
    with world.database.unit_of_work() as db:
        db.add(Switch(name="pause", is_on=is_on, at=NINE))
    assert f"tamnat_paused {int(is_on)}" in client.get("/metrics").text.splitlines()
    assert client.get("/readyz").status_code == 200


def test_who_never_paused_is_not_paused(client: httpx.Client) -> None:
    assert "tamnat_paused 0" in client.get("/metrics").text.splitlines()


def test_a_monitor_is_told_how_long_ago_each_tick_ran_and_nothing_of_one_that_never_did(
    world: World, client: httpx.Client
) -> None:
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    world.add(TickRun(name="plan", every=20.0, at=NINE, real_at=an_hour_ago))
    (line,) = (line for line in client.get("/metrics").text.splitlines() if line.startswith("tamnat_tick_age"))
    name, age = line.split()
    assert name == 'tamnat_tick_age_seconds{tick="plan"}'
    assert 3600 <= float(age) < 3900


@pytest.mark.parametrize(("revision", "said"), [("9999", "a newer version"), ("0000", "run `gateway db upgrade`")])
def test_a_database_of_another_version_is_said_to_be_newer_or_older(
    world: World, client: httpx.Client, revision: str, said: str
) -> None:
    with world.database.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert said in answer.json()["status"]
