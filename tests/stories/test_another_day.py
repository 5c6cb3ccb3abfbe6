"""Who presses 2 is offered the next two sessions, chooses, and has moved: seat, ticket, ladder and all."""

from __future__ import annotations

import pytest

from tests.stories.stage import Stage

SOMSRI, SAWAT = "0800000003", "0800000004"
OLD, NEXT = "S1-influenza-2026-08-05-morning", "S1-influenza-2026-08-06-morning"
AFTER = "S1-influenza-2026-08-07-afternoon"
HEADER = "HN,ชื่อ,วันเกิด,เบอร์โทรศัพท์,ภาษา,วัคซีน,เข็มที่,วันนัด,เวลานัด"


@pytest.fixture
def somsri(stage: Stage) -> Stage:
    """Seventy-six years old, and wants another day."""
    stage.given_a_session_with_seats("2026-08-05", "morning", 10)
    stage.given_a_handset(SOMSRI, "always_2")
    stage.given_it_is("2026-08-03 08:50")
    stage.given_a_roster(f"""
        {HEADER}
        67-003,สมศรี,01/05/2493,080-000-0003,ไทย,ไข้หวัดใหญ่,1,05/08/2569,09.30
    """)
    return stage


def test_who_presses_2_moves_to_the_next_session(somsri: Stage) -> None:
    somsri.given_a_session_with_seats("2026-08-06", "morning", 10)
    somsri.given_a_session_with_seats("2026-08-07", "afternoon", 10)
    somsri.when_it_is("2026-08-03 11:35")
    somsri.then_has_moved_to("สมศรี", NEXT)
    somsri.then_is_confirmed("สมศรี", "2026-08-06 08:30")
    somsri.then_seats_taken(OLD, 0)
    somsri.then_seats_taken(NEXT, 1)
    somsri.then_seats_taken(AFTER, 0)  # offered, held for the call, and free again


def test_both_next_sessions_are_offered_and_the_second_may_be_chosen(somsri: Stage) -> None:
    somsri.given_a_session_with_seats("2026-08-06", "morning", 10)
    somsri.given_a_session_with_seats("2026-08-07", "afternoon", 10)
    somsri.when_a_person_calls_back(SOMSRI, "22")
    somsri.then_has_moved_to("สมศรี", AFTER)


def test_who_hears_the_offers_and_chooses_none_keeps_their_seat_and_holds_no_other(somsri: Stage) -> None:
    somsri.given_a_session_with_seats("2026-08-06", "morning", 10)
    somsri.given_a_session_with_seats("2026-08-07", "afternoon", 10)
    somsri.when_a_person_calls_back(SOMSRI, "2")
    somsri.then_is_booked("สมศรี", "2026-08-05 09:30")
    assert [somsri.seats_taken(session) for session in (OLD, NEXT, AFTER)] == [1, 0, 0]
    somsri.then_tasks_are("callback")


def test_after_a_move_a_text_says_the_new_day_and_the_old_ladder_is_stopped(somsri: Stage) -> None:
    somsri.given_a_session_with_seats("2026-08-06", "morning", 10)
    somsri.when_the_fortnight_passes()
    somsri.then_phone_was_called_times(SOMSRI, 1)
    (text,) = somsri.texts_to(SOMSRI)
    assert "6 ส.ค." in text
    assert "08.30" in text
    somsri.then_no_more_reminders_come("สมศรี")
    somsri.then_the_report_counts("day", "2026-08-05", due=1, contacted=1, moved=1)


def test_the_last_seat_goes_to_one_of_two_callers(somsri: Stage) -> None:
    somsri.given_a_session_with_seats("2026-08-06", "morning", 1)
    somsri.given_a_handset(SAWAT, "always_2")
    somsri.given_a_roster(f"""
        {HEADER}
        67-004,สวัสดิ์,01/05/2492,080-000-0004,ไทย,ไข้หวัดใหญ่,1,05/08/2569,10.30
    """)
    somsri.when_it_is("2026-08-03 11:35")
    somsri.then_seats_taken(NEXT, 1)
    somsri.then_seats_taken(OLD, 1)
    somsri.then_tasks_are("callback")


def test_without_another_session_staff_call_back_and_the_seat_is_kept(somsri: Stage) -> None:
    somsri.when_the_fortnight_passes()
    somsri.then_is_booked("สมศรี", "2026-08-05 09:30")
    somsri.then_seats_taken(OLD, 1)
    somsri.then_tasks_are("callback")
    somsri.then_phone_was_called_times(SOMSRI, 1)


def test_a_rabies_dose_is_not_moved_by_a_key(stage: Stage) -> None:
    for day in ("2026-08-05", "2026-08-06"):
        stage.given_a_session_with_seats(day, "morning", 10, vaccine="rabies")
    stage.given_a_handset(SOMSRI, "always_2")
    stage.given_it_is("2026-08-03 08:50")
    stage.given_a_roster(f"""
        {HEADER}
        67-003,สมศรี,01/05/2493,080-000-0003,ไทย,พิษสุนัขบ้า,1,05/08/2569,09.30
    """)
    stage.when_it_is("2026-08-03 11:35")
    stage.then_is_booked("สมศรี", "2026-08-05 09:30")
    stage.then_tasks_are("callback")


def test_who_texts_2_is_called_back_and_keeps_the_seat(stage: Stage) -> None:
    for day in ("2026-08-05", "2026-08-06"):
        stage.given_a_session_with_seats(day, "morning", 10)
    stage.given_a_handset(SAWAT, "replies_2")
    stage.given_it_is("2026-08-03 08:50")
    stage.given_a_roster(f"""
        {HEADER}
        67-004,สวัสดิ์,01/05/2535,080-000-0004,ไทย,ไข้หวัดใหญ่,1,05/08/2569,10.30
    """)
    stage.when_it_is("2026-08-03 11:35")
    stage.then_is_booked("สวัสดิ์")
    stage.then_seats_taken(OLD, 1)
    stage.then_tasks_are("callback")
