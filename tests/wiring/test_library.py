"""Clips, edits and approvals as the tables hold them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from gateway.kit.marks import mark_of
from gateway.records.database import Database
from gateway.records.staffing import Role, Staff
from gateway.records.wordings import Asset, AssetKind, AssetSource, Origin
from gateway.staff import approving
from gateway.staff.approving import Content
from gateway.voice.assets import ClipSource
from gateway.voice.prompts import Prompt
from gateway.voice.wav import AudioError, placeholder
from gateway.wiring.library import Library
from tests.support.engines import url_of
from tests.support.world import NINE, World

BYE = Prompt("bye", "ยินดีเจ้า")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def library(world: World, tmp_path: Path) -> Library:
    return Library(world.database, tmp_path / "audio", world.clock)


@pytest.fixture
def two(world: World) -> tuple[str, str]:
    staff = [Staff(email=f"{n}@b", role=Role.STAFF, password_hash="none", created_at=NINE) for n in "ab"]
    world.add(*staff)
    return staff[0].id, staff[1].id


def submit(world: World, key: str, body: str, author: str, *, origin: Origin = Origin.EDIT) -> Asset:
    sha = hashlib.sha256(body.encode()).hexdigest()
    content = Content(AssetKind.TEXT, "nod", key, sha, body, sha, AssetSource.WRITTEN, origin)
    with world.database.unit_of_work() as db:
        return approving.submit(db, content, author=author, now=world.clock.now())


def approve(world: World, asset: Asset, staff: str) -> None:
    with world.database.unit_of_work() as db:
        approving.approve(db, asset.id, staff=staff, needs_province=False, now=world.clock.now())


def test_a_kept_clip_is_a_draft_of_its_key_and_can_be_read(library: Library) -> None:
    clip = library.keep("nod", BYE, placeholder(1), ClipSource.RECORDING, "kham")
    (kept,) = library.kept("nod")["bye"]
    assert kept.clip == clip
    assert kept.speaks(BYE)
    assert not kept.approved
    assert library.read(clip.sha256) == placeholder(1)
    assert not library.kept("th")


def test_nothing_is_read_again_while_nothing_changed(library: Library) -> None:
    library.keep("nod", BYE, placeholder(1), ClipSource.RECORDING, "kham")
    before = library.kept("nod")
    assert library.kept("nod") is before
    assert library.approved_texts() is library.approved_texts()
    library.keep("nod", BYE, placeholder(2), ClipSource.RECORDING, "kham")
    assert library.kept("nod") is not before


def test_another_process_sees_what_was_kept(library: Library, world: World, tmp_path: Path) -> None:
    other = Library(world.database, tmp_path / "audio", world.clock)
    assert not other.kept("nod")
    library.keep("nod", BYE, placeholder(1), ClipSource.RECORDING, "kham")
    assert set(other.kept("nod")) == {"bye"}


def test_a_clip_counts_as_approved_after_two_people_and_goes_when_it_is_sent_back(
    library: Library, world: World, two: tuple[str, str]
) -> None:
    library.keep("nod", BYE, placeholder(1), ClipSource.RECORDING, "kham", author=two[0])
    with world.database.reading() as db:
        (asset,) = approving.waiting(db)
    approve(world, asset, two[1])
    assert library.kept("nod")["bye"][0].approved
    with world.database.unit_of_work() as db:
        approving.withdraw(db, asset.id, staff=two[1], note="", now=NINE)
        approving.send_back(db, asset.id, staff=two[1], note="", now=NINE)
    assert not library.kept("nod")


def test_the_newest_edit_is_the_current_text_and_one_that_was_sent_back_is_not(
    library: Library, world: World, two: tuple[str, str]
) -> None:
    submit(world, "sms.reminder", "older", two[0])
    newest = submit(world, "sms.reminder", "newer", two[0])
    submit(world, "bye", "spoken", two[0])
    assert library.edited_messages() == {("nod", "sms.reminder"): "newer"}
    assert library.edited_prompts() == {("nod", "bye"): "spoken"}
    with world.database.unit_of_work() as db:
        approving.send_back(db, newest.id, staff=two[1], note="", now=NINE)
    assert library.edited_messages() == {}


def test_a_shipped_text_that_was_approved_is_no_edit(library: Library, world: World, two: tuple[str, str]) -> None:
    asset = submit(world, "sms.reminder", "shipped", two[0], origin=Origin.SHIPPED)
    assert library.approved_texts() == frozenset()
    approve(world, asset, two[1])
    assert library.approved_texts() == {mark_of("nod", "sms.reminder", asset.sha256)}
    assert library.edited_messages() == {}


def test_what_is_no_sound_leaves_no_row(library: Library, world: World) -> None:
    with pytest.raises(AudioError):
        library.keep("nod", BYE, b"words", ClipSource.RECORDING, "kham")
    with world.database.reading() as db:
        assert not approving.waiting(db)


@pytest.mark.sqlite_file
def test_to_ask_makes_no_database(tmp_path: Path, world: World) -> None:
    file = tmp_path / "none.db"
    library = Library(Database(url_of(file)), tmp_path / "audio", world.clock)
    assert not library.kept("th")
    assert not library.edited_messages()
    assert not file.exists()


def test_a_database_without_tables_knows_nothing(tmp_path: Path, world: World) -> None:
    database = Database(url_of(tmp_path / "empty.db"))
    with database.engine.connect():
        pass
    assert not Library(database, tmp_path / "audio", world.clock).approved_texts()
    database.close()
