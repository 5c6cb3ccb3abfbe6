"""Two people for every content, by its hash."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from gateway.records.database import Conflict, Database
from gateway.records.staffing import Role, Staff
from gateway.records.status import AssetStatus
from gateway.records.wordings import Approval, Asset, AssetKind, AssetSource, Origin, Part
from gateway.staff import approving
from gateway.staff.approving import Content, NotOpen, ProvinceNeeded, SamePerson
from tests.staff.conftest import NOW

Work = Callable[[Session], Asset]


def text(body: str, *, origin: Origin = Origin.EDIT, key: str = "sms.reminder") -> Content:
    sha = hashlib.sha256(body.encode()).hexdigest()
    return Content(AssetKind.TEXT, "nod", key, sha, body, sha, AssetSource.WRITTEN, origin)


def clip(sound: str, voice: str = "kham") -> Content:
    sha = hashlib.sha256(sound.encode()).hexdigest()
    return Content(
        AssetKind.CLIP, "nod", "bye", sha, "ยินดีเจ้า", "t" * 64, AssetSource.RECORDING, Origin.BROWSER, voice, 1.0
    )


@pytest.fixture
def people(database: Database) -> tuple[str, str, str]:
    three = [Staff(email=f"{n}@hospital.example", role=Role.STAFF, password_hash="none", created_at=NOW) for n in "abc"]
    with database.unit_of_work() as db:
        db.add_all(three)
    return three[0].id, three[1].id, three[2].id


@pytest.fixture
def do(database: Database) -> Callable[[Work], Asset]:
    def run(work: Work) -> Asset:
        with database.unit_of_work() as db:
            return work(db)

    return run


def submit(content: Content, author: str | None, minutes: int = 0) -> Work:
    return lambda db: approving.submit(db, content, author=author, now=NOW + timedelta(minutes=minutes))


def approve(asset: Asset, staff: str, province: str = "ลำปาง") -> Work:
    return lambda db: approving.approve(
        db, asset.id, staff=staff, province=province, needs_province=True, now=NOW + timedelta(hours=1)
    )


def test_a_content_waits_until_a_second_person_approved_it(
    do: Callable[[Work], Asset], people: tuple[str, str, str]
) -> None:
    asset = do(submit(text("หนึ่ง"), people[0]))
    assert asset.status is AssetStatus.DRAFT
    assert do(approve(asset, people[1])).status is AssetStatus.APPROVED


def test_who_made_it_cannot_approve_it(
    do: Callable[[Work], Asset], people: tuple[str, str, str], database: Database
) -> None:
    asset = do(submit(text("หนึ่ง"), people[0]))
    with pytest.raises(SamePerson):
        do(approve(asset, people[0]))
    with pytest.raises((IntegrityError, Conflict)), database.unit_of_work() as db:
        db.add(Approval(asset=asset.id, part=Part.APPROVER, staff=people[0], at=NOW))


def test_what_came_from_the_command_line_needs_two_people_as_well(
    do: Callable[[Work], Asset], people: tuple[str, str, str]
) -> None:
    asset = do(submit(clip("a"), None))
    assert do(approve(asset, people[0])).status is AssetStatus.DRAFT
    with pytest.raises(SamePerson):
        do(approve(asset, people[0]))
    assert do(approve(asset, people[1])).status is AssetStatus.APPROVED


def test_a_dialect_is_approved_with_the_province_it_is_known_from(
    do: Callable[[Work], Asset], people: tuple[str, str, str], database: Database
) -> None:
    asset = do(submit(text("หนึ่ง"), people[0]))
    with pytest.raises(ProvinceNeeded):
        do(approve(asset, people[1], province=" "))
    do(approve(asset, people[1], province="ลำพูน"))
    with database.reading() as db:
        assert approving.vouchers(db, asset.id)[Part.APPROVER].province == "ลำพูน"


def test_another_word_is_another_asset_and_a_draft(
    do: Callable[[Work], Asset], people: tuple[str, str, str], database: Database
) -> None:
    first = do(submit(text("หนึ่ง"), people[0]))
    do(approve(first, people[1]))
    second = do(submit(text("สอง"), people[0], minutes=90))
    assert second.id != first.id
    assert second.status is AssetStatus.DRAFT
    with database.reading() as db:
        assert [one.id for one in approving.waiting(db, "nod")] == [second.id]
        assert [one.id for one in approving.versions(db, AssetKind.TEXT, "nod", "sms.reminder")] == [
            second.id,
            first.id,
        ]


def test_the_same_words_again_are_approved_as_they_were(
    do: Callable[[Work], Asset], people: tuple[str, str, str]
) -> None:
    first = do(submit(text("หนึ่ง"), people[0]))
    do(approve(first, people[1]))
    do(submit(text("สอง"), people[0], minutes=90))
    again = do(submit(text("หนึ่ง"), people[2], minutes=99))
    assert (again.id, again.status) == (first.id, AssetStatus.APPROVED)


@pytest.mark.parametrize("content", [text("หนึ่ง"), clip("a")])
def test_what_somebody_put_aside_needs_two_people_anew(
    do: Callable[[Work], Asset], people: tuple[str, str, str], database: Database, content: Content
) -> None:
    asset = do(submit(content, people[0]))
    do(approve(asset, people[1]))
    do(lambda db: approving.retire(db, asset.id, staff=people[2], note="wrong: do not use", now=NOW))
    again = do(submit(content, people[2], minutes=90))
    assert (again.id, again.status) == (asset.id, AssetStatus.DRAFT)
    with pytest.raises(SamePerson):
        do(approve(again, people[2]))
    assert do(approve(again, people[0])).status is AssetStatus.APPROVED
    with database.reading() as db:
        assert {part: one.staff for part, one in approving.vouchers(db, asset.id).items()} == {
            Part.AUTHOR: people[2],
            Part.APPROVER: people[0],
        }


def test_a_clip_that_a_newer_one_took_the_place_of_is_approved_as_it_was_when_it_comes_again(
    do: Callable[[Work], Asset], people: tuple[str, str, str]
) -> None:
    first = do(submit(clip("a"), people[0]))
    do(approve(first, people[1]))
    do(approve(do(submit(clip("b"), people[0], minutes=5)), people[1]))
    again = do(submit(clip("a"), people[0], minutes=9))
    assert (again.id, again.status) == (first.id, AssetStatus.APPROVED)


def test_the_history_says_who_answered_for_it_who_approved_it_and_from_where(
    do: Callable[[Work], Asset], people: tuple[str, str, str], database: Database
) -> None:
    asset = do(submit(clip("a"), None))
    do(approve(asset, people[0], province="ลำปาง"))
    do(approve(asset, people[1], province="แพร่"))
    do(lambda db: approving.retire(db, asset.id, staff=people[2], note="เสียงแตก", now=NOW))
    with database.reading() as db:
        told = [(one.verb, one.staff, one.province, one.note) for one in approving.history(db, [asset.id])]
    assert told == [
        ("retired", people[2], "", "เสียงแตก"),
        ("approved", people[1], "แพร่", ""),
        ("vouched", people[0], "ลำปาง", ""),
        ("submitted", None, "", ""),
    ]


def test_what_was_sent_back_is_out_until_it_is_submitted_again(
    do: Callable[[Work], Asset], people: tuple[str, str, str], database: Database
) -> None:
    asset = do(submit(clip("a"), people[0]))
    back = do(lambda db: approving.send_back(db, asset.id, staff=people[1], note="เสียงเบา", now=NOW))
    assert back.status is AssetStatus.RETURNED
    with pytest.raises(NotOpen):
        do(approve(asset, people[1]))
    again = do(submit(clip("a"), people[0], minutes=5))
    assert again.status is AssetStatus.DRAFT
    with database.reading() as db:
        verbs = [(event.verb, event.note) for event in approving.history(db, [asset.id])]
    assert verbs == [("submitted", ""), ("returned", "เสียงเบา"), ("submitted", "")]


def test_an_approval_that_is_withdrawn_reaches_nobody_and_can_be_given_again(
    do: Callable[[Work], Asset], people: tuple[str, str, str]
) -> None:
    asset = do(submit(clip("a"), people[0]))
    do(approve(asset, people[1]))
    assert (
        do(lambda db: approving.withdraw(db, asset.id, staff=people[2], note="", now=NOW)).status is AssetStatus.DRAFT
    )
    with pytest.raises(NotOpen):
        do(lambda db: approving.withdraw(db, asset.id, staff=people[2], note="", now=NOW))
    assert do(approve(asset, people[2])).status is AssetStatus.APPROVED


def test_a_phrase_spoken_again_waits_beside_the_approved_one_and_takes_its_place_when_approved(
    do: Callable[[Work], Asset], people: tuple[str, str, str], database: Database
) -> None:
    first = do(submit(clip("a"), people[0]))
    do(approve(first, people[1]))
    second = do(submit(clip("b"), people[0], minutes=90))
    with database.reading() as db:
        assert [one.status for one in approving.versions(db, AssetKind.CLIP, "nod", "bye")] == ["draft", "approved"]
    do(approve(second, people[1]))
    with database.reading() as db:
        assert [one.status for one in approving.versions(db, AssetKind.CLIP, "nod", "bye")] == ["approved", "retired"]


def test_a_draft_that_is_spoken_again_goes_and_another_persons_stays(
    do: Callable[[Work], Asset], people: tuple[str, str, str], database: Database
) -> None:
    do(submit(clip("a"), people[0]))
    mai = do(submit(clip("m", voice="mai"), people[1], minutes=1))
    newer = do(submit(clip("b"), people[0], minutes=2))
    with database.reading() as db:
        assert {one.id for one in approving.waiting(db)} == {mai.id, newer.id}


def test_what_is_not_there_cannot_be_approved(do: Callable[[Work], Asset], people: tuple[str, str, str]) -> None:
    with pytest.raises(NotOpen):
        do(lambda db: approving.approve(db, "nothing", staff=people[0], needs_province=False, now=NOW))
    with pytest.raises(NotOpen):
        do(lambda db: approving.retire(db, "nothing", staff=None, note="", now=NOW))
