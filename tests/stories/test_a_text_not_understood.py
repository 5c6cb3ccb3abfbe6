"""What we do not understand is answered once with what can be answered, and read by staff."""

from __future__ import annotations

import pytest

from gateway.records.conversations import Reply
from tests.stories.stage import Stage

MALI = "0800000002"


@pytest.fixture
def mali(stage: Stage) -> Stage:
    """Texted two days before her appointment on Friday."""
    stage.given_a_session_with_seats("2026-08-07", "morning", 10)
    stage.given_a_handset(MALI, "never_answers")
    stage.given_a_roster("""
        HN,ชื่อ,วันเกิด,เบอร์โทรศัพท์,ภาษา,วัคซีน,เข็มที่,วันนัด,เวลานัด
        67-002,มะลิ,1/2/2533,0800000002,ไทย,ไข้หวัดใหญ่,1,07/08/2569,09.30
    """)
    stage.given_it_is("2026-08-05 09:00")
    stage.when_it_is("2026-08-05 11:35")
    return stage


def test_the_options_and_the_number_to_call_come_once_and_a_clear_answer_ends_it(mali: Stage) -> None:
    mali.when_a_person_texts(MALI, "หวัดดีจ้าแม่")
    mali.then_tasks_are("question")
    mali.when_it_is("2026-08-05 11:36")
    options = mali.texts_to(MALI)[-1]
    for words in ("1=มา", "2=เลื่อน", "โทร"):
        assert words in options
    mali.when_a_person_texts(MALI, "1")
    mali.then_is_confirmed("มะลิ")
    mali.then_tasks_are()


def test_a_question_of_hers_stays_with_staff_and_she_is_not_texted_at_again(mali: Stage) -> None:
    for body in ("พาลูกสาวไปฉีดด้วยได้ไหมคะ", "แล้วต้องงดอาหารไหม", "ฮัลโหล"):
        mali.when_a_person_texts(MALI, body)
        mali.when_it_is(f"2026-08-05 1{2 + len(body) % 3}:00")
    mali.then_phone_got_texts(MALI, 2)  # the reminder, and the options once
    mali.then_tasks_are("question")  # one piece of work; her page shows all three
    assert len(mali.all(Reply)) == 3
    mali.then_is_booked("มะลิ")


def test_two_machines_do_not_write_to_each_other(mali: Stage) -> None:
    for minute in range(36, 56):
        mali.when_a_person_texts(MALI, "I am driving and will answer later. (auto reply)")
        mali.when_it_is(f"2026-08-05 11:{minute}")
    mali.then_phone_got_texts(MALI, 2)


def test_who_stopped_is_not_answered_whatever_they_write(mali: Stage) -> None:
    mali.when_a_person_texts(MALI, "STOP")
    mali.when_a_person_texts(MALI, "ทำไมยังส่งมา")
    mali.when_it_is("2026-08-05 11:40")
    mali.then_phone_got_texts(MALI, 1)


def test_a_wrong_number_is_told_sorry_and_asked_nothing(mali: Stage) -> None:
    mali.when_a_person_texts(MALI, "ผิดเบอร์ค่ะ")
    mali.when_a_person_texts(MALI, "ใครคะ")
    mali.given_a_roster("""
        HN,ชื่อ,วันเกิด,เบอร์โทรศัพท์,ภาษา,วัคซีน,เข็มที่,วันนัด,เวลานัด
        67-009,ปิติ,1/2/2500,080-000-0002,ไทย,ไข้หวัดใหญ่,1,07/08/2569,10.00
    """)
    mali.when_the_days_pass("2026-08-05", "2026-08-07")
    mali.then_phone_got_texts(MALI, 2)  # the reminder that reached a stranger, and the apology
    mali.then_phone_was_called_times(MALI, 0)
    assert {"match", "unreached"} <= {task.kind.value for task in mali.open_tasks()}
