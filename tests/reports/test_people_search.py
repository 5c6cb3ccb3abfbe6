"""What staff may type, and whom they find."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.kit.digits import ZEROS, in_script
from gateway.kit.phones import LineType
from gateway.records.people import Person, PersonPhone, Phone, PhoneRole
from gateway.records.places import Site
from gateway.records.status import AppointmentStatus, TaskKind
from gateway.records.work import Task
from gateway.reports.people_search import (
    MOST,
    Found,
    Problem,
    Wanted,
    is_seen_from,
    search_people,
    survivor_of,
    waiting_people,
)
from gateway.reports.search_words import read_typed
from tests.reports.conftest import World, bangkok

NOW = bangkok("2026-11-29T09:00")


def found(world: World, typed: str, seen_from: str | None = None, **filters: Any) -> Found:
    return search_people(world.db, Wanted(typed, **filters), site=seen_from, now=NOW)


def names(world: World, typed: str, seen_from: str | None = None, **filters: Any) -> list[str]:
    return [one.name for one in found(world, typed, seen_from, **filters).people]


def on_phone(world: World, person: Person, number: str, **more: Any) -> None:
    phone = Phone(e164=number, line_type=LineType.MOBILE)
    world.add(phone)
    world.add(PersonPhone(person=person.id, phone=phone.id or 0, **more))


@pytest.fixture
def village(world: World) -> World:
    """Four people of two sites."""
    somchai = world.person(
        title="นาย", name="สมชาย", surname="ใจดี", village="บ้านแม่ทะ", site="S1", hn="67-001", hcode="S1"
    )
    somsri = world.person(title="นาง", name="สมศรี", surname="แก้วมา", village="บ้านสบตุ๋ย", site="S1", hn="12", hcode="S1")
    hla = world.person(
        name="Hla Hla", surname="Aung", name_native="လှ လှ အောင်", language="my", village="โรงงาน", site="S2"
    )
    world.person(name="100%", surname="sure_thing", village="O'Neill\\", site="S2")
    on_phone(world, somchai, "+66812345678")
    on_phone(world, somsri, "+66898765432")
    on_phone(world, hla, "+66611112222")
    return world


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("สมชาย", ["สมชาย"]),
        ("สม", ["สมชาย", "สมศรี"]),
        ("ชาย", ["สมชาย"]),  # inside a name
        ("ใจดี", ["สมชาย"]),
        ("สมชายใจดี", ["สมชาย"]),  # in one piece, as Thai is typed
        ("นายสมชาย", ["สมชาย"]),
        ("  ใจดี   สมชาย ", ["สมชาย"]),  # surname first
        ("สมชาย แม่ทะ", ["สมชาย"]),  # a name and a village
        ("แม่ทะ", ["สมชาย"]),
        ("สมชาย 5678", ["สมชาย"]),  # a name and the end of a number
        ("สมชาย 5432", []),
        ("hla", ["Hla Hla"]),
        ("HLAHLA aung", ["Hla Hla"]),
        ("လှ အောင်", ["Hla Hla"]),
        ("လှလှအောင်", ["Hla Hla"]),
        ("\u200bสมชาย\u200b", ["สมชาย"]),  # copied with invisible letters
        ("%", ["100%"]),
        ("100%", ["100%"]),
        ("_", ["100%"]),
        ("sure_thing", ["100%"]),
        ("sure%thing", []),
        ("\\", ["100%"]),
        ("O'Neill", ["100%"]),
        ("'; DROP TABLE person; --", []),
        ("678", ["สมชาย"]),
        ("5678", ["สมชาย"]),
        ("345-678", ["สมชาย"]),
        ("081-234-5678", ["สมชาย"]),
        ("0812345678", ["สมชาย"]),
        ("+66 81 234 5678", ["สมชาย"]),
        ("๕๖๗๘", ["สมชาย"]),
        ("၅၆၇၈", ["สมชาย"]),
        ("៥៦៧៨", ["สมชาย"]),
        ("0812", []),  # the beginning of a number is not its end
        ("67-001", ["สมชาย"]),
        ("HN 67-001", ["สมชาย"]),
        ("hn๖๗-๐๐๑", ["สมชาย"]),
        ("67-00", []),  # a hospital number is whole or it is none
        ("12", ["สมศรี"]),  # two digits, but a whole hospital number
    ],
)  # fmt: skip
def test_what_is_typed_finds_whom_it_means(village: World, typed: str, expected: list[str]) -> None:
    assert names(village, typed) == expected


@pytest.mark.parametrize("typed", ["7", "78", "๗๘", " 7 8 ", "-78-"])
def test_two_digits_ask_for_more(village: World, typed: str) -> None:
    assert found(village, typed) == Found(problem=Problem.SHORT_NUMBER)


@pytest.mark.parametrize("typed", ["", "   ", "\u200b", "\n\t"])
def test_nothing_typed_and_no_filter_asks_what_to_look_for(village: World, typed: str) -> None:
    assert found(village, typed) == Found(problem=Problem.NOTHING)


@given(text=st.text(max_size=60), site=st.sampled_from([None, "S1", "NOWHERE"]))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_typed_is_looked_for_and_never_fails(village: World, text: str, site: str | None) -> None:
    answer = search_people(village.db, Wanted(text), site=site, now=NOW)
    assert len(answer.people) <= MOST
    assert all(is_seen_from(village.db, village.db.get_one(Person, one.id), site) for one in answer.people)


@given(end=st.integers(100, 99_999), script=st.sampled_from(sorted(ZEROS)))
def test_digits_mean_the_same_in_every_script(end: int, script: str) -> None:
    assert read_typed(in_script(str(end), script)).digits == str(end)


def test_who_begins_with_what_was_typed_comes_first(world: World) -> None:
    for name in ("กมลใจ", "ใจดี", "วิใจ"):
        world.person(name=name)
    assert names(world, "ใจ")[0] == "ใจดี"


def test_fifty_are_shown_and_more_are_told_of(world: World) -> None:
    for n in range(MOST + 1):
        world.person(name=f"มานี{n:02}")
    answer = found(world, "มานี")
    assert (len(answer.people), answer.more) == (MOST, True)
    assert not found(world, "มานี07").more


def test_who_was_merged_is_shown_once_as_who_they_are_now(village: World) -> None:
    present = village.person(name="สมชาย", surname="ใจดีจริง", site="S1")
    between = village.person(name="สมชัย", surname="ใจดี", site="S1", merged_into=present.id)
    village.person(name="ส.ใจดี", surname="", hn="999", merged_into=between.id)
    assert [one.surname for one in found(village, "สมชัย").people] == ["ใจดีจริง"]
    assert [one.surname for one in found(village, "999").people] == ["ใจดีจริง"]
    assert len(found(village, "ใจดีจริง").people) == 1
    assert survivor_of(village.db, between).id == present.id


def test_who_is_merged_in_a_circle_is_not_looked_for_for_ever(world: World) -> None:
    first = world.person(name="วน")
    second = world.person(name="เวียน", merged_into=first.id)
    first.merged_into = second.id
    world.add(first)
    assert found(world, "วน").people == ()
    assert survivor_of(world.db, first).name in ("วน", "เวียน")


def test_staff_of_a_site_find_its_people_and_who_comes_there(village: World) -> None:
    assert names(village, "สม", "S2") == []
    assert names(village, "5678", "S2") == []
    somchai = village.db.get_one(Person, found(village, "สมชาย").people[0].id)
    village.appointment(person=somchai, site="S2")
    assert names(village, "สม", "S2") == ["สมชาย"]
    assert is_seen_from(village.db, somchai, "S2")
    assert not is_seen_from(village.db, somchai, "S3")


def test_filters_narrow_by_site_language_and_day(village: World) -> None:
    somchai = village.db.get_one(Person, found(village, "สมชาย").people[0].id)
    village.appointment("2026-11-30T13:00", somchai)
    village.appointment("2026-12-07T13:00", somchai, status=AppointmentStatus.CANCELLED, dose_no=2)
    assert names(village, "สม", site="S2") == []
    assert sorted(names(village, "", site="S2")) == ["100%", "Hla Hla"]
    assert names(village, "", None, language="my") == ["Hla Hla"]
    assert names(village, "สม", None, day=date(2026, 11, 30)) == ["สมชาย"]
    assert names(village, "", None, day=date(2026, 11, 30)) == ["สมชาย"]
    assert names(village, "สม", None, day=date(2026, 12, 7)) == []  # cancelled


def test_a_line_shows_the_next_appointment_and_else_the_last(world: World) -> None:
    person = world.person(name="มะลิ")
    last = world.appointment("2026-11-01T09:00", person, status=AppointmentStatus.MISSED)
    assert found(world, "มะลิ").people[0].starts_at == last.starts_at
    world.appointment("2026-12-24T09:00", person, dose_no=3)
    soon = world.appointment("2026-12-02T09:00", person, dose_no=2)
    (line,) = found(world, "มะลิ").people
    assert (line.starts_at, line.status) == (soon.starts_at, AppointmentStatus.BOOKED)


def test_one_that_was_moved_is_not_shown_for_the_one_that_took_its_place(world: World) -> None:
    person = world.person(name="มะลิ")
    world.appointment("2026-11-28T09:00", person, status=AppointmentStatus.MOVED)
    stood = world.appointment("2026-11-25T09:00", person, status=AppointmentStatus.CONFIRMED)
    assert found(world, "มะลิ").people[0].starts_at == stood.starts_at


def test_a_line_shows_the_end_of_a_number_and_not_the_volunteers(village: World) -> None:
    somchai = village.db.get_one(Person, found(village, "สมชาย").people[0].id)
    on_phone(village, somchai, "+66800000999", role=PhoneRole.VHV, rank=9)
    assert "5678" in found(village, "สมชาย").people[0].phones
    assert all(len(end) == 4 and end != "0999" for end in found(village, "สมชาย").people[0].phones)


def test_people_about_whom_something_waits_are_shown_the_longest_waiting_first(world: World) -> None:
    late, early, done = world.person(name="หลัง"), world.person(name="ก่อน"), world.person(name="เสร็จ")
    for person, at in ((late, "2026-11-28T10:00"), (early, "2026-11-27T10:00"), (early, "2026-11-28T11:00")):
        world.add(Task(kind=TaskKind.CALLBACK, subject=at, person=person.id, created_at=bangkok(at)))
    world.add(Task(kind=TaskKind.RIDE, subject="x", person=done.id, created_at=NOW, status="done", done_at=NOW))
    people = waiting_people(world.db, site=None, now=NOW)
    assert [(one.name, one.waits) for one in people] == [("ก่อน", (TaskKind.CALLBACK,)), ("หลัง", (TaskKind.CALLBACK,))]
    assert found(world, "เสร็จ").people[0].waits == ()
    world.add(Site(code="S9", name="nine"))
    assert waiting_people(world.db, site="S9", now=NOW) == ()
