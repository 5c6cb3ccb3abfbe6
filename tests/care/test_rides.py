"""Who needs to be fetched: asked, arranged and told, carried along to another day, and no more needed."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from sqlmodel import col, select

from gateway.care import at_the_desk, booking, desk_rides, rides
from gateway.care.ladder_stop import stop_ladder
from gateway.care.rides import NoRide
from gateway.care.tasks import assign, open_task
from gateway.kit.clock import at_bangkok
from gateway.kit.phones import LineType
from gateway.records.contacts import Reminder
from gateway.records.people import Consent, PersonPhone, PhoneRole
from gateway.records.status import AppointmentStatus, Channel, ReminderStatus, RideStatus, TaskKind, TaskStatus
from gateway.records.work import Ride, Task
from tests.care.deeds import BY, DEEDS, everything, take_back
from tests.care.desk import SOMEL, Case, case, day

PICK_UP = at_bangkok(day(2), time(7, 45))


def arrange(house, ride: Ride, *, at=PICK_UP, driver: str = "ผู้ใหญ่บ้าน") -> Reminder | None:
    return rides.arrange(house.db, ride, pick_up_at=at, driver=driver, staff=SOMEL, now=house.now)


def asked(house, **more) -> tuple[Case, Ride]:
    one = case(house, **more)
    return one, rides.ask(house.db, one.appointment, now=house.now)


def tasks(house, one: Case, kind: TaskKind = TaskKind.RIDE) -> list[tuple[str, TaskStatus]]:
    mine = select(Task).where(col(Task.person) == one.person.id, col(Task.kind) == kind)
    return [(task.subject, task.status) for task in house.db.exec(mine.order_by(col(Task.created_at)))]


def news(house, one: Case) -> list[tuple[Channel, ReminderStatus]]:
    mine = select(Reminder).where(col(Reminder.person) == one.person.id, col(Reminder.purpose) == "ride")
    return [(row.channel, row.status) for row in house.db.exec(mine)]


def test_a_wish_is_one_ride_and_one_task_however_often_it_is_said(house):
    one, ride = asked(house)
    assert rides.ask(house.db, one.appointment, now=house.now) is ride
    assert (ride.status, ride.person) == (RideStatus.ASKED, one.person.id)
    assert tasks(house, one) == [(one.appointment.id, TaskStatus.OPEN)]


def test_an_arranged_ride_closes_the_task_and_is_told_by_text_before_it_comes(house):
    one, ride = asked(house)
    reminder = arrange(house, ride, driver=" ผู้ใหญ่บ้าน  หมู่ 4 ")
    assert (ride.status, ride.pick_up_at, ride.driver, ride.arranged_by) == (
        RideStatus.ARRANGED, PICK_UP, "ผู้ใหญ่บ้าน หมู่ 4", SOMEL,
    )  # fmt: skip
    assert tasks(house, one) == [(one.appointment.id, TaskStatus.DONE)]
    assert (reminder.channel, reminder.purpose, reminder.expires_at) == (Channel.SMS, "ride", PICK_UP)


@pytest.mark.parametrize("why", ["landline", "does not read", "stopped texts"])
def test_who_cannot_be_texted_is_called(house, why):
    one, ride = asked(house)
    link = house.db.get(PersonPhone, (one.person.id, one.phone.id))
    if why == "landline":
        one.phone.line_type = LineType.LANDLINE
    elif why == "stopped texts":
        link.sms = Consent.STOP
    else:
        one.person.reads_script = False
    assert arrange(house, ride).channel is Channel.VOICE


def test_whom_no_phone_reaches_staff_tell(house):
    one, ride = asked(house)
    house.db.get(PersonPhone, (one.person.id, one.phone.id)).role = PhoneRole.VHV
    assert arrange(house, ride) is None
    assert tasks(house, one, TaskKind.CALLBACK) == [(one.appointment.id, TaskStatus.OPEN)]
    assert ride.status is RideStatus.ARRANGED


def test_another_hour_is_told_again_and_what_had_not_gone_out_is_not(house):
    one, ride = asked(house)
    arrange(house, ride)
    arrange(house, ride, at=PICK_UP - timedelta(minutes=15))
    assert news(house, one) == [(Channel.SMS, ReminderStatus.SUPPRESSED), (Channel.SMS, ReminderStatus.PLANNED)]


def test_a_ride_that_comes_too_late_or_for_nobody_is_refused(house):
    one, ride = asked(house)
    for why, at in (("late", one.appointment.starts_at + timedelta(minutes=1)), ("over", house.now)):
        with pytest.raises(NoRide, match=f"^{why}$"):
            arrange(house, ride, at=at)
    one.appointment.status = AppointmentStatus.CANCELLED
    with pytest.raises(NoRide, match=r"^not_live$"):
        arrange(house, ride)
    assert (ride.status, news(house, one)) == (RideStatus.ASKED, [])


def test_an_answer_that_stops_the_ladder_leaves_the_news_of_the_ride(house):
    one, ride = asked(house)
    reminder = arrange(house, ride)
    stop_ladder(house.db, one.appointment.id, reason="answered: coming", now=house.now)
    assert (reminder.status, one.reminder.status) == (ReminderStatus.PLANNED, ReminderStatus.SUPPRESSED)


def test_a_ride_follows_the_appointment_to_another_day_as_a_wish_again(house):
    one, ride = asked(house)
    arrange(house, ride)
    fresh = booking.move(house.db, one.appointment.id, one.other.id, now=house.now, confirmed_by_reply="r")
    wish = rides.ride_of(house.db, fresh.id)
    assert (ride.status, wish.status, wish.pick_up_at) == (RideStatus.CANCELLED, RideStatus.ASKED, None)
    assert tasks(house, one) == [(one.appointment.id, TaskStatus.DONE), (fresh.id, TaskStatus.OPEN)]
    assert news(house, one) == [(Channel.SMS, ReminderStatus.SUPPRESSED)]


def test_who_took_the_task_keeps_it_on_the_new_day(house):
    one, _ = asked(house)
    assign(house.db, house.db.exec(select(Task)).one(), SOMEL, staff=SOMEL, now=house.now)
    fresh = booking.move(house.db, one.appointment.id, one.other.id, now=house.now)
    task = house.db.exec(select(Task)).one()
    assert (task.subject, task.assignee, task.status) == (fresh.id, SOMEL, TaskStatus.OPEN)


def test_a_move_without_a_ride_makes_none(house):
    one = case(house)
    booking.move(house.db, one.appointment.id, one.other.id, now=house.now)
    assert house.db.exec(select(Ride)).all() == []


@pytest.mark.parametrize("is_arranged", [False, True])
def test_a_move_taken_back_leaves_wish_task_and_news_as_they_were(house, is_arranged):
    one, ride = asked(house)
    if is_arranged:
        arrange(house, ride)
    before = everything(house)
    audit = at_the_desk.moved(house.db, one.appointment.id, one.other.id, chosen=False, **BY)
    assert everything(house) != before
    take_back(house, audit)
    assert everything(house) == before


def test_a_ride_ends_with_its_appointment_however_that_ended(house):
    one, ride = asked(house)
    reminder = arrange(house, ride)
    one.appointment.status = AppointmentStatus.CANCELLED
    house.db.flush()
    assert rides.end_all(house.db, now=house.now) == 1
    assert (ride.status, reminder.status) == (RideStatus.CANCELLED, ReminderStatus.SUPPRESSED)
    assert rides.end_all(house.db, now=house.now) == 0


def test_a_ride_that_was_driven_stays_on_record(house):
    one, ride = asked(house)
    arrange(house, ride)
    one.appointment.status = AppointmentStatus.KEPT
    house.db.flush()
    assert rides.end_all(house.db, now=PICK_UP + timedelta(hours=2)) == 0
    assert ride.status is RideStatus.ARRANGED


def test_an_arrangement_taken_back_is_a_wish_again_and_work_for_staff(house):
    one, ride = asked(house)
    arrange(house, ride)
    assert rides.unarrange(house.db, ride, now=house.now)
    assert not rides.unarrange(house.db, ride, now=house.now)
    assert (ride.status, ride.pick_up_at, ride.driver, ride.arranged_by) == (RideStatus.ASKED, None, "", None)
    assert (one.appointment.id, TaskStatus.OPEN) in tasks(house, one)
    assert news(house, one) == [(Channel.SMS, ReminderStatus.SUPPRESSED)]


def test_who_needs_no_ride_after_all_may_ask_again(house):
    one, ride = asked(house)
    assert rides.cancel(house.db, ride, now=house.now)
    assert not rides.cancel(house.db, ride, now=house.now)
    again = rides.ask(house.db, one.appointment, now=house.now)
    assert (again.id != ride.id, again.status) == (True, RideStatus.ASKED)


@pytest.mark.parametrize("deed", ["cancelled", "came", "vaccinated", "died"])
def test_a_deed_that_ends_the_appointment_ends_the_ride_and_taken_back_brings_it_back(house, deed):
    one, ride = asked(house, ahead=0 if deed in ("came", "vaccinated") else 2)
    before = everything(house)
    rows = ("ride", "task", "appointment", "seat")
    audit = DEEDS[deed](house, one)
    house.db.refresh(ride)
    assert ride.status is RideStatus.CANCELLED
    assert TaskStatus.OPEN not in [status for _, status in tasks(house, one)]
    take_back(house, audit)
    after = everything(house)
    assert [after[table] for table in rows] == [before[table] for table in rows]


def told(house, reminder: Reminder) -> None:
    reminder.status = ReminderStatus.SENT
    house.db.add(reminder)
    house.db.flush()


TAKEN_BACK = "tell them: the ride they were told of, at 07:45, was taken back"


@pytest.mark.parametrize("deed", [desk_rides.cancelled, desk_rides.unarranged])
def test_a_ride_taken_back_after_it_was_told_is_a_call_back(house, deed):
    one, ride = asked(house)
    told(house, arrange(house, ride))
    deed(house.db, one.appointment.id, **BY)
    [task] = house.db.exec(select(Task).where(col(Task.kind) == TaskKind.CALLBACK)).all()
    assert (task.detail, task.subject, task.status) == (TAKEN_BACK, one.appointment.id, TaskStatus.OPEN)
    assert rides.hours_told(house.db, [one.appointment.id]) == {one.appointment.id: PICK_UP}


@pytest.mark.parametrize("deed", [desk_rides.cancelled, desk_rides.unarranged])
def test_a_ride_taken_back_before_anybody_heard_of_it_is_nobodys_work(house, deed):
    one, ride = asked(house)
    arrange(house, ride)
    deed(house.db, one.appointment.id, **BY)
    assert tasks(house, one, TaskKind.CALLBACK) == []


def test_what_was_asked_before_is_not_lost_to_the_ride_taken_back(house):
    one, ride = asked(house)
    told(house, arrange(house, ride))
    about = {"person": one.person.id, "detail": "asks to be called back", "now": house.now}
    open_task(house.db, TaskKind.CALLBACK, one.appointment.id, **about)
    desk_rides.cancelled(house.db, one.appointment.id, **BY)
    [task] = house.db.exec(select(Task).where(col(Task.kind) == TaskKind.CALLBACK)).all()
    assert task.detail == f"{TAKEN_BACK}; asks to be called back"


def test_the_news_of_the_new_arrangement_spares_staff_the_call(house):
    one, ride = asked(house)
    told(house, arrange(house, ride))
    desk_rides.unarranged(house.db, one.appointment.id, **BY)
    arrange(house, ride, at=PICK_UP + timedelta(minutes=15))
    assert tasks(house, one, TaskKind.CALLBACK) == [(one.appointment.id, TaskStatus.DONE)]
