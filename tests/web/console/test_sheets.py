"""A session's list, on the screen and on paper."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.records.people import Person, Phone
from gateway.records.places import Session
from gateway.records.staffing import Audit, Role
from gateway.records.status import AppointmentStatus
from gateway.web.console.sheets import national
from tests.support.world import MONDAY
from tests.web.console.conftest import Console
from tests.web.console.test_today import booked, second_site, text_of

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def session(console: Console) -> Session:
    return console.world.session(MONDAY)


def address(session: Session, what: str = "") -> str:
    return f"/console/sessions/{session.id}{what}"


def numbers(console: Console) -> list[str]:
    return [phone.e164 for phone in console.world.all(Phone)]


def views(console: Console) -> list[tuple[str, str | None]]:
    rows = sorted(console.world.all(Audit), key=lambda row: row.at)
    return [(row.verb, row.staff) for row in rows if row.kind == "session"]


def test_the_list_names_everybody_and_leads_to_each(console: Console, session: Session) -> None:
    one = booked(console.world, session, status=AppointmentStatus.CONFIRMED)
    html = console.get(address(session)).text
    assert f'href="/console/people/{one.person}"' in html
    assert "ใจดี" in html
    assert "Confirmed" in html
    assert "1 person, 1 confirmed, 10 seats" in text_of(html)


def test_who_came_without_a_word_is_not_counted_as_confirmed(console: Console, session: Session) -> None:
    booked(console.world, session, status=AppointmentStatus.KEPT)
    booked(console.world, session, status=AppointmentStatus.KEPT, confirmed_by_staff="s1")
    for page in ("", "/paper"):
        assert "2 people, 1 confirmed, 10 seats" in text_of(console.get(address(session, page)).text)


def test_no_whole_number_is_in_the_page_that_stays_open(console: Console, session: Session) -> None:
    booked(console.world, session)
    html = console.get(address(session)).text
    [number] = numbers(console)
    assert "•" in html
    assert number[-3:] in html
    assert number not in html
    assert national(number) not in html
    assert number[3:] not in html


def test_the_paper_has_the_numbers_of_those_to_be_called_and_no_others(console: Console, session: Session) -> None:
    booked(console.world, session)
    booked(console.world, session, status=AppointmentStatus.CONFIRMED)
    html = console.get(address(session, "/paper")).text
    waiting, confirmed = sorted(numbers(console))
    assert national(waiting) in html
    assert national(confirmed) not in html


def test_the_paper_says_place_day_in_both_languages_and_count(console: Console, session: Session) -> None:
    booked(console.world, session)
    html = console.get(address(session, "/paper")).text
    for words in (
        "โรงพยาบาลตัวอย่าง",
        "จ. 3 ส.ค. 2569",
        "Mon 3 Aug 2026",
        "1 person, 0 confirmed",
        "destroy it after use",
    ):
        assert words in html
    assert html.count('<td class="box">') == 1


def test_looking_is_kept_once_for_each_of_the_staff_and_day(console: Console, session: Session) -> None:
    me = console.me.id
    for _ in range(3):
        console.get(address(session))
    console.get(address(session, "/paper"))
    assert views(console) == [("viewed", me), ("printed", me)]
    console.world.clock.advance_to(console.world.clock.now() + timedelta(days=1))
    console.get(address(session))
    assert views(console) == [("viewed", me), ("printed", me), ("viewed", me)]
    console.sign_in()
    console.get(address(session))
    assert len(views(console)) == 4


def test_a_session_that_is_not_there_or_not_theirs_is_a_sentence_and_no_deed(console: Console) -> None:
    other = second_site(console.world)
    assert console.get("/console/sessions/nowhere").status_code == 404
    console.sign_in(Role.STAFF, site="S1")
    for what in ("", "/paper"):
        answer = console.get(address(other, what))
        assert (answer.status_code, "There is no such session at your site" in answer.text) == (404, True)
    assert views(console) == []


def test_an_empty_session_says_what_will_stand_there(console: Console, session: Session) -> None:
    assert "Nobody is in this session" in console.get(address(session)).text
    assert "Nobody is in this session" in console.get(address(session, "/paper")).text


def test_a_name_that_is_a_script_stays_text(console: Console, session: Session) -> None:
    one = booked(console.world, session)
    with console.world.database.unit_of_work() as db:
        person = db.get_one(Person, one.person)
        person.name, person.name_native, person.village = SCRIPT, "မြမြ", SCRIPT
    for what in ("", "/paper"):
        html = console.get(address(session, what)).text
        assert SCRIPT not in html
        assert "&lt;script&gt;" in html
        assert "မြမြ" in html


def test_only_a_manager_is_offered_to_close_it(console: Console, session: Session) -> None:
    later = console.world.session(MONDAY + timedelta(days=2))
    assert address(later, "/close") in console.get(address(later)).text
    assert "/close" not in console.get(address(session)).text  # it has begun
    console.sign_in(Role.STAFF)
    assert "/close" not in console.get(address(later)).text


@pytest.mark.parametrize(
    ("e164", "shown"),
    [("+66812345678", "081-234-5678"), ("+6653000001", "053-000-001"), ("+95912345678", "+95912345678")],
)
def test_a_number_is_written_as_people_here_dial_it(e164: str, shown: str) -> None:
    assert national(e164) == shown
