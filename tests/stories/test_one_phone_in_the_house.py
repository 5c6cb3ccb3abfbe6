"""A family's phone rings once in a half-day; the other person is reached in the next."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.stories.stage import Stage

PHONE = "0800000010"


@pytest.fixture
def family(stage: Stage) -> Stage:
    """A grandmother with the phone, a grandfather without one of his own, both due on Wednesday."""
    stage.given_a_session_with_seats("2026-08-05", "morning", 10)
    stage.given_it_is("2026-08-03 08:50")
    stage.given_a_roster("""
        HN,ชื่อ,วันเกิด,เบอร์โทรศัพท์,เบอร์คนในบ้าน,ภาษา,วัคซีน,เข็มที่,วันนัด,เวลานัด
        67-011,ยาย,1/2/2490,080-000-0010,,ไทย,flu,1,05/08/2569,09.30
        67-012,ตา,1/2/2489,,080-000-0010,ไทย,flu,1,05/08/2569,09.30
    """)
    return stage


def test_the_second_of_the_house_is_called_in_the_next_half_day(family: Stage) -> None:
    family.given_a_handset(PHONE, "always_answers_1")
    family.when_it_is("2026-08-03 11:35")
    family.then_phone_was_called(PHONE, "2026-08-03 11:35")
    family.when_it_is("2026-08-03 13:30")
    family.then_phone_was_called(PHONE, "2026-08-03 11:35", "2026-08-03 13:30")
    family.then_is_confirmed("ยาย")
    family.then_is_confirmed("ตา")


def test_however_often_nobody_answers_it_never_rings_twice_in_a_half_day(family: Stage) -> None:
    family.given_a_handset(PHONE, "never_answers")
    family.when_the_fortnight_passes()
    calls = [datetime.fromisoformat(at) for at in family.calls_to(PHONE)]
    half_days = [(at.date(), at.hour < 13) for at in calls]
    assert len(half_days) == len(set(half_days)) >= 4
    assert {attempt.channel.value for attempt in family.attempts_of("ตา")} >= {"voice"}
    assert {attempt.channel.value for attempt in family.attempts_of("ยาย")} >= {"voice"}
