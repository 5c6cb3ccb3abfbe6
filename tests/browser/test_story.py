"""Somebody answers the telephone and presses 1; the nurse at the console sees it without lifting a finger."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from gateway.kit.clock import bangkok_day
from gateway.records.agreements import Appointment
from tests.support import facts
from tests.support.demo import Demo

DEMO = {"speed": 20.0}
Open = Callable[..., Page]
RINGS_WITHIN = 60_000  # milliseconds
SEEN_WITHIN = 15_000


def given_a_call_that_rings(phones: Page, demo: Demo) -> Appointment:
    phones.goto("/sandbox/")
    expect(phones.get_by_role("button", name="Answer", exact=True)).to_be_visible(timeout=RINGS_WITHIN)
    name = phones.locator("#featured .owner b").inner_text()
    with demo.database.reading() as db:
        return facts.rung_about(db, name)


def confirmed(console: Page, appointment: Appointment) -> int:
    """The figure in the row of the appointment's session."""
    return int(console.locator(f"tr[data-row='{appointment.session}'] td[data-label='Confirmed']").inner_text())


def test_answering_a_call_and_pressing_1_changes_the_console_without_a_reload(demo: Demo, visit: Open) -> None:
    phones, console = visit(), visit("staff")
    appointment = given_a_call_that_rings(phones, demo)
    console.goto(f"/console/today?day={bangkok_day(appointment.starts_at)}&site={appointment.site}")
    before = confirmed(console, appointment)
    console.evaluate("window.neverReloaded = true")
    phones.get_by_role("button", name="Answer", exact=True).click()
    expect(phones.get_by_label("What is heard").locator(".said").first).to_be_visible(timeout=SEEN_WITHIN)
    phones.get_by_role("button", name="Press 1", exact=True).click()
    row = console.locator(f"tr[data-row='{appointment.session}']")
    expect(row.locator("td[data-label='Confirmed']")).to_have_text(str(before + 1), timeout=SEEN_WITHIN)
    expect(row).to_have_class(re.compile("changed"))
    assert console.evaluate("window.neverReloaded") is True
    phones.get_by_role("button", name="Hang up").click()
    console.goto(f"/console/people/{appointment.person}")
    expect(console.get_by_role("main")).to_contain_text("Coming")
