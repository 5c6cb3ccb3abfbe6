"""A phone for three: one text lists them, a number chooses, and nobody is answered for by a guess."""

from __future__ import annotations

import pytest

from gateway.records.people import Phone
from tests.stories.stage import Stage

HOME = "0800000031"


@pytest.fixture
def family(stage: Stage) -> Stage:
    """A mother who reads, her sister and her daughter, all due on Friday; the phone is the mother's."""
    stage.given_a_session_with_seats("2026-08-07", "morning", 10)
    stage.given_a_handset(HOME, "never_answers")
    stage.given_a_roster("""
        HN,ชื่อ,วันเกิด,เบอร์โทรศัพท์,เบอร์คนในบ้าน,ภาษา,วัคซีน,เข็มที่,วันนัด,เวลานัด
        67-031,มะลิ,1/2/2533,0800000031,,ไทย,ไข้หวัดใหญ่,1,07/08/2569,09.00
        67-032,มานี,1/2/2535,,0800000031,ไทย,ไข้หวัดใหญ่,1,07/08/2569,09.30
        67-033,ชูใจ,1/2/2545,,0800000031,ไทย,ไข้หวัดใหญ่,1,07/08/2569,10.00
    """)
    return stage


def test_one_text_lists_all_three_and_a_number_with_words_answers_for_one(family: Stage) -> None:
    family.when_it_is("2026-08-05 11:35")
    [listed] = family.texts_to(HOME)
    for line in ("1 มะลิ", "2 มานี", "3 ชูใจ"):
        assert line in listed
    family.when_a_person_texts(HOME, "๒ มาค่ะ")
    family.then_is_confirmed("มานี", "2026-08-07 09:30")
    family.then_is_booked("มะลิ")
    family.then_is_booked("ชูใจ")
    family.then_tasks_are()


def test_a_yes_without_a_number_is_asked_back_once_and_then_taken(family: Stage) -> None:
    family.when_it_is("2026-08-05 11:35")
    family.when_a_person_texts(HOME, "มาค่ะ")
    family.when_it_is("2026-08-05 11:36")
    asked = family.texts_to(HOME)[-1]
    assert "2 มานี" in asked
    family.when_a_person_texts(HOME, "2")
    family.then_is_confirmed("มานี")
    family.then_is_booked("มะลิ")
    family.when_it_is("2026-08-05 11:40")
    assert "มานี" in family.texts_to(HOME)[-1]
    family.then_phone_got_texts(HOME, 3)  # the list, the question, the yes said again


def test_a_number_alone_is_a_person_and_the_second_question_is_what_they_want(family: Stage) -> None:
    family.when_it_is("2026-08-05 11:35")
    family.when_a_person_texts(HOME, "3")
    family.when_it_is("2026-08-05 11:36")
    assert "1=" in family.texts_to(HOME)[-1]
    family.when_a_person_texts(HOME, "3")  # the same figure: now it is the key for "call me back"
    family.then_is_booked("ชูใจ")
    family.then_tasks_are("callback")
    [task] = family.open_tasks()
    assert task.person == family.person_of("ชูใจ").id


def test_zero_is_for_all_of_them(family: Stage) -> None:
    family.when_it_is("2026-08-05 11:35")
    family.when_a_person_texts(HOME, "0 มา")
    for name in ("มะลิ", "มานี", "ชูใจ"):
        family.then_is_confirmed(name)
        assert "morning sms suppressed" in family.reminders_of(name)


def test_what_could_still_mean_two_people_is_read_by_staff_and_not_asked_again(family: Stage) -> None:
    family.when_it_is("2026-08-05 11:35")
    family.when_a_person_texts(HOME, "มาค่ะ")
    family.when_it_is("2026-08-05 11:36")
    family.when_a_person_texts(HOME, "น้องค่ะ")
    family.when_it_is("2026-08-05 11:40")
    family.then_phone_got_texts(HOME, 2)
    family.then_tasks_are("question")
    for name in ("มะลิ", "มานี", "ชูใจ"):
        family.then_is_booked(name)


def test_stop_with_a_number_is_one_persons_stop_and_stop_alone_is_everybodys(family: Stage) -> None:
    family.when_it_is("2026-08-05 11:35")
    family.when_a_person_texts(HOME, "STOP 3")
    family.then_no_more_reminders_come("ชูใจ")
    assert "morning sms planned" in family.reminders_of("มะลิ")
    family.when_a_person_texts(HOME, "หยุด")
    family.then_no_more_reminders_come("มะลิ")
    family.then_no_more_reminders_come("มานี")
    family.when_the_fortnight_passes()
    family.then_phone_got_texts(HOME, 1)
    family.then_phone_was_called_times(HOME, 0)


def test_wrong_person_with_a_number_is_one_wrong_name_and_the_others_answer(family: Stage) -> None:
    family.when_it_is("2026-08-05 11:35")
    family.when_a_person_texts(HOME, "2 ผิดคน")
    family.then_no_more_reminders_come("มานี")
    assert not [one for one in family.all(Phone) if one.parked_at]
    family.when_a_person_texts(HOME, "1 มา")
    family.then_is_confirmed("มะลิ")
    assert "morning sms planned" in family.reminders_of("ชูใจ")


def test_start_brings_back_what_is_to_come_and_nothing_that_was_missed(family: Stage) -> None:
    family.when_it_is("2026-07-31 11:35")
    family.then_phone_got_texts(HOME, 1)
    family.when_a_person_texts(HOME, "STOP")
    family.when_the_days_pass("2026-08-01", "2026-08-05")
    family.then_phone_got_texts(HOME, 1)  # the text of two days before was missed
    family.when_a_person_texts(HOME, "START")
    family.when_it_is("2026-08-05 19:20")
    family.then_phone_got_texts(HOME, 1)
    for name in ("มะลิ", "มานี", "ชูใจ"):
        assert "morning sms planned" in family.reminders_of(name)
    family.when_the_days_pass("2026-08-06", "2026-08-07")
    family.then_phone_got_texts(HOME, 2)


def test_a_question_asked_in_the_evening_goes_out_in_the_morning(family: Stage) -> None:
    family.when_it_is("2026-08-05 11:35")
    family.given_it_is("2026-08-05 20:30")
    family.when_a_person_texts(HOME, "มาค่ะ")
    family.when_it_is("2026-08-05 21:00")
    family.then_phone_got_texts(HOME, 1)
    family.when_it_is("2026-08-06 09:05")
    assert "2 มานี" in family.texts_to(HOME)[1]
