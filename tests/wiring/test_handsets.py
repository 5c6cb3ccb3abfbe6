"""A handset for each phone on record, with what it went through so far."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from gateway.kit.phones import LineType
from gateway.records.contacts import Attempt, Direction
from gateway.records.people import Phone
from gateway.records.status import RANK, AttemptStatus, Channel
from gateway.sandbox.handsets import Handset
from gateway.wiring.handsets import handsets
from tests.support.world import NINE, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def found(world: World, habits: Path = Path("nowhere.csv")) -> dict[str, Handset]:
    with world.database.reading() as db:
        return {handset.number: handset for handset in handsets(db, habits)}


def contacted(world: World, number: str, channel: Channel, **more: object) -> None:
    phone = next(phone for phone in world.all(Phone) if phone.e164 == number)
    status = AttemptStatus.COMPLETED
    values = {"channel": channel, "status": status, "rank": RANK[status], "created_at": NINE, "submitted_at": NINE}
    world.add(Attempt(phone=phone.id, **(values | more)))


def test_every_phone_has_one_and_without_a_file_typical_habits(world: World) -> None:
    world.person(phone="+66812345678")
    world.person(phone="+6654000222")
    handset = found(world)
    assert (handset["+66812345678"].line, handset["+66812345678"].habits) == ("mobile", "typical")
    assert (handset["+6654000222"].line, handset["+6654000222"].habits) == ("landline", "landline")


def test_a_file_gives_labels_and_habits(world: World, tmp_path: Path) -> None:
    world.person(phone="+66812345678")
    file = tmp_path / "habits.csv"
    file.write_text("\ufeffnumber,label,habits\n+66812345678,ก.,always_answers_1\n+66800000009,ข.,\n", encoding="utf-8")
    handset = found(world, file)
    assert (handset["+66812345678"].label, handset["+66812345678"].habits) == ("ก.", "always_answers_1")
    assert set(handset) == {"+66812345678"}


def test_texts_and_calls_that_went_out_are_counted_so_that_the_next_is_drawn_from_there(world: World) -> None:
    world.person(phone="+66812345678")
    for channel in (Channel.SMS, Channel.VOICE, Channel.VOICE):
        contacted(world, "+66812345678", channel)
    contacted(world, "+66812345678", Channel.SMS, direction=Direction.IN)
    contacted(world, "+66812345678", Channel.SMS, submitted_at=None, created_at=NINE + timedelta(minutes=1))
    handset = found(world)["+66812345678"]
    assert (handset.contacts_so_far, handset.calls_so_far) == (3, 2)


def test_a_handset_knows_its_language_and_site_and_its_name_only_where_everybody_is_invented(world: World) -> None:
    world.person(phone="+66812345678", language="my", surname="ใจดี", sample=True)
    handset = found(world)["+66812345678"]
    assert (handset.language, handset.site, handset.name.endswith(" ใจดี")) == ("my", "S1", True)
    world.person(phone="+66812345679", sample=False)
    assert {one.name for one in found(world).values()} == {""}


def test_a_handset_knows_how_many_share_it_and_a_borrowed_one_is_nobodys(world: World, tmp_path: Path) -> None:
    world.person(phone="+66812345678")
    world.person(phone="+66812345678")
    world.person(phone="+66812345679")
    file = tmp_path / "habits.csv"
    file.write_text("number,label,habits\n+66800009999,a borrowed phone,borrowed\n", encoding="utf-8")
    handset = found(world, file)
    assert {number[-4:]: one.people for number, one in handset.items()} == {"5678": 2, "5679": 1, "9999": 0}
    assert (handset["+66800009999"].label, handset["+66800009999"].habits) == ("a borrowed phone", "borrowed")


def test_a_borrowed_phone_that_left_a_trace_is_still_one_handset_and_nobodys(world: World, tmp_path: Path) -> None:
    world.add(Phone(e164="+66800009999", line_type=LineType.MOBILE))
    file = tmp_path / "habits.csv"
    file.write_text("number,label,habits\n+66800009999,a borrowed phone,borrowed\n", encoding="utf-8")
    with world.database.reading() as db:
        (only,) = handsets(db, file)
    assert (only.people, only.label) == (0, "a borrowed phone")
