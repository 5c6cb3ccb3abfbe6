"""The road is under water: a session is closed, and everybody in it learns of it."""

from __future__ import annotations

import pytest

from gateway.care.closing import Closed, Policy, Telling, close_session, preview_closing
from gateway.records.status import Channel
from tests.stories.stage import Stage

MORNING, NEXT = "S1-influenza-2026-08-05-morning", "S1-influenza-2026-08-06-morning"
BITES = "S1-rabies-2026-08-05-morning"
MALEE, SUDA, WICHAI, LANDLINE, BITTEN = "0800000011", "0800000012", "0800000013", "053000001", "0800000014"
HEADER = "HN,ชื่อ,วันเกิด,เบอร์โทรศัพท์,ภาษา,วัคซีน,เข็มที่,วันนัด,เวลานัด"


@pytest.fixture
def flood(stage: Stage) -> Stage:
    """Five people on Wednesday morning, two free seats on Thursday; it is Monday, and nobody has been asked yet."""
    stage.given_a_session_with_seats("2026-08-05", "morning", 10)
    stage.given_a_session_with_seats("2026-08-06", "morning", 2)
    stage.given_a_session_with_seats("2026-08-05", "morning", 10, vaccine="rabies")
    stage.given_a_session_with_seats("2026-08-06", "morning", 10, vaccine="rabies")
    for number in (MALEE, SUDA):
        stage.given_a_handset(number, "replies_1")
    for number in (WICHAI, LANDLINE, BITTEN):
        stage.given_a_handset(number, "always_answers_1")
    stage.given_it_is("2026-08-03 08:50")
    stage.given_a_roster(f"""
        {HEADER}
        67-011,มาลี,01/05/2535,080-000-0011,ไทย,ไข้หวัดใหญ่,1,05/08/2569,09.00
        67-012,สุดา,01/05/2535,080-000-0012,ไทย,ไข้หวัดใหญ่,1,05/08/2569,09.30
        67-013,วิชัย,01/05/2535,080-000-0013,ไทย,ไข้หวัดใหญ่,1,05/08/2569,10.00
        67-014,ดาว,01/05/2535,053-000-001,ไทย,ไข้หวัดใหญ่,1,05/08/2569,10.30
        67-015,บุญมา,01/05/2535,080-000-0014,ไทย,พิษสุนัขบ้า,1,05/08/2569,09.00
    """)
    return stage


def closed(stage: Stage, session: str, policy: Policy = Policy.MOVE) -> Closed:
    """As the console closes it."""
    house, now = stage.house, stage.clock.now()
    about = {
        "now": now,
        "regimens": house.regimens,
        "telling": Telling(house.speech.textable(), house.rules.window.next_open(now)),
    }
    with house.database.reading() as db:
        people = preview_closing(db, session, **about).people
    with house.database.unit_of_work() as db:
        return close_session(db, session, reason="flood", policy=policy, expected=people, staff=None, **about)


def test_two_move_one_is_told_to_stay_at_home_and_staff_call_the_others(flood: Stage) -> None:
    done = closed(flood, MORNING).done
    assert (done.moved, done.cancelled, done.texts, done.calls) == (2, 2, 3, 1)
    assert closed(flood, BITES).done.at_once == 1
    flood.when_it_is("2026-08-03 09:05", only=["dispatch"])
    for number in (MALEE, SUDA):
        [text] = flood.texts_to(number)
        assert "เลื่อนนัด" in text
        assert "6 ส.ค." in text
    [text] = flood.texts_to(WICHAI)
    assert "งดนัด" in text
    assert "5 ส.ค." in text
    flood.then_phone_got_texts(LANDLINE, 0)
    flood.then_phone_got_texts(BITTEN, 0)
    flood.then_tasks_are("callback", "callback", "callback")
    for name in ("วิชัย", "ดาว", "บุญมา"):
        flood.then_is_cancelled(name)
    assert [flood.seats_taken(one) for one in (MORNING, NEXT, BITES)] == [0, 2, 0]


def test_who_was_moved_is_asked_about_the_new_day_and_nobody_about_the_old_one(flood: Stage) -> None:
    closed(flood, MORNING)
    closed(flood, BITES)
    flood.when_the_fortnight_passes()
    # Two tickets, two hours: a closing spreads people over the session, and each was told their own.
    flood.then_is_confirmed("มาลี", "2026-08-06 08:30")
    flood.then_is_confirmed("สุดา", "2026-08-06 10:15")
    for name in ("วิชัย", "ดาว", "บุญมา"):
        assert flood.attempts_of(name, Channel.VOICE) == []
        flood.then_no_more_reminders_come(name)
    flood.then_phone_got_texts(WICHAI, 1)


def test_who_texts_back_after_it_was_cancelled_is_read_by_staff(flood: Stage) -> None:
    closed(flood, MORNING, Policy.CANCEL)
    flood.when_it_is("2026-08-03 09:05", only=["dispatch"])
    flood.when_a_person_texts(WICHAI, "1")
    flood.then_is_cancelled("วิชัย")
    assert "unmatched" in [task.kind for task in flood.open_tasks()]


def test_the_file_that_comes_again_brings_nobody_back_into_it(flood: Stage) -> None:
    closed(flood, MORNING)
    report = flood.given_a_roster(f"""
        {HEADER}
        67-013,วิชัย,01/05/2535,080-000-0013,ไทย,ไข้หวัดใหญ่,1,05/08/2569,10.00
        67-016,ปราณี,01/05/2535,080-000-0016,ไทย,ไข้หวัดใหญ่,1,05/08/2569,10.00
    """)
    assert (report.created, report.result.rejected) == (0, 1)
    flood.then_is_cancelled("วิชัย")
    assert flood.seats_taken(MORNING) == 0
