"""Who is meant by a row; the people are invented."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from gateway.care.numbers import Numbers
from gateway.care.particulars import Particulars, SaidPhone
from gateway.care.people import Match, People, changes_to, fields_of
from gateway.kit.identity import classify_identity
from gateway.kit.phones import parse_phone
from gateway.records.database import Database
from gateway.records.people import Consent, Person, PersonPhone, Phone
from gateway.records.places import Site
from tests.support.engines import opened

NOW = datetime(2026, 7, 20, 2, 0, tzinfo=UTC)
VALID, OTHER, WRONG = "1101700207030", "3100600445643", "1101700207031"
BIRTH = date(1947, 1, 1)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = opened(tmp_path / "people.db")
    with database.unit_of_work() as db:
        db.add(Site(code="11111", name="ก"))
    yield database
    database.close()


def said(number: str | None = None, phone: str | None = None, **more: Any) -> Particulars:
    given = {
        "name": "สมชาย",
        "surname": "ใจดี",
        "site": "11111",
        "hcode": "11111" if more.get("hn") else None,
        "identity": classify_identity(number) if number else None,
        "phones": (SaidPhone(parse_phone(phone)),) if phone else (),
    }
    return Particulars(**{**given, **more})


@pytest.fixture
def store(database: Database) -> Callable[..., str]:
    """Store a person as described; return the id."""

    def run(who: Particulars) -> str:
        with database.unit_of_work() as db:
            person = People(db, [who]).create(who, now=NOW)
            db.add(person)
            db.flush()
            numbers = Numbers(db, [person.id], [one.number.e164 for one in who.phones])
            numbers.update(person.id, who.phones, [])
            numbers.write()
            return person.id

    return run


@pytest.fixture
def match(database: Database) -> Callable[[Particulars], Match]:
    def run(who: Particulars) -> Match:
        with database.reading() as db:
            return People(db, [who]).match(who)

    return run


Store = Callable[[Particulars], str]
Meets = Callable[[Particulars], Match]


@pytest.mark.parametrize(
    ("stored", "described"),
    [
        (said(VALID), said(VALID, name="สมหมาย")),
        (said(VALID), said(VALID, surname="มั่นคง")),
        (said(VALID), said(VALID, name="", surname="")),
        (said(VALID), said(VALID, name="สมชาย ใจดี", surname="")),
        (said(VALID, birth_date=BIRTH), said(VALID, name="ทองคำ", surname="มั่นคง", birth_date=BIRTH)),
        (said(hn="67-1"), said(hn="67-1", phone="0812345678")),
        (said(hn="67-1"), said(VALID, hn="67-1")),
        (said(WRONG, hn="67-1"), said(VALID, hn="67-1")),
        (said(WRONG), said(WRONG)),
        (said(phone="0812345678"), said(phone="0812345678")),
        (said(birth_date=BIRTH, phone="0812345678"), said(birth_date=BIRTH)),
        (said(phone="0812345678"), said(VALID, phone="0812345678")),
    ],
)
def test_one_person_described_in_two_ways_is_found(
    store: Store, match: Meets, stored: Particulars, described: Particulars
) -> None:
    person = store(stored)
    found = match(described).person
    assert found is not None
    assert found.id == person


@pytest.mark.parametrize(
    ("stored", "described"),
    [
        (said(VALID, phone="0812345678"), said(OTHER, phone="0812345678")),
        (said(hn="67-1", phone="0812345678"), said(hn="67-2", phone="0812345678")),
        (said(phone="0812345678"), said(phone="0898765432")),
        (said(phone="0812345678"), said(phone="0812345678", name="ทองคำ")),
        (said(birth_date=BIRTH, phone="0812345678"), said(birth_date=date(1999, 1, 1), phone="0812345678")),
        (said(WRONG), said(WRONG, name="ทองคำ", birth_date=BIRTH)),
        (said(VALID, birth_date=BIRTH), said(VALID, name="ทองคำ", birth_date=date(1999, 1, 1))),
        (said(village="ก"), said(village="ข")),
        (said(hn="67-1"), said()),
        (said(VALID), said("AB1234567")),
        (said(VALID), said(VALID, name="ทองคำ", surname="มั่นคง")),
        (said(VALID, birth_date=BIRTH), said(VALID, name="ทองคำ", surname="มั่นคง")),
        (said(VALID), said(VALID, name="ทองคำ", surname="")),
        (said(VALID, hn="67-1"), said(VALID, hn="67-1", name="ทองคำ", surname="มั่นคง")),
    ],
)
def test_two_people_are_not_taken_for_one(
    store: Store, match: Meets, stored: Particulars, described: Particulars
) -> None:
    store(stored)
    assert match(described).person is None


def test_a_row_that_fits_two_people_takes_the_identity_and_names_the_rival(store: Store, match: Meets) -> None:
    by_identity, by_hn = store(said(VALID)), store(said(hn="67-1", phone="0812345678"))
    found = match(said(VALID, hn="67-1"))
    assert found.person is not None
    assert found.person.id == by_identity
    assert [rival.id for rival in found.rivals] == [by_hn]


def test_an_identity_under_another_name_names_its_owner_once_as_a_rival(store: Store, match: Meets) -> None:
    owner = store(said(VALID, hn="67-1"))
    found = match(said(VALID, hn="67-1", name="ทองคำ", surname="มั่นคง"))
    assert (found.person, [rival.id for rival in found.rivals]) == (None, [owner])


def test_a_person_merged_into_another_leads_to_that_other(database: Database, store: Store, match: Meets) -> None:
    kept, gone = store(said(VALID)), store(said(hn="67-1", phone="0812345678"))
    with database.unit_of_work() as db:
        db.get_one(Person, gone).merged_into = kept
    found = match(said(hn="67-1")).person
    assert found is not None
    assert found.id == kept


def test_a_number_that_is_somebody_elses_is_not_stored_twice(database: Database, store: Store) -> None:
    store(said(VALID, birth_date=BIRTH))
    second = store(said(VALID, name="ทองคำ", birth_date=date(1999, 1, 1)))
    with database.reading() as db:
        assert db.get_one(Person, second).id_value is None


def test_a_verified_identity_replaces_an_unverified_one_only(database: Database) -> None:
    with database.reading() as db:
        people = People(db, [])
        person = people.create(said(WRONG), now=NOW)
        assert people.missing_numbers(person, said(VALID)) == {"id_kind": "thai_cid", "id_value": VALID}
        sure = people.create(said(OTHER), now=NOW)
        assert people.missing_numbers(sure, said(VALID)) == {}


def test_only_what_the_file_changed_is_changed_and_what_others_changed_is_kept() -> None:
    person = Person(name="สมชาย", language="my", village="ก", tambon="ข", created_at=NOW)
    before = fields_of(said(language="nod", village="ก", tambon="ค"))
    wanted, conflicts = changes_to(person, said(language="lo", village="ง", tambon="ค", district="จ"), before)
    assert conflicts == ["language"]
    assert (wanted["village"], wanted["district"]) == ("ง", "จ")
    assert "tambon" not in wanted


def test_somebody_known_from_elsewhere_is_only_filled_in() -> None:
    person = Person(name="สมชาย", surname="ใจดี", language="my", village="", created_at=NOW)
    wanted, conflicts = changes_to(person, said(language="th", village="ง"), None)
    assert (wanted, conflicts) == ({"village": "ง", "site": "11111"}, [])


def test_a_dropped_number_goes_unless_it_remembers_a_stop(database: Database, store: Store) -> None:
    first, second = store(said(VALID, "0812345678")), store(said(OTHER, "0898765432"))
    with database.unit_of_work() as db:
        link = db.exec(select(PersonPhone).where(PersonPhone.person == second)).one()
        link.sms = Consent.STOP
    with database.unit_of_work() as db:
        numbers = Numbers(db, [first, second], ["+66811111119"])
        new = (SaidPhone(parse_phone("0811111119")),)
        assert numbers.update(first, new, ["+66812345678"])
        assert numbers.update(second, new, ["+66898765432"])
        numbers.write()
    with database.reading() as db:
        rows = db.exec(select(PersonPhone.person, Phone.e164).join(Phone)).all()
    assert sorted(rows) == sorted([(first, "+66811111119"), (second, "+66811111119"), (second, "+66898765432")])


def test_neither_a_person_nor_particulars_show_a_name_when_printed() -> None:
    assert "สมชาย" not in repr(said(VALID, "0812345678"))
