"""Nothing outside 9:00 to 19:30, nothing on a holiday, nothing late: what an outage held up is not sent after it."""

from __future__ import annotations

from gateway.records.contacts import Attempt
from tests.stories.stage import Stage

ELDER, GRANDCHILD = "0800000010", "0800000011"
HEADER = "HN,ชื่อ,วันเกิด,เบอร์โทรศัพท์,ภาษา,วัคซีน,เข็มที่,วันนัด,เวลานัด"
ROUND_THE_CLOCK = (
    *("00:00", "05:00", "08:30", "08:59", "09:00", "11:35", "13:30"),
    *("17:40", "19:05", "19:29", "19:30", "19:31", "21:00", "23:59"),
)


def two_people(stage: Stage, day: str, hour: str = "14.00") -> None:
    stage.given_a_handset(ELDER, "never_answers")
    stage.given_a_handset(GRANDCHILD, "never_answers")
    stage.given_a_roster(f"""
        {HEADER}
        67-021,ยาย,1/2/2490,080-000-0010,ไทย,flu,1,{day},{hour}
        67-022,หลาน,1/2/2540,080-000-0011,ไทย,flu,1,{day},{hour}
    """)


def test_whatever_the_hour_of_the_tick_nobody_is_called_or_texted_outside_the_window(stage: Stage) -> None:
    stage.given_it_is("2026-08-05 00:00")
    two_people(stage, "07/08/2569")
    stage.when_the_days_pass("2026-08-05", "2026-08-07", ROUND_THE_CLOCK)
    hours = [at[-5:] for at in (*stage.calls_to(ELDER), *stage.calls_to(GRANDCHILD), *stage.sent_to(GRANDCHILD))]
    assert len(hours) >= 6
    assert all("09:00" <= hour < "19:30" for hour in hours)


def test_nothing_is_sent_on_a_holiday_and_the_reminder_comes_the_day_before_instead(stage: Stage) -> None:
    stage.given_it_is("2026-08-10 08:00")
    two_people(stage, "14/08/2569")  # two days before is 12 August, the Queen Mother's birthday
    stage.when_the_days_pass("2026-08-10", "2026-08-14")
    assert "2026-08-11" in {at[:10] for at in stage.calls_to(ELDER)}
    assert "2026-08-11" in {at[:10] for at in stage.sent_to(GRANDCHILD)}
    days = {at[:10] for at in (*stage.calls_to(ELDER), *stage.sent_to(ELDER), *stage.sent_to(GRANDCHILD))}
    assert "2026-08-12" not in days


def test_an_outage_over_the_whole_ladder_ends_in_tasks_not_in_a_burst(stage: Stage) -> None:
    stage.given_it_is("2026-08-05 08:50")
    two_people(stage, "07/08/2569")
    stage.when_it_is("2026-08-05 09:00")  # planned; then nothing runs for two days
    stage.when_it_is("2026-08-07 13:05")
    assert stage.count(Attempt) == 0
    stage.then_reminders_are("ยาย", "reminder voice expired", "morning voice expired")
    stage.then_reminders_are("หลาน", "reminder sms expired", "morning sms expired")
    stage.then_tasks_are("unreached", "unreached")
    stage.when_the_days_pass("2026-08-07", "2026-08-09")
    assert stage.count(Attempt) == 0


def test_dispatch_alone_sends_nothing_late_even_when_nobody_swept_before_it(stage: Stage) -> None:
    stage.given_it_is("2026-08-05 08:50")
    two_people(stage, "07/08/2569")
    stage.when_it_is("2026-08-05 09:00")
    stage.when_it_is("2026-08-07 13:05", only=["dispatch"])
    assert stage.count(Attempt) == 0
    stage.then_no_more_reminders_come("ยาย")
    stage.then_no_more_reminders_come("หลาน")


def test_after_an_outage_of_two_days_only_what_is_still_of_use_is_sent(stage: Stage) -> None:
    stage.given_it_is("2026-08-05 08:50")
    two_people(stage, "07/08/2569")
    stage.when_it_is("2026-08-05 09:00")
    stage.when_it_is("2026-08-07 11:00")
    stage.then_phone_was_called(ELDER, "2026-08-07 11:00")
    (text,) = stage.texts_to(GRANDCHILD)
    assert "วันนี้" in text
    stage.then_reminders_are("หลาน", "reminder sms expired", "morning sms sent")


def test_a_paused_house_sends_nothing_and_goes_on_where_it_stopped(stage: Stage) -> None:
    stage.given_it_is("2026-08-05 08:50")
    two_people(stage, "07/08/2569")
    stage.given_the_switch("pause", is_on=True)
    stage.when_it_is("2026-08-05 11:35")
    assert stage.count(Attempt) == 0
    stage.given_the_switch("pause", is_on=False)
    stage.when_it_is("2026-08-05 11:40")
    assert stage.count(Attempt) == 2
