"""What is too large is read to its end, kept nowhere and answered once; everything else passes untouched."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.web import limits
from gateway.web.limits import BodyLimit

LIMIT = 1000


class Wire:
    """A request in parts, and what was answered."""

    def __init__(self, parts: Iterable[bytes], *, path: str = "/in/x", method: str = "POST", length: str = "") -> None:
        self.waiting: list[Message] = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
        self.waiting.append({"type": "http.request", "body": b"", "more_body": False})
        headers = [(b"content-length", length.encode())] if length else []
        self.scope: Scope = {"type": "http", "method": method, "path": path, "headers": headers, "query_string": b""}
        self.sent: list[Message] = []

    async def receive(self) -> Message:
        return self.waiting.pop(0) if self.waiting else {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    @property
    def answer(self) -> tuple[int, bytes]:
        assert [one["type"] for one in self.sent].count("http.response.start") == 1, self.sent
        return self.sent[0]["status"], b"".join(one.get("body", b"") for one in self.sent[1:])


async def reader(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that reads everything and says how much it was."""
    body = await Request(scope, receive).body()
    await PlainTextResponse(str(len(body)))(scope, receive, send)


async def forgiving(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that answers for itself whatever goes wrong while it reads."""
    try:
        await reader(scope, receive, send)
    except Exception:
        await PlainTextResponse("bad form", 400)(scope, receive, send)


async def broken(scope: Scope, receive: Receive, send: Send) -> None:
    """An application with a fault of its own."""
    raise RuntimeError("its own")


def ask(wire: Wire, app: ASGIApp = reader) -> tuple[int, bytes]:
    async def explain(request: Request, limit: int) -> Response:
        return PlainTextResponse(f"more than {limit} at {request.url.path}", 413)

    asyncio.run(BodyLimit(app, [("/in/small", 10), ("/in", LIMIT)], explain)(wire.scope, wire.receive, wire.send))
    return wire.answer


@pytest.mark.parametrize("length", ["", "1000"])
def test_what_is_within_the_limit_passes(length: str) -> None:
    assert ask(Wire([b"x" * 600, b"x" * 400], length=length)) == (200, b"1000")


@pytest.mark.parametrize("app", [reader, forgiving])
@pytest.mark.parametrize("length", ["", "5000", "12", "nonsense", "-1", "²", "9" * 5000])
def test_what_is_too_large_is_drained_and_answered_once(app: ASGIApp, length: str) -> None:
    wire = Wire([b"x" * 500] * 10, length=length)
    assert ask(wire, app) == (413, b"more than 1000 at /in/x")
    assert wire.waiting == []


def test_the_first_limit_that_fits_counts() -> None:
    assert ask(Wire([b"x" * 11], path="/in/small/er"))[0] == 413


@pytest.mark.parametrize(("path", "method"), [("/out", "POST"), ("/in/x", "GET")])
def test_other_addresses_and_requests_without_a_body_are_let_by(path: str, method: str) -> None:
    assert ask(Wire([b"x" * 5000], path=path, method=method)) == (200, b"5000")


def test_a_fault_of_the_application_stays_its_own() -> None:
    with pytest.raises(RuntimeError, match="its own"):
        ask(Wire([b"x"]), broken)


def test_who_hangs_up_while_sending_too_much_ends_it() -> None:
    wire = Wire([], length="5000")
    wire.waiting = [{"type": "http.request", "body": b"x" * 100, "more_body": True}]
    assert ask(wire)[0] == 413


def test_who_never_ends_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_DRAINED", 2000)
    wire = Wire([b"x" * 500] * 100, length="50000")
    assert ask(wire)[0] == 413
    assert len(wire.waiting) > 90


def test_other_protocols_are_let_by() -> None:
    seen: list[str] = []

    async def note(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    async def never(*_: Any) -> Any:
        raise AssertionError

    asyncio.run(BodyLimit(note, [("/", 1)], never)({"type": "lifespan"}, never, never))
    assert seen == ["lifespan"]
