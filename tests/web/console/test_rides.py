"""Rides: village by village, arranged at once, told, undone; and the paper for the driver."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlmodel import select

from gateway.care import rides
from gateway.records.agreements import Appointment
from gateway.records.contacts import Reminder
from gateway.records.people import Person, Phone
from gateway.records.places import Session
from gateway.records.staffing import Audit, Role
from gateway.records.status import Channel, ReminderStatus, RideStatus, TaskKind, TaskStatus, VisitStatus
from gateway.records.work import Ride, Task, Visit
from tests.support.world import MONDAY
from tests.web.console.conftest import Console
from tests.web.console.test_today import booked, second_site, text_of

TOMORROW = MONDAY + timedelta(days=1)
PATH = f"/console/rides?day={TOMORROW}"


@pytest.fixture
def session(console: Console) -> Session:
    return console.world.session(TOMORROW)


def wanted(console: Console, session: Session, village: str = "บ้านดอน") -> Appointment:
    one = booked(console.world, session)
    with console.world.database.unit_of_work() as db:
        db.get_one(Person, one.person).village = village
        db.flush()
        rides.ask(db, db.get_one(Appointment, one.id), now=console.world.clock.now())
    return one


def ride_of(console: Console, one: Appointment) -> Ride:
    return next(row for row in console.world.all(Ride) if row.appointment == one.id)  # type: ignore[attr-defined,return-value]


def arrange(console: Console, *chosen: Appointment, pick_up: str = "07:30", driver: str = "รถ อบต.") -> str:
    answer = console.post(
        "/console/rides", page=PATH, day=str(TOMORROW), site="", pick_up=pick_up, driver=driver,
        ride=[ride_of(console, one).id for one in chosen],
    )  # fmt: skip
    return text_of((console.follow(answer) if answer.status_code == 303 else answer).text)


def deeds(console: Console, verb: str) -> list[Audit]:
    return [row for row in console.world.all(Audit) if row.verb == verb]  # type: ignore[attr-defined,misc]


def test_the_list_stands_by_session_and_village_with_counts(console: Console, session: Session) -> None:
    for village in ("บ้านดอน", "บ้านดอน", "บ้านหนอง"):
        wanted(console, session, village)
    html = console.get(PATH).text
    words = text_of(html)
    assert "3 people, 3 wait for a ride" in words
    assert re.search(r"บ้านดอน 2 people, 2 wait for a ride .* บ้านหนอง 1 person, 1 wait", words)
    for phone in console.world.all(Phone):
        assert phone.e164[3:] not in html  # type: ignore[attr-defined]


def test_a_whole_village_is_arranged_and_told_once_the_minute_is_over(console: Console, session: Session) -> None:
    both = [wanted(console, session), wanted(console, session)]
    words = arrange(console, *both)
    assert "2 people, 0 wait for a ride" in words
    assert "Pick-up 07:30 รถ อบต." in words
    assert "Text to go out Mon 3 Aug 2026 09:01" in words
    assert {ride_of(console, one).status for one in both} == {RideStatus.ARRANGED}
    assert [row.arranged_by for row in console.world.all(Ride)] == [console.me.id] * 2  # type: ignore[attr-defined]
    done = [(task.status, task.result, task.done_by) for task in console.world.all(Task)]  # type: ignore[attr-defined]
    assert done == [(TaskStatus.DONE, "ride_arranged", console.me.id)] * 2
    assert len(deeds(console, "ride_arranged")) == 2, "each person's is a deed of its own"


def test_it_is_taken_back_for_all_of_them_with_one_press(console: Console, session: Session) -> None:
    both = [wanted(console, session), wanted(console, session)]
    arrange(console, *both)
    html = console.get(f"{PATH}&done={_last(console)}").text
    found = re.search(r'action="/console/undo/(\w+)"', html)
    assert found
    answer = console.post(f"/console/undo/{found[1]}", page=PATH)
    assert answer.headers["location"].startswith(f"/console/rides?day={TOMORROW}&done=")
    assert {ride_of(console, one).status for one in both} == {RideStatus.ASKED}
    assert {task.status for task in console.world.all(Task)} == {TaskStatus.OPEN}  # type: ignore[attr-defined]
    assert console.world.all(Reminder) == []


def _last(console: Console) -> str:
    return next(row.id for row in deeds(console, "ride_arranged") if "with" in row.after)


def test_one_of_them_needs_none_or_is_arranged_anew(console: Console, session: Session) -> None:
    first, second = wanted(console, session), wanted(console, session)
    arrange(console, first, second)
    fields = {"day": str(TOMORROW), "site": ""}
    console.follow(console.post("/console/rides", page=PATH, cancel=ride_of(console, first).id, **fields))
    console.follow(console.post("/console/rides", page=PATH, unarrange=ride_of(console, second).id, **fields))
    assert ride_of(console, first).status is RideStatus.CANCELLED
    assert ride_of(console, second).status is RideStatus.ASKED
    assert {row.status for row in console.world.all(Reminder)} == {ReminderStatus.SUPPRESSED}  # type: ignore[attr-defined]
    assert "1 does not need one any more" in text_of(console.get(PATH).text)
    assert "Pick-up 08:00" in arrange(console, second, pick_up="08:00")


@pytest.mark.parametrize(
    ("pick_up", "said"),
    [("", "Give the hour"), ("25:00", "Give the hour"), ("11:59", "must be before the appointment")],
)
def test_an_hour_that_cannot_be_is_refused_and_nobody_is_told(
    console: Console, session: Session, pick_up: str, said: str
) -> None:
    assert said in arrange(console, wanted(console, session), pick_up=pick_up)
    assert [row.status for row in console.world.all(Ride)] == [RideStatus.ASKED]  # type: ignore[attr-defined]
    assert console.world.all(Reminder) == []


def test_nobody_is_ticked_and_no_hour_given_before_staff_do(console: Console, session: Session) -> None:
    wanted(console, session)
    html = console.get(PATH).text
    assert not re.search(r'name="ride"[^>]* checked', html)
    assert re.search(r'name="pick_up" type="time" required', html)


def test_a_day_without_rides_leads_to_the_days_with_some(console: Console, session: Session) -> None:
    for one in (wanted(console, session), wanted(console, session), wanted(console, session)):
        last = one
    arrange(console, last)
    html = console.get(f"/console/rides?day={MONDAY}").text
    assert "2 wait for a ride on other days: Tue 4 Aug 2026 (2)" in text_of(html)
    assert f'href="/console/rides?day={TOMORROW}"' in html
    assert "on other days" not in text_of(console.get(PATH).text)
    second_site(console.world)
    console.sign_in(Role.STAFF, site="S2")
    assert "on other days" not in text_of(console.get(f"/console/rides?day={MONDAY}").text)


def test_nobody_ticked_is_said(console: Console, session: Session) -> None:
    wanted(console, session)
    assert "Nobody was ticked" in arrange(console)


def test_the_paper_has_whole_numbers_and_is_written_down(console: Console, session: Session) -> None:
    one = wanted(console, session)
    arrange(console, one, pick_up="07:45")
    html = console.get(f"/console/rides/paper?day={TOMORROW}").text
    [phone] = console.world.all(Phone)
    national = "0" + phone.e164[3:]  # type: ignore[attr-defined]
    assert f"{national[:3]}-{national[3:6]}-{national[6:]}" in html
    for said in ("07:45", "รถ อบต.", "บ้านดอน", "อ. 4 ส.ค. 2569", "destroy it after use"):
        assert said in html
    assert [row.subject for row in deeds(console, "printed")] == [f"rides:{TOMORROW}:all"]


def test_another_sites_rides_are_not_theirs(console: Console, session: Session) -> None:
    one = wanted(console, session)
    second_site(console.world)
    console.sign_in(Role.STAFF, site="S2")
    assert "Nobody asked to be fetched" in text_of(console.get(PATH).text)
    answer = console.post("/console/rides", page=PATH, day=str(TOMORROW), cancel=ride_of(console, one).id)
    assert answer.status_code == 404
    assert console.get(f"{PATH}&site=S1").status_code == 404
    assert ride_of(console, one).status is RideStatus.ASKED


def test_finishing_the_task_asks_for_the_hour_and_arranges_the_ride(console: Console, session: Session) -> None:
    one = wanted(console, session)
    [task] = console.world.all(Task)
    path, page = f"/console/worklists/{task.id}", "/console/worklists?kind=ride"  # type: ignore[attr-defined]
    assert f'href="/console/rides?day={TOMORROW}"' in console.get(page).text
    refused = console.post(path, page=page, do="finish", result="ride_arranged")
    assert "Give the hour" in text_of(refused.text)
    assert ride_of(console, one).status is RideStatus.ASKED
    done = console.post(path, page=page, do="finish", result="ride_arranged", pick_up="07:20", driver="ลุงสมชาย")
    console.follow(done)
    assert (ride_of(console, one).status, ride_of(console, one).driver) == (RideStatus.ARRANGED, "ลุงสมชาย")
    [deed] = deeds(console, "task_done")
    console.follow(console.post(f"/console/undo/{deed.id}", page=page))
    assert ride_of(console, one).status is RideStatus.ASKED
    assert [row.status for row in console.world.all(Task)] == [TaskStatus.OPEN]  # type: ignore[attr-defined]


def test_a_task_without_need_cancels_the_ride(console: Console, session: Session) -> None:
    one = wanted(console, session)
    [task] = console.world.all(Task)
    console.follow(console.post(f"/console/worklists/{task.id}", do="finish", result="no_ride_needed"))  # type: ignore[attr-defined]
    assert ride_of(console, one).status is RideStatus.CANCELLED


def test_staff_note_a_ride_on_the_persons_page_and_see_how_it_stands(console: Console, session: Session) -> None:
    one = booked(console.world, session)
    page = f"/console/people/{one.person}"
    assert "Needs a ride" in console.get(page).text
    words = text_of(console.follow(console.post(f"/console/appointments/{one.id}/ride", page=page)).text)
    assert "Ride asked for" in words
    assert "Asked, not arranged" in words
    assert "Needs a ride" not in text_of(console.get(f"{page}/standing").text)
    assert [row.kind for row in console.world.all(Task)] == [TaskKind.RIDE]  # type: ignore[attr-defined]
    arrange(console, one)
    assert "Pick-up 07:30" in text_of(console.get(page).text)


def test_the_sessions_list_says_how_the_ride_stands(console: Console, session: Session) -> None:
    one = wanted(console, session)
    page = f"/console/sessions/{session.id}"
    assert "Ride" in text_of(console.get(page).text)
    arrange(console, one)
    assert "Ride arranged" in text_of(console.get(page).text)
    cancel = {"cancel": ride_of(console, one).id, "day": str(TOMORROW), "site": ""}
    console.follow(console.post("/console/rides", page=PATH, **cancel))
    assert "Ride" not in text_of(console.get(page).text)


def test_today_leads_to_the_rides_of_the_day(console: Console, session: Session) -> None:
    booked(console.world, session)
    assert f'href="/console/rides?day={TOMORROW}"' in console.get(f"/console/today?day={TOMORROW}").text


def went(console: Console, status: ReminderStatus = ReminderStatus.SENT, **changes: object) -> None:
    with console.world.database.unit_of_work() as db:
        for reminder in db.exec(select(Reminder)):
            reminder.status = status
            for name, value in changes.items():
                setattr(reminder, name, value)


def test_a_volunteer_who_was_asked_is_not_yet_one_who_told(console: Console, session: Session) -> None:
    arrange(console, wanted(console, session))
    went(console, channel=Channel.VISIT)
    words = text_of(console.get(PATH).text)
    assert "Not known to be told: a volunteer was asked" in words
    assert "Visited" not in words
    with console.world.database.unit_of_work() as db:
        [reminder] = db.exec(select(Reminder)).all()
        db.add(Visit(reminder=reminder.id, status=VisitStatus.DONE, created_at=console.world.clock.now()))
    assert "Visited" in text_of(console.get(PATH).text)


def test_a_text_that_arrived_does_not_fail_when_its_hour_is_over(console: Console, session: Session) -> None:
    arrange(console, wanted(console, session))
    went(console, ReminderStatus.UNANSWERED, reason="no_answer")
    assert "did not reach" not in text_of(console.get(PATH).text)


def test_who_was_told_of_a_ride_that_is_taken_back_is_shown_so(console: Console, session: Session) -> None:
    one = wanted(console, session)
    arrange(console, one)
    went(console)
    page = console.get(PATH).text
    assert "They have been told" in page, "said before the button is pressed"
    fields = {"day": str(TOMORROW), "site": ""}
    console.follow(console.post("/console/rides", page=PATH, unarrange=ride_of(console, one).id, **fields))
    assert "Was told 07:30" in text_of(console.get(PATH).text)
    tasks = text_of(console.get("/console/worklists?kind=callback").text)
    assert "they were told of a ride at 07:30, and it was taken back" in tasks
