"""A carrier's requests, made to the real routes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from gateway.cli.serving import listen, serving
from gateway.web import audio, health, webhooks
from gateway.web.desk import Desk
from tests.support import rooms
from tests.support.world import World

Post = Callable[..., httpx.Response]


@pytest.fixture
def world(tmp_path: Path) -> World:
    """One site, a Monday at nine, a carrier in memory."""
    return World(tmp_path)


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Desk:
    """What the routes answer with."""
    return rooms.desk(world, tmp_path)


@pytest.fixture
def client(desk: Desk) -> Iterator[httpx.Client]:
    """The routes, without the sandbox, behind a real server."""
    app = FastAPI()
    app.include_router(webhooks.router(desk))
    app.include_router(audio.router(desk.speech.clips))
    app.include_router(health.router(desk.database))
    listener = listen(0)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with serving(app, listener), httpx.Client(base_url=address, trust_env=False) as http:
        yield http


@pytest.fixture
def post(client: httpx.Client) -> Post:
    """Post a form below the webhook prefix, signed as the carrier in memory signs."""

    def send(path: str, *, signature: str = "memory", **fields: str) -> httpx.Response:
        form = {name.rstrip("_"): value for name, value in fields.items()}
        return client.post(f"{rooms.PREFIX}{path}", data=form, headers={"X-Memory-Signature": signature})

    return send
