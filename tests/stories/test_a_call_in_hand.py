"""A visitor of the demo answers a call on the page of handsets: they press 1, and the appointment is confirmed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.app import create_app
from gateway.cli.serving import listen, serving
from gateway.kit.clock import DemoClock
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt
from gateway.records.conversations import Reply
from gateway.records.status import AppointmentStatus, AttemptStatus, Channel
from gateway.sandbox.loop import NetworkLoop
from gateway.settings import Settings
from gateway.wiring import House
from tests.support.world import NINE, World

NUMBER = "+66812345678"
ME = "c" * 24


@dataclass
class Visitor:
    """Sits before the page; the house works behind it."""

    world: World
    house: House
    clock: DemoClock
    http: httpx.Client

    def state(self, featured: str = "") -> dict[str, Any]:
        found: dict[str, Any] = self.http.get("/state", params={"visitor": ME, "featured": featured}).json()
        return found

    def post(self, path: str, **fields: str) -> None:
        answer = self.http.post(path, json={"visitor": ME} | fields)
        assert answer.status_code == 200, answer.text

    def phone(self) -> dict[str, Any]:
        key = next(phone["key"] for phone in self.state()["phones"] if phone["people"])  # not the borrowed one
        found: dict[str, Any] = self.state(key)["featured"]
        return found

    def act(self, act: str, **fields: str) -> None:
        self.post(f"/handsets/{self.phone()['key']}/{act}", **fields)

    def call(self) -> dict[str, Any]:
        """The newest entry on the phone, empty while there is none."""
        entries = self.phone()["entries"]
        return dict(entries[-1]) if entries else {}

    def sees(self, what: Callable[[], object]) -> None:
        """Wait until the page shows it: a guard against hanging, not an expectation of speed."""
        give_up = time.monotonic() + 60
        while not what():
            assert time.monotonic() < give_up
            time.sleep(0.02)


@pytest.fixture
def visitor(tmp_path: Path) -> Iterator[Visitor]:
    """One person is to be called now; the page is open and waits for the next call."""
    world = World(tmp_path)
    listener = listen(0)
    clock = DemoClock(NINE, 20)
    settings = Settings(database_url=str(world.database.url), audio_dir=tmp_path / "audio", carrier="sandbox")
    house = House(settings, clock=clock, public_url=f"http://127.0.0.1:{listener.getsockname()[1]}")
    world.due(Channel.VOICE, phone=NUMBER, sample=True)
    loop = NetworkLoop(house.network, clock)
    with (
        serving(create_app(house), listener),
        httpx.Client(base_url=f"{house.public_url}/sandbox", trust_env=False) as http,
    ):
        loop.start()
        yield Visitor(world, house, clock, http)
        loop.stop()
    house.close()


def answered(visitor: Visitor) -> None:
    visitor.post("/arm")
    visitor.house.sender.pass_once()
    visitor.sees(lambda: visitor.state()["held"])
    visitor.act("answer")
    visitor.sees(lambda: visitor.call().get("programme"))


def test_who_presses_1_is_confirmed_while_the_clock_stands(visitor: Visitor) -> None:
    answered(visitor)
    at = visitor.clock.now()
    said = " ".join(prompt["text"] for prompt in visitor.call()["programme"]["prompts"])
    assert ("สวัสดีค่ะ" in said, "กดหนึ่ง" in said) == (True, True)
    assert all(prompt["url"] and prompt["is_placeholder"] for prompt in visitor.call()["programme"]["prompts"])
    visitor.act("press", keys="1")
    visitor.sees(lambda: visitor.world.all(Appointment)[0].status is AppointmentStatus.CONFIRMED)
    assert (visitor.clock.now(), visitor.clock.is_held) == (at, True)
    visitor.act("hangup")
    visitor.sees(lambda: visitor.world.all(Attempt)[0].status is AttemptStatus.COMPLETED)
    assert ([reply.raw for reply in visitor.world.all(Reply)], visitor.clock.is_held) == (["1"], False)


def test_the_clip_of_a_prompt_is_where_the_page_looks_for_it(visitor: Visitor) -> None:
    answered(visitor)
    prompt = visitor.call()["programme"]["prompts"][0]
    sound = httpx.get(prompt["url"], trust_env=False)
    assert (sound.status_code, sound.headers["content-type"], sound.content[:4]) == (200, "audio/wav", b"RIFF")
    visitor.act("hangup")


def test_who_declines_is_tried_again_later_and_time_goes_on(visitor: Visitor) -> None:
    visitor.post("/arm")
    visitor.house.sender.pass_once()
    visitor.sees(lambda: visitor.state()["held"])
    visitor.act("decline")
    visitor.sees(lambda: visitor.world.all(Attempt)[0].status is AttemptStatus.NO_ANSWER)
    assert visitor.clock.is_held is False
    assert visitor.world.all(Appointment)[0].status is AppointmentStatus.BOOKED


def test_who_calls_the_hotline_hears_of_their_appointment(visitor: Visitor) -> None:
    visitor.act("call")
    visitor.sees(lambda: visitor.call().get("programme"))
    said = " ".join(prompt["text"] for prompt in visitor.call()["programme"]["prompts"])
    assert "ศูนย์แจ้งนัด" in said
    visitor.act("hangup")
    visitor.sees(lambda: visitor.clock.is_held is False)


def test_who_texts_back_is_understood(visitor: Visitor) -> None:
    visitor.act("text", body="1")
    visitor.sees(lambda: [reply.raw for reply in visitor.world.all(Reply)] == ["1"])
    assert visitor.phone()["entries"][0]["body"] == "1"
