"""A younger person gets a text, answers with a digit of their own script, and gets a text that says so."""

from __future__ import annotations

import pytest

from tests.stories.stage import Stage

MALI = "0800000002"


@pytest.fixture
def mali(stage: Stage) -> Stage:
    """Thirty-six years old, reads Thai, has an appointment on Friday 7 August; the file comes two weeks before."""
    stage.given_a_session_with_seats("2026-08-07", "morning", 10)
    stage.given_a_handset(MALI, "never_answers")
    stage.given_a_roster("""
        HN,ชื่อ,วันเกิด,เบอร์โทรศัพท์,ภาษา,วัคซีน,เข็มที่,วันนัด,เวลานัด
        67-002,มะลิ,๑/๒/๒๕๓๓,๐๘๐-๐๐๐-๐๐๐๒,ไทย,ไข้หวัดใหญ่,1,๗ ส.ค. ๒๕๖๙,09.30
    """)
    return stage


def test_a_younger_person_is_texted_a_week_before_and_two_days_before(mali: Stage) -> None:
    mali.when_the_days_pass("2026-07-31", "2026-08-05")
    notice, reminder = mali.texts_to(MALI)
    for words in ("7 ส.ค.", "09.30", "1=มา", "2=เลื่อน"):
        assert words in notice
        assert words in reminder
    mali.then_reminders_are("มะลิ", "notice sms unanswered", "reminder sms sent", "morning sms planned")
    mali.then_phone_was_called_times(MALI, 0)


def test_a_thai_1_is_a_yes_and_brings_a_text_that_says_so(mali: Stage) -> None:
    mali.when_it_is("2026-08-05 11:35")
    mali.when_a_person_texts(MALI, "๑")
    mali.then_is_confirmed("มะลิ", "2026-08-07 09:30")
    mali.when_it_is("2026-08-05 11:40")
    _, confirmed = mali.texts_to(MALI)
    assert "7 ส.ค." in confirmed
    assert "1=มา" not in confirmed
    mali.then_reminders_are("มะลิ", "reminder sms answered", "answer sms sent", "morning sms suppressed")


def test_after_a_yes_in_words_nothing_but_that_text_comes(mali: Stage) -> None:
    mali.when_it_is("2026-08-05 11:35")
    mali.when_a_person_texts(MALI, "มาค่ะ")
    mali.when_the_fortnight_passes()
    mali.then_phone_got_texts(MALI, 2)
    mali.then_phone_was_called_times(MALI, 0)
    mali.then_no_more_reminders_come("มะลิ")
    mali.then_the_report_counts("channel", "sms", due=1, contacted=1, confirmed=1)


def test_a_text_of_two_minds_confirms_nothing_and_is_read_by_staff(mali: Stage) -> None:
    mali.when_it_is("2026-08-05 11:35")
    mali.when_a_person_texts(MALI, "1 หรือ 2 ดี")
    mali.then_is_booked("มะลิ")
    mali.then_tasks_are("question")


def test_silence_is_not_a_no_and_the_seat_is_kept(mali: Stage) -> None:
    mali.given_it_is("2026-08-05 09:00")
    mali.when_the_fortnight_passes()
    mali.then_is_booked("มะลิ", "2026-08-07 09:30")
    mali.then_seats_taken("S1-influenza-2026-08-07-morning", 1)
    mali.then_the_report_counts("channel", "sms", due=1, contacted=1, confirmed=0, unanswered=1)


def test_who_texts_stop_is_neither_texted_nor_called_again(mali: Stage) -> None:
    mali.when_it_is("2026-07-31 11:35")
    mali.when_a_person_texts(MALI, "หยุด")
    mali.given_it_is("2026-08-05 09:00")
    mali.when_the_fortnight_passes()
    mali.then_phone_got_texts(MALI, 1)
    mali.then_phone_was_called_times(MALI, 0)
    mali.then_is_booked("มะลิ")


def test_a_text_from_a_shared_phone_is_asked_back_rather_than_guessed(mali: Stage) -> None:
    mali.given_a_roster("""
        HN,ชื่อ,วันเกิด,เบอร์โทรศัพท์,ภาษา,วัคซีน,เข็มที่,วันนัด,เวลานัด
        67-003,มานี,1/2/2535,0800000002,ไทย,ไข้หวัดใหญ่,1,07/08/2569,10.30
    """)
    mali.when_it_is("2026-08-05 11:35")
    mali.when_a_person_texts(MALI, "มา")
    mali.when_it_is("2026-08-05 11:36")
    mali.then_is_booked("มะลิ")
    mali.then_is_booked("มานี")
    mali.then_tasks_are()
    assert "มานี" in mali.texts_to(MALI)[-1]
