"""START: who uses a phone may be contacted again from now on; what was missed meanwhile is not made up for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from gateway.care.consent import TYPED_START, record_start, stopped_for_themselves
from gateway.care.notices import is_outside_ladder
from gateway.care.tasks import close_task, open_task
from gateway.kit.answers import Answer
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, AttemptItem, Reminder
from gateway.records.conversations import Outcome, Reply
from gateway.records.people import CarrierBlock, Person, PersonPhone
from gateway.records.status import AppointmentStatus, AttemptStatus, Channel, ReminderStatus, TaskKind, TaskStatus
from gateway.records.work import Task

STOPPED: Final = f"answered: {Answer.STOP.value}"  # as the ladder was stopped
STILL_BLOCKED: Final = "asks for texts again; the carrier still blocks them: they must text START"
FOR_ONE: Final = "text, for one person"
"""Source of a START that names whom it is for: a stop that was typed for the whole phone still holds for it."""
_DID_NOT_ARRIVE: Final = (AttemptStatus.UNDELIVERED, AttemptStatus.FAILED, AttemptStatus.CANCELLED)  # a text
_OPTED_OUT: Final = "opted_out"  # as the planner writes it on the task of somebody nobody may contact


def resume(
    db: Session, reply: Reply, *, now: datetime, named: Sequence[str] = (), is_heard_by_carrier: bool = True
) -> None:
    """Let everybody who uses the reply's phone be texted and called again, whose stop was the phone's.

    Who stopped for themselves, in a call or at the desk, is not started by whoever else holds the phone, unless they
    are among the `named`: then they alone are. Steps still to come are planned again as they were; steps whose time
    passed while we were silent stay stopped. A stop that the carrier keeps is ended by its own words alone: where it
    heard none (`is_heard_by_carrier`), calls come again, texts do not, and staff are told why.
    """
    people = named or _who_stopped_with_the_phone(db, reply.phone)
    source = FOR_ONE if named else TYPED_START
    for person in people:
        record_start(db, person, reply.phone, source=source, reply=reply.id, now=now)
    if is_heard_by_carrier:
        db.exec(sa.delete(CarrierBlock).where(col(CarrierBlock.phone) == reply.phone))
    elif db.exec(select(CarrierBlock).where(col(CarrierBlock.phone) == reply.phone)).first() is not None:
        who = people[0] if len(people) == 1 else None
        site = _site_of(db, people)
        open_task(db, TaskKind.QUESTION, reply.id, person=who, site=site, detail=STILL_BLOCKED, now=now)
    _resume_ladders(db, people, now)
    db.add(Outcome(reply=reply.id, effect="resumed", at=now))
    db.flush()


def _who_stopped_with_the_phone(db: Session, phone: int) -> list[str]:
    mine = select(PersonPhone.person).where(col(PersonPhone.phone) == phone).order_by(col(PersonPhone.person))
    users = db.exec(mine).all()
    return [one for one in users if len(users) == 1 or not stopped_for_themselves(db, one, phone)]


def _site_of(db: Session, people: Sequence[str]) -> str | None:
    return db.exec(select(Person.site).where(col(Person.id).in_(people))).first()


def _resume_ladders(db: Session, people: Sequence[str], now: datetime) -> None:
    """Only what a stop ended: who was answered for, moved or cancelled meanwhile has nothing to come."""
    stopped = (
        select(Reminder, Appointment.id)
        .join(Appointment, col(Appointment.id) == col(Reminder.appointment))
        .where(col(Reminder.person).in_(people), col(Reminder.status) == ReminderStatus.SUPPRESSED)
        .where(col(Reminder.reason) == STOPPED, col(Reminder.due_at) > now, col(Reminder.channel) != Channel.VISIT)
        .where(col(Appointment.status) == AppointmentStatus.BOOKED)
    )
    again: set[str] = set()
    for reminder, appointment in db.exec(stopped).all():
        if is_outside_ladder(reminder.step):
            continue
        again.add(appointment)
        reminder.reason = None
        if _went_early(db, reminder):
            reminder.status = ReminderStatus.SENT
        else:
            reminder.status, reminder.next_try_at = ReminderStatus.PLANNED, reminder.due_at
    needless = select(Task).where(
        col(Task.kind) == TaskKind.UNREACHED,
        col(Task.subject).in_(again),
        col(Task.status) == TaskStatus.OPEN,
        col(Task.detail) == _OPTED_OUT,
    )
    for task in db.exec(needless).all():
        close_task(db, task, now=now)


def _went_early(db: Session, reminder: Reminder) -> bool:
    """Whether it is on its way, or a text that went out before its turn, with others of the house.

    Nobody is sent the same twice for having typed START. What did not arrive is still to come, and so is a call that
    ended without an answer: it counts as nobody there.
    """
    reached = sa.and_(
        col(Attempt.channel) == Channel.SMS,
        col(Attempt.submitted_at).is_not(None),
        col(Attempt.status).not_in(_DID_NOT_ARRIVE),
    )
    carried = (
        select(AttemptItem.attempt)
        .join(Attempt, col(Attempt.id) == col(AttemptItem.attempt))
        .where(col(AttemptItem.reminder) == reminder.id, sa.or_(col(AttemptItem.live), reached))
    )
    return db.exec(carried).first() is not None
