"""Each law by itself keeps a case from the fast path: worlds in which all but one thing is ordinary.

The rows that both ways leave are compared in test_fast.py; here it is what the carrier is asked for, law by law, so
that a condition lost from `fast_rows` is seen though the chance worlds of that test seldom have it alone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from gateway.kit.phones import LineType
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, AttemptItem, Reminder
from gateway.records.people import CarrierBlock, Consent, Person, PersonPhone, Phone, PhoneRole
from gateway.records.status import AppointmentStatus, AttemptStatus, Channel, ReminderStatus
from tests.support import rooms
from tests.support.world import NINE, World

SMS, VOICE = Channel.SMS, Channel.VOICE
AGO = NINE - timedelta(minutes=1)
Change = Callable[[Session, Reminder], None]


def use_of(db: Session, reminder: Reminder) -> PersonPhone:
    return db.exec(select(PersonPhone).where(col(PersonPhone.person) == reminder.person)).one()


def phone_of(db: Session, reminder: Reminder) -> Phone:
    return db.get_one(Phone, use_of(db, reminder).phone)


def refuses_texts(db: Session, reminder: Reminder) -> None:
    use_of(db, reminder).sms = Consent.STOP


def refuses_calls(db: Session, reminder: Reminder) -> None:
    use_of(db, reminder).voice = Consent.STOP


def is_of_a_volunteer(db: Session, reminder: Reminder) -> None:
    use_of(db, reminder).role = PhoneRole.VHV


def is_parked(db: Session, reminder: Reminder) -> None:
    phone_of(db, reminder).parked_at = NINE


def is_a_landline(db: Session, reminder: Reminder) -> None:
    phone_of(db, reminder).line_type = LineType.LANDLINE


def is_foreign(db: Session, reminder: Reminder) -> None:
    phone_of(db, reminder).e164 = "+8562055512345"


def blocks_our_sender(db: Session, reminder: Reminder) -> None:
    db.add(CarrierBlock(phone=use_of(db, reminder).phone, sender="Tamnat", at=NINE))


def has_died(db: Session, reminder: Reminder) -> None:
    db.get_one(Person, reminder.person).died_on = date(2026, 1, 1)


def is_merged(db: Session, reminder: Reminder) -> None:
    other = Person(language="th", name="คนเดียวกัน", site="S1", created_at=NINE)
    db.add(other)
    db.flush()
    db.get_one(Person, reminder.person).merged_into = other.id


def is_over_at_this_instant(db: Session, reminder: Reminder) -> None:
    reminder.expires_at = NINE


def is_soon(db: Session, reminder: Reminder) -> None:
    db.get_one(Appointment, reminder.appointment).starts_at = NINE + timedelta(minutes=30)


def is_cancelled(db: Session, reminder: Reminder) -> None:
    db.get_one(Appointment, reminder.appointment).status = AppointmentStatus.CANCELLED


def _call(db: Session, phone: int) -> Attempt:
    call = Attempt(phone=phone, channel=VOICE, status=AttemptStatus.COMPLETED, rank=9, created_at=AGO, submitted_at=AGO)
    db.add(call)
    db.flush()
    return call


def was_rung_on_this_telephone(db: Session, reminder: Reminder) -> None:
    """A call that was about nobody known to us, such as one back to a caller."""
    _call(db, use_of(db, reminder).phone)


def was_rung_on_another_telephone(db: Session, reminder: Reminder) -> None:
    """One that is theirs no more."""
    other = Phone(e164="+66899999999", line_type=LineType.MOBILE)
    told = Reminder(appointment=reminder.appointment, person=reminder.person, purpose="notice", step="old",
                    channel=VOICE, due_at=AGO, next_try_at=AGO, expires_at=AGO, status=ReminderStatus.SENT)  # fmt: skip
    db.add_all([other, told])
    db.flush()
    call = _call(db, other.id or 0)
    db.add(AttemptItem(attempt=call.id, reminder=told.id, appointment=reminder.appointment, person=reminder.person,
                       live=False))  # fmt: skip


def asked(world: World, folder: Path, channel: Channel, change: Change | None = None) -> tuple[int, int]:
    """How many texts and calls the carrier was asked for."""
    reminder = world.due(channel)
    if change is not None:
        world.database.run(lambda db: change(db, db.get_one(Reminder, reminder.id)))
    rooms.sender(world, folder).pass_once()
    return len(world.carrier.texts), len(world.carrier.calls)


@pytest.mark.parametrize(("channel", "wanted"), [(SMS, (1, 0)), (VOICE, (0, 1))])
def test_an_ordinary_case_goes_out(world: World, tmp_path: Path, channel: Channel, wanted: tuple[int, int]) -> None:
    assert asked(world, tmp_path, channel) == wanted


@pytest.mark.parametrize(
    "change",
    [refuses_texts, blocks_our_sender, is_a_landline, is_of_a_volunteer, is_parked, is_foreign, has_died, is_merged,
     is_over_at_this_instant, is_soon, is_cancelled],
)  # fmt: skip
def test_no_text_goes_out_where_one_law_forbids_it(world: World, tmp_path: Path, change: Change) -> None:
    texts, _ = asked(world, tmp_path, SMS, change)
    assert texts == 0


@pytest.mark.parametrize(
    "change",
    [refuses_calls, was_rung_on_this_telephone, was_rung_on_another_telephone, is_of_a_volunteer, is_parked, is_foreign,
     has_died, is_merged, is_over_at_this_instant, is_soon, is_cancelled],
)  # fmt: skip
def test_nobody_is_called_where_one_law_forbids_it(world: World, tmp_path: Path, change: Change) -> None:
    _, calls = asked(world, tmp_path, VOICE, change)
    assert calls == 0
