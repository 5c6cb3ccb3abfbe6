"""A real Chromium on a real `gateway run`: the demo as a visitor meets it, its data prepared once and copied."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support import chromium
from tests.support.browser import Trouble
from tests.support.demo import Demo, Visits, copy_of, fresh_sample, working_day

FAILED = pytest.StashKey[list[str | None]]()
WAIT = 20_000  # milliseconds: a guard against hanging on a busy machine, not an expectation of speed


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell the fixtures how their test went, so that a failure shows what was on the screen."""
    report = yield
    item.stash.setdefault(FAILED, []).extend([report.when] if report.failed else [])
    return report


@pytest.fixture(autouse=True, scope="session")
def _a_browser_or_a_word() -> None:
    if chromium.may_be_left_out(os.environ):
        pytest.skip(chromium.LEFT_OUT)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    path = chromium.find()
    if path is None:
        pytest.fail(chromium.MISSING, pytrace=False)
    expect.set_options(timeout=WAIT)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=chromium.flags())
        yield running
        running.close()


@pytest.fixture(scope="session")
def sample_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented people, nothing done yet, nobody with an account."""
    return fresh_sample(tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="session")
def day_folder(sample_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Monday's morning: texts and calls went out, people answered; accounts of every role."""
    folder = tmp_path_factory.mktemp("day") / "data"
    return working_day(copy_of(sample_folder, folder))


@pytest.fixture(scope="module")
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A running demo with data of its own; a module's DEMO names how it is run and on which data."""
    how = {"data": "day_folder"} | getattr(request.module, "DEMO", {})
    folder = tmp_path_factory.mktemp("demo") / "data"
    copy_of(request.getfixturevalue(how.pop("data")), folder)
    running = Demo(folder, **how)
    yield running
    running.stop()
    assert running.went_out == ""


@pytest.fixture
def trouble() -> Iterator[Trouble]:
    """What went wrong on any page of this test; at its end nothing did."""
    seen = Trouble()
    yield seen
    seen.none()


@pytest.fixture
def visit(
    request: pytest.FixtureRequest, demo: Demo, browser: Browser, trouble: Trouble, tmp_path: Path
) -> Iterator[Callable[..., Page]]:
    """Open a browser window: `visit(role)` signed in, `visit()` not; see tests.support.demo.Visits for the rest."""
    visits = Visits(demo, browser, trouble)
    yield visits.open
    if request.node.stash.get(FAILED, []):
        visits.show_what_was_seen(tmp_path)
    visits.close()
