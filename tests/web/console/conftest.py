"""A served house on a small world, and somebody of its staff who is signed in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from gateway.app import create_app
from gateway.cli.serving import listen, serving
from gateway.records.staffing import Role, Staff
from gateway.settings import Settings
from gateway.staff.sessions import open_session
from gateway.web.console.desk import ConsoleDesk
from gateway.web.console.gate import COOKIE
from gateway.wiring import House
from tests.support.world import World

SOME_PAGE = (
    "/console/audit"  # with forms on it for whoever is signed in: the page, or the sentence that it is not theirs
)


@dataclass
class Console:
    """The pages as a browser meets them, in English; redirects are not followed."""

    world: World
    house: House
    app: FastAPI
    client: httpx.Client
    me: Staff = field(init=False)

    @property
    def desk(self) -> ConsoleDesk:
        """What the pages work with."""
        return self.house.console

    def sign_in(self, role: Role = Role.MANAGER, site: str | None = None) -> Staff:
        """Become a new member of staff with this role, at one site or (None) all of them."""
        n = len(self.world.all(Staff)) + 1
        staff = Staff(email=f"{role.value}{n}@hospital.example", name=f"{role.value} {n}", role=role, site=site,
                      password_hash="none", created_at=datetime.now(UTC))  # fmt: skip
        self.world.add(staff)
        return self.become(staff)

    def become(self, staff: Staff) -> Staff:
        """Sign in somebody who has an account."""
        with self.house.database.unit_of_work() as db:
            token, _ = open_session(db, staff, key=self.house.gate.key, at=datetime.now(UTC))
        self.client.cookies.clear()
        self.client.cookies.set(COOKIE, token, domain="127.0.0.1", path="/")
        self.me = staff
        return staff

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Ask for a page."""
        return self.client.get(path, **more)

    def tokens(self, page: str = SOME_PAGE) -> dict[str, str]:
        """The hidden fields, csrf and once, of the first form on a page."""
        html = self.client.get(page).text
        return {name: hidden(html, name) for name in ("csrf", "once")}

    def post(
        self,
        path: str,
        *,
        page: str = SOME_PAGE,
        files: Mapping[str, Any] | None = None,
        **fields: str | list[str],
    ) -> httpx.Response:
        """Send a form with the hidden fields of `page`, or those given; `from_` is the field from."""
        named = {name.rstrip("_"): value for name, value in fields.items()}
        tokens = {} if {"csrf", "once"} <= set(named) else self.tokens(page)
        return self.client.post(path, data=tokens | named, files=files)

    def follow(self, answer: httpx.Response) -> httpx.Response:
        """The page that an answer leads to."""
        assert answer.status_code == 303, (answer.status_code, answer.text)
        return self.client.get(answer.headers["location"])


def hidden(html: str, name: str) -> str:
    """The value of the first hidden field of this name."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)">', html)
    assert found, f"no hidden field {name} in {html}"
    return unescape(found[1])


@pytest.fixture
def world(tmp_path: Path) -> World:
    """One site, a Monday at nine."""
    return World(tmp_path)


@pytest.fixture
def serve(world: World, tmp_path: Path) -> Iterator[Callable[..., Console]]:
    """Serve the world's house with some settings; nobody is signed in."""
    closers: list[Callable[[], object]] = []

    def start(*, with_network: bool = False, **settings: Any) -> Console:
        listener = listen(0)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        values = {"database_url": str(world.database.url), "audio_dir": tmp_path / "audio", **settings}
        house = House(Settings(**values), clock=world.clock, public_url=address)
        app = create_app(house, with_network=with_network)
        running = serving(app, listener, trusted_proxies=house.settings.trusted_proxies)
        running.__enter__()
        client = httpx.Client(base_url=address, trust_env=False, headers={"Accept-Language": "en"}, timeout=20)
        closers.extend([house.close, lambda: running.__exit__(None, None, None), client.close])
        return Console(world, house, app, client)

    yield start
    for close in reversed(closers):
        close()


@pytest.fixture
def console(serve: Callable[..., Console]) -> Console:
    """The house, with a manager of all sites signed in."""
    started = serve()
    started.sign_in()
    return started
