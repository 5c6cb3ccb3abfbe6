"""What a nurse does for one person: find them, hear what they were told, act, and take it back."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlmodel import col, select

from gateway.records.agreements import Appointment
from gateway.records.people import Person
from tests.support import facts
from tests.support.browser import Trouble, until
from tests.support.demo import ACCOUNTS, NOW, PASSWORD, Demo, sign_in
from tests.support.names import TOMORROW

Open = Callable[..., Page]
taken: list[str] = []


@pytest.fixture
def nurse(visit: Open) -> Page:
    """A nurse of all sites, signed in."""
    return visit("staff")


def somebody(demo: Demo) -> Appointment:
    """An appointment that waits for an answer, of somebody no test here was about before."""
    with demo.database.reading() as db:
        found = facts.booked(db, after=TOMORROW, skip=len(taken))
    taken.append(found.id)
    return found


def open_person(page: Page, appointment: Appointment) -> None:
    page.goto(f"/console/people/{appointment.person}")


MAY_BE_REACHED = re.compile("May be (called|texted)")


def done(page: Page, words: str | re.Pattern[str]) -> None:
    """The band above the page says what was done."""
    expect(page.get_by_role("status").filter(has_text=words)).to_be_visible()


def undo(page: Page) -> None:
    page.get_by_role("button", name="Undo").click()
    done(page, "Taken back")


def standing(page: Page) -> Locator:
    return page.locator(".desk-appointment").first


def test_a_person_is_found_by_a_part_of_the_name_and_opened(demo: Demo, nurse: Page) -> None:
    with demo.database.reading() as db:
        person = facts.with_a_story(db)
    nurse.goto("/console/people")
    nurse.get_by_label("Name, end of the phone number, village or HN").fill(f"{person.name} {person.surname}"[:-1])
    nurse.get_by_role("button", name="Search").click()
    expect(nurse.get_by_role("region", name=re.compile("found"))).to_be_visible()
    assert person.name not in nurse.url
    nurse.get_by_role("link", name=re.compile(person.surname)).first.click()
    expect(nurse.get_by_role("heading", level=1)).to_contain_text(person.surname)


def test_the_story_tells_what_was_sent_and_plays_the_call_as_it_was_heard(demo: Demo, nurse: Page) -> None:
    with demo.database.reading() as db:
        person = facts.with_a_story(db)
    nurse.goto(f"/console/people/{person.id}")
    story = nurse.get_by_role("region", name="The whole story")
    expect(story.locator("kbd").first).to_be_visible()
    call = story.locator("[data-call]").first
    call.get_by_role("button", name=re.compile("Play")).click()
    until(nurse, "[...document.querySelectorAll('audio')].some((one) => one.currentTime > 0.2)", within=10_000)
    call.get_by_role("button", name=re.compile("Stop")).click()
    until(nurse, "[...document.querySelectorAll('audio')].every((one) => one.paused)", within=2_000)


def test_confirmed_in_person_and_taken_back(demo: Demo, nurse: Page) -> None:
    appointment = somebody(demo)
    open_person(nurse, appointment)
    nurse.get_by_role("button", name="Confirm in person").first.click()
    done(nurse, "Confirmed in person")
    expect(standing(nurse)).to_contain_text("Confirmed")
    undo(nurse)
    expect(standing(nurse)).to_contain_text("Booked")


def test_moved_by_the_calendar_of_seats(demo: Demo, nurse: Page) -> None:
    appointment = somebody(demo)
    open_person(nurse, appointment)
    nurse.get_by_role("link", name="Move", exact=True).first.click()
    expect(nurse.get_by_role("heading", name="Move the appointment")).to_be_visible()
    before = standing_day(nurse)
    free = nurse.get_by_role("radio").first
    free.check()
    for box in nurse.get_by_role("checkbox", name=re.compile("I know|I have asked")).all():
        box.check()
    nurse.get_by_role("button", name="Move to this day").click()
    done(nurse, "Moved to another day")
    expect(standing(nurse).locator("h3 span").first).not_to_have_text(before)
    undo(nurse)
    expect(standing(nurse).locator("h3 span").first).to_have_text(before)


def standing_day(page: Page) -> str:
    return page.locator(".page-head b").first.inner_text()


def test_cancelled_with_a_reason(demo: Demo, nurse: Page) -> None:
    appointment = somebody(demo)
    open_person(nurse, appointment)
    nurse.get_by_text("Cancel the appointment").first.click()
    nurse.get_by_label("Reason").first.select_option(label="Moved away")
    nurse.get_by_role("button", name="Cancel the appointment").first.click()
    done(nurse, "Appointment cancelled")
    undo(nurse)
    expect(standing(nurse)).to_contain_text("Booked")


def test_was_vaccinated_today(demo: Demo, nurse: Page) -> None:
    appointment = somebody(demo)
    open_person(nurse, appointment)
    nurse.get_by_text("Was vaccinated").first.click()
    nurse.get_by_role("button", name="Record the dose").first.click()
    done(nurse, "Dose recorded")
    undo(nurse)
    expect(standing(nurse)).to_contain_text("Booked")


def test_came_on_the_day(demo: Demo, nurse: Page) -> None:
    with demo.database.reading() as db:
        today = facts.booked(db, after=NOW)
    open_person(nurse, today)
    nurse.get_by_role("button", name="Came", exact=True).first.click()
    done(nurse, "Recorded: came")
    undo(nurse)
    expect(standing(nurse)).to_contain_text("Booked")


def test_who_has_died_is_not_contacted_again_and_a_slip_is_taken_back(demo: Demo, nurse: Page) -> None:
    appointment = somebody(demo)
    open_person(nurse, appointment)
    nurse.get_by_role("link", name="This person has died").click()
    nurse.get_by_role("checkbox", name=re.compile("I have checked the name")).check()
    nurse.get_by_role("button", name="Record it and contact nobody again").click()
    done(nurse, "Nobody will be contacted")
    expect(nurse.get_by_role("main")).to_contain_text("Recorded as having died")
    undo(nurse)
    expect(standing(nurse)).to_contain_text("Booked")


def test_contact_stopped_and_allowed_again(demo: Demo, nurse: Page) -> None:
    appointment = somebody(demo)
    open_person(nurse, appointment)
    nurse.get_by_text("Stop or resume contact").click()
    nurse.get_by_role("button", name="Stop contact").click()
    done(nurse, "Contact stopped")
    expect(nurse.get_by_text(MAY_BE_REACHED)).to_have_count(0)
    undo(nurse)
    expect(nurse.get_by_text(MAY_BE_REACHED).first).to_be_visible()


def test_a_note_is_kept_in_the_story(demo: Demo, nurse: Page) -> None:
    appointment = somebody(demo)
    open_person(nurse, appointment)
    nurse.get_by_text("Write a note").click()
    nurse.get_by_label("Note (only staff see it)").fill("ลูกสาวจะพามา <b>not bold</b>")
    nurse.get_by_role("button", name="Keep the note").click()
    done(nurse, "Note kept")
    expect(nurse.locator(".note-text").first).to_have_text("ลูกสาวจะพามา <b>not bold</b>")
    undo(nurse)


def test_a_phone_is_corrected_and_a_wrong_one_refused(demo: Demo, nurse: Page, trouble: Trouble) -> None:
    appointment = somebody(demo)
    open_person(nurse, appointment)
    nurse.get_by_text("Correct or add a phone").click()
    nurse.get_by_label("The right number").fill("12345")
    with trouble.expecting(409):
        nurse.get_by_role("button", name="Save the number").click()
        expect(nurse.get_by_role("alert")).to_contain_text("no valid number")
    nurse.get_by_role("link", name="Go back").click()
    nurse.get_by_text("Correct or add a phone").click()
    nurse.get_by_label("The right number").fill("080 000 0042")
    nurse.get_by_role("button", name="Save the number").click()
    done(nurse, re.compile("Phone corrected|Phone added"))
    expect(nurse.get_by_role("main")).to_contain_text("080-000-0042")
    undo(nurse)


def test_the_language_is_corrected(demo: Demo, nurse: Page) -> None:
    appointment = somebody(demo)
    open_person(nurse, appointment)
    nurse.get_by_text("Correct the language").click()
    nurse.get_by_label("Language spoken").select_option("my")
    nurse.get_by_role("button", name="Save the language").click()
    done(nurse, "Language corrected")
    expect(nurse.locator(".person-line")).to_contain_text("မြန်မာ")
    undo(nurse)


def test_a_double_click_and_a_form_sent_again_do_it_once(demo: Demo, nurse: Page) -> None:
    appointment = somebody(demo)
    open_person(nurse, appointment)
    nurse.get_by_text("Write a note").click()
    nurse.get_by_label("Note (only staff see it)").fill("once only")
    with nurse.expect_request(lambda request: request.method == "POST") as sent:
        nurse.get_by_role("button", name="Keep the note").dblclick()
    done(nurse, "Note kept")
    again = nurse.request.post(
        sent.value.url,
        data=sent.value.post_data_buffer,
        headers={"Content-Type": sent.value.headers["content-type"], "Origin": demo.url},
    )
    assert again.status == 200  # and shows where the first one led
    open_person(nurse, appointment)
    expect(nurse.locator("#story .note-text", has_text="once only")).to_have_count(1)


def test_who_was_merged_away_is_found_where_they_are_now(demo: Demo, nurse: Page) -> None:
    gone, stays = merge_two(demo)
    nurse.goto(f"/console/people/{gone}")
    expect(nurse.get_by_role("main")).to_contain_text("joined with another")
    nurse.locator(f"a[href='/console/people/{stays}']").first.click()
    expect(nurse).to_have_url(re.compile(stays))


def merge_two(demo: Demo) -> tuple[str, str]:
    with demo.database.unit_of_work() as db:
        without = col(Person.id).not_in(select(Appointment.person))
        gone, stays = db.exec(select(Person).where(without).order_by(col(Person.id).desc()).limit(2)).all()
        gone.merged_into = stays.id
        db.add(gone)
        return gone.id, stays.id


def test_another_sites_person_is_nobody_here(demo: Demo, visit: Open, trouble: Trouble) -> None:
    page = visit("one site")
    with demo.database.reading() as db:
        elsewhere = facts.booked(db, after=TOMORROW, site="SKN01")
    with trouble.expecting(404):
        page.goto(f"/console/people/{elsewhere.person}")
        expect(page.get_by_role("alert")).to_be_visible()


def test_a_session_that_ended_while_writing_loses_nothing(demo: Demo, visit: Open, trouble: Trouble) -> None:
    page = visit("ends")
    appointment = somebody(demo)
    open_person(page, appointment)
    page.get_by_text("Write a note").click()
    page.get_by_label("Note (only staff see it)").fill("a note that must not be lost")
    demo.end_sessions_of("ends")
    with trouble.expecting(401):
        page.get_by_role("button", name="Keep the note").click()
        expect(page.get_by_text("What you wrote is kept")).to_be_visible()
        sign_in(page, ACCOUNTS["ends"][0], PASSWORD)
        expect(page.get_by_text("a note that must not be lost")).to_be_visible()
        page.get_by_role("button", name="Send it now").click()
        done(page, "Note kept")
    expect(page.locator(".note-text").first).to_have_text("a note that must not be lost")
