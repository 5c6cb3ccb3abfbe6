"""What the server says when something breaks: our own form of line, no number in it, and nothing of who hung up."""

from __future__ import annotations

import json
import logging
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from gateway.app import create_app
from gateway.cli import logs
from gateway.cli.serving import listen, serving
from gateway.settings import LogFormat, Settings
from gateway.wiring import House
from tests.support.world import World

BEGUN = b'--x\r\nContent-Disposition: form-data; name="email"\r\n\r\nnurse'
NUMBERS = ("+66812345678", "081-234-5678")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[FastAPI]:
    """The house's routes, and two that break with a number in their words."""
    world = World(tmp_path)
    house = House(
        Settings(database_url=str(world.database.url), audio_dir=tmp_path / "audio"),
        clock=world.clock,
        public_url="http://127.0.0.1:8000",
    )
    app = create_app(house)

    @app.get("/breaks")
    @app.get("/console/breaks")
    def breaks() -> None:
        raise RuntimeError(f"no answer from {NUMBERS[0]}\nnor from {NUMBERS[1]}")

    yield app
    house.close()


@contextmanager
def logging_as(form: LogFormat) -> Iterator[None]:
    """As an entry point sets it up, for a while."""
    handlers, level, hook = logging.root.handlers[:], logging.root.level, sys.excepthook
    logs.configure(form)
    try:
        yield
    finally:
        logging.root.handlers[:], sys.excepthook = handlers, hook
        logging.root.setLevel(level)


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    listener = listen(0)
    with serving(app, listener):
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("path", ["/breaks", "/console/breaks"])
def test_a_crash_is_one_line_of_json_with_no_number_in_it(
    app: FastAPI, capfd: pytest.CaptureFixture[str], path: str
) -> None:
    with logging_as(LogFormat.JSON), served(app) as address:
        answer = httpx.get(f"{address}{path}", trust_env=False)
    assert (answer.status_code, answer.headers.get_list("x-content-type-options")) == (500, ["nosniff"])
    assert not any(number in answer.text for number in NUMBERS)
    lines = capfd.readouterr().err.splitlines()
    [crash] = [json.loads(line) for line in lines]
    assert crash["level"] == "ERROR"
    assert "Traceback" in crash["error"]
    assert "RuntimeError: no answer from •••678" in crash["error"]
    assert not any(number in line for line in lines for number in NUMBERS)


def test_as_text_a_crash_holds_no_number_either(app: FastAPI, capfd: pytest.CaptureFixture[str]) -> None:
    with logging_as(LogFormat.TEXT), served(app) as address:
        httpx.get(f"{address}/breaks", trust_env=False)
    said = capfd.readouterr().err
    assert "RuntimeError: no answer from •••678" in said
    assert not any(number in said for number in NUMBERS)


@pytest.mark.parametrize("form", list(LogFormat))
def test_what_ends_the_program_is_said_in_the_same_form(form: LogFormat, capfd: pytest.CaptureFixture[str]) -> None:
    with logging_as(form):
        try:
            raise RuntimeError(f"no answer from {NUMBERS[0]}")
        except RuntimeError as error:
            sys.excepthook(type(error), error, error.__traceback__)
    said = capfd.readouterr().err
    assert "RuntimeError: no answer from •••678" in said
    assert NUMBERS[0] not in said
    if form is LogFormat.JSON:
        assert "Traceback" in json.loads(said)["error"]


def test_what_ends_a_thread_is_said_in_the_same_form(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off() -> None:
        raise RuntimeError(f"no answer from {NUMBERS[0]}")

    monkeypatch.setattr(threading, "excepthook", threading.__excepthook__)  # as it is where no test looks on
    with logging_as(LogFormat.JSON):
        thread = threading.Thread(target=break_off)
        thread.start()
        thread.join(10)
    assert "RuntimeError: no answer from •••678" in json.loads(capfd.readouterr().err)["error"]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/console/sign-in", "application/x-www-form-urlencoded"),
        ("/console/sign-in", "multipart/form-data; boundary=x"),
        ("/webhooks/twilio/sms/inbound", "application/x-www-form-urlencoded"),
        ("/sandbox/arm", "application/json"),
    ],
)
def test_who_hangs_up_in_mid_sentence_leaves_no_line(
    app: FastAPI, capfd: pytest.CaptureFixture[str], path: str, kind: str
) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\nContent-Length: 1000\r\n\r\n"
    with logging_as(LogFormat.TEXT), served(app) as address:  # its end waits for what is under way
        port = int(address.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as caller:
            caller.sendall(head.encode() + BEGUN)
        assert httpx.get(f"{address}/healthz", trust_env=False).status_code == 200
    assert capfd.readouterr().err == ""
