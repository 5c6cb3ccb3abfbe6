"""Every page, in Thai and English, on a telephone and on a desk: readable, reachable, light, and true to its names."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

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
from tests.support.pages import PAGES, Shown

Open = Callable[..., Page]
each_page = pytest.mark.parametrize("shown", PAGES, ids=str)


def look_at(shown: Shown, demo: Demo, page: Page) -> None:
    shown.way(page, demo)
    assert page.get_by_role("heading", level=1).count() == 1
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
            found = accessibility(page)
            assert found == [], f"at {width} pixels:\n{as_lines(found)}"
            assert scrolls_sideways(page) == [], f"at {width} pixels"


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
