"""Names stay what they are: in every script without a box for a letter, and markup stays text."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support import facts
from tests.support.browser import boxes, fonts_of
from tests.support.demo import Demo
from tests.support.names import BY_SCRIPT, HOSTILE, SITE

Open = Callable[..., Page]
FONTS = {"Thai": "Thai", "Burmese": "Myanmar", "Khmer": "Khmer", "Lao": "Lao", "Mon": "Myanmar", "Shan": "Myanmar"}


def shows(page: Page, name: str) -> None:
    expect(page.get_by_text(name).locator("visible=true").first).to_be_visible()


@pytest.mark.parametrize("script", BY_SCRIPT)
def test_a_name_in_any_script_has_all_its_letters(demo: Demo, visit: Open, script: str) -> None:
    page, name = visit("staff"), BY_SCRIPT[script]
    with demo.database.reading() as db:
        theirs = facts.of_somebody_named(db, name)
    person, sheet = f"/console/people/{theirs.person}", f"/console/sessions/{theirs.session}"
    for path in (person, sheet, f"{sheet}/paper"):
        page.goto(path)
        shows(page, name)
        assert boxes(page, name) == []
        used = fonts_of(page, page.get_by_text(name).locator("visible=true").first)
        assert any(FONTS[script] in family for family in used), used


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_is_markup_stays_text_on_every_page(demo: Demo, visit: Open, name: str) -> None:
    page = visit("manager")
    with demo.database.reading() as db:
        theirs = facts.of_somebody_named(db, name)
    person, sheet = f"/console/people/{theirs.person}", f"/console/sessions/{theirs.session}"
    move = f"{person}/move/{theirs.id}"
    lists = [f"/console/worklists?kind={kind}" for kind in ("callback", "ride", "unreached", "question")]
    for path in (person, f"{person}/died", move, sheet, f"{sheet}/paper", *lists):
        page.goto(path)
        shows(page, name)
        assert page.locator("img[src=x]").count() == 0
    page.goto("/console/people")
    page.get_by_role("searchbox").fill(name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name=re.compile("found"))).to_be_visible()
    shows(page, name)


def test_the_handsets_show_them_as_text_as_well(demo: Demo, visit: Open) -> None:
    with demo.database.reading() as db:
        names = facts.with_phone_at(db, SITE)
    assert names
    page = visit()
    page.goto("/sandbox/")
    page.get_by_role("combobox", name="Site").select_option(SITE)
    more, owners = page.get_by_role("button", name="Show more"), page.locator("#grid .owner b")
    expect(more).to_be_visible()
    while more.is_visible():
        before = owners.count()
        more.click()
        expect(owners.nth(before)).to_be_visible()
    for name in names:
        expect(owners.get_by_text(name, exact=True).first).to_be_visible()
        assert boxes(page, name) == []
    assert page.locator("img[src=x]").count() == 0
