"""An elder is called two days before, presses 1, and is left in peace."""

from __future__ import annotations

import pytest

from tests.stories.stage import Stage

BUNMI = "0800000001"


@pytest.fixture
def bunmi(stage: Stage) -> Stage:
    """Seventy-nine years old, with an appointment on Wednesday 5 August; the file comes on Monday."""
    stage.given_a_session_with_seats("2026-08-05", "morning", 10)
    stage.given_a_handset(BUNMI, "always_answers_1")
    stage.given_it_is("2026-08-03 08:50")
    stage.given_a_roster("""
        HN,ชื่อ,นามสกุล,วันเกิด,เบอร์โทรศัพท์,ภาษา,วัคซีน,เข็มที่,วันนัด,เวลานัด
        67-001,บุญมี,ใจดี,12/03/2490,080-000-0001,ไทย,ไข้หวัดใหญ่,1,05/08/2569,09.30
    """)
    return stage


def test_an_elder_is_called_two_days_before_presses_1_and_is_confirmed(bunmi: Stage) -> None:
    bunmi.when_it_is("2026-08-03 11:35")
    bunmi.then_phone_was_called(BUNMI, "2026-08-03 11:35")
    bunmi.then_is_confirmed("บุญมี", "2026-08-05 09:30")


def test_who_pressed_1_hears_nothing_more_not_even_on_the_morning(bunmi: Stage) -> None:
    bunmi.when_the_fortnight_passes()
    bunmi.then_phone_was_called_times(BUNMI, 1)
    bunmi.then_phone_got_texts(BUNMI, 0)
    bunmi.then_reminders_are("บุญมี", "reminder voice answered", "morning voice suppressed")
    bunmi.then_tasks_are()


def test_the_report_counts_one_confirmed_by_voice(bunmi: Stage) -> None:
    bunmi.when_the_fortnight_passes()
    bunmi.then_the_report_counts("channel", "voice", due=1, contacted=1, confirmed=1, moved=0, unanswered=0)
    assert [row.keys for row in bunmi.rates("channel")] == [("voice",)]


def test_who_wants_a_ride_is_confirmed_and_staff_are_told(bunmi: Stage) -> None:
    bunmi.given_a_handset(BUNMI, "wants_a_ride")
    bunmi.when_it_is("2026-08-03 11:35")
    bunmi.then_is_confirmed("บุญมี")
    bunmi.then_tasks_are("ride")


def test_who_presses_3_is_called_back_by_staff_and_not_by_the_machine(bunmi: Stage) -> None:
    bunmi.given_a_handset(BUNMI, "always_3")
    bunmi.when_the_fortnight_passes()
    bunmi.then_is_booked("บุญมี")
    bunmi.then_tasks_are("callback")
    bunmi.then_phone_was_called_times(BUNMI, 1)


def test_who_lets_the_first_question_pass_is_asked_again(bunmi: Stage) -> None:
    bunmi.given_a_handset(BUNMI, "misses_first")
    bunmi.when_it_is("2026-08-03 11:35")
    bunmi.then_is_confirmed("บุญมี")
    bunmi.then_phone_was_called_times(BUNMI, 1)
