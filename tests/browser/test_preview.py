"""The preview as staff use it: a call is played by the keyboard, its present phrase marked; and without any script."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

Open = Callable[..., Page]
PREVIEW = "/console/words/preview?language=nod"


def test_a_call_is_played_by_the_keyboard_with_the_present_phrase_marked(visit: Open) -> None:
    page = visit("staff")
    page.goto(PREVIEW)
    play = page.get_by_role("button", name="Play").first
    play.focus()
    page.keyboard.press("Enter")
    now = page.locator("[aria-current=true]")
    expect(now).to_contain_text("Hello.")
    expect(page.get_by_role("button", name="Stop")).to_have_attribute("aria-pressed", "true")
    expect(now).to_contain_text("the day after tomorrow")  # the next clip follows by itself
    page.keyboard.press("Enter")
    expect(page.locator(".is-now")).to_have_count(0)
    page.get_by_role("button", name="สายนี้").first.click()
    expect(now).to_contain_text("We ask for no money")


def test_without_scripts_the_form_works_and_every_clip_has_its_own_player(visit: Open) -> None:
    page = visit("staff", java_script_enabled=False)
    page.goto(PREVIEW)
    players = page.locator("audio")
    expect(players.first).to_be_visible()
    assert players.count() == page.locator("[data-phrase]").count() > 20
    expect(page.get_by_role("button", name="Play")).to_have_count(0)
    page.get_by_label("About").select_option("notice")
    page.get_by_label("Language").select_option("my")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("#message[lang=my]")).to_be_visible()
