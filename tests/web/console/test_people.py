"""Finding people at the console: what is typed stays out of addresses, and what is found is theirs to see."""

from __future__ import annotations

import logging
import re

import pytest

from gateway.records.people import Person
from gateway.records.places import Site
from gateway.records.staffing import Audit, Role
from gateway.records.status import TaskKind
from gateway.records.work import Task
from tests.support.world import World
from tests.web.console.conftest import Console

PATH = "/console/people"


def search(console: Console, typed: str, **fields: str) -> str:
    answer = console.post(PATH, page=PATH, typed=typed, **fields)
    assert answer.status_code == 200, answer.text
    return answer.text


def somchai(world: World, **more: object) -> Person:
    values: dict[str, object] = {"surname": "ใจดี", "title": "นาย", "village": "บ้านแม่ทะ", **more}
    person = world.person(phone="0812345678", **values)
    person.name = "สมชาย"
    world.add(person)
    return person


def test_a_part_of_a_name_finds_the_person_with_all_that_tells_them_apart(console: Console) -> None:
    person = somchai(console.world, name_native="သန်း", language="my")
    console.world.appointment(person)
    page = search(console, "สมชายใจ")
    assert f'href="/console/people/{person.id}"' in page
    assert "1 person found" in page
    for said in ("นาย สมชาย ใจดี", "သန်း", "บ้านแม่ทะ", "…5678", "Wed 5 Aug 2026 09:30", "Booked", "မြန်မာ"):
        assert said in page
    assert "812345678" not in page  # who only looks for somebody sees the end of a number


def test_a_name_that_is_written_in_one_script_only_is_shown_once(console: Console) -> None:
    person = console.world.person(name_native="သန်း")
    person.name = "သန်း"
    console.world.add(person)
    assert search(console, "သန်း").count("သန်း") == 2  # in the box, and in the line


def test_the_end_of_a_number_in_burmese_digits_finds_the_person(console: Console) -> None:
    person = somchai(console.world)
    assert person.id in search(console, "၅၆၇၈")


def test_two_digits_ask_for_more(console: Console) -> None:
    page = search(console, "78")
    assert "at least the last 3 digits" in page
    assert 'aria-invalid="true"' in page


def test_nothing_typed_says_what_to_do(console: Console) -> None:
    assert "or choose a filter, then search" in search(console, "   ")


def test_nobody_found_says_what_to_try_and_keeps_what_was_typed(console: Console) -> None:
    page = search(console, 'ไม่มี"ใคร')
    assert "Nobody found" in page
    assert 'value="ไม่มี&#34;ใคร"' in page


def test_a_day_nobody_can_read_is_said_so_and_nothing_is_lost(console: Console) -> None:
    answer = console.post(PATH, page=PATH, typed="สมชาย", day="31/02/2569")
    assert answer.status_code == 400
    assert "This day cannot be read" in answer.text
    assert 'value="สมชาย"' in answer.text


def test_a_day_in_the_buddhist_era_filters_as_well(console: Console) -> None:
    person = somchai(console.world)
    console.world.appointment(person)
    assert person.id in search(console, "", day="5/8/2569")
    assert "Nobody found" in search(console, "", day="2026-08-06")


def test_a_site_or_language_that_is_no_choice_is_no_filter(console: Console) -> None:
    assert somchai(console.world).id in search(console, "สมชาย", site="NOWHERE", language="xx")


def test_what_is_looked_for_is_in_no_address_and_no_log(console: Console, caplog: pytest.LogCaptureFixture) -> None:
    somchai(console.world)
    with caplog.at_level(logging.DEBUG):
        page = search(console, "สมชาย")
        search(console, "0812345678")
    assert not re.search(r'(href|action)="[^"]*สมชาย', page)
    assert "สมชาย" not in caplog.text
    assert "345678" not in caplog.text


def test_a_search_without_the_forms_token_is_refused(console: Console) -> None:
    answer = console.post(PATH, typed="สมชาย", csrf="wrong", once="x")
    assert answer.status_code == 409


def test_a_name_that_is_a_script_stays_text(console: Console) -> None:
    script = "<script>alert(1)</script>"
    person = console.world.person(surname=script, village=script, name_native=script)
    console.world.add(Task(kind=TaskKind.CALLBACK, subject="x", person=person.id, created_at=console.world.clock.now()))
    for page in (console.get(PATH).text, search(console, script), search(console, "alert")):
        assert "<script>alert" not in page
    assert "&lt;script&gt;" in console.get(PATH).text


def test_staff_of_a_site_find_only_their_people(console: Console) -> None:
    person = somchai(console.world)
    console.world.add(Site(code="S2", name="ที่อื่น"))
    console.sign_in(Role.STAFF, site="S2")
    assert person.id not in search(console, "สมชาย", site="S1")
    assert 'name="site"' not in console.get(PATH).text
    console.sign_in(Role.STAFF, site="S1")
    assert person.id in search(console, "สมชาย")


def test_the_empty_page_shows_who_waits_for_staff_and_for_what(console: Console) -> None:
    assert "Type a name" in console.get(PATH).text
    person = somchai(console.world)
    console.world.add(Task(kind=TaskKind.RIDE, subject="x", person=person.id, created_at=console.world.clock.now()))
    page = console.get(PATH).text
    assert person.id in page
    assert "Ride" in page


def test_who_is_not_signed_in_finds_nobody(console: Console) -> None:
    console.client.cookies.clear()
    assert console.get(PATH).status_code == 303
    assert console.client.post(PATH, data={"typed": "สมชาย"}).status_code == 401


def test_that_somebody_was_looked_for_is_kept_and_never_the_words(console: Console) -> None:
    somchai(console.world)
    for typed in ("สมชาย", "5678", "ไม่มีใคร", "78"):
        search(console, typed)
    console.get(PATH)
    deeds = console.world.all(Audit)
    assert [(one.verb, one.kind, one.subject, one.staff) for one in deeds] == [
        ("searched", "page", "people", console.me.id)
    ] * 3, "two digits are sent back and look for nobody"
    assert [one.after for one in deeds] == [{"found": 1}, {"found": 1}, {"found": 0}]
    assert not any(word in str(one) for one in deeds for word in ("สมชาย", "5678"))
