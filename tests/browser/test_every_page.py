"""Every page, in Thai and English, on a telephone and on a desk: readable, reachable, light, and true to its names."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from gateway.app import create_app
from gateway.settings import Settings
from gateway.wiring import House
from tests.support.browser import (
    PAGE_WEIGHT,
    Trouble,
    accessibility,
    as_lines,
    has_focus_ring,
    scrolls_sideways,
    weight,
)  # fmt: skip
from tests.support.demo import HEIGHT, Demo
from tests.support.engines import url_of
from tests.support.pages import PAGES, Shown
from tests.support.routes import routes

Open = Callable[..., Page]
each_page = pytest.mark.parametrize("shown", PAGES, ids=str)


PARTS = re.compile(
    r"console/$|/(board|figures|counts|pulse|progress|standing|now|side|story|clock|language|sheet)$|\.csv$|\.wav$"
)
AFTER_A_DEED = {"/console/sessions/{session}/closed"}  # test_desk.py closes one


def test_no_page_is_left_out(demo: Demo, visit: Open, tmp_path: Path) -> None:
    seen = set()
    for account in {shown.account for shown in PAGES}:
        page = visit(account)
        page.on("request", lambda request: seen.add(urlsplit(request.url).path))
        for shown in PAGES:
            if shown.account == account and shown.status < 400:
                shown.way(page, demo)
    asked = House(Settings(database_url=url_of(demo.folder / "gateway.db"), audio_dir=tmp_path))
    shown_by_get = {path for path, route in routes(create_app(asked)) if "GET" in (route.methods or ())}
    asked.close()
    pages = {path for path in shown_by_get if path.startswith("/console/") and not PARTS.search(path)} - AFTER_A_DEED
    assert [path for path in pages if not any(re.fullmatch(as_pattern(path), one) for one in seen)] == []


def as_pattern(path: str) -> str:
    return re.sub(r"\{\w+\}", "[^/]+", path)


def look_at(shown: Shown, demo: Demo, page: Page) -> None:
    shown.way(page, demo)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    page.wait_for_load_state("networkidle" if shown.account else "load")


@each_page
@pytest.mark.parametrize("language", ["th", "en"])
def test_nothing_serious_stands_in_anybodys_way(
    shown: Shown, demo: Demo, visit: Open, trouble: Trouble, language: str
) -> None:
    with trouble.expecting(*shown.unusual):
        page = visit(shown.account, language=language)
        look_at(shown, demo, page)
        assert page.locator("html").get_attribute("lang") == language
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": HEIGHT})
            assert scrolls_sideways(page) == [], f"at {width} pixels"
            if language == "en" and width == 1280:
                continue  # the same boxes as in Thai; nearly two seconds a page
            found = accessibility(page)
            assert found == [], f"at {width} pixels:\n{as_lines(found)}"


@each_page
def test_in_the_dark_nothing_serious_either(shown: Shown, demo: Demo, visit: Open, trouble: Trouble) -> None:
    with trouble.expecting(*shown.unusual):
        page = visit(shown.account, language="th", width=1280, dark=True)
        look_at(shown, demo, page)
        found = accessibility(page)
        assert found == [], as_lines(found)


@each_page
def test_no_page_is_heavy(shown: Shown, demo: Demo, visit: Open, trouble: Trouble) -> None:
    with trouble.expecting(*shown.unusual):
        page = visit(shown.account)
        shown.way(page, demo)
        assert weight(page) <= PAGE_WEIGHT


@each_page
def test_the_keyboard_reaches_everything_and_shows_where_it_is(
    shown: Shown, demo: Demo, visit: Open, trouble: Trouble
) -> None:
    with trouble.expecting(*shown.unusual):
        page = visit(shown.account)
        look_at(shown, demo, page)
        assert without_ring(page) == []


def without_ring(page: Page, *, most: int = 25) -> list[str]:
    """Press Tab through the beginning of a page; returns what took the focus without showing it."""
    hidden = []
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        if not has_focus_ring(page):
            hidden.append(page.evaluate("document.activeElement.outerHTML.slice(0, 160)"))
    return hidden
