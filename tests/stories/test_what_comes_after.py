"""Who missed their day is told how to get another; who has somebody else's number is told sorry, and left in peace."""

from __future__ import annotations

import pytest

from gateway.care import at_the_desk
from gateway.records.people import Phone
from gateway.records.staffing import Role, Staff
from tests.stories.stage import Stage

DUEAN = "0800000007"
SOMEL = "5" * 32


@pytest.fixture
def duean(stage: Stage) -> Stage:
    """Thirty-six years old, with an appointment on Friday 7 August; texted two days before."""
    stage.given_a_session_with_seats("2026-08-07", "morning", 10)
    stage.given_a_handset(DUEAN, "never_answers")
    stage.given_it_is("2026-08-04 15:00")
    stage.given_a_roster("""
        HN,ชื่อ,วันเกิด,เบอร์โทรศัพท์,ภาษา,วัคซีน,เข็มที่,วันนัด,เวลานัด
        67-007,เดือน,1/2/2533,0800000007,ไทย,ไข้หวัดใหญ่,1,07/08/2569,09.30
    """)
    stage.when_it_is("2026-08-05 11:35")
    return stage


def given_they_did_not_come(stage: Stage, at: str) -> None:
    """As a nurse marks it."""
    stage.given_it_is(at)
    now = stage.clock.now()
    with stage.house.database.unit_of_work() as db:
        db.add(Staff(id=SOMEL, email="somel@example.org", role=Role.STAFF, password_hash="x", created_at=now))
        db.flush()
        at_the_desk.missed(db, stage.appointment_of("เดือน").id, staff=SOMEL, now=now)


def test_who_missed_their_day_gets_one_text_on_the_next_open_morning(duean: Stage) -> None:
    given_they_did_not_come(duean, "2026-08-07 16:00")
    duean.when_it_is("2026-08-07 17:40")
    duean.then_phone_got_texts(DUEAN, 1)
    duean.when_the_days_pass("2026-08-08", "2026-08-18", ["08:30", "09:05", "17:40"])
    _, recall = duean.texts_to(DUEAN)
    assert duean.sent_to(DUEAN)[1] == "2026-08-08 09:05"
    assert "ไม่ได้มาตามนัด ศ. 7 ส.ค. 69" in recall
    assert "โทร 054-000-901" in recall
    assert "วัคซีน" not in recall
    duean.then_the_report_counts("channel", "sms", due=1, contacted=1, confirmed=0)


def test_a_recall_waits_over_the_queens_birthday(stage: Stage) -> None:
    stage.given_a_session_with_seats("2026-08-11", "morning", 10)
    stage.given_it_is("2026-08-10 15:00")
    stage.given_a_roster("""
        HN,ชื่อ,วันเกิด,เบอร์โทรศัพท์,ภาษา,วัคซีน,เข็มที่,วันนัด,เวลานัด
        67-007,เดือน,1/2/2533,0800000007,ไทย,ไข้หวัดใหญ่,1,11/08/2569,09.30
    """)
    given_they_did_not_come(stage, "2026-08-11 16:00")
    stage.when_the_days_pass("2026-08-12", "2026-08-14", ["09:05"])
    assert stage.sent_to(DUEAN)[-1] == "2026-08-13 09:05"


def test_a_stranger_who_says_so_is_told_sorry_once_and_never_hears_a_name(duean: Stage) -> None:
    duean.when_a_person_texts(DUEAN, "ผิดเบอร์")
    duean.when_it_is("2026-08-05 11:40")
    duean.when_a_person_texts(DUEAN, "ผิดเบอร์")
    duean.when_the_fortnight_passes()
    _, sorry = duean.texts_to(DUEAN)
    assert "ขออภัยที่ติดต่อผิดหมายเลข" in sorry
    assert not any(word in sorry for word in ("เดือน", "วัคซีน", "นัด", "ส.ค."))
    (phone,) = duean.all(Phone)
    assert phone.parked_reason == "wrong_person"
    duean.then_phone_was_called_times(DUEAN, 0)
    duean.then_no_more_reminders_come("เดือน")
    assert "match" in {task.kind.value for task in duean.open_tasks()}
