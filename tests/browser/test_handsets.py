"""The handsets: a call that rings here, is answered, heard and replied to; texts; the clock."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

from tests.support.browser import boxes, until
from tests.support.demo import Demo

DEMO = {"data": "sample_folder", "start": "2026-08-03T08:59:40+07:00", "speed": 20.0}
Open = Callable[..., Page]
RINGS_WITHIN = 40_000  # milliseconds; the first calls go out at 09:00
ANSWERS_WITHIN = 15_000
KEEP_AUDIO = """
  const Real = window.Audio;
  window.sounds = [];
  window.Audio = function (...what) { const made = new Real(...what); window.sounds.push(made); return made; };
"""


def wait_for_a_call(page: Page) -> None:
    """Stay on the page until a call rings in the visitor's own hand."""
    arm = page.locator("#arm-button")
    expect(arm).to_be_visible()
    expect(page.get_by_role("button", name="Answer", exact=True)).to_be_visible(timeout=RINGS_WITHIN)


def look_on(page: Page) -> None:
    """Open the page without waiting for a call: the phones go on by their habits, and none rings in between."""
    page.goto("/sandbox/?arm=no")
    expect(page.get_by_role("button", name="Let the next call ring here")).to_be_enabled()
    expect(page.locator("#grid .phone").first).to_be_visible()


def choose(page: Page, number: int, *, but: str = "") -> str:
    """Pick the Thai mobile of this number on the wall, not counting the one called `but`.

    Waits until it is the large one, and returns whose it is.
    """
    page.get_by_role("combobox", name="Language").select_option("th")
    expect(page.locator("#grid .chip:not([lang=th])")).to_have_count(0)
    names = page.locator("#grid .phone.mobile .owner b").all_inner_texts()
    name = [one for one in names if one != but][number]
    choose_of(page, name)
    return name


def choose_of(page: Page, name: str) -> None:
    """Pick the telephone of this name: while the demo runs, others may have taken its place on the wall."""
    phone = page.locator("#grid .phone.mobile").filter(has=page.get_by_text(name, exact=True)).first
    while not phone.is_visible():
        page.locator("#more").click()
        page.wait_for_timeout(500)
    phone.click()
    expect(page.locator("#featured .owner b")).to_have_text(name)


def test_the_first_call_rings_here_and_is_heard(visit: Open) -> None:
    page = visit()
    page.add_init_script(KEEP_AUDIO)
    page.goto("/sandbox/")
    wait_for_a_call(page)
    expect(page.locator("#clock-mood")).to_contain_text("Time stands still")
    page.get_by_role("button", name="Answer", exact=True).click()
    heard = page.get_by_label("What is heard")
    expect(heard.locator(".said").first).to_have_text(re.compile(r"\w"), timeout=ANSWERS_WITHIN)
    until(page, "window.sounds.some((one) => one.currentTime > 0.2)", within=ANSWERS_WITHIN)
    page.get_by_role("button", name="Press 1", exact=True).click()
    expect(heard.locator(".pressed")).to_have_text("1", timeout=ANSWERS_WITHIN)
    expect(heard.locator(".pressed ~ .said").first).to_be_visible(timeout=ANSWERS_WITHIN)
    page.get_by_role("button", name="Hang up").click()
    expect(page.get_by_role("button", name="Hang up")).to_have_count(0)
    expect(page.locator("#featured")).to_contain_text("Call ended")
    expect(page.locator("#clock-mood")).to_contain_text("20 times as fast")


def test_only_the_phrase_that_nobody_recorded_is_marked_while_it_is_heard(visit: Open) -> None:
    page = visit()
    page.add_init_script(KEEP_AUDIO)

    def as_if_the_greeting_were_recorded(route: Route) -> None:
        answer = route.fetch()
        if answer.status != 200:
            route.fulfill(response=answer)
            return
        state = answer.json()
        for entry in (state.get("featured") or {"entries": []})["entries"]:
            for number, prompt in enumerate((entry.get("programme") or {"prompts": []})["prompts"]):
                prompt["is_placeholder"] = number > 0
        route.fulfill(response=answer, json=state)

    page.route("**/sandbox/state*", as_if_the_greeting_were_recorded)
    page.goto("/sandbox/")
    wait_for_a_call(page)
    page.get_by_role("button", name="Answer", exact=True).click()
    until(page, "window.sounds.some((one) => one.currentTime > 0.2)", within=ANSWERS_WITHIN)
    mark = page.get_by_text("Placeholder sound: no voice was recorded yet")
    expect(mark).to_be_hidden()
    expect(mark).to_be_visible(timeout=ANSWERS_WITHIN)
    page.unroute_all(behavior="wait")
    page.get_by_role("button", name="Hang up").click()
    expect(page.get_by_role("button", name="Hang up")).to_have_count(0)


def test_a_call_is_answered_with_the_keyboard_alone(visit: Open) -> None:
    page = visit()
    page.goto("/sandbox/")
    wait_for_a_call(page)
    expect(page.get_by_role("button", name="Answer", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Press 1", exact=True)).to_be_focused(timeout=ANSWERS_WITHIN)
    page.keyboard.press("3")
    expect(page.get_by_label("What is heard").locator(".pressed")).to_have_text("3", timeout=ANSWERS_WITHIN)
    page.get_by_role("button", name="Hang up").press("Enter")
    expect(page.get_by_role("button", name="Hang up")).to_have_count(0)


def test_a_call_that_is_declined_is_a_missed_call(visit: Open) -> None:
    page = visit()
    page.goto("/sandbox/")
    wait_for_a_call(page)
    page.get_by_role("button", name="Decline").click()
    expect(page.get_by_role("button", name="Answer", exact=True)).to_have_count(0)
    expect(page.locator("#featured")).to_contain_text(re.compile("Missed call|Line was busy"))


def test_texts_arrive_in_their_script(visit: Open) -> None:
    page = visit()
    page.goto("/sandbox/")
    page.get_by_role("combobox", name="Language").select_option("my")
    bubble = page.locator("#grid .bubble").first
    expect(bubble).to_have_text(re.compile("[က-႟]"), timeout=RINGS_WITHIN)
    expect(bubble).to_have_attribute("lang", "my")
    assert boxes(page, bubble.inner_text()) == []


def test_whoever_texts_back_markup_sees_it_as_text(visit: Open) -> None:
    page = visit()
    look_on(page)
    choose(page, 0)
    page.get_by_label("Text back").fill("<script>alert(1)</script><img src=x onerror=alert(1)>")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#featured .bubble.out").last).to_have_text(
        "<script>alert(1)</script><img src=x onerror=alert(1)>"
    )
    expect(page.locator("#featured .bubble img")).to_have_count(0)


def test_what_was_typed_is_still_there_after_a_look_at_another_phone(visit: Open) -> None:
    page = visit()
    look_on(page)
    mine = choose(page, 0)
    page.get_by_label("Text back").fill("half a sentence")
    choose(page, 0, but=mine)
    expect(page.get_by_label("Text back")).to_have_value("")
    choose_of(page, mine)
    expect(page.get_by_label("Text back")).to_have_value("half a sentence")


def test_a_visitor_calls_the_hotline(visit: Open) -> None:
    page = visit()
    look_on(page)
    choose(page, 3)
    page.get_by_role("button", name="Call the hotline").click()
    expect(page.get_by_label("What is heard").locator(".said").first).to_be_visible(timeout=ANSWERS_WITHIN)
    page.get_by_role("button", name="Hang up").click()
    expect(page.locator("#featured")).to_contain_text("Called us")


def test_the_clock_stops_runs_and_moves_to_another_morning(demo: Demo, visit: Open) -> None:
    page = visit()
    look_on(page)
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#clock-mood")).to_have_text("Paused")
    stood = page.locator("#clock-time").inner_text()
    page.wait_for_timeout(3500)  # a minute and more of the demo's
    expect(page.locator("#clock-time")).to_have_text(stood)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="60×").click()
    expect(page.locator("#clock-mood")).to_contain_text("60 times")
    page.get_by_role("button", name="1×", exact=True).click()
    before = page.locator("#clock-day").inner_text()
    page.get_by_role("button", name="Next due morning").click()
    expect(page.locator("#clock-day")).not_to_have_text(before)


def test_the_page_speaks_thai_as_well(visit: Open) -> None:
    page = visit()
    page.goto("/sandbox/")
    page.get_by_role("button", name="ไทย", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("โทรศัพท์จำลอง")
    expect(page.locator("html")).to_have_attribute("lang", "th")
