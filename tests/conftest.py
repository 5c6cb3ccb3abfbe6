"""How the tests are run: workers share them file by file; and in this process nobody waits for a disk."""

from __future__ import annotations

import gc
import os
import pickle
import sqlite3
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from argon2 import PasswordHasher
from fastapi.dependencies import models
from httpx._transports import default as httpx_transport
from sqlmodel import SQLModel
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

from gateway.records import database
from gateway.staff import passwords
from tests.support import chromium, engines, postgres

BROWSER = Path(__file__).parent / "browser"
LONGEST = "browser/test_every_page.py"

# A law is not broken because the machine was busy; all else is as the profile says (on a build machine, its own).
hypothesis.settings.register_profile("tamnat", hypothesis.settings.default, deadline=None)
hypothesis.settings.load_profile("tamnat")


def part(test: str) -> str:
    """Return what one worker does as a whole: a file, for what its fixtures made; of the longest file one test.

    `test` is a test's id, such as `tests/kit/test_clock.py::test_it[1]`.
    """
    file, _, name = test.partition("::")
    return f"{file}::{name.partition('[')[0]}" if file.endswith(LONGEST) else file


class InParts(LoadScopeScheduling):
    """Hands out the parts in the order in which they were collected, for browser tests to be every worker's last."""

    def _split_scope(self, nodeid: str) -> str:
        return part(nodeid)

    def remove_node(self, node: WorkerController) -> str | None:
        """Take a worker away; the test it crashed at has failed, and is not given to the next one to crash at."""
        rest = (
            (unit, test) for unit in self.assigned_work[node].values() for test, is_over in unit.items() if not is_over
        )
        unit, crashed = next(rest, ({}, None))
        if crashed is not None:
            unit[crashed] = True
        super().remove_node(node)
        return crashed


def pytest_configure(config: pytest.Config) -> None:
    """Start the server that this process and its workers share, where the tests are to run on one."""
    if not engines.IS_SQLITE and engines.SERVER not in os.environ:
        server = postgres.start()
        os.environ[engines.SERVER] = server.url
        config.add_cleanup(server.stop)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> InParts:
    """`pytest -n 2` shares the tests like this; without -n nobody asks."""
    config.option.loadscopereorder = False
    return InParts(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Slow ones last; and Playwright's loop in this thread would be in the way of tests with loops of their own."""
    _leave_out_what_is_about_the_other_engine(config, items)
    items.sort(key=lambda item: (BROWSER in item.path.parents, not item.path.as_posix().endswith(LONGEST)))


def _leave_out_what_is_about_the_other_engine(config: pytest.Config, items: list[pytest.Item]) -> None:
    other = "postgres" if engines.IS_SQLITE else "sqlite_file"
    left_out = [item for item in items if item.get_closest_marker(other)]
    items[:] = [item for item in items if not item.get_closest_marker(other)]
    config.hook.pytest_deselected(items=left_out)  # for the count at the end


def pytest_collection_finish() -> None:
    """What was imported stays to the end: the collector of garbage need not look at it, nor come so often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 10)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what was not tried."""
    if chromium.may_be_left_out(os.environ):
        terminalreporter.section("browser tests", sep="!", red=True, bold=True)
        terminalreporter.line(chromium.LEFT_OUT, red=True, bold=True)


@pytest.fixture(autouse=True, scope="module")
def _houses_that_are_gone_are_forgotten() -> Iterator[None]:
    """FastAPI and SQLAlchemy remember the last routes and statements they saw, and with them whole houses.

    There is one house outside of tests. Here are thousands: they filled a gigabyte, which the collector of garbage
    went through again and again.
    """
    yield
    for kept in vars(models).values():
        if hasattr(kept, "cache_clear"):
            kept.cache_clear()
    for mapper in SQLModel._sa_registry.mappers:
        mapper._compiled_cache.clear()


@pytest.fixture(autouse=True, scope="session")
def _nobody_waits_for_the_disk() -> Iterator[None]:
    """What is committed in this process reaches the disk when the system likes.

    Waiting for it guards against a loss of power, which no test brings about: a process that is killed loses nothing.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "_prepare_sqlite", _without_waiting)
        yield


@pytest.fixture(autouse=True, scope="session")
def _databases_are_noticed(_nobody_waits_for_the_disk: None) -> Iterator[None]:
    """Every database that is opened is closed again at the end of whatever opened it: see below."""
    begin = database.Database.__init__

    def noticed(self: database.Database, url: str) -> None:
        begin(self, url)
        engines.noticed(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database.Database, "__init__", noticed)
        yield
        engines.clear((0, 0))
        engines.finish()


@pytest.fixture(autouse=True, scope="module")
def _databases_of_a_file_are_cleared_away(_databases_are_noticed: None) -> Iterator[None]:
    since = engines.mark()
    yield
    engines.clear(since)


@pytest.fixture(autouse=True)
def _databases_of_a_test_are_cleared_away(_databases_of_a_file_are_cleared_away: None) -> Iterator[None]:
    since = engines.mark()
    yield
    engines.clear(since)


@pytest.fixture
def waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Databases opened from here on are as they are outside of tests."""
    monkeypatch.setattr(database, "_prepare_sqlite", _as_shipped)


_as_shipped = database._prepare_sqlite


def _without_waiting(connection: sqlite3.Connection, record: object) -> None:
    _as_shipped(connection, record)
    connection.execute("PRAGMA synchronous=OFF").close()


@pytest.fixture(autouse=True, scope="session")
def _each_text_of_toml_is_parsed_once() -> Iterator[None]:
    """Every house reads the same words, ladders and languages; each gets a copy of its own of what is in them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tomllib, "loads", _parsed_once)
        yield


_parse: Callable[..., dict[str, Any]] = tomllib.loads


def _parsed_once(text: str, /, **how: Any) -> dict[str, Any]:
    if how or not isinstance(text, str):
        return _parse(text, **how)
    found: dict[str, Any] = pickle.loads(_packed(text))
    return found


@cache
def _packed(text: str) -> bytes:
    return pickle.dumps(_parse(text))


@pytest.fixture(autouse=True, scope="session")
def _the_worlds_certificates_are_read_once() -> Iterator[None]:
    """Every client of httpx reads all of them anew, 17 ms each, though nearly all tests talk to this machine alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpx_transport, "create_ssl_context", _contexts_of_httpx)
        yield


_make_context = httpx_transport.create_ssl_context
_kept_context = cache(_make_context)


def _contexts_of_httpx(verify: Any = True, cert: Any = None, trust_env: bool = True) -> Any:
    make = _kept_context if isinstance(verify, bool) and cert is None else _make_context
    return make(verify=verify, cert=cert, trust_env=trust_env)


@pytest.fixture
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hash with little work: that much of it is done is tested where passwords are."""
    passwords._nobodys_hash.cache_clear()
    monkeypatch.setattr(passwords, "_hasher", lambda: PasswordHasher(time_cost=1, memory_cost=16, parallelism=1))
    yield
    passwords._nobodys_hash.cache_clear()
