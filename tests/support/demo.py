"""A running demo for tests with a browser: its data, its accounts, its windows."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from gateway.records.database import Database
from gateway.records.staffing import Role
from gateway.staff.accounts import add_account
from tests.support.browser import Trouble
from tests.support.names import give_names
from tests.support.processes import LOOPBACK_ONLY, Command, environment

PASSWORD = "rice-field-2026"
ACCOUNTS = {
    "staff": ("nurse@demo.example", Role.STAFF, None),
    "manager": ("head@demo.example", Role.MANAGER, None),
    "admin": ("admin@demo.example", Role.ADMIN, None),
    "one site": ("lampang@demo.example", Role.STAFF, "LPG01"),
}
PASSES = ("2026-08-03T09:00+07:00", "2026-08-03T10:30+07:00")
STANDS_AT = "2026-08-03T10:55+07:00"
STILL = 0.01  # demo seconds a real second: nothing falls due while a test looks
HEIGHT = 800


def fresh_sample(folder: Path) -> Path:
    """Load the invented people into `folder`; returns it."""
    _gateway(folder, "sample", "load")
    return folder


def working_day(folder: Path) -> Path:
    """Play a Monday's morning on the sample in `folder`, with accounts and with names in every script."""
    database = Database(f"sqlite:///{folder}/gateway.db")
    with database.unit_of_work() as db:
        for email, role, site in ACCOUNTS.values():
            add_account(db, email, role, PASSWORD, at=datetime.now(UTC), name=email.split("@")[0].title(), site=site)
    for instant in PASSES:
        _gateway(folder, "tick", "--at", instant)
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
            self._command.wait_for("Ctrl-C stops", within=within)
        except BaseException:
            self._command.kill()
            raise
        found = re.search(r"http://127\.0\.0\.1:\d+", self._command.text)
        assert found, self._command.text
        self.url = found[0]

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
        return Database(f"sqlite:///{self.folder}/gateway.db")

    def wait_for(self, phrase: str, within: float) -> str:
        """Wait until it says something."""
        return self._command.wait_for(phrase, within=within)

    def stop(self) -> None:
        """End it."""
        if "database" in self.__dict__:
            self.database.close()
        try:
            self._command.stop()
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
