"""The rest of a day's work: figures, lists on paper, closing a session, rosters, pausing."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from gateway.kit.clock import bangkok_day
from tests.support import facts
from tests.support.browser import Trouble
from tests.support.demo import Demo
from tests.support.names import SITE, TOMORROW
from tests.support.pages import ROSTER

Open = Callable[..., Page]
MEGABYTE = 1024 * 1024


def test_rates_are_broken_down_drawn_and_taken_away_as_a_sheet(visit: Open) -> None:
    page = visit("staff")
    page.goto("/console/rates")
    page.get_by_label("Break down by").select_option("language")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("by=language"))
    table = page.get_by_role("table")
    expect(table.get_by_role("rowheader").filter(has_text="မြန်မာ")).to_have_count(1)
    expect(page.get_by_role("img").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("Download")).click()
    sheet = Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert len(sheet) - 1 == table.locator("tbody tr").count()


@pytest.fixture
def session(demo: Demo) -> str:
    """Tomorrow's fullest session at one site."""
    with demo.database.reading() as db:
        return facts.fullest_session(db, SITE, bangkok_day(TOMORROW)).id


def test_tomorrows_list_prints_on_a4(visit: Open, session: str, tmp_path: Path) -> None:
    page = visit("staff")
    page.goto(f"/console/sessions/{session}")
    page.get_by_role("link", name="List for printing").click()
    expect(page.locator(".paper-list tbody tr").first).to_be_visible()
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation")).to_have_count(0)
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    paper = page.pdf(format="A4", path=tmp_path / "list.pdf")
    assert paper.count(b"/Type /Page\n") + paper.count(b"/Type /Page ") == 1
    wide = page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert wide


def test_a_session_is_closed_and_everybody_is_told(demo: Demo, visit: Open) -> None:
    with demo.database.reading() as db:
        closing = facts.fullest_session(db, "SKN01", bangkok_day(TOMORROW)).id
    page = visit("manager")
    page.goto(f"/console/sessions/{closing}")
    people = page.locator("table.sheet tbody tr").count()
    page.get_by_role("link", name="Close this session").click()
    page.get_by_role("radio", name=re.compile("Move each to the next free session here")).check()
    page.get_by_label("Reason").select_option(index=1)
    page.get_by_label(re.compile("Type the number of people")).fill(str(people))
    page.get_by_role("button", name="Close it and tell everyone").click()
    page.get_by_role("button", name="Yes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The session is closed")
    expect(page.get_by_role("main")).to_contain_text(re.compile(rf"{people}\s*were in it"))
    page.goto(f"/console/sessions/{closing}")
    expect(page.get_by_role("main")).to_contain_text("This session was closed")


def test_a_roster_is_looked_at_cell_by_cell_approved_and_loaded(visit: Open, tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_text(ROSTER, encoding="utf-8-sig")
    page = visit("manager")
    page.goto("/console/rosters")
    page.get_by_label("Roster file (CSV)").set_input_files(file)
    page.get_by_role("button", name="Send and check").click()
    expect(page.get_by_text("The first rows, as understood").first).to_be_visible(timeout=20_000)
    main = page.get_by_role("main")
    expect(main).to_contain_text("32/08/2569")
    expect(main.get_by_text("<script>alert(1)</script>").first).to_be_visible()
    page.get_by_role("button", name=re.compile("Approve and load")).click()
    expect(main).to_contain_text("It was loaded.", timeout=30_000)
    page.goto("/console/people")
    page.get_by_label("Name, end of the phone number, village or HN").fill("มะลิ ทดสอบ")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("link", name=re.compile("มะลิ ทดสอบ"))).to_be_visible()


def test_a_file_of_200_megabytes_is_refused_before_it_is_sent_and_after(
    demo: Demo, visit: Open, tmp_path: Path, trouble: Trouble
) -> None:
    huge = tmp_path / "huge.csv"
    with huge.open("wb") as file:
        file.truncate(200 * MEGABYTE)
    page = visit("manager")
    page.goto("/console/rosters")
    page.get_by_label("Roster file (CSV)").set_input_files(huge)
    page.get_by_role("button", name="Send and check").click()
    assert page.get_by_label("Roster file (CSV)").evaluate("(input) => input.validationMessage").startswith("This file")
    expect(page).to_have_url(re.compile("/console/rosters$"))
    cookies = {one["name"]: one["value"] for one in page.context.cookies()}
    fields = {name: page.locator(f".card input[name={name}]").first.input_value() for name in ("csrf", "once")}
    url, origin = f"{demo.url}/console/rosters", {"Origin": demo.url}
    with httpx.Client(trust_env=False, cookies=cookies, headers=origin) as client, huge.open("rb") as file:
        answer = client.post(url, data=fields, files={"file": ("huge.csv", file, "text/csv")})
    assert answer.status_code == 413
    assert "larger than" in answer.text or "ใหญ่เกิน" in answer.text
    page.goto("/console/rosters")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_everything_is_paused_and_goes_on(visit: Open) -> None:
    page = visit("manager")
    page.goto("/console/health")
    page.get_by_role("button", name=re.compile("Pause")).click()
    page.get_by_role("button", name="Yes").click()
    expect(page.get_by_role("main")).to_contain_text("Paused")
    page.goto("/console/today")
    expect(page.get_by_text("Paused: nothing is being sent.")).to_be_visible()
    page.goto("/console/health")
    page.get_by_role("button", name=re.compile("Resume|Go on|Start")).click()
    page.get_by_role("button", name="Yes").click()
    expect(page.get_by_text("Paused: nothing is being sent.")).to_have_count(0)


def test_who_may_not_pause_is_told_whom_to_ask(visit: Open) -> None:
    page = visit("staff")
    page.goto("/console/health")
    expect(page.get_by_role("button", name=re.compile("Pause"))).to_have_count(0)
    expect(page.get_by_role("main")).to_contain_text("manager")


def test_a_page_without_the_role_is_a_plain_sentence(visit: Open, trouble: Trouble) -> None:
    page = visit("staff")
    with trouble.expecting(403):
        page.goto("/console/rosters")
        expect(page.get_by_role("alert")).to_contain_text("This is for the role “Manager”")
    page.get_by_role("link", name="Go back").click()
    expect(page).to_have_url(re.compile("/console/today"))


def test_what_was_done_is_written_down_for_the_administrator(visit: Open) -> None:
    page = visit("admin")
    page.goto("/console/audit")
    expect(page.get_by_role("main")).to_contain_text("Admin")


def test_words_are_written_tried_kept_and_approved_by_somebody_else(visit: Open, trouble: Trouble) -> None:
    page = visit("manager")
    page.goto("/console/words")
    page.get_by_role("link", name="Thai", exact=True).click()
    page.get_by_role("link", name="Text: Apology to a wrong number").click()
    page.get_by_role("link", name="Write it anew").click()
    words = page.get_by_label("The new words")
    before = words.input_value()
    words.fill(f"{before} www.example.com")
    with trouble.expecting(422):
        page.get_by_role("button", name="Keep as a draft").click()
        expect(page.get_by_role("alert").filter(has_text="There is a link")).to_be_visible()
    words.fill(f"{before} ค่ะ")
    page.get_by_role("button", name="Check it first").click()
    expect(page.get_by_text("Nothing is wrong with it")).to_be_visible()
    page.get_by_role("button", name="Keep as a draft").click()
    expect(page.get_by_text("another person must", exact=False).first).to_be_visible()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    other = visit("staff")
    other.goto("/console/words?kind=text")
    other.locator(".wait").filter(has_text="Apology").get_by_role("link").click()
    other.get_by_role("button", name="Approve").click()
    other.get_by_role("status").get_by_role("link", name="Apology to a wrong number").click()
    expect(other.get_by_text(re.compile("Approved is exactly [0-9a-f]{8}"))).to_be_visible()
    page.reload()
    page.get_by_role("button", name="Back to the shipped words").click()
    page.get_by_role("dialog").get_by_role("button", name="Yes").click()
    expect(page.locator(".words.large")).to_have_text(before)
