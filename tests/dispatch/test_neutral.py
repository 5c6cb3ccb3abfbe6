"""Who asked that nothing be said of a vaccination is spoken to so by every kind of call, from the row to the keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.calls.flow import Answered, Ask, Keys
from gateway.calls.reminder_call import ReminderCall
from gateway.dispatch.cases import cases_of
from gateway.dispatch.prepare import household_facts
from gateway.records.people import Person
from gateway.records.status import Channel
from tests.support import rooms
from tests.support.world import World

SHARED = "+66800009999"
OF_HEALTH = {"greet.second_dose", "greet.reminder", "why.second_dose", "dose.2"}


def spoken(world: World, folder: Path, *keys: str) -> list[str]:
    """What the only call says until after these keys."""
    [order] = world.carrier.calls
    attempt = order.answer_url.rpartition("/")[2]
    with world.database.reading() as db:
        facts = household_facts(rooms.speech(folder), cases_of(db, attempt), "th", world.clock.now())
    flow = ReminderCall()
    state, commands = flow.step(flow.begin(facts), Answered())
    said = [key for one in commands if isinstance(one, Ask) for key in one.prompts]
    for pressed in keys:
        state, commands = flow.step(state, Keys(pressed))
        said += [key for one in commands if isinstance(one, Ask) for key in one.prompts]
    return said


def call(world: World, folder: Path, *neutral: bool) -> None:
    """Place one call to the phone of these people, each with a second dose."""
    for at, is_neutral in enumerate(neutral):
        person = Person(
            language="th", name=f"คน{'กขค'[at]}", site="S1", neutral=is_neutral, created_at=world.clock.now()
        )
        world.add(person)
        world.give_phone(person, SHARED)
        world.reminder(world.appointment(person, dose_no=2), Channel.VOICE, purpose="second_dose")
    rooms.sender(world, folder).pass_once()


@pytest.mark.parametrize("is_neutral", [True, False])
def test_one_person(world: World, tmp_path: Path, is_neutral: bool) -> None:
    call(world, tmp_path, is_neutral)
    said = spoken(world, tmp_path)
    assert ("greet.neutral" in said, bool(OF_HEALTH & set(said))) == (is_neutral, not is_neutral)


@pytest.mark.parametrize("pressed", ["1", "2"])
def test_one_of_a_household_and_not_the_other(world: World, tmp_path: Path, pressed: str) -> None:
    call(world, tmp_path, True, False)
    said = spoken(world, tmp_path, pressed)
    assert bool(OF_HEALTH & set(said)) is (pressed == "2")
    assert not OF_HEALTH & set(spoken(world, tmp_path))
