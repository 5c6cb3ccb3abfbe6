"""Whose story a call to us is told in."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from gateway.records.contacts import Attempt, AttemptItem, Direction
from gateway.records.people import Person, PersonPhone, Phone, PhoneRole
from gateway.records.status import AttemptStatus, Channel
from gateway.reports.story_contacts import attempts_of
from tests.support.world import NINE, World

NUMBER = "+66812345678"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def called_us(world: World, *about: Person) -> Attempt:
    """A call from the phone that was answered; `about` is whose appointment it told."""
    attempt = Attempt(direction=Direction.IN, phone=1, channel=Channel.VOICE, status=AttemptStatus.COMPLETED,
                      language="th", created_at=NINE)  # fmt: skip
    world.add(attempt, *(AttemptItem(attempt=attempt.id, person=one.id, live=False) for one in about))
    return attempt


def told(world: World, person: Person) -> list[str]:
    with world.database.reading() as db:
        return [event.key for event in attempts_of(db, person.id)[0]]


def test_a_call_that_told_nobodys_day_is_told_where_one_person_alone_uses_the_phone(world: World) -> None:
    person = world.person(phone=NUMBER)
    volunteer = world.person(phone="")
    world.add(PersonPhone(person=volunteer.id, phone=1, role=PhoneRole.VHV))
    call = called_us(world)
    assert told(world, person) == [call.id]
    assert told(world, volunteer) == []


def test_on_a_shared_phone_it_is_nobodys_but_one_about_a_day_is_theirs_whose_day_it_was(world: World) -> None:
    mother, son = world.person(phone=NUMBER), world.person(phone=NUMBER)
    called_us(world)
    assert told(world, mother) == told(world, son) == []
    about = called_us(world, son)
    assert (told(world, mother), told(world, son)) == ([], [about.id])


def test_who_died_no_longer_shares_the_phone(world: World) -> None:
    widow, husband = world.person(phone=NUMBER), world.person(phone=NUMBER, died_on=date(2026, 1, 5))
    call = called_us(world)
    assert (told(world, widow), told(world, husband)) == ([call.id], [])


def test_a_phone_that_is_somebody_elses_by_now_tells_nothing_of_them(world: World) -> None:
    person = world.person(phone=NUMBER)
    called_us(world)
    with world.database.unit_of_work() as db:
        db.get_one(Phone, 1).parked_at = NINE
    assert told(world, person) == []
