"""A landline is never texted; who has no telephone, or one that cannot be, is visited, and staff know."""

from __future__ import annotations

import pytest

from gateway.records.work import Visit
from tests.stories.stage import Stage

HOUSE_PHONE = "053000001"
HEADER = "HN,ชื่อ,วันเกิด,เบอร์โทรศัพท์,ภาษา,ช่องทาง,หมู่บ้าน,วัคซีน,เข็มที่,วันนัด,เวลานัด"


@pytest.fixture
def tuesday(stage: Stage) -> Stage:
    """Three days before the appointments."""
    stage.given_a_session_with_seats("2026-08-07", "afternoon", 10)
    stage.given_it_is("2026-08-04 15:00")
    return stage


def test_a_landline_is_called_however_young_its_owner(tuesday: Stage) -> None:
    tuesday.given_a_handset(HOUSE_PHONE, "always_answers_1")
    tuesday.given_a_roster(f"""
        {HEADER}
        67-006,ดาว,1/2/2540,053-000-001,ไทย,,,flu,1,07/08/2569,14.00
    """)
    tuesday.when_the_fortnight_passes()
    tuesday.then_is_confirmed("ดาว")
    tuesday.then_phone_was_called_times(HOUSE_PHONE, 1)
    tuesday.then_phone_got_texts(HOUSE_PHONE, 0)


@pytest.mark.parametrize("channel", ["", "sms"])
def test_a_landline_nobody_answers_is_not_texted_either_even_where_the_file_asks_for_texts(
    tuesday: Stage, channel: str
) -> None:
    tuesday.given_a_handset(HOUSE_PHONE, "never_answers")
    tuesday.given_a_roster(f"""
        {HEADER}
        67-006,ดาว,1/2/2540,053-000-001,ไทย,{channel},บ้านแพะ,flu,1,07/08/2569,14.00
    """)
    tuesday.when_the_fortnight_passes()
    tuesday.then_phone_got_texts(HOUSE_PHONE, 0)
    tuesday.then_is_booked("ดาว")
    tuesday.then_tasks_are("unreached")


@pytest.mark.parametrize("phone", ["", "12345", "08-0000", "ไม่มี"])
def test_who_has_no_phone_that_works_is_visited_and_becomes_a_task(tuesday: Stage, phone: str) -> None:
    report = tuesday.given_a_roster(f"""
        {HEADER}
        67-007,เดือน,1/2/2500,{phone},ไทย,,บ้านแพะ,flu,1,07/08/2569,14.00
    """)
    assert (report.result.accepted, report.result.rejected, report.result.warnings) == (1, 0, 1)
    tuesday.when_it_is("2026-08-05 09:05")
    assert tuesday.attempts_of("เดือน") == []
    (visit,) = tuesday.all(Visit)
    assert visit.status.value == "open"
    tuesday.then_tasks_are("unreached")
    assert tuesday.open_tasks()[0].village == "บ้านแพะ"


def test_without_a_village_nobody_can_be_sent_but_staff_know(tuesday: Stage) -> None:
    tuesday.given_a_roster(f"""
        {HEADER}
        67-008,ฟ้า,1/2/2500,,ไทย,,,flu,1,07/08/2569,14.00
    """)
    tuesday.when_the_fortnight_passes()
    assert tuesday.all(Visit) == []
    tuesday.then_tasks_are("unreached")
    tuesday.then_the_report_counts("channel", "none", due=1, contacted=0)
