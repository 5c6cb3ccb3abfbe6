"""Getting in and out: the first password, a wrong one, a session that ended while somebody was writing."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.browser import Trouble
from tests.support.demo import Demo, sign_in

DEMO = {"data": "sample_folder", "start": "2026-08-03T08:58+07:00"}
Open = Callable[..., Page]


def first_account(demo: Demo) -> tuple[str, str]:
    """The address and password that the terminal showed once."""
    found = re.search(r"(\S+@\S+)\D.*?\b([a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4})\b", demo.said, re.DOTALL)
    assert found, demo.said
    return found[1], found[2]


def test_the_password_on_the_terminal_opens_the_console(demo: Demo, visit: Open) -> None:
    page = visit()
    page.goto("/console")
    sign_in(page, *first_account(demo))
    expect(page).to_have_url(re.compile("/console/today"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_who_asked_for_a_page_is_led_back_to_it(demo: Demo, visit: Open) -> None:
    page = visit()
    page.goto("/console/worklists?kind=ride")
    sign_in(page, *first_account(demo))
    expect(page).to_have_url(re.compile(r"/console/worklists\?kind=ride"))


def test_a_wrong_password_gets_a_sentence_and_keeps_the_address(demo: Demo, visit: Open, trouble: Trouble) -> None:
    page, (email, _) = visit(), first_account(demo)
    with trouble.expecting(401):
        sign_in(page, email, "not the password")
        expect(page.get_by_role("alert")).to_contain_text("The address or the password is not right")
    expect(page.get_by_label("E-mail")).to_have_value(email)
    expect(page.get_by_label("Password")).to_have_value("")


def test_wrong_ten_times_means_a_wait_and_not_for_anybody_else(demo: Demo, visit: Open, trouble: Trouble) -> None:
    page = visit()
    with trouble.expecting(401, 429):
        for _ in range(10):
            sign_in(page, "guess@demo.example", "not the password")
            expect(page.get_by_role("alert")).to_be_visible()
        expect(page.get_by_role("alert")).to_contain_text(re.compile(r"Wait \d+ minutes"))
    sign_in(page, *first_account(demo))
    expect(page).to_have_url(re.compile("/console"))


def test_signing_out_closes_the_pages_that_were_open(demo: Demo, visit: Open) -> None:
    page = visit()
    sign_in(page, *first_account(demo))
    page.get_by_text(first_account(demo)[0].split("@")[0].title()).or_(page.locator("details.me summary")).first.click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/console/sign-in"))
    page.goto("/console/today")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_the_language_changes_and_the_page_stays(demo: Demo, visit: Open) -> None:
    page = visit()
    sign_in(page, *first_account(demo))
    page.goto("/console/health")
    page.get_by_role("button", name="ไทย").click()
    expect(page).to_have_url(re.compile("/console/health"))
    expect(page.locator("html")).to_have_attribute("lang", "th")
    page.get_by_role("button", name="English").click()
    expect(page).to_have_url(re.compile("/console/health"))
    expect(page.locator("html")).to_have_attribute("lang", "en")
