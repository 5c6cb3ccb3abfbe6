"""A family's phone: one call for all who are due on a day, and never two in one half-day."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.stories.fingers import Presses, presses
from tests.stories.stage import Stage

__all__ = ["presses"]

PHONE = "0800000010"
MORNING, AFTERNOON = "2026-08-03 11:35", "2026-08-03 13:30"
_HEADER = "HN,ชื่อ,วันเกิด,เบอร์โทรศัพท์,เบอร์คนในบ้าน,ภาษา,วัคซีน,เข็มที่,วันนัด,เวลานัด"


@pytest.fixture
def family(stage: Stage) -> Stage:
    """A grandmother with the phone, a grandfather without one of his own, both due on Wednesday."""
    return at_home(stage, "05/08/2569,09.30", "05/08/2569,09.45")


def at_home(stage: Stage, hers: str, his: str) -> Stage:
    """Her appointment and his, on a day of the week from Monday 3 August on which the roster comes."""
    for day in ("2026-08-05", "2026-08-06"):
        stage.given_a_session_with_seats(day, "morning", 10)
    stage.given_it_is("2026-08-03 08:50")
    stage.given_a_roster(f"""
        {_HEADER}
        67-011,ยาย,1/2/2490,080-000-0010,,ไทย,flu,1,{hers}
        67-012,ตา,1/2/2489,,080-000-0010,ไทย,flu,1,{his}
    """)
    return stage


def half_days(calls: list[str]) -> list[tuple[object, bool]]:
    """The half-day of each call."""
    return [(at.date(), at.hour < 13) for at in map(datetime.fromisoformat, calls)]


def test_both_are_reached_by_one_call_and_it_does_not_ring_again(family: Stage, presses: Presses) -> None:
    presses(PHONE, ["0", "1"])
    family.when_the_fortnight_passes()
    family.then_phone_was_called(PHONE, MORNING)
    family.then_is_confirmed("ยาย")
    family.then_is_confirmed("ตา")
    family.then_no_more_reminders_come("ยาย")
    family.then_no_more_reminders_come("ตา")


def test_who_comes_on_another_day_of_the_week_is_called_in_another_half_day(stage: Stage, presses: Presses) -> None:
    family = at_home(stage, "05/08/2569,09.30", "06/08/2569,09.30")
    presses(PHONE, ["1"])
    family.when_the_fortnight_passes()
    calls = family.calls_to(PHONE)
    assert len(half_days(calls)) == len(set(half_days(calls))) == 2
    family.then_is_confirmed("ยาย")
    family.then_is_confirmed("ตา")


def test_however_often_nobody_answers_it_never_rings_twice_in_a_half_day(family: Stage) -> None:
    family.given_a_handset(PHONE, "never_answers")
    family.when_the_fortnight_passes()
    calls = family.calls_to(PHONE)
    assert len(half_days(calls)) == len(set(half_days(calls))) >= 3
    for name in ("ตา", "ยาย"):
        assert {attempt.channel.value for attempt in family.attempts_of(name)} >= {"voice"}
        assert [attempt.id for attempt in family.attempts_of(name)] == [one.id for one in family.attempts_of("ยาย")]


def test_who_cannot_be_reached_on_the_last_half_day_is_not_lost(stage: Stage) -> None:
    """Two days of the week share the telephone's last half-days: each of them is called, or staff have a task."""
    family = at_home(stage, "05/08/2569,09.30", "06/08/2569,09.30")
    family.given_a_handset(PHONE, "never_answers")
    family.when_the_fortnight_passes()
    called = {name for name in ("ตา", "ยาย") if family.attempts_of(name)}
    in_task = {task.person for task in family.open_tasks()}
    assert all(name in called or family.person_of(name).id in in_task for name in ("ตา", "ยาย"))
    assert {family.person_of(name).id for name in ("ตา", "ยาย")} <= in_task
