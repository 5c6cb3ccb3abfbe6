"""Commands as typed, in this process, on a database of their own; and one copy of the sample for all."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli import context
from gateway.cli.commands import app
from gateway.cli.context import ready
from gateway.cli.sample import load_sample
from gateway.settings import Settings
from gateway.wiring import House
from tests.support.engines import copied, url_of

Gateway = Callable[..., Result]


@pytest.fixture
def gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    """`gateway("db", "check", LINES="3")`: the words of a command, and settings beside it."""
    for name in [name for name in os.environ if name.startswith("GATEWAY_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GATEWAY_DATABASE_URL", url_of(tmp_path / "gateway.db"))
    monkeypatch.setenv("GATEWAY_AUDIO_DIR", str(tmp_path / "audio"))
    handlers, level = logging.root.handlers[:], logging.root.level

    def type_in(*words: str, **settings: str) -> Result:
        forget()
        env = {f"GATEWAY_{name}": value for name, value in settings.items()}
        return CliRunner().invoke(app, list(words), env=env, catch_exceptions=False)

    yield type_in
    forget()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


def forget() -> None:
    """Let the next command read its settings and open its database anew."""
    if context.house.cache_info().currsize:
        context.house().close()
    context.house.cache_clear()
    context.settings.cache_clear()


@pytest.fixture(scope="session")
def sample_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the sample, to be copied."""
    folder = tmp_path_factory.mktemp("sample")
    house = ready(House(Settings(database_url=url_of(folder / "gateway.db"))))
    load_sample(house)
    house.close()
    return folder / "gateway.db"


@pytest.fixture
def sample(sample_file: Path, tmp_path: Path) -> Path:
    """The sample in this test's own database."""
    return copied(sample_file, tmp_path / "gateway.db")
