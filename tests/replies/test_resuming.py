"""START: from now on, and nothing that was missed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from gateway.care.tasks import open_task
from gateway.kit.answers import Answer
from gateway.records.contacts import Attempt, AttemptItem, Reminder
from gateway.records.people import CarrierBlock, Consent, PersonPhone
from gateway.records.status import AppointmentStatus, AttemptStatus, Channel, ReminderStatus, TaskKind, TaskStatus
from gateway.records.work import Task
from gateway.replies.outcomes import apply
from gateway.replies.resuming import STILL_BLOCKED, resume


@pytest.fixture
def stopped(house):
    """A person who typed STOP while a text was due yesterday and a call is due tomorrow."""
    person = house.person()
    phone = house.phone(person)
    appointment = house.appointment(person)
    missed = house.reminder(appointment, channel=Channel.SMS)
    missed.due_at = house.now - timedelta(days=1)
    coming = house.reminder(appointment, step="morning")
    coming.due_at = house.now + timedelta(days=1)
    reply = house.reply(phone, Answer.STOP, appointment, channel=Channel.SMS)
    apply(house.db, reply, now=house.now - timedelta(days=2))
    return phone, appointment, missed, coming


def start(house, phone) -> None:
    resume(house.db, house.reply(phone, Answer.UNCLEAR, channel=Channel.SMS), now=house.now)


def test_what_is_still_to_come_comes_and_what_was_missed_does_not(house, stopped):
    phone, _, missed, coming = stopped
    assert {missed.status, coming.status} == {ReminderStatus.SUPPRESSED}

    start(house, phone)

    assert (missed.status, coming.status) == (ReminderStatus.SUPPRESSED, ReminderStatus.PLANNED)
    assert coming.next_try_at == coming.due_at
    assert [link.sms for link in house.db.exec(select(PersonPhone))] == [Consent.ALLOW]


@pytest.mark.parametrize("status", [AppointmentStatus.CONFIRMED, AppointmentStatus.MOVED, AppointmentStatus.CANCELLED])
def test_nothing_comes_for_an_appointment_that_was_settled_meanwhile(house, stopped, status):
    phone, appointment, _, coming = stopped
    appointment.status = status

    start(house, phone)

    assert coming.status is ReminderStatus.SUPPRESSED


def test_a_ladder_that_was_answered_is_not_begun_again(house):
    person = house.person()
    phone = house.phone(person)
    appointment = house.appointment(person)
    coming = house.reminder(appointment, step="morning")
    coming.due_at = house.now + timedelta(days=1)
    apply(house.db, house.reply(phone, Answer.CALLBACK, appointment), now=house.now)

    start(house, phone)

    assert coming.status is ReminderStatus.SUPPRESSED


def test_what_the_carrier_refused_is_tried_again_and_staff_need_not_visit(house, stopped):
    phone, appointment, *_ = stopped
    house.add(CarrierBlock(phone=phone.id, sender="+6620000000", code="21610", at=house.now))
    task = open_task(house.db, TaskKind.UNREACHED, appointment.id, detail="opted_out", now=house.now)

    start(house, phone)

    assert not house.db.exec(select(CarrierBlock)).all()
    assert task.status is TaskStatus.DONE


def test_what_the_carrier_did_not_hear_stays_blocked_there_and_staff_tell_them_how(house, stopped):
    phone, *_ = stopped
    house.add(CarrierBlock(phone=phone.id, sender="+6620000000", code="21610", at=house.now))

    reply = house.reply(phone, Answer.UNCLEAR, channel=Channel.SMS)
    resume(house.db, reply, now=house.now, is_heard_by_carrier=False)

    assert len(house.db.exec(select(CarrierBlock)).all()) == 1
    assert [link.voice for link in house.db.exec(select(PersonPhone))] == [Consent.ALLOW]
    assert [task.detail for task in house.db.exec(select(Task))] == [STILL_BLOCKED]


@pytest.mark.parametrize(
    ("channel", "status", "live", "wanted"),
    [
        (Channel.SMS, AttemptStatus.QUEUED, True, ReminderStatus.SENT),  # in the carrier's hands, or in doubt
        (Channel.SMS, AttemptStatus.DELIVERED, False, ReminderStatus.SENT),
        (Channel.SMS, AttemptStatus.UNDELIVERED, False, ReminderStatus.PLANNED),
        (Channel.VOICE, AttemptStatus.RINGING, True, ReminderStatus.SENT),
        (Channel.VOICE, AttemptStatus.COMPLETED, False, ReminderStatus.PLANNED),  # a call without a yes: nobody there
    ],
)
def test_what_went_out_before_its_turn_does_not_go_out_again(house, stopped, channel, status, live, wanted):
    phone, appointment, _, coming = stopped
    coming.channel = channel
    at = None if status is AttemptStatus.QUEUED else house.now
    attempt = Attempt(
        phone=phone.id, channel=channel, carrier="memory", status=status, submitted_at=at, created_at=house.now
    )
    house.add(attempt)
    house.add(AttemptItem(attempt=attempt.id, reminder=coming.id, person=appointment.person, live=live))

    start(house, phone)

    assert (coming.status, coming.reason) == (wanted, None)


def test_start_twice_plans_nothing_twice(house, stopped):
    phone, *_ = stopped
    start(house, phone)
    start(house, phone)
    assert len(house.db.exec(select(Reminder)).all()) == 2


@pytest.mark.parametrize("alone", [True, False])
def test_a_start_undoes_a_stop_said_in_a_call_only_where_one_person_uses_the_phone(house, alone):
    grandmother = house.person()
    phone = house.phone(grandmother) if alone else house.phone(grandmother, house.person())
    apply(house.db, house.reply(phone, Answer.STOP, house.appointment(grandmother)), now=house.now)
    apply(house.db, house.reply(phone, Answer.STOP, channel=Channel.SMS), now=house.now)  # typed for all, afterwards

    start(house, phone)

    wanted = Consent.ALLOW if alone else Consent.STOP
    assert house.db.get(PersonPhone, (grandmother.id, phone.id)).voice is wanted
