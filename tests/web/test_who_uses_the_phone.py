"""Somebody calls who has nothing ahead: whose phone it is, is known all the same, where it is one person's."""

from __future__ import annotations

import pytest

from gateway.calls.flow import CallFacts
from gateway.records.conversations import Call, VoiceMessage
from gateway.records.people import Person, PersonPhone, Phone, PhoneRole
from gateway.records.work import Task
from gateway.web.other_languages import _owner
from gateway.web.staff_line import site_of
from gateway.web.whose_call import language_of_phone
from tests.support.world import NINE, World
from tests.web.conftest import Post
from tests.web.test_other_answers import Stranger

NUMBER = Stranger.CALL["from_"]
FACTS = CallFacts(language="th", now=NINE)


def at_the_menu(world: World, post: Post) -> Stranger:
    caller = Stranger(world, post)
    while "hotline.menu" not in caller.said:
        caller.presses("1")
    return caller


def changed(world: World, how: str) -> None:
    """Make the only person on the phone somebody who is not to be taken for its user."""
    with world.database.unit_of_work() as db:
        [phone] = [one for one in world.all(Phone) if one.e164 == NUMBER]
        [link] = [one for one in world.all(PersonPhone) if one.phone == phone.id]
        person = db.get_one(Person, link.person)
        if how == "parked":
            db.get_one(Phone, phone.id).parked_at = world.clock.now()
        elif how == "dead":
            person.died_on = world.clock.now().date()
        elif how == "merged":
            person.merged_into = world.all(Person)[-1].id
        elif how == "volunteer":
            db.get_one(PersonPhone, (link.person, phone.id)).role = PhoneRole.VHV


def leave(caller: Stranger, what: str) -> None:
    if what == "message":
        caller.presses("3")
        caller.hears(recording="rec1", seconds="5", digits="#")
    else:
        caller.presses("2")
        caller.presses("1101700207030")


@pytest.mark.parametrize("what", ["message", "number"])
def test_what_the_one_user_of_a_phone_leaves_is_theirs(world: World, post: Post, what: str) -> None:
    person = world.person(phone=NUMBER)
    leave(at_the_menu(world, post), what)
    [task] = world.all(Task)
    assert task.person == person.id
    assert [one.person for one in world.all(VoiceMessage)] == ([person.id] if what == "message" else [])


@pytest.mark.parametrize("how", ["parked", "dead", "merged", "volunteer", "shared"])
def test_what_is_left_on_a_phone_that_is_not_one_persons_is_nobodys_we_know(world: World, post: Post, how: str) -> None:
    world.person(phone=NUMBER)
    world.person(phone=NUMBER if how == "shared" else None)
    if how != "shared":
        changed(world, how)
    leave(at_the_menu(world, post), "message")
    assert [task.person for task in world.all(Task)] == [None]


@pytest.mark.parametrize("how", ["parked", "dead", "merged"])
def test_a_stranger_on_a_number_that_is_not_theirs_any_more_changes_nobodys_language(
    world: World, post: Post, how: str
) -> None:
    person = world.person(phone=NUMBER, language="my")
    world.person()
    changed(world, how)
    caller = Stranger(world, post)
    caller.presses("1")
    assert world.fresh(person).language == "my"
    [call] = world.all(Call)
    [phone] = [one for one in world.all(Phone) if one.e164 == NUMBER]
    with world.database.reading() as db:
        assert (_owner(db, call), language_of_phone(db, phone), site_of(db, call, FACTS)) == (None, "", "")


def test_who_has_a_phone_alone_is_its_owner(world: World, post: Post) -> None:
    person = world.person(phone=NUMBER)
    Stranger(world, post)
    [call] = world.all(Call)
    with world.database.reading() as db:
        owner = _owner(db, call)
        assert owner is not None
        assert (owner.id, site_of(db, call, FACTS)) == (person.id, "S1")
