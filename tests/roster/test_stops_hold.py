"""A stop and a wrong number outlive every later file, however the number is written and on whosever row it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from gateway.care.consent import TYPED_START, may_contact, record_start, record_stop
from gateway.care.regimens import load_regimens
from gateway.kit.answers import Answer
from gateway.records.conversations import Reply
from gateway.records.database import Database
from gateway.records.people import Person, PersonPhone, Phone
from gateway.records.places import Site
from gateway.records.status import Channel
from gateway.replies.outcomes import apply
from gateway.roster.load import load_roster
from gateway.roster.prepare import LoadRequest
from gateway.roster.rows import CheckResult
from tests.support.engines import opened

NOW = datetime(2026, 7, 20, 2, 0, tzinfo=UTC)
DAUGHTER = {"id_number": "3100600445643", "name": "มะลิ"}
TOLD = tuple[bool, bool]


class Clinic:
    """The real loader, and people who answer us."""

    def __init__(self, database: Database, check: Callable[..., CheckResult]) -> None:
        self._database, self._check = database, check

    def load(self, *rows: dict[str, str]) -> None:
        report = load_roster(self._database, self._check(*rows), LoadRequest(now=NOW, regimens=load_regimens()))
        assert not report.result.rejected_rows

    def answers(self, name: str, answer: Answer, channel: Channel) -> None:
        with self._database.unit_of_work() as db:
            person = db.exec(select(Person).where(col(Person.name) == name)).one()
            phone = db.exec(select(PersonPhone.phone).where(col(PersonPhone.person) == person.id)).first()
            reply = Reply(phone=phone or 0, person=person.id, channel=channel, answer=answer, at=NOW)
            db.add(reply)
            db.flush()
            apply(db, reply, now=NOW)

    def may_be_contacted(self, name: str, number: str = "+66812345678") -> TOLD:
        """By text, by voice."""
        with self._database.reading() as db:
            person = db.exec(select(Person).where(col(Person.name) == name, col(Person.merged_into).is_(None))).one()
            phone = db.exec(select(Phone).where(col(Phone.e164) == number)).one()
            link = db.get(PersonPhone, (person.id, phone.id))
            assert link is not None
            return may_contact(person, link, phone, Channel.SMS), may_contact(person, link, phone, Channel.VOICE)

    def change(self, work: Callable[[Any], None]) -> None:
        with self._database.unit_of_work() as db:
            work(db)


@pytest.fixture
def clinic(tmp_path: Path, check: Callable[..., CheckResult]) -> Iterator[Clinic]:
    database = opened(tmp_path / "roster.db")
    with database.unit_of_work() as db:
        db.add(Site(code="11111", name="ก"))
    yield Clinic(database, check)
    database.close()


@pytest.mark.parametrize("number", ["081-234-5678", "0812345678", "+66 81 234 5678", "๐๘๑-๒๓๔-๕๖๗๘", "66812345678"])
def test_a_stop_holds_however_the_next_file_writes_the_number(clinic: Clinic, number: str) -> None:
    clinic.load({})
    clinic.answers("สมชาย", Answer.STOP, Channel.VOICE)
    clinic.load({"phone": number, "dose": "2"})
    assert clinic.may_be_contacted("สมชาย") == (False, False)


def test_a_typed_stop_holds_for_whoever_is_put_on_the_number_later(clinic: Clinic) -> None:
    clinic.load({})
    clinic.answers("สมชาย", Answer.STOP, Channel.SMS)
    clinic.load({}, DAUGHTER)
    assert clinic.may_be_contacted("มะลิ") == (False, False)


def test_a_stop_in_a_call_is_one_persons_and_the_daughter_on_the_same_number_is_reached(clinic: Clinic) -> None:
    clinic.load({})
    clinic.answers("สมชาย", Answer.STOP, Channel.VOICE)
    clinic.load({}, DAUGHTER)
    assert clinic.may_be_contacted("สมชาย") == (False, False)
    assert clinic.may_be_contacted("มะลิ") == (True, True)


def test_after_a_start_a_later_row_is_not_stopped_any_more(clinic: Clinic) -> None:
    clinic.load({})
    clinic.answers("สมชาย", Answer.STOP, Channel.SMS)

    def start(db: Any) -> None:
        link = db.exec(select(PersonPhone)).one()
        record_start(db, link.person, link.phone, source=TYPED_START, now=NOW + timedelta(hours=1))

    clinic.change(start)
    clinic.load({}, DAUGHTER)
    assert clinic.may_be_contacted("มะลิ") == (True, True)


def test_a_start_of_the_phone_leaves_the_stop_of_one_person_as_it_is(clinic: Clinic) -> None:
    """Taken off by hand and named again in a file: the daughter's START was not for him."""
    clinic.load({}, DAUGHTER)
    clinic.answers("สมชาย", Answer.STOP, Channel.VOICE)

    def start_and_drop(db: Any) -> None:
        for link in db.exec(select(PersonPhone)).all():
            if db.get(Person, link.person).name == "มะลิ":
                record_start(db, link.person, link.phone, source=TYPED_START, now=NOW + timedelta(hours=1))
            else:
                db.delete(link)

    clinic.change(start_and_drop)
    clinic.load({"dose": "2"})
    assert clinic.may_be_contacted("สมชาย") == (False, False)
    assert clinic.may_be_contacted("มะลิ") == (True, True)


def test_a_stop_by_text_alone_is_remembered_as_that(clinic: Clinic) -> None:
    """The carrier's own opt-out: their texts end, and they are called."""
    clinic.load({})

    def opt_out(db: Any) -> None:
        link = db.exec(select(PersonPhone)).one()
        record_stop(db, link.person, link.phone, channel=Channel.SMS, source="carrier", now=NOW)
        db.delete(link)  # as when the number was taken off the person by hand

    clinic.change(opt_out)
    clinic.load({"dose": "2"})
    assert clinic.may_be_contacted("สมชาย") == (False, True)


def test_a_stop_of_somebody_found_to_be_the_same_person_holds_for_them(clinic: Clinic) -> None:
    clinic.load({}, {**DAUGHTER, "phone": "089-111-2222"})
    clinic.answers("สมชาย", Answer.STOP, Channel.VOICE)

    def merge(db: Any) -> None:
        old = db.exec(select(Person).where(col(Person.name) == "สมชาย")).one()
        old.merged_into = db.exec(select(Person.id).where(col(Person.name) == "มะลิ")).one()

    clinic.change(merge)
    clinic.load({**DAUGHTER, "dose": "2"})  # the number of the row that was merged, now on the one that stays
    assert clinic.may_be_contacted("มะลิ") == (False, False)


def test_a_number_that_is_nobody_of_ours_is_not_called_for_another_row_either(clinic: Clinic) -> None:
    clinic.load({})
    clinic.answers("สมชาย", Answer.WRONG_PERSON, Channel.VOICE)
    clinic.load({}, DAUGHTER)
    assert clinic.may_be_contacted("สมชาย") == (False, False)
    assert clinic.may_be_contacted("มะลิ") == (False, False)
