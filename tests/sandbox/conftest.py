"""A web that answers as it is told, and networks on a clock that only moves when it is moved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.kit.clock import SteppedClock
from gateway.sandbox.events import NetworkEvent
from gateway.sandbox.fetching import FetchRequest, FetchResponse
from gateway.sandbox.handsets import Handset
from gateway.sandbox.network import PhoneNetwork

ACCOUNT = "AC" + "0" * 32
TOKEN = "sandbox-token"
SENDER = "+6620000000"
NUMBER = "+66812345678"
BASE = "http://127.0.0.1:8000"
START = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)

Answer = FetchResponse | Callable[[FetchRequest], FetchResponse]


def twiml(text: str) -> FetchResponse:
    return FetchResponse(200, "text/xml", f"<Response>{text}</Response>".encode())


@dataclass
class FakeWeb:
    """Answers by path; remembers what it was asked, and when."""

    clock: SteppedClock
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[datetime, FetchRequest]] = field(default_factory=list)

    def __call__(self, request: FetchRequest) -> FetchResponse:
        self.asked.append((self.clock.now(), request))
        path = request.url.removeprefix(BASE).partition("?")[0].partition("#")[0]
        answer = self.answers.get(path, FetchResponse(200, "text/xml", b"<Response/>"))
        return answer if isinstance(answer, FetchResponse) else answer(request)

    def to(self, path: str) -> list[FetchRequest]:
        return [request for _, request in self.asked if request.url.removeprefix(BASE).startswith(path)]

    def forms(self, path: str) -> list[dict[str, str]]:
        return [dict(request.form) for request in self.to(path)]

    def statuses(self, path: str = "/status") -> list[str]:
        return [form.get("CallStatus") or form["MessageStatus"] for form in self.forms(path)]


@dataclass
class World:
    """One network with one handset of the habits asked for."""

    clock: SteppedClock
    web: FakeWeb
    network: PhoneNetwork
    events: list[NetworkEvent]

    def call(self, **more: str) -> str:
        form = {"To": NUMBER, "From": SENDER, "Url": f"{BASE}/answer", "StatusCallback": f"{BASE}/status"}
        return str(self.network.create_call(form | more)["sid"])

    def text(self, **more: str) -> str:
        form = {"To": NUMBER, "From": SENDER, "Body": "hello", "StatusCallback": f"{BASE}/status"}
        return str(self.network.create_message(form | more)["sid"])

    def kinds(self) -> list[str]:
        return [event.kind.value for event in self.events]


def build_world(habits: str = "always_answers_1", seed: int = 7, **options: Any) -> World:
    clock = SteppedClock(START)
    web = FakeWeb(clock)
    events: list[NetworkEvent] = []
    handset = options.pop("handset", Handset(NUMBER, "Mae", habits))
    network = PhoneNetwork(clock, web, seed, [handset], ACCOUNT, TOKEN, on_event=events.append, **options)
    return World(clock, web, network, events)


@pytest.fixture
def make_world() -> Callable[..., World]:
    return build_world


@pytest.fixture
def reply() -> Callable[[str], FetchResponse]:
    return twiml
