"""Key 4 after a yes: a wish, a list for the driver, and the person is told who comes when, by text or by call."""

from __future__ import annotations

import pytest
from sqlmodel import col, select

from gateway.care import desk_rides
from gateway.records.conversations import Turn
from gateway.records.staffing import Role, Staff
from gateway.records.status import RideStatus
from gateway.records.work import Ride
from gateway.reports.exports import What, export
from gateway.reports.rides import ride_list
from tests.stories.stage import Stage, instant

SOMSRI, LANDLINE = "0800000003", "054000003"
HEADER = "HN,ชื่อ,วันเกิด,เบอร์โทรศัพท์,ภาษา,หมู่บ้าน,วัคซีน,เข็มที่,วันนัด,เวลานัด"
WEDNESDAY, PICK_UP = "2026-08-05", "2026-08-05 08:45"


def arrange(stage: Stage, *, at: str = PICK_UP) -> None:
    """A member of staff arranges Somsri's ride on the page of rides."""
    now = stage.clock.now()
    with stage.house.database.unit_of_work() as db:
        if db.get(Staff, "s1") is None:
            db.add(Staff(id="s1", email="s1@example.org", role=Role.STAFF, password_hash="x", created_at=now))
            db.flush()
        desk_rides.arranged(
            db, stage.appointment_of("สมศรี").id, pick_up_at=instant(at), driver="ลุงดี", staff="s1", now=now
        )


def rides_of(stage: Stage) -> list[RideStatus]:
    with stage.house.database.reading() as db:
        return list(db.exec(select(Ride.status).order_by(col(Ride.asked_at), col(Ride.id))))


@pytest.fixture
def wishing(stage: Stage, request: pytest.FixtureRequest) -> Stage:
    """Somsri, seventy-six, was called on Monday, said yes and pressed 4; by default on her mobile."""
    number = getattr(request, "param", SOMSRI)
    stage.given_a_session_with_seats(WEDNESDAY, "morning", 10)
    stage.given_a_session_with_seats("2026-08-07", "morning", 10)
    stage.given_a_handset(number, "wants_a_ride")
    stage.given_it_is("2026-08-03 08:50")
    stage.given_a_roster(f"""
        {HEADER}
        67-003,สมศรี,01/05/2493,{number},ไทย,บ้านป่าไม้,ไข้หวัดใหญ่,1,05/08/2569,09.30
    """)
    stage.when_it_is("2026-08-03 11:35")
    return stage


def test_key_4_after_a_yes_is_on_the_drivers_list_of_the_day(wishing: Stage) -> None:
    wishing.then_is_confirmed("สมศรี", "2026-08-05 09:30")
    wishing.then_tasks_are("ride")
    with wishing.house.database.reading() as db:
        found = ride_list(db, instant(PICK_UP).date(), site="S1")
        (row,) = export(db, What.APPOINTMENTS)
    assert "บ้านป่าไม้" in str(found)
    assert (row["ride"], row["pick_up_at"]) == ("asked", None)


def test_an_arranged_ride_is_told_by_text_with_the_hour_of_the_pick_up(wishing: Stage) -> None:
    texts = len(wishing.texts_to(SOMSRI))
    wishing.given_it_is("2026-08-03 13:00")
    arrange(wishing)
    wishing.when_it_is("2026-08-03 13:30")
    wishing.when_it_is("2026-08-03 13:45")
    *_, news = wishing.texts_to(SOMSRI)
    assert len(wishing.texts_to(SOMSRI)) == texts + 1
    assert "08.45" in news
    assert "5 ส.ค." in news
    assert "ลุงดี" not in news
    wishing.then_tasks_are()
    wishing.then_is_confirmed("สมศรี", "2026-08-05 09:30")


@pytest.mark.parametrize("wishing", [LANDLINE], indirect=True)
def test_who_has_only_a_landline_is_called_and_told(wishing: Stage) -> None:
    wishing.given_it_is("2026-08-03 13:00")
    arrange(wishing)
    wishing.when_it_is("2026-08-03 13:30")
    wishing.then_phone_was_called_times(LANDLINE, 2)
    told = [key["prompt"] for turn in wishing.all(Turn) for key in turn.heard]
    at = told.index("news.ride")
    assert "hour.0845" in told[at:]
    assert "ask.coming" not in told[at:]
    wishing.then_phone_got_texts(LANDLINE, 0)
    wishing.then_tasks_are()
    wishing.then_is_confirmed("สมศรี", "2026-08-05 09:30")


def test_who_moves_to_another_day_is_to_be_fetched_on_that_one(wishing: Stage) -> None:
    wishing.given_it_is("2026-08-03 13:00")
    arrange(wishing)
    wishing.when_it_is("2026-08-03 13:30")
    wishing.when_a_person_calls_back(SOMSRI, "21")
    wishing.then_has_moved_to("สมศรี", "S1-influenza-2026-08-07-morning")
    assert sorted(rides_of(wishing)) == [RideStatus.ASKED, RideStatus.CANCELLED]
    wishing.then_tasks_are("ride")
    with wishing.house.database.reading() as db:
        live = next(row for row in export(db, What.APPOINTMENTS) if row["status"] == "confirmed")
    assert (live["ride"], live["pick_up_at"]) == ("asked", None)


def test_who_calls_us_may_ask_for_a_ride_after_a_yes_too(stage: Stage) -> None:
    stage.given_a_session_with_seats(WEDNESDAY, "morning", 10)
    stage.given_a_handset(SOMSRI, "always_answers_1")
    stage.given_it_is("2026-08-03 08:50")
    stage.given_a_roster(f"""
        {HEADER}
        67-003,สมศรี,01/05/2493,{SOMSRI},ไทย,บ้านป่าไม้,ไข้หวัดใหญ่,1,05/08/2569,09.30
    """)
    stage.when_a_person_calls_back(SOMSRI, "14")
    stage.then_is_confirmed("สมศรี", "2026-08-05 09:30")
    assert rides_of(stage) == [RideStatus.ASKED]
    stage.then_tasks_are("ride")


@pytest.mark.parametrize("wishing", [LANDLINE], indirect=True)
def test_whom_the_news_does_not_reach_staff_tell(wishing: Stage) -> None:
    wishing.given_it_is("2026-08-03 13:00")
    arrange(wishing)
    wishing.given_a_handset(LANDLINE, "never_answers")
    wishing.when_the_days_pass("2026-08-03", "2026-08-05")
    wishing.then_tasks_are("callback")
    wishing.then_is_confirmed("สมศรี", "2026-08-05 09:30")
    assert rides_of(wishing) == [RideStatus.ARRANGED]
