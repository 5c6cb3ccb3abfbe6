"""Several people, one telephone: one call asks for each of them, and each answer is somebody's own."""

from __future__ import annotations

import pytest

from gateway.care.consent import record_stop
from gateway.records.contacts import Attempt, AttemptItem
from gateway.records.conversations import Call, Turn
from gateway.records.people import PersonPhone, Phone
from gateway.records.status import Channel
from tests.stories.fingers import Presses, presses
from tests.stories.stage import Stage

__all__ = ["presses"]

PHONE = "0800000010"
MONDAY_MORNING, MONDAY_AFTERNOON = "2026-08-03 11:35", "2026-08-03 13:30"
_HEADER = "HN,ชื่อ,วันเกิด,เบอร์โทรศัพท์,เบอร์คนในบ้าน,ภาษา,วัคซีน,เข็มที่,วันนัด,เวลานัด"


def a_house(stage: Stage, *people: str, seats: int = 20) -> Stage:
    """`people` as "name, language, time"; all of one telephone, with an appointment on Wednesday 5 August."""
    stage.given_a_session_with_seats("2026-08-05", "morning", seats)
    stage.given_it_is("2026-08-03 08:50")
    rows = [
        f"67-0{number:02},{name},1/2/2490,,080-000-0010,{language},flu,1,05/08/2569,{hour}"
        for number, (name, language, hour) in enumerate((one.split() for one in people), 11)
    ]
    stage.given_a_roster("\n".join([_HEADER, *rows]))
    return stage


@pytest.fixture
def family(stage: Stage) -> Stage:
    """A grandfather and, half an hour after him, a grandmother."""
    return a_house(stage, "ตา ไทย 09.00", "ยาย ไทย 09.30")


def people_called(stage: Stage) -> list[list[str]]:
    """Whom each call was about, in the order in which they were named."""
    names = {person.id: name for name in ("ตา", "ยาย") for person in [stage.person_of(name)]}
    calls = sorted((one for one in stage.all(Attempt) if one.channel is Channel.VOICE), key=lambda one: one.created_at)
    items = sorted(stage.all(AttemptItem), key=lambda one: one.position)
    return [[names[item.person] for item in items if item.attempt == call.id] for call in calls]


def said(stage: Stage) -> list[str]:
    """The keys of all that was said in the calls, in order."""
    calls = [call.id for call in sorted(stage.all(Call), key=lambda one: one.opened_at)]
    turns = sorted(stage.all(Turn), key=lambda one: (calls.index(one.call), one.turn_no))
    return [str(heard["prompt"]) for turn in turns for heard in turn.heard]


def test_both_are_asked_in_one_call_and_both_say_yes(family: Stage, presses: Presses) -> None:
    presses(PHONE, ["1", "1", "", "1", "1"])
    family.when_it_is(MONDAY_MORNING)
    family.when_it_is(MONDAY_AFTERNOON)
    family.then_phone_was_called(PHONE, MONDAY_MORNING)
    assert people_called(family) == [["ตา", "ยาย"]]
    family.then_is_confirmed("ตา", "2026-08-05 09:00")
    family.then_is_confirmed("ยาย", "2026-08-05 09:30")
    family.then_tasks_are()


def test_nothing_is_said_of_anybodys_health_before_one_of_them_was_chosen(family: Stage, presses: Presses) -> None:
    presses(PHONE, ["", "", ""])
    family.when_it_is(MONDAY_MORNING)
    heard = said(family)
    assert heard[0] == "greet.household"
    assert not [key for key in heard if key.startswith(("dose.", "why.", "greet.reminder", "greet.second"))]
    assert heard.index("weekday.3") < heard.index("press.1")
    family.then_is_booked("ตา")
    family.then_is_booked("ยาย")


def test_zero_and_one_is_a_yes_for_all_of_them(family: Stage, presses: Presses) -> None:
    presses(PHONE, ["0", "1"])
    family.when_it_is(MONDAY_MORNING)
    family.then_is_confirmed("ตา")
    family.then_is_confirmed("ยาย")
    family.when_the_fortnight_passes()
    family.then_phone_was_called_times(PHONE, 1)
    family.then_phone_got_texts(PHONE, 0)


def test_zero_and_two_is_staffs_to_settle_and_confirms_nobody(family: Stage, presses: Presses) -> None:
    presses(PHONE, ["0", "2"])
    family.when_it_is(MONDAY_MORNING)
    family.then_is_booked("ตา")
    family.then_is_booked("ยาย")
    assert {task.kind.value for task in family.open_tasks()} == {"callback"}


def test_a_yes_for_all_of_them_that_is_taken_back_is_no_yes(family: Stage, presses: Presses) -> None:
    presses(PHONE, ["0", "1", "2"])
    family.when_it_is(MONDAY_MORNING)
    family.then_is_booked("ตา")
    family.then_is_booked("ยาย")
    assert {task.detail for task in family.open_tasks()} == {"wants another day; for several appointments at once"}


def test_who_was_not_asked_before_the_phone_was_put_down_is_called_again_alone(family: Stage, presses: Presses) -> None:
    presses(PHONE, ["1", "1", "", "", "", ""], ["1"])
    family.when_it_is(MONDAY_MORNING)
    family.then_is_confirmed("ตา")
    family.then_is_booked("ยาย")
    family.when_the_days_pass("2026-08-03", "2026-08-05")
    assert people_called(family) == [["ตา", "ยาย"], ["ยาย"]]
    family.then_is_confirmed("ยาย")
    family.then_reminders_are("ตา", "reminder voice answered", "morning voice suppressed")
    family.then_reminders_are("ยาย", "reminder voice answered", "morning voice suppressed")


@pytest.mark.parametrize("keys", [["1", "7", "1", "1"], ["2", "1", "", "1", "7"]])
def test_one_wrong_name_of_a_house_is_one_persons_and_the_other_still_answers(
    family: Stage, presses: Presses, keys: list[str]
) -> None:
    presses(PHONE, keys)
    family.when_it_is(MONDAY_MORNING)
    family.then_is_booked("ตา")
    family.then_is_confirmed("ยาย")
    assert not [one for one in family.all(Phone) if one.parked_at]
    family.when_the_days_pass("2026-08-03", "2026-08-05")
    family.then_phone_got_texts(PHONE, 0)  # nobody is told sorry for a number that is theirs
    family.then_phone_was_called_times(PHONE, 1)
    family.then_tasks_are("match")


def test_after_one_wrong_name_and_a_hang_up_the_other_is_called_again(family: Stage, presses: Presses) -> None:
    presses(PHONE, ["1", "7"], ["1"])
    family.when_it_is(MONDAY_MORNING)
    family.when_the_days_pass("2026-08-03", "2026-08-05")
    assert people_called(family) == [["ตา", "ยาย"], ["ยาย"]]
    family.then_is_confirmed("ยาย")
    family.then_no_more_reminders_come("ตา")


def test_five_people_are_asked_for_on_pages_of_three(stage: Stage, presses: Presses) -> None:
    names = ("หนึ่ง", "สอง", "สาม", "สี่", "ห้า")
    house = a_house(stage, *(f"{name} ไทย {9 + at // 4:02}.{15 * (at % 4):02}" for at, name in enumerate(names)))
    presses(PHONE, ["1", "4", "2", "1"])  # one by one, the next page, the fifth, yes
    house.when_it_is(MONDAY_MORNING)
    house.then_phone_was_called(PHONE, MONDAY_MORNING)
    house.then_is_confirmed("ห้า")
    for name in names[:4]:
        house.then_is_booked(name)


def test_who_stopped_is_not_spoken_of_and_the_others_are(family: Stage, presses: Presses) -> None:
    person = family.person_of("ยาย").id
    with family.house.database.unit_of_work() as db:
        phone = next(use.phone for use in family.all(PersonPhone) if use.person == person)
        record_stop(db, person, phone, channel=Channel.VOICE, source="test", now=family.clock.now())
    presses(PHONE, ["1"])
    family.when_it_is(MONDAY_MORNING)
    assert people_called(family) == [["ตา"]]
    assert said(family)[0] == "greet.reminder"
    family.then_is_confirmed("ตา")
    family.then_is_booked("ยาย")


def test_people_of_two_languages_are_called_apart_in_two_half_days(stage: Stage, presses: Presses) -> None:
    house = a_house(stage, "ตา ไทย 09.00", "ยาย คำเมือง 09.30")
    presses(PHONE, ["1"])
    house.when_it_is(MONDAY_MORNING)
    house.when_it_is(MONDAY_AFTERNOON)
    house.then_phone_was_called(PHONE, MONDAY_MORNING, MONDAY_AFTERNOON)
    assert sorted(people_called(house)) == [["ตา"], ["ยาย"]]
    assert {one.language for one in house.all(Attempt)} == {"th", "nod"}
    house.then_is_confirmed("ตา")
    house.then_is_confirmed("ยาย")
