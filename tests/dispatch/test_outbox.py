"""What may still go out when its turn has come."""

from __future__ import annotations

from pathlib import Path

from gateway.care.notices import plan_notice
from gateway.carriers.port import CarrierError, Fault
from gateway.records.agreements import Appointment
from gateway.records.contacts import Reminder
from gateway.records.status import AppointmentStatus, ReminderStatus, TaskKind
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
