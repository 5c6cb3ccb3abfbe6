"""Who missed the call rings back, hears their appointment, and presses a key as they would have."""

from __future__ import annotations

import pytest

from gateway.records.conversations import Reply
from tests.stories.stage import Stage

ELDER, STRANGER = "0800000010", "0800000099"


@pytest.fixture
def missed(stage: Stage) -> Stage:
    """The call of Monday was not picked up."""
    stage.given_a_session_with_seats("2026-08-05", "morning", 10)
    stage.given_a_session_with_seats("2026-08-06", "morning", 10)
    stage.given_a_handset(ELDER, "never_answers")
    stage.given_it_is("2026-08-03 08:50")
    stage.given_a_roster("""
        HN,ชื่อ,วันเกิด,เบอร์โทรศัพท์,ภาษา,วัคซีน,เข็มที่,วันนัด,เวลานัด
        67-021,ยาย,1/2/2490,080-000-0010,ไทย,flu,1,05/08/2569,09.30
    """)
    stage.when_it_is("2026-08-03 11:35")
    stage.then_is_booked("ยาย")
    return stage


def test_who_rings_back_and_presses_1_is_confirmed_and_not_called_again(missed: Stage) -> None:
    missed.when_a_person_calls_back(ELDER, "1")
    missed.then_is_confirmed("ยาย", "2026-08-05 09:30")
    missed.when_the_fortnight_passes()
    missed.then_phone_was_called_times(ELDER, 1)
    missed.then_phone_got_texts(ELDER, 0)
    missed.then_the_report_counts("channel", "voice", due=1, contacted=1, confirmed=1)


def test_who_rings_back_hears_who_we_are_and_their_own_day(missed: Stage) -> None:
    known = missed.said_in(missed.when_a_person_calls_back(ELDER, "1"))
    unknown = missed.said_in(missed.when_a_person_calls_back(STRANGER, ""))
    assert known[0] == unknown[0] == "greet.hotline"
    assert {"day.5", "month.8", "ask.coming"} <= set(known)
    assert not {"day.5", "month.8", "ask.coming"} & set(unknown)


def test_who_rings_back_may_choose_another_day(missed: Stage) -> None:
    missed.when_a_person_calls_back(ELDER, "21")
    missed.then_has_moved_to("ยาย", "S1-influenza-2026-08-06-morning")


def test_who_says_yes_twice_is_confirmed_once(missed: Stage) -> None:
    missed.when_a_person_calls_back(ELDER, "1")
    missed.when_a_person_calls_back(ELDER, "1")
    missed.then_is_confirmed("ยาย")
    missed.then_the_report_counts("channel", "voice", due=1, confirmed=1)


def test_a_stranger_hears_nothing_of_anybody_and_changes_nothing(missed: Stage) -> None:
    missed.when_a_person_calls_back(STRANGER, "1")
    missed.then_is_booked("ยาย")
    missed.then_tasks_are()
    assert missed.count(Reply) == 0


def test_a_family_that_rings_before_anybody_was_called_is_asked_whom_it_is_about(stage: Stage) -> None:
    stage.given_a_session_with_seats("2026-08-05", "morning", 10)
    stage.given_a_handset(ELDER, "never_answers")
    stage.given_it_is("2026-07-20 09:00")
    stage.given_a_roster("""
        HN,ชื่อ,วันเกิด,เบอร์โทรศัพท์,ภาษา,วัคซีน,เข็มที่,วันนัด,เวลานัด
        67-021,ยาย,1/2/2490,080-000-0010,ไทย,flu,1,05/08/2569,09.30
        67-022,ตา,3/4/2488,080-000-0010,ไทย,flu,1,05/08/2569,09.30
    """)
    family = stage.said_in(stage.when_a_person_calls_back(ELDER, ("", "2", "1")))
    assert family[:2] == ["greet.hotline", "hotline.your_appointment"]
    assert family.index("ask.coming") > family.index("ask.everybody")
    stage.then_tasks_are()
    assert sorted(one.status for name in ("ยาย", "ตา") for one in stage.appointments_of(name)) == [
        "booked",
        "confirmed",
    ]


def test_who_was_reached_by_nothing_and_rings_in_the_end_is_no_longer_looked_for(missed: Stage) -> None:
    missed.given_a_handset(ELDER, "off")
    missed.when_the_days_pass("2026-08-03", "2026-08-04", ["13:30", "17:40", "19:05", "19:25"])
    missed.when_it_is("2026-08-05 08:31")
    missed.then_tasks_are("unreached")
    missed.when_a_person_calls_back(ELDER, "1")
    missed.then_is_confirmed("ยาย")
    missed.then_tasks_are()
