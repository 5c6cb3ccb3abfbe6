"""Photograph every page into build/pictures/, and the two pictures of README into docs/pictures/.

    make pictures

Everything happens on a demo with a database of its own: a Monday of the invented sample, at 10:55.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support import chromium
from tests.support.browser import Trouble
from tests.support.demo import Demo, Visits, fresh_sample, working_day
from tests.support.pages import PAGES, Shown

ROOT = Path(__file__).parents[2]
INTO = ROOT / "build" / "pictures"
FOR_README = ROOT / "docs" / "pictures"
LARGEST = 300_000  # bytes a picture of README
DARK = ("today", "person", "rates", "handsets", "sign-in")
RINGS_WITHIN = 60_000  # milliseconds
LIVELY = 20.0


def main() -> int:
    """Take all of them; returns 1 where there is no browser."""
    path = chromium.find()
    if path is None:
        print(chromium.MISSING, file=sys.stderr)  # noqa: T201  # what this command says
        return 1
    shutil.rmtree(INTO, ignore_errors=True)
    INTO.mkdir(parents=True)
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=chromium.flags())
        day = working_day(fresh_sample(Path(folder) / "day"), with_odd_names=False)
        with _demo(day, Path(folder) / "still", browser) as visits:
            _every_page(visits, [shown for shown in PAGES if shown.name != "handsets"])
            _console(visits)
        with _demo(day, Path(folder) / "lively", browser, speed=LIVELY) as visits:
            _every_page(visits, [shown for shown in PAGES if shown.name == "handsets"])
            _handsets(visits)
        browser.close()
    taken = len(list(INTO.iterdir()))
    print(f"{taken} pictures in {INTO.relative_to(ROOT)}, two in {FOR_README.relative_to(ROOT)}")  # noqa: T201
    return 0


@contextmanager
def _demo(day: Path, folder: Path, browser: Browser, **how: float) -> Iterator[Visits]:
    shutil.copytree(day, folder)
    demo = Demo(folder, **how)
    visits = Visits(demo, browser, Trouble())
    try:
        yield visits
    finally:
        visits.close()
        demo.stop()


def _every_page(visits: Visits, pages: Sequence[Shown]) -> None:
    for shown in pages:
        for language in ("th", "en"):
            for width in (1280, 360):
                _photograph(visits, shown, f"{shown.name}-{language}-{width}", language=language, width=width)
        if shown.name in DARK:
            _photograph(visits, shown, f"{shown.name}-th-1280-dark", language="th", width=1280, dark=True)


def _photograph(visits: Visits, shown: Shown, name: str, **look: object) -> None:
    page = visits.open(shown.account, **look)
    shown.way(page, visits.demo)
    page.wait_for_timeout(600)
    page.screenshot(path=INTO / f"{name}.png", full_page=True)
    page.context.close()


def _console(visits: Visits) -> None:
    """README's console: the board of tomorrow."""
    page = visits.open("admin", width=1280)
    page.goto("/console/today?day=tomorrow")
    page.wait_for_timeout(600)
    _keep(page, "console")


def _handsets(visits: Visits) -> None:
    """README's handsets: the visitor answers, while the others go on by their habits."""
    page = visits.open(width=1280)
    page.goto("/sandbox/")
    answer = page.get_by_role("button", name="Answer", exact=True)
    expect(answer).to_be_visible(timeout=RINGS_WITHIN)
    page.screenshot(path=INTO / "handsets-ringing.png")
    answer.click()
    expect(page.get_by_label("What is heard").locator(".said").nth(1)).to_be_visible(timeout=RINGS_WITHIN)
    _keep(page, "handsets")
    page.get_by_role("button", name="Press 1", exact=True).click()
    page.wait_for_timeout(3000)
    page.screenshot(path=INTO / "handsets-pressed-1.png")


def _keep(page: Page, name: str) -> None:
    """Keep what the window shows; README must load on a telephone."""
    FOR_README.mkdir(exist_ok=True)
    picture = page.screenshot(path=FOR_README / f"{name}.png")
    if len(picture) > LARGEST:
        raise SystemExit(f"docs/pictures/{name}.png weighs {len(picture)} bytes, more than {LARGEST}")


if __name__ == "__main__":
    sys.exit(main())
