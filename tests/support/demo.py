"""A running demo for tests with a browser: its data, its accounts, its windows."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, Page
from sqlmodel import col

from gateway.kit.clock import BANGKOK
from gateway.records.database import Database
from gateway.records.staffing import Role, StaffSession
from gateway.staff.accounts import add_account, find_account
from tests.support.browser import Trouble
from tests.support.engines import copied, url_of
from tests.support.names import give_names
from tests.support.processes import LOOPBACK_ONLY, Command, environment

PASSWORD = "rice-field-2026"
ACCOUNTS = {
    "staff": ("nurse@demo.example", Role.STAFF, None),
    "speaker": ("voice@demo.example", Role.SPEAKER, None),
    "manager": ("head@demo.example", Role.MANAGER, None),
    "admin": ("admin@demo.example", Role.ADMIN, None),
    "ends": ("evening@demo.example", Role.STAFF, None),  # whose session is ended under their hands
    "one site": ("lampang@demo.example", Role.STAFF, "LPG01"),
}
PASSES = ("2026-08-03T09:00+07:00", "2026-08-03T10:30+07:00")
NOW = datetime(2026, 8, 3, 10, 55, tzinfo=BANGKOK)
STANDS_AT = NOW.isoformat()
STILL = 0.01  # demo seconds a real second: nothing falls due while a test looks
HEIGHT = 800


def fresh_sample(folder: Path) -> Path:
    """Load the invented people into `folder`; returns it."""
    folder.mkdir(exist_ok=True)
    _gateway(folder, "sample", "load")
    return folder


def copy_of(source: Path, folder: Path) -> Path:
    """Copy a demo's folder, with the database that goes by a file in it; returns `folder`."""
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("gateway.db"))
    copied(source / "gateway.db", folder / "gateway.db")
    return folder


def working_day(folder: Path, *, with_odd_names: bool = True) -> Path:
    """Play a Monday's morning on the sample in `folder`, with accounts, and with names in every script."""
    database = Database(url_of(folder / "gateway.db"))
    with database.unit_of_work() as db:
        for email, role, site in ACCOUNTS.values():
            add_account(db, email, role, PASSWORD, at=datetime.now(UTC), name=email.split("@")[0].title(), site=site)
    for instant in PASSES:
        _gateway(folder, "tick", "--at", instant)
    if with_odd_names:
        with database.unit_of_work() as db:
            give_names(db)
    database.close()
    return folder


def _gateway(folder: Path, *words: str) -> None:
    (folder / "path").mkdir(exist_ok=True)
    (folder / "path" / "sitecustomize.py").write_text(LOOPBACK_ONLY)
    command = [sys.executable, "-m", "gateway", *words]
    done = subprocess.run(command, cwd=folder, env=environment(folder), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


class Demo:
    """A `gateway run --sample` of its own, on a port of its own."""

    def __init__(self, folder: Path, *, start: str = STANDS_AT, speed: float = STILL, within: float = 60) -> None:
        self.folder = folder
        self.states: dict[str, Any] = {}
        self._command = Command(folder, "run", "--sample", "--port", "0", "--from", start, "--speed", str(speed))
        try:
            line = self._command.wait_for("Tamnat on http", within=within)
            self.url = line.removeprefix("Tamnat on ")
            self._wait_until_ready(within)
        except BaseException:
            self._command.kill()
            raise

    @property
    def said(self) -> str:
        """Everything it printed."""
        return self._command.text

    @property
    def went_out(self) -> str:
        """Where it looked beyond this machine."""
        return self._command.went_out.read_text() if self._command.went_out.exists() else ""

    @cached_property
    def database(self) -> Database:
        """Its records, from outside."""
        return Database(url_of(self.folder / "gateway.db"))

    def _wait_until_ready(self, within: float) -> None:
        give_up = time.monotonic() + within
        with httpx.Client(trust_env=False) as client:
            while True:
                try:
                    client.get(f"{self.url}/healthz", timeout=5).raise_for_status()
                    return
                except httpx.TransportError:
                    assert self._command.process.poll() is None, self.said
                    assert time.monotonic() < give_up, self.said
                    time.sleep(0.05)

    def wait_for(self, phrase: str, within: float) -> str:
        """Wait until it says something."""
        return self._command.wait_for(phrase, within=within)

    def end_sessions_of(self, account: str) -> None:
        """Sign an account out everywhere, behind its back."""
        with self.database.unit_of_work() as db:
            staff = find_account(db, ACCOUNTS[account][0])
            assert staff is not None
            db.exec(sa.delete(StaffSession).where(col(StaffSession.staff) == staff.id))
        self.states.pop(account, None)

    def stop(self) -> None:
        """End it."""
        if "database" in self.__dict__:
            self.database.close()
        try:
            self._command.stop(within=60)
        finally:
            self._command.kill()


class Visits:
    """The windows of one test; each has its own cookies. All are watched."""

    def __init__(self, demo: Demo, browser: Browser, trouble: Trouble) -> None:
        self.demo, self.browser, self.trouble = demo, browser, trouble
        self._contexts: list[BrowserContext] = []

    def open(
        self, account: str = "", *, language: str = "en", width: int = 1280, dark: bool = False, **more: Any
    ) -> Page:
        """A window; signed in where `account` names one of ACCOUNTS. Its pages are in `language`."""
        context = self.browser.new_context(
            base_url=self.demo.url,
            storage_state=self._signed_in(account) if account else None,
            viewport={"width": width, "height": HEIGHT},
            color_scheme="dark" if dark else "light",
            locale="th-TH" if language == "th" else "en-GB",
            reduced_motion="reduce",
            **more,
        )
        self._contexts.append(context)
        context.set_default_timeout(10_000)
        page = context.new_page()
        self.trouble.watch(page)
        context.on("page", self.trouble.watch)
        return page

    def show_what_was_seen(self, folder: Path) -> None:
        """Print what stood on each page, and keep a picture of it in `folder`."""
        for number, page in enumerate(page for context in self._contexts for page in context.pages):
            page.screenshot(path=folder / f"{number}.png", full_page=True)
            print(f"{page.url}, {folder / f'{number}.png'}:\n{page.inner_text('body')[:3000]}\n")
        print(*self.demo.said.splitlines()[-15:], sep="\n")

    def close(self) -> None:
        """Close all."""
        for context in self._contexts:
            context.close()

    def _signed_in(self, account: str) -> Any:
        """Sign in by the form, once a demo and account; further windows get a copy of the cookies."""
        if account not in self.demo.states:
            context = self.browser.new_context(base_url=self.demo.url, locale="en-GB")
            sign_in(context.new_page(), ACCOUNTS[account][0], PASSWORD)
            self.demo.states[account] = context.storage_state()
            context.close()
        return self.demo.states[account]


def sign_in(page: Page, email: str, password: str) -> None:
    """Fill in the form of the sign-in page, in English, and send it."""
    if not page.url.startswith("http"):
        page.goto("/console/sign-in")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()
