"""A first dose calls for a second one: booked inside the interval, at the person's site, and the person is told."""

from __future__ import annotations

import pytest

from tests.stories.stage import Stage

ELDER, GRANDCHILD = "0800000010", "0800000011"
TOO_EARLY, INSIDE, LATER = "2026-08-07", "2026-08-08", "2026-08-14"
HEADER = "HN,ชื่อ,วันเกิด,เบอร์โทรศัพท์,ภาษา,วัคซีนล่าสุด,เข็มล่าสุด,วันที่ฉีดเข็มล่าสุด"


@pytest.fixture
def pfizer(stage: Stage) -> Stage:
    """Pfizer's second dose is due three weeks after 18 July, at the latest after four (regimens.toml)."""
    stage.given_a_site("S2")
    for day in (TOO_EARLY, INSIDE, "2026-08-16"):
        stage.given_a_session_with_seats(day, "morning", 5, vaccine="covid19_pfz")
    stage.given_a_session_with_seats(INSIDE, "morning", 5, vaccine="covid19_pfz", site="S2")
    stage.given_a_handset(ELDER, "always_answers_1")
    stage.given_a_handset(GRANDCHILD, "never_answers")
    return stage


def session(day: str) -> str:
    return f"S1-covid19_pfz-{day}-morning"


def test_the_younger_is_booked_inside_the_interval_and_told_by_a_text_that_says_second_dose(pfizer: Stage) -> None:
    pfizer.given_a_roster(f"""
        {HEADER}
        67-032,หลาน,1/2/2540,080-000-0011,ไทย,ไฟเซอร์,1,18/07/2569
    """)
    pfizer.when_it_is("2026-07-25 09:30")
    made = pfizer.appointment_of("หลาน")
    assert (made.session, made.dose_no, made.source) == (session(INSIDE), 2, "second_dose")
    pfizer.then_seats_taken(session(INSIDE), 1)
    (text,) = pfizer.texts_to(GRANDCHILD)
    assert "ถึงกำหนดวัคซีนเข็ม 2" in text
    assert "8 ส.ค." in text
    pfizer.then_reminders_are("หลาน", "second_dose sms sent", "reminder sms planned", "morning sms planned")


def test_the_elder_is_called_about_it_and_says_yes(pfizer: Stage) -> None:
    pfizer.given_a_roster(f"""
        {HEADER}
        67-031,ยาย,1/2/2490,080-000-0010,ไทย,ไฟเซอร์,1,18/07/2569
    """)
    pfizer.when_it_is("2026-07-25 09:30")
    pfizer.then_phone_was_called(ELDER, "2026-07-25 09:30")
    pfizer.then_reminders_are(
        "ยาย", "second_dose voice answered", "reminder voice suppressed", "morning voice suppressed"
    )
    pfizer.then_is_confirmed("ยาย", "2026-08-08 08:30")


def test_after_the_first_news_the_second_dose_is_reminded_of_like_any_other(pfizer: Stage) -> None:
    pfizer.given_a_roster(f"""
        {HEADER}
        67-032,หลาน,1/2/2540,080-000-0011,ไทย,ไฟเซอร์,1,18/07/2569
    """)
    pfizer.when_it_is("2026-07-25 09:30")
    pfizer.when_the_days_pass("2026-07-31", "2026-08-08")
    pfizer.then_reminders_are("หลาน", "second_dose sms unanswered", "reminder sms unanswered", "morning sms unanswered")
    pfizer.then_phone_got_texts(GRANDCHILD, 3)


def test_who_finds_no_seat_inside_the_interval_becomes_a_task_until_there_is_one(pfizer: Stage) -> None:
    pfizer.given_a_session_with_seats(INSIDE, "morning", 0, vaccine="covid19_pfz")
    pfizer.given_a_roster(f"""
        {HEADER}
        67-032,หลาน,1/2/2540,080-000-0011,ไทย,ไฟเซอร์,1,18/07/2569
    """)
    pfizer.when_it_is("2026-07-25 09:30")
    assert pfizer.appointments_of("หลาน") == []
    pfizer.then_tasks_are("no_seat")
    pfizer.given_a_session_with_seats(LATER, "morning", 1, vaccine="covid19_pfz")
    pfizer.when_it_is("2026-07-25 10:30")
    assert pfizer.appointment_of("หลาน").session == session(LATER)
    pfizer.then_tasks_are()


def test_who_has_a_second_appointment_in_the_file_is_not_booked_again(pfizer: Stage) -> None:
    pfizer.given_a_roster(f"""
        {HEADER},วัคซีน,เข็มที่,วันนัด,เวลานัด
        67-032,หลาน,1/2/2540,080-000-0011,ไทย,ไฟเซอร์,1,18/07/2569,ไฟเซอร์,2,08/08/2569,08.30
    """)
    pfizer.when_it_is("2026-07-25 09:30")
    assert [one.source for one in pfizer.appointments_of("หลาน")] == ["roster"]
    pfizer.then_seats_taken(session(INSIDE), 1)
