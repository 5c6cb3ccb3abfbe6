"""Who presses 2 is offered the next two sessions, chooses, and has moved: seat, ticket, ladder and all."""

from __future__ import annotations

import pytest

from gateway.records.conversations import Turn
from tests.stories.stage import Stage

SOMSRI, SAWAT, STAFF = "0800000003", "0800000004", "054000901"
OLD, NEXT = "S1-influenza-2026-08-05-morning", "S1-influenza-2026-08-06-morning"
FRIDAY, AFTER = "S1-influenza-2026-08-07-morning", "S1-influenza-2026-08-07-afternoon"
RABIES_NEXT = "S1-rabies-2026-08-06-morning"
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
    somsri.given_a_session_with_seats("2026-08-07", "morning", 10)
    somsri.when_it_is("2026-08-03 11:35")
    somsri.then_has_moved_to("สมศรี", NEXT)
    somsri.then_is_confirmed("สมศรี", "2026-08-06 08:30")
    somsri.then_seats_taken(OLD, 0)
    somsri.then_seats_taken(NEXT, 1)
    somsri.then_seats_taken(FRIDAY, 0)  # offered, held for the call, and free again


def test_both_next_sessions_are_offered_and_the_second_may_be_chosen(somsri: Stage) -> None:
    somsri.given_a_session_with_seats("2026-08-06", "morning", 10)
    somsri.given_a_session_with_seats("2026-08-07", "morning", 10)
    somsri.when_a_person_calls_back(SOMSRI, "22")
    somsri.then_has_moved_to("สมศรี", FRIDAY)


@pytest.mark.parametrize(("keys", "session"), [("221", "AFTER"), ("231", "NEXT")])
def test_morning_or_afternoon_is_asked_where_there_are_both(somsri: Stage, keys: str, session: str) -> None:
    somsri.given_a_session_with_seats("2026-08-06", "morning", 10)
    somsri.given_a_session_with_seats("2026-08-07", "afternoon", 10)
    somsri.when_a_person_calls_back(SOMSRI, keys)
    somsri.then_has_moved_to("สมศรี", {"NEXT": NEXT, "AFTER": AFTER}[session])
    assert sum(somsri.seats_taken(one) for one in (OLD, NEXT, AFTER)) == 1


def test_key_3_leads_to_later_days_and_frees_those_it_leaves(somsri: Stage) -> None:
    for day in ("2026-08-06", "2026-08-07", "2026-08-10", "2026-08-11"):
        somsri.given_a_session_with_seats(day, "morning", 1)
    somsri.when_a_person_calls_back(SOMSRI, "232")
    somsri.then_has_moved_to("สมศรี", "S1-influenza-2026-08-11-morning")
    assert [somsri.seats_taken(f"S1-influenza-2026-08-{day}-morning") for day in ("06", "07", "10")] == [0, 0, 0]


def test_no_holiday_is_offered(somsri: Stage) -> None:
    somsri.given_a_session_with_seats("2026-08-12", "morning", 10)  # the Queen Mother's birthday
    somsri.given_a_session_with_seats("2026-08-13", "morning", 10)
    somsri.when_a_person_calls_back(SOMSRI, "21")
    somsri.then_has_moved_to("สมศรี", "S1-influenza-2026-08-13-morning")


def test_where_the_own_site_is_full_another_of_the_district_is_offered_by_its_name(somsri: Stage) -> None:
    somsri.given_a_site("S2")
    somsri.given_a_site("S3", district="เกาะคา")
    for site in ("S2", "S3"):
        somsri.given_a_session_with_seats("2026-08-06", "morning", 10, site=site)
    somsri.when_a_person_calls_back(SOMSRI, "21")
    somsri.then_has_moved_to("สมศรี", "S2-influenza-2026-08-06-morning")
    heard = [prompt["prompt"] for turn in somsri.all(Turn) for prompt in turn.heard]
    assert "site.S2" in heard
    assert "site.S3" not in heard


def test_who_changes_their_mind_after_a_move_chooses_again_in_the_same_call(somsri: Stage) -> None:
    somsri.given_a_session_with_seats("2026-08-06", "morning", 10)
    somsri.when_a_person_calls_back(SOMSRI, "2121")
    somsri.then_has_moved_to("สมศรี", OLD)  # the seat they had left is the next that is free
    somsri.then_seats_taken(NEXT, 0)
    assert [one.status for one in somsri.appointments_of("สมศรี")] == ["moved", "moved", "confirmed"]


def test_who_calls_again_after_a_move_may_choose_again(somsri: Stage) -> None:
    somsri.given_a_session_with_seats("2026-08-06", "morning", 10)
    somsri.given_a_session_with_seats("2026-08-07", "morning", 10)
    somsri.when_a_person_calls_back(SOMSRI, "21")
    somsri.when_a_person_calls_back(SOMSRI, "22")
    somsri.then_has_moved_to("สมศรี", FRIDAY)
    assert [somsri.seats_taken(session) for session in (OLD, NEXT, FRIDAY)] == [0, 0, 1]


def test_a_second_dose_is_not_moved_before_its_minimum_interval(stage: Stage) -> None:
    for day in ("2026-08-04", "2026-08-05", "2026-08-06"):
        stage.given_a_session_with_seats(day, "morning", 10, vaccine="covid19_sv")
    stage.given_a_handset(SOMSRI, "always_answers_1")
    stage.given_it_is("2026-08-03 08:50")
    stage.given_a_roster(f"""
        {HEADER},วัคซีนล่าสุด,เข็มล่าสุด,วันที่ฉีดล่าสุด
        67-003,สมศรี,01/05/2493,080-000-0003,ไทย,covid19_sv,2,05/08/2569,09.30,covid19_sv,1,22/07/2569
    """)
    stage.when_a_person_calls_back(SOMSRI, "21")
    stage.then_has_moved_to("สมศรี", "S1-covid19_sv-2026-08-06-morning")


def test_who_hears_the_offers_and_chooses_none_keeps_their_seat_and_holds_no_other(somsri: Stage) -> None:
    somsri.given_a_session_with_seats("2026-08-06", "morning", 10)
    somsri.given_a_session_with_seats("2026-08-07", "morning", 10)
    somsri.when_a_person_calls_back(SOMSRI, "2")
    somsri.then_is_booked("สมศรี", "2026-08-05 09:30")
    assert [somsri.seats_taken(session) for session in (OLD, NEXT, FRIDAY)] == [1, 0, 0]
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


@pytest.fixture
def bitten(stage: Stage) -> Stage:
    """Somsri has her second dose after a bite on Wednesday; there are seats on Thursday."""
    for day in ("2026-08-05", "2026-08-06"):
        stage.given_a_session_with_seats(day, "morning", 10, vaccine="rabies")
    stage.given_a_handset(SOMSRI, "always_2")
    stage.given_it_is("2026-08-03 08:50")
    stage.given_a_roster(f"""
        {HEADER}
        67-003,สมศรี,01/05/2493,080-000-0003,ไทย,พิษสุนัขบ้า,1,05/08/2569,09.30
    """)
    return stage


def test_a_rabies_dose_is_not_moved_by_a_key_but_staff_are_rung_at_once(bitten: Stage) -> None:
    bitten.given_a_handset(STAFF, "always_answers_1")
    sid = bitten.when_a_person_calls_back(SOMSRI, "2")
    assert "dialled" in [what for _, what, _ in bitten.house.network.transcript(sid)]
    bitten.then_is_booked("สมศรี", "2026-08-05 09:30")
    bitten.then_seats_taken(RABIES_NEXT, 0)
    bitten.then_tasks_are()  # they spoke with each other


def test_where_staff_do_not_pick_up_a_rabies_patient_is_called_back(bitten: Stage) -> None:
    bitten.given_a_handset(STAFF, "never_answers")
    bitten.when_a_person_calls_back(SOMSRI, "2")
    bitten.then_is_booked("สมศรี", "2026-08-05 09:30")
    bitten.then_seats_taken(RABIES_NEXT, 0)
    assert "callback" in [task.kind for task in bitten.open_tasks()]


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


@pytest.mark.parametrize(("keys", "seats"), [("12", 0), ("123", 10)])
def test_a_yes_that_is_taken_back_is_no_yes_where_no_other_day_was_found(somsri: Stage, keys: str, seats: int) -> None:
    if seats:
        somsri.given_a_session_with_seats("2026-08-06", "morning", seats)
    somsri.when_a_person_calls_back(SOMSRI, keys)
    somsri.then_is_booked("สมศรี", "2026-08-05 09:30")
    somsri.then_tasks_are("callback")
    assert somsri.open_tasks()[0].detail.startswith("wants another day; ")
    somsri.then_seats_taken(OLD, 1)  # the seat stays theirs until staff have found another
