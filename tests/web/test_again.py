"""A request that met a quicker one is played again; nobody is told twice, and nothing is done twice."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier

import httpx
import pytest
from fastapi import FastAPI, Form
from fastapi.responses import StreamingResponse
from sqlmodel import col, select

from gateway.cli.serving import listen, serving
from gateway.records.database import Conflict
from gateway.records.house import Counter
from gateway.web.again import MOST_KEPT, Again
from tests.support.world import World

CALLERS = 12


@contextmanager
def at_home(app: FastAPI, tries: int = 5) -> Iterator[httpx.Client]:
    """The app behind a real server."""
    app.add_middleware(Again, tries=tries)
    listener = listen(0)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with serving(app, listener), httpx.Client(base_url=address, trust_env=False, timeout=30) as client:
        yield client


def quicker(app: FastAPI, times: int) -> list[str]:
    """A route that meets a quicker one so many times; returns what it was sent, a line a try."""
    came: list[str] = []

    @app.post("/said")
    def said(word: str = Form()) -> dict[str, str]:
        came.append(word)
        if len(came) <= times:
            raise Conflict
        return {"word": word}

    return came


def test_the_same_body_comes_again_until_nobody_is_quicker() -> None:
    app = FastAPI()
    came = quicker(app, times=3)
    with at_home(app) as client:
        answer = client.post("/said", data={"word": "ค่ะ" * 20_000})
    assert (answer.status_code, len(came), len(set(came))) == (200, 4, 1)
    assert answer.json() == {"word": came[0]}


def test_who_is_never_quick_enough_is_told_in_the_end() -> None:
    app = FastAPI()
    came = quicker(app, times=99)
    with at_home(app, tries=3) as client:
        assert client.post("/said", data={"word": "yes"}).status_code == 500
    assert came == ["yes"] * 3


def test_what_was_too_long_to_keep_is_not_played_again() -> None:
    app = FastAPI()
    came = quicker(app, times=1)
    with at_home(app) as client:
        sent = client.post("/said", files={"word": (None, "x" * (MOST_KEPT // 2)), "more": ("f", b"y" * MOST_KEPT)})
        assert sent.status_code == 500
    assert len(came) == 1


def test_an_answer_that_has_begun_is_not_begun_again() -> None:
    app, began = FastAPI(), []

    @app.get("/")
    def half() -> StreamingResponse:
        def parts() -> Iterator[bytes]:
            began.append(1)
            yield b"half"
            raise Conflict

        return StreamingResponse(parts())

    with at_home(app) as client, pytest.raises(httpx.RemoteProtocolError):
        client.get("/")
    assert began == [1]


def test_twelve_at_once_who_count_one_row_all_count(tmp_path: Path) -> None:
    world, app, begin = World(tmp_path), FastAPI(), Barrier(CALLERS)

    @app.post("/count")
    def count() -> None:
        with world.database.unit_of_work() as db:
            row = db.exec(select(Counter).where(col(Counter.name) == "many")).first() or Counter(name="many")
            row.n += 1
            db.add(row)

    def call(_: int) -> int:
        begin.wait()
        return client.post("/count").status_code

    with at_home(app, tries=40) as client, ThreadPoolExecutor(CALLERS) as pool:
        assert list(pool.map(call, range(CALLERS))) == [200] * CALLERS
    (row,) = world.all(Counter)
    assert row.n == CALLERS  # type: ignore[attr-defined]


def test_a_row_that_can_never_be_written_is_an_error_after_a_few_tries(tmp_path: Path) -> None:
    world, app, came = World(tmp_path), FastAPI(), []
    world.add(Counter(name="many"))

    @app.post("/again")
    def write_it_again() -> None:
        came.append(1)
        with world.database.unit_of_work() as db:
            db.add(Counter(name="many"))

    with at_home(app, tries=40) as client:
        assert client.post("/again").status_code == 500
    assert len(came) < 10
