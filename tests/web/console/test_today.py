"""Today and tomorrow, as a nurse's browser shows them."""

from __future__ import annotations

import re
from datetime import date, time, timedelta

import pytest

from gateway.care.booking import take_seats
from gateway.kit.clock import at_bangkok
from gateway.records.agreements import Appointment
from gateway.records.people import Person
from gateway.records.places import Part, Session, Site
from gateway.records.staffing import Role
from gateway.records.status import AppointmentStatus, TaskKind
from gateway.records.work import Task
from gateway.reports.board import Counts
from gateway.web.console.today import shares
from tests.support.world import MONDAY, World
from tests.web.console.conftest import Console

TUESDAY = MONDAY + timedelta(days=1)


def booked(world: World, session: Session, **more: object) -> Appointment:
    person = world.person(surname="ใจดี")
    row = Appointment(person=person.id, site=session.site, session=session.id, regimen=session.vaccine,
                      starts_at=session.starts_at, created_at=world.clock.now(), **more)  # fmt: skip
    world.add(row)
    return row


def task(world: World, kind: TaskKind, about: Appointment) -> None:
    world.add(Task(kind=kind, subject=about.id, person=about.person, site=about.site, created_at=world.clock.now()))


def second_site(world: World) -> Session:
    world.add(Site(code="S2", name="โรงพยาบาลที่สอง", name_en="Second Hospital"))
    row = Session(id="S2-hpv", site="S2", vaccine="hpv", day=MONDAY, part=Part.AFTERNOON, capacity=7,
                  starts_at=at_bangkok(MONDAY, time(13)), ends_at=at_bangkok(MONDAY, time(16)))  # fmt: skip
    world.add(row)
    return row


def text_of(html: str) -> str:
    """What a reader sees: no tags, one space between words."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html)).strip()


def test_before_noon_it_opens_with_today_and_from_noon_with_tomorrow(console: Console) -> None:
    console.world.session(MONDAY)
    console.world.session(TUESDAY)
    assert "Who comes on Mon 3 Aug 2026" in console.get("/console/today").text
    console.world.clock.advance_to(at_bangkok(MONDAY, time(12)))
    assert "Who comes on Tue 4 Aug 2026" in console.get("/console/today").text
    assert "Who comes on Tue 4 Aug 2026" in console.get("/console/today/board").text
    assert "Who comes on Mon 3 Aug 2026" in console.get("/console/today?day=today").text
    assert "from noon with tomorrow" in console.get("/console/today").text


def test_a_session_s_figures_stand_in_its_row_and_it_leads_to_its_list(console: Console) -> None:
    session = console.world.session(MONDAY, seats=12)
    for status in (AppointmentStatus.CONFIRMED, AppointmentStatus.CONFIRMED, AppointmentStatus.BOOKED):
        booked(console.world, session, status=status)
    task(console.world, TaskKind.RIDE, booked(console.world, session))
    html = console.get("/console/today").text
    [row] = re.findall(rf'<tr class="session-row" data-row="{session.id}">(.*?)</tr>', html, re.DOTALL)
    assert f'href="/console/sessions/{session.id}"' in row
    assert text_of(row) == "Morning · Influenza 08:30–12:00 4 / 12 2 0 0 2 0 0 1 0"
    assert "2 confirmed, 0 answered otherwise, 0 without an answer, 2 not asked yet, 0 without a phone to ask" in row


def test_what_needs_a_person_stands_first_and_is_one_tap_from_its_list(console: Console) -> None:
    session = console.world.session(MONDAY)
    task(console.world, TaskKind.CALLBACK, booked(console.world, session))
    task(console.world, TaskKind.CALLBACK, console.world.appointment(console.world.person(), days=9))
    html = console.get("/console/today").text
    assert html.index('href="/console/worklists?kind=callback"') < html.index("/console/sessions/")
    [need] = re.findall(r'<a class="stat warn" id="need-callback".*?</a>', html, re.DOTALL)
    assert text_of(need) == "1 Call back for this day · 2 in all"


def test_the_part_that_follows_is_sent_again_only_when_an_answer_came_in(console: Console) -> None:
    one = booked(console.world, console.world.session(MONDAY))
    address = re.search(r'data-live="(/console/today/board[^"]*)"', console.get("/console/today").text)
    assert address is not None
    first = console.get(address[1])
    mark = {"If-None-Match": first.headers["etag"]}
    assert console.get(address[1], headers=mark).status_code == 304
    with console.world.database.unit_of_work() as db:
        db.get_one(Appointment, one.id).status = AppointmentStatus.CONFIRMED
    again = console.get(address[1], headers=mark)
    assert again.status_code == 200
    assert "<html" not in again.text


def test_a_day_and_a_site_that_were_chosen_stay_chosen_in_every_link(console: Console) -> None:
    console.world.session(MONDAY)
    second_site(console.world)
    html = console.get("/console/today?day=2026-08-03&site=S2").text
    assert 'data-live="/console/today/board?day=2026-08-03&amp;site=S2"' in html
    assert 'href="/console/today?day=2026-08-02&amp;site=S2"' in html
    assert 'href="/console/today?day=2026-08-04&amp;site=S2"' in html
    assert "S2-hpv" in html
    assert "S1-influenza" not in html


def test_who_works_at_one_site_sees_that_site_and_no_other(console: Console) -> None:
    console.world.session(MONDAY)
    second_site(console.world)
    console.sign_in(Role.STAFF, site="S2")
    html = console.get("/console/today").text
    assert "Second Hospital" in html
    assert "S1-influenza" not in html
    assert "site=S1" not in html  # and not the bare letters: a random token may hold them
    assert console.get("/console/today?site=S1").status_code == 404
    assert console.get("/console/today/board?site=S1").status_code == 404


def test_an_empty_day_says_when_the_next_sessions_are(console: Console) -> None:
    console.world.session(TUESDAY + timedelta(days=6))
    html = console.get("/console/today?day=2026-08-04").text
    assert "No sessions and no appointments on this day" in html
    assert "The next sessions are on Mon 10 Aug 2026" in html
    assert 'href="/console/today?day=2026-08-10"' in html


def test_without_any_session_to_come_it_says_what_to_do(console: Console) -> None:
    assert "Ask a manager to load the sessions" in console.get("/console/today").text


def test_a_public_holiday_is_named(console: Console) -> None:
    assert "Public holiday" in console.get("/console/today?day=2026-08-12").text
    assert "Public holiday" not in console.get("/console/today?day=2026-08-13").text


@pytest.mark.parametrize("day", ["yesterday", "2026-13-01", "2026-02-30", "3/8/2569", "<script>"])
def test_a_day_that_is_none_is_refused_with_a_sentence(console: Console, day: str) -> None:
    answer = console.get("/console/today", params={"day": day})
    assert answer.status_code == 409
    assert "Pick a day from the calendar" in answer.text
    assert "<script>" not in answer.text.replace('<script src="', "")


def test_an_unknown_site_is_refused_with_a_sentence(console: Console) -> None:
    answer = console.get("/console/today?site=NOWHERE")
    assert (answer.status_code, "There is no such site" in answer.text) == (404, True)


def test_a_closed_session_is_marked_in_words(console: Console) -> None:
    session = console.world.session(MONDAY)
    with console.world.database.unit_of_work() as db:
        db.get_one(Session, session.id).closed_at = console.world.clock.now()
    assert "Closed" in text_of(console.get("/console/today").text)


def test_the_figures_of_the_day_add_up_and_what_is_counted_twice_is_told_apart(console: Console) -> None:
    world = console.world
    session = world.session(MONDAY, seats=12)
    came = booked(world, session, status=AppointmentStatus.KEPT)
    booked(world, session, status=AppointmentStatus.CONFIRMED, confirmed_by_staff="s1")
    booked(world, session, status=AppointmentStatus.MOVED)
    silent = world.person(phone="")
    world.add(Appointment(person=silent.id, site="S1", session=session.id, regimen="influenza",
                          starts_at=session.starts_at, created_at=world.clock.now()))  # fmt: skip
    with world.database.unit_of_work() as db:
        take_seats(db, [db.get_one(Appointment, came.id)])
    [summary] = re.findall(
        r'<div class="summary card".*?</svg>.*?</div>', console.get("/console/today").text, re.DOTALL
    )
    assert text_of(summary) == (
        "3 people booked 1 Confirmed 0 Other answer 0 No answer 1 Not asked yet 1 No phone to ask"
        " 12 seats: 1 taken, 11 free. 2 of the people booked have no seat. 1 of the people booked came."
        " 1 of the confirmed was not contacted by us, so the rates leave that one out."
        " Not among them: 1 moved away, 0 cancelled."
    )


def test_sessions_with_nobody_stand_back_in_one_line_and_are_still_reached(console: Console) -> None:
    morning, afternoon = console.world.session(MONDAY), console.world.session(MONDAY, part=Part.AFTERNOON)
    second_site(console.world)
    booked(console.world, morning)
    html = console.get("/console/today").text
    assert re.findall(r'<tr class="session-row" data-row="([^"]*)"', html) == [morning.id]
    [quiet] = re.findall(r'<details id="quiet-S1">(.*?)</details>', html, re.DOTALL)
    assert text_of(quiet) == "1 session with nobody booked Afternoon · Influenza 13:00–16:00 0 / 10"
    assert f'href="/console/sessions/{afternoon.id}"' in quiet
    assert '<details id="quiet-S2">' in html


def test_a_session_everybody_left_is_not_folded_away(console: Console) -> None:
    session = console.world.session(MONDAY)
    booked(console.world, session, status=AppointmentStatus.MOVED)
    html = console.get("/console/today").text
    assert f'<tr class="session-row" data-row="{session.id}"' in html
    assert "<details id=" not in html[html.index('id="board"') :]


def test_people_without_a_session_are_not_left_out(console: Console) -> None:
    console.world.appointment(console.world.person(), days=0, hour=time(14))
    assert "appointments without a session" in console.get("/console/today").text


def test_the_page_is_thai_for_who_reads_thai_and_names_nobody(console: Console) -> None:
    booked(console.world, console.world.session(MONDAY))
    html = console.get("/console/today", headers={"Accept-Language": "th"}).text
    assert "ใครจะมา จ. 3 ส.ค. 2569" in html
    assert not any(person.name in html for person in console.world.all(Person))


def test_a_bar_is_as_wide_as_its_pieces() -> None:
    # Who moved away is not among those booked, so not in the bar either: its pieces are everybody booked, once.
    pieces = shares(Counts(booked=6, confirmed=2, unanswered=2, not_asked=1, unaskable=1, moved=1, came=1))
    assert [piece.kind for piece in pieces] == ["confirmed", "unanswered", "not_asked", "unaskable"]
    assert sum(piece.width for piece in pieces) == pytest.approx(100, abs=0.01)
    assert shares(Counts()) == []


def test_tomorrow_is_tomorrow_in_bangkok(console: Console) -> None:
    console.world.clock.advance_to(at_bangkok(date(2026, 8, 4), time(0, 30)))  # still Monday in UTC
    assert "Who comes on Wed 5 Aug 2026" in console.get("/console/today?day=tomorrow").text
