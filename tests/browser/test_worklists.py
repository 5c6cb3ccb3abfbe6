"""Worklists: from today in one tap, taken, done with a result, still there when it is done."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.browser import Trouble

Open = Callable[..., Page]


def test_from_today_it_is_one_tap_to_each_list(visit: Open) -> None:
    page = visit("staff")
    for kind, name in (("callback", "Call back"), ("ride", "Ride"), ("unreached", "Unreached")):
        page.goto("/console/today?day=2026-08-05")
        page.get_by_role("region", name=re.compile("Needs a person", re.IGNORECASE)).get_by_role(
            "link", name=re.compile(name)
        ).first.click()
        expect(page).to_have_url(re.compile(f"/console/worklists.*kind={kind}"))
        expect(page.get_by_role("heading", level=1)).to_contain_text(name)
        expect(page.get_by_role("article").first).to_be_visible()


def test_a_task_is_taken_done_and_found_among_the_done(visit: Open) -> None:
    page = visit("staff")
    page.goto("/console/worklists?kind=callback")
    task = page.get_by_role("article").nth(2)
    name = task.get_by_role("heading").inner_text()
    ours = page.get_by_role("article").filter(has=page.get_by_role("heading", name=name, exact=True))
    ours.get_by_role("button", name="Take it").click()
    expect(ours).to_contain_text("With me")
    ours.get_by_text("Note the result, or give it away").click()
    ours.get_by_label("Result").select_option(label="Reached: coming")
    ours.get_by_label("In your words (if needed)").fill("มากับลูกสาว")
    ours.get_by_role("button", name="Save the result").click()
    expect(page.get_by_role("status").first).to_be_visible()
    expect(ours).to_have_count(0)
    page.get_by_label("State").select_option("done")
    expect(ours.first).to_contain_text("มากับลูกสาว")
    expect(ours.first).to_contain_text("Nurse")


def test_nothing_is_saved_without_a_result(visit: Open, trouble: Trouble) -> None:
    page = visit("staff")
    page.goto("/console/worklists?kind=unreached")
    task = page.get_by_role("article").first
    task.get_by_text("Note the result, or give it away").click()
    with trouble.expecting(409):
        task.get_by_role("button", name="Save the result").click()
        expect(page.get_by_role("alert")).to_contain_text("Choose a result first")


def test_of_two_who_do_the_same_task_the_second_is_told(visit: Open, trouble: Trouble) -> None:
    first, second = visit("staff"), visit("manager")
    for page in (first, second):
        page.goto("/console/worklists?kind=ride")
    for page in (first, second):
        task = page.get_by_role("article").last
        task.get_by_text("Note the result, or give it away").click()
        task.get_by_label("Result").select_option(label="No ride needed")
    first.get_by_role("article").last.get_by_role("button", name="Save the result").click()
    expect(first.get_by_role("status").first).to_be_visible()
    with trouble.expecting(409):
        second.get_by_role("article").last.get_by_role("button", name="Save the result").click()
        expect(second.get_by_role("alert")).to_contain_text("already finished this task")
