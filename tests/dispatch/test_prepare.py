"""What a reminder will say, made from an appointment, its person and its site."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.dispatch.prepare import Case, Prepared, Refusal, prepare_text
from gateway.records.places import Site
from gateway.records.status import Channel
from tests.support import rooms
from tests.support.world import World

LONG_NAME = "Pak Ao Thong Example Hospital"
LONGEST_NAME = "Saeng Thale Estate Example Vaccination Centre"


def prepared(world: World, folder: Path, language: str, **site: str) -> Prepared | Refusal:
    with world.database.unit_of_work() as db:
        place = db.get(Site, "S1")
        assert place is not None
        for name, value in site.items():
            setattr(place, name, value)
    person = world.person(language=language)
    appointment = world.appointment(person)
    case = Case(world.reminder(appointment, Channel.SMS), appointment, person, place)
    return prepare_text(rooms.speech(folder), case, world.clock.now())


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
