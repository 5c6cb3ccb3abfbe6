"""A telephone that several people share, who are to come on different days: it is said whose appointment is meant."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from pathlib import Path
from typing import Any

import pytest

from gateway.dispatch.cases import cases_of
from gateway.dispatch.prepare import call_facts
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt
from gateway.records.conversations import Call, Turn
from gateway.records.people import Person
from gateway.records.status import AppointmentStatus, Channel
from tests.support import rooms
from tests.support.world import World
from tests.web.conftest import Post
from tests.web.test_callers import NUMBER, call, heard


def family(world: World, **more: Any) -> list[Appointment]:
    """Two people of one telephone, tomorrow and in three days."""
    found = []
    for name, days in (("สมศรี", 1), ("บุญมี", 3)):
        person = Person(language="th", name=name, site="S1", created_at=world.clock.now(), **more)
        world.add(person)
        world.give_phone(person, NUMBER)
        found.append(world.appointment(person, days=days, hour=time(9)))
    return found


def called_about(world: World, folder: Path, appointment: Appointment) -> Attempt:
    """The call this appointment's reminder was."""
    reminder = world.reminder(appointment, Channel.VOICE)
    rooms.sender(world, folder).pass_once()
    return world.attempts_of(reminder)[0]


def subjects(world: World) -> list[Any]:
    found: list[Any] = world.all(Call)[-1].state["facts"]["subjects"]
    return found


def test_a_call_to_a_shared_telephone_says_for_whom_it_is(world: World, tmp_path: Path) -> None:
    attempt, speech = called_about(world, tmp_path, family(world)[0]), rooms.speech(tmp_path)
    with world.database.reading() as db:
        [case] = cases_of(db, attempt.id)
    assert call_facts(speech, case, "th", world.clock.now()).name.startswith("name.")
    alone = replace(case, is_phone_shared=False)
    assert call_facts(speech, alone, "th", world.clock.now()).name == ""


def test_who_has_a_telephone_alone_or_shares_it_with_the_dead_does_not_share_it(world: World, tmp_path: Path) -> None:
    first, second = family(world)
    with world.database.unit_of_work() as db:
        db.get_one(Person, second.person).died_on = world.clock.now().date()
    attempt = called_about(world, tmp_path, first)
    with world.database.reading() as db:
        [case] = cases_of(db, attempt.id)
    assert not case.is_phone_shared


def test_a_shared_telephone_that_was_not_called_asks_whom_to_speak_of_on_any_day(world: World, post: Post) -> None:
    first, second = family(world)
    with world.database.unit_of_work() as db:
        db.get_one(Appointment, first.id).status = AppointmentStatus.CONFIRMED
    call(post)
    assert heard(world)[:2] == ["greet.hotline", "hotline.your_appointment"]
    assert [one["appointments"] for one in subjects(world)] == [[first.id], [second.id]]


def test_who_was_called_about_a_person_that_can_be_named_hears_of_them(
    world: World, post: Post, tmp_path: Path
) -> None:
    called_about(world, tmp_path, family(world)[1])
    call(post)
    assert subjects(world) == []
    assert any(key.startswith("name.") for key in heard(world))


def test_who_was_called_about_a_person_nobody_can_name_is_asked_whom_to_speak_of(
    world: World, post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called_about(world, tmp_path, family(world)[1])
    monkeypatch.setattr("gateway.dispatch.prepare.can_name", lambda *_: False)
    call(post)
    assert [one["name"] for one in subjects(world)] == ["", ""]


def test_one_persons_appointments_of_two_days_are_two_subjects(world: World, post: Post) -> None:
    first, second = family(world)
    with world.database.reading() as db:
        later = world.appointment(db.get_one(Person, first.person), days=20, dose_no=2)
    call(post)
    assert [one["appointments"] for one in subjects(world)] == [[first.id], [later.id], [second.id]]
    assert world.all(Call)[0].person is None


def test_who_asked_for_neutral_words_hears_them_on_the_hotline(world: World, post: Post) -> None:
    world.appointment(world.person(phone=NUMBER, neutral=True), dose_no=2)
    call(post)
    assert "ask.coming" in heard(world)
    assert not {key for key in heard(world) if key.startswith(("dose.", "why."))}


def test_who_asked_for_neutral_words_hears_them_in_a_family_on_the_hotline(world: World, post: Post) -> None:
    family(world, neutral=True)
    asked = call(post)
    path = asked[-1]["action_url"].partition(rooms.PREFIX)[2]
    post(path, id="CA-in", from_=NUMBER, to="+6620000000", digits="1")
    assert "ask.coming" in heard(world)
    assert not {key for key in heard(world) if key.startswith(("dose.", "why."))}


def test_the_words_of_the_names_in_a_menu_are_kept_with_their_english(world: World, post: Post) -> None:
    family(world)
    call(post)
    [turn] = world.all(Turn)
    named = {one["text"]: one["back"] for one in turn.heard if one["prompt"].startswith("name.")}
    assert list(named.values()) == ["for สมศรี", "for บุญมี"]
    assert ["สมศรี" in text for text in named] == [True, False]
