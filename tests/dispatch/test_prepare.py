"""What a reminder will say, made from an appointment, its person and its site."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.dispatch.prepare import Case, Prepared, Refusal, prepare_text, text_language
from gateway.records.places import Site
from gateway.records.status import Channel
from gateway.wording.catalogue import Purpose
from tests.support import rooms
from tests.support.world import World

LONG_NAME = "Pak Ao Thong Example Hospital"
LONGEST_NAME = "Saeng Thale Estate Example Vaccination Centre"


def prepared(
    world: World, folder: Path, language: str, *, approved: frozenset[str] | None = None, **site: str
) -> Prepared | Refusal:
    with world.database.unit_of_work() as db:
        place = db.get(Site, "S1")
        assert place is not None
        for name, value in site.items():
            setattr(place, name, value)
    person = world.person(language=language)
    appointment = world.appointment(person)
    case = Case(world.reminder(appointment, Channel.SMS), appointment, person, place)
    said = rooms.speech(folder) if approved is None else rooms.speech(folder, **for_people(approved))
    return prepare_text(said, case, world.clock.now())


def for_people(approved: frozenset[str]) -> dict[str, object]:
    """Where people are reached, with these texts approved."""
    return {"may_use_drafts": False, "may_use_placeholders": False, "approved_texts": lambda: approved}


@pytest.mark.parametrize("language", ["my", "km", "lo", "vi"])
def test_a_long_english_name_is_said_once_and_the_text_still_fits(world: World, tmp_path: Path, language: str) -> None:
    text = prepared(world, tmp_path, language, name_en=LONG_NAME, short_name="ศูนย์แสงทะเล")
    assert isinstance(text, Prepared)
    assert text.segments <= 3
    assert LONG_NAME in text.body


@pytest.mark.parametrize("language", ["my", "km", "lo", "vi"])
def test_no_name_is_so_long_that_nothing_is_sent(world: World, tmp_path: Path, language: str) -> None:
    text = prepared(world, tmp_path, language, name_en=LONGEST_NAME, short_name="ศูนย์แสงทะเล")
    assert isinstance(text, Prepared)
    assert text.segments <= 3


def test_where_both_fit_the_sender_too_is_written_in_english(world: World, tmp_path: Path) -> None:
    text = prepared(world, tmp_path, "vi", name_en="Clinic 1", short_name="รพ.ตัวอย่าง")
    assert isinstance(text, Prepared)
    assert text.body.count("Clinic 1") == 2
    assert "รพ." not in text.body


def test_a_dialects_draft_keeps_nobody_from_the_approved_thai_text(world: World, tmp_path: Path) -> None:
    pieces = {code: rooms.shipped_catalogue().pieces(Purpose.REMINDER, code, two_way=True) for code in ("th", "nod")}
    approved = {code: frozenset(one.mark for one in found) for code, found in pieces.items()}
    assert prepared(world, tmp_path, "nod", approved=frozenset()) == Refusal("text_not_approved")
    for hashes, language in ((approved["th"], "th"), (approved["th"] | approved["nod"], "nod")):
        text = prepared(world, tmp_path, "nod", approved=hashes)
        assert isinstance(text, Prepared)
        assert text.language == language


@pytest.mark.parametrize(
    ("language", "named"), [("my", "မောင်မောင်"), ("km", "Maung Maung"), ("ksw", "မောင်မောင်"), ("en", "Maung Maung")]
)
def test_a_name_stands_in_its_own_letters_in_a_text_of_those_letters_only(
    world: World, tmp_path: Path, language: str, named: str
) -> None:
    person = world.person(language=language, name_native="မောင်မောင်")
    person.name = "Maung Maung"
    appointment = world.appointment(person)
    with world.database.reading() as db:
        place = db.get(Site, "S1")
    assert place is not None
    case = Case(world.reminder(appointment, Channel.SMS), appointment, person, place)
    text = prepare_text(rooms.speech(tmp_path), case, world.clock.now())
    assert isinstance(text, Prepared)
    assert named in text.body


def test_where_people_are_reached_approved_thai_stands_in_for_a_dialects_draft(world: World, tmp_path: Path) -> None:
    thai = rooms.shipped_catalogue().pieces(Purpose.REMINDER, "th", two_way=True)
    approved = frozenset(piece.mark for piece in thai)
    live = rooms.speech(tmp_path, may_use_drafts=False, approved_texts=lambda: approved)
    assert text_language(live, "nod", Purpose.REMINDER, neutral=False) == "th"
    assert text_language(rooms.speech(tmp_path), "nod", Purpose.REMINDER, neutral=False) == "nod"


def test_words_approved_for_one_text_or_language_are_not_approved_for_another(world: World, tmp_path: Path) -> None:
    """One person could paste approved words where they say the opposite, or a dialect go out that nobody of it read."""
    catalogue = rooms.shipped_catalogue()
    pieces = {code: catalogue.pieces(Purpose.REMINDER, code, two_way=True) for code in ("th", "sou")}
    same = [(one, other) for one in pieces["th"] for other in pieces["sou"] if one.sha256 == other.sha256]
    thai = frozenset(piece.mark for piece in pieces["th"])
    assert same
    assert catalogue.is_approved(Purpose.REMINDER, "th", thai, two_way=True)
    assert not catalogue.is_approved(Purpose.REMINDER, "sou", thai, two_way=True)
    elsewhere = frozenset(piece.mark.replace("sms.reminder", "sms.notice") for piece in pieces["th"])
    assert not catalogue.is_approved(Purpose.REMINDER, "th", elsewhere, two_way=True)
    assert prepared(world, tmp_path, "th", approved=elsewhere) == Refusal("text_not_approved")
