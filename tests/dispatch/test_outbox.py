"""What may still go out when its turn has come."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from gateway.care.ladder_stop import stop_ladder
from gateway.care.notices import plan_apology, plan_notice, plan_recall
from gateway.carriers.port import CarrierError, Fault
from gateway.kit.clock import bangkok_day
from gateway.plan.ladder import load_ladder
from gateway.records.agreements import Appointment
from gateway.records.contacts import Reminder
from gateway.records.people import Person, Phone
from gateway.records.status import AppointmentStatus, Channel, ReminderStatus, TaskKind
from gateway.records.work import Task
from tests.support import rooms
from tests.support.world import World


def told(world: World, appointment: Appointment, purpose: str) -> Reminder:
    with world.database.unit_of_work() as db:
        planned = plan_notice(db, appointment, purpose, now=world.clock.now())
    assert planned is not None
    return planned


def test_a_text_not_to_come_goes_out_about_an_appointment_that_is_cancelled(world: World, tmp_path: Path) -> None:
    appointment = world.appointment(world.person(), status=AppointmentStatus.CANCELLED)
    reminder = told(world, appointment, "cancelled")
    rooms.sender(world, tmp_path).pass_once()
    assert world.fresh(reminder).status is ReminderStatus.SENT
    [order] = world.carrier.texts
    assert "งดนัด" in order.body
    assert "วัคซีน" not in order.body


def test_a_text_not_to_come_is_called_off_when_the_appointment_stands_again(world: World, tmp_path: Path) -> None:
    reminder = told(world, world.appointment(world.person()), "cancelled")
    rooms.sender(world, tmp_path).pass_once()
    assert world.fresh(reminder).status is ReminderStatus.CANCELLED
    assert not world.carrier.texts


def test_a_text_not_to_come_is_of_no_use_once_the_appointment_would_have_begun(world: World, tmp_path: Path) -> None:
    appointment = world.appointment(world.person(), status=AppointmentStatus.CANCELLED)
    reminder = told(world, appointment, "cancelled")
    world.clock.advance_to(appointment.starts_at)
    rooms.sender(world, tmp_path).pass_once()
    assert world.fresh(reminder).status is ReminderStatus.EXPIRED
    assert not world.carrier.texts


def test_a_text_about_a_changed_day_that_the_carrier_refuses_becomes_a_call_back(world: World, tmp_path: Path) -> None:
    appointment = world.appointment(world.person())
    told(world, appointment, "moved")
    world.carrier.fail_next(CarrierError(Fault.UNREACHABLE, permanent=True))
    rooms.sender(world, tmp_path).pass_once()
    assert [(task.kind, task.subject) for task in world.all(Task)] == [(TaskKind.CALLBACK, appointment.id)]


def test_a_text_about_a_changed_day_without_a_phone_left_becomes_a_call_back(world: World, tmp_path: Path) -> None:
    person = world.person(phone="+66800007777")
    appointment = world.appointment(person)
    reminder = told(world, appointment, "moved")
    ruled = rooms.rules(world, countries=frozenset({"LA"}))
    rooms.sender(world, tmp_path, ruled=ruled).pass_once()
    assert world.fresh(reminder).status is ReminderStatus.FAILED
    assert [(task.kind, task.subject) for task in world.all(Task)] == [(TaskKind.CALLBACK, appointment.id)]


def recalled(world: World, **more: object) -> Reminder:
    """Somebody who missed yesterday's appointment, to be told this morning."""
    person = world.person(**more)  # type: ignore[arg-type]
    appointment = world.appointment(person, days=-1, status=AppointmentStatus.MISSED)
    with world.database.unit_of_work() as db:
        planned = plan_recall(db, appointment, now=world.clock.now() - timedelta(hours=1))
    assert planned is not None
    return planned


def test_who_missed_their_day_is_told_how_to_get_another_once(world: World, tmp_path: Path) -> None:
    reminder = recalled(world)
    for _ in range(2):
        rooms.sender(world, tmp_path).pass_once()
    [order] = world.carrier.texts
    assert world.fresh(reminder).status is ReminderStatus.SENT
    assert "ไม่ได้มาตามนัด" in order.body
    assert "054000901" in order.body
    assert "วัคซีน" not in order.body


def test_a_recall_waits_over_a_holiday(world: World, tmp_path: Path) -> None:
    reminder = recalled(world)
    holiday = load_ladder().window(time(9), time(19, 30), [bangkok_day(world.clock.now())])
    rooms.sender(world, tmp_path, ruled=rooms.rules(world, window=holiday)).pass_once()
    assert (world.fresh(reminder).status, world.carrier.texts) == (ReminderStatus.PLANNED, [])
    world.clock.advance_to(world.clock.now() + timedelta(days=1))
    rooms.sender(world, tmp_path, ruled=rooms.rules(world, window=holiday)).pass_once()
    assert world.fresh(reminder).status is ReminderStatus.SENT


def test_who_has_another_day_by_then_is_not_recalled(world: World, tmp_path: Path) -> None:
    reminder = recalled(world)
    [person] = world.all(Person)
    world.appointment(person, days=5)
    rooms.sender(world, tmp_path).pass_once()
    assert (world.fresh(reminder).status, world.fresh(reminder).reason) == (ReminderStatus.SUPPRESSED, "booked_again")
    assert not world.carrier.texts


def test_who_missed_two_appointments_of_one_day_gets_one_text(world: World, tmp_path: Path) -> None:
    recalled(world)
    [person] = world.all(Person)
    [first] = world.all(Appointment)
    second = world.appointment(person, days=-1, status=AppointmentStatus.MISSED, regimen="influenza")
    assert second.site == first.site
    with world.database.unit_of_work() as db:
        plan_recall(db, second, now=world.clock.now() - timedelta(hours=1))
    for _ in range(2):
        rooms.sender(world, tmp_path).pass_once()
    assert len(world.carrier.texts) == 1
    ended = sorted((row.status, row.reason or "") for row in world.all(Reminder))
    assert ended == [(ReminderStatus.SENT, ""), (ReminderStatus.SUPPRESSED, "told_already")]


def test_a_number_to_call_back_does_not_come_minutes_before_the_appointment(world: World, tmp_path: Path) -> None:
    appointment = world.appointment(world.person())
    reminder = told(world, appointment, "callback_number")
    world.clock.advance_to(appointment.starts_at - timedelta(minutes=4))
    rooms.sender(world, tmp_path).pass_once()
    assert (world.fresh(reminder).status, world.fresh(reminder).reason) == (ReminderStatus.EXPIRED, "too_late")
    assert not world.carrier.texts


def wrong_number(world: World) -> tuple[Person, Reminder]:
    """Somebody with two phones, the first of which turned out to be a stranger's just now."""
    person = world.person(phone="+66800008881")
    world.give_phone(person, "+66800008882", rank=1)
    appointment = world.appointment(person)
    world.reminder(appointment, Channel.SMS)
    with world.database.unit_of_work() as db:
        phone = db.exec(select(Phone).where(col(Phone.e164) == "+66800008881")).one()
        phone.parked_at, phone.parked_reason = world.clock.now(), "wrong_person"
        db.flush()
        planned = plan_apology(db, phone, [person.id], now=world.clock.now())
    assert planned is not None
    return person, planned


def test_a_stranger_is_told_sorry_without_a_name_and_the_patient_is_not(world: World, tmp_path: Path) -> None:
    person, apology = wrong_number(world)
    for _ in range(2):
        rooms.sender(world, tmp_path).pass_once()
    to = {order.to: order.body for order in world.carrier.texts}
    assert len(world.carrier.texts) == 2
    assert "ขออภัย" in to["+66800008881"]
    assert person.name not in to["+66800008881"]
    assert not any(word in to["+66800008881"] for word in ("วัคซีน", "นัด", "เข็ม", "ส.ค."))
    assert person.name in to["+66800008882"]
    assert world.fresh(apology).status is ReminderStatus.SENT


def test_an_apology_that_cannot_go_out_is_not_tried_by_another_way(world: World, tmp_path: Path) -> None:
    _, apology = wrong_number(world)
    world.carrier.fail_next(CarrierError(Fault.UNREACHABLE, permanent=True))
    sender = rooms.sender(world, tmp_path)
    sender.pass_once()
    sender.pass_once()
    assert {one.purpose for one in world.all(Reminder)} == {"reminder", "wrong_person"}
    assert not world.carrier.calls
    assert len([order for order in world.carrier.texts if order.to == "+66800008881"]) <= 1
    assert world.fresh(apology).status in (ReminderStatus.FAILED, ReminderStatus.SENT)


@pytest.mark.parametrize(
    ("language", "native", "written"),
    [("my", "မြင့်မြင့်ဝင်း", "မြင့်မြင့်ဝင်း"), ("lo", "ສົມສີ", "ສົມສີ"), ("th", None, "คนที่0"), ("nod", None, "คนที่0")],
)
def test_people_are_addressed_in_their_own_script_where_their_name_is_known_in_it(
    world: World, tmp_path: Path, language: str, native: str | None, written: str
) -> None:
    world.due(Channel.SMS, language=language, name_native=native)
    rooms.sender(world, tmp_path).pass_once()
    [order] = world.carrier.texts
    assert written in order.body
    assert (native is None) or "คนที่0" not in order.body


def test_who_rang_in_vain_says_so_and_gives_the_number_to_call_back(world: World, tmp_path: Path) -> None:
    told(world, world.appointment(world.person()), "callback_number")
    rooms.sender(world, tmp_path).pass_once()
    [order] = world.carrier.texts
    assert order.body.startswith("โรงพยาบาลตัวอย่าง: ")
    assert order.body.endswith("กรุณาโทรกลับ 054000901")
    assert "วัคซีน" not in order.body


def test_an_answer_meanwhile_calls_the_text_of_who_rang_off(world: World, tmp_path: Path) -> None:
    appointment = world.appointment(world.person())
    reminder = told(world, appointment, "callback_number")
    with world.database.unit_of_work() as db:
        stop_ladder(db, appointment.id, reason="answered: coming", now=world.clock.now())
    rooms.sender(world, tmp_path).pass_once()
    assert world.fresh(reminder).status is ReminderStatus.SUPPRESSED
    assert not world.carrier.texts


def test_a_premium_number_on_a_list_is_not_called(world: World, tmp_path: Path) -> None:
    reminder = world.reminder(world.appointment(world.person(phone="+661900123456")), Channel.VOICE)
    rooms.sender(world, tmp_path).pass_once()
    assert not world.carrier.calls
    assert world.fresh(reminder).reason == "no_phone"
