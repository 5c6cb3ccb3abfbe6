"""How each table's row is put back, in the order that keys and seats need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from gateway.care.booking import SessionFull, give_back_seat, seat_of, take_seat
from gateway.care.changes import Row
from gateway.care.consent import record_start, record_stop
from gateway.care.desk_work import NotPossible
from gateway.care.ladder_stop import stop_ladder
from gateway.care.rides import leave_unsaid
from gateway.care.tasks import close_task, open_task_about
from gateway.care.unmaking import phone_is_unused, unmake, unmake_reminder
from gateway.records.agreements import Appointment, Dose
from gateway.records.contacts import Attempt, AttemptItem, Reminder
from gateway.records.people import Consent, Person, PersonPhone, Phone, PhoneRole
from gateway.records.places import Seat
from gateway.records.staffing import Audit, Note
from gateway.records.status import (
    LIVE_APPOINTMENTS,
    AppointmentStatus,
    Channel,
    ReminderStatus,
    RideStatus,
    TaskStatus,
    VisitStatus,
    may_move,
    may_undo,
)
from gateway.records.work import Ride, Task, Visit


@dataclass(frozen=True, slots=True)
class Undoing:
    """The taking back of one deed."""

    db: Session
    audit: Audit
    staff: str
    now: datetime

    @property
    def person(self) -> str:
        """Whom the deed was about."""
        return self.audit.person or ""


def _drop_reminder(work: Undoing, key: str, before: Row | None) -> None:
    """A text that was to tell of the deed; one that is on its way cannot be called back."""
    reminder = work.db.get(Reminder, key, populate_existing=True)
    if before is not None or reminder is None:
        return
    if not unmake_reminder(work.db, reminder):
        raise NotPossible("undo_told")


def _drop_appointment(work: Undoing, key: str, before: Row | None) -> None:
    if before is None and not unmake(work.db, key, now=work.now):
        raise NotPossible("undo_told")


def _dose(work: Undoing, key: str, before: Row | None) -> None:
    """Take a dose out again, and the appointment that was booked from it meanwhile."""
    dose = work.db.get(Dose, int(key))
    if before is not None or dose is None:
        return
    for following in _booked_from(work, dose):
        if not unmake(work.db, following.id, now=work.now):
            _cancel(work, following)
    _forget_tasks(work, dose)
    work.db.delete(dose)


def _booked_from(work: Undoing, dose: Dose) -> list[Appointment]:
    found = work.db.exec(
        select(Appointment).where(
            col(Appointment.person) == dose.person,
            col(Appointment.regimen) == dose.regimen,
            col(Appointment.source) == "second_dose",
            col(Appointment.created_at) >= work.audit.at,
            col(Appointment.status).in_(LIVE_APPOINTMENTS),
        )
    )
    place = (dose.course, dose.number)
    return [one for one in found if (one.course, one.dose_no) > place]


def _cancel(work: Undoing, appointment: Appointment) -> None:
    appointment.status, appointment.version = AppointmentStatus.CANCELLED, appointment.version + 1
    work.db.add(appointment)
    give_back_seat(work.db, appointment.id)
    stop_ladder(work.db, appointment.id, reason="staff: undone", now=work.now)


def _forget_tasks(work: Undoing, dose: Dose) -> None:
    """Work about a dose that was not given is closed under another name: the row's number may be given out again."""
    for task in work.db.exec(select(Task).where(col(Task.subject) == f"dose:{dose.id}")):
        close_task(work.db, task, now=work.now)
        task.subject = f"undone:{work.audit.id}"
        work.db.add(task)


def _person(work: Undoing, key: str, before: Row | None) -> None:
    person = work.db.get_one(Person, key)
    for name, value in (before or {}).items():
        setattr(person, name, date.fromisoformat(value) if name == "died_on" and value else value)
    work.db.add(person)


def _person_phone(work: Undoing, key: str, before: Row | None) -> None:
    link = work.db.get(PersonPhone, (work.person, int(key)))
    if before is None:
        work.db.delete(link)
        return
    if link is None:
        role, sms, voice = PhoneRole(before["role"]), Consent(before["sms"]), Consent(before["voice"])
        rank = before["rank"]
        work.db.add(PersonPhone(person=work.person, phone=int(key), role=role, rank=rank, sms=sms, voice=voice))
        return
    for name, channel in (("sms", Channel.SMS), ("voice", Channel.VOICE)):
        if name in before:
            record = record_stop if before[name] == Consent.STOP else record_start
            record(work.db, work.person, int(key), channel=channel, source="undone", now=work.now).staff = work.staff


def _drop_phone(work: Undoing, key: str, before: Row | None) -> None:
    """A number that came into the records by the deed and that nobody has used leaves them again."""
    said = work.audit.after.get("said", {})
    phone = work.db.get(Phone, int(key))
    if before is None and phone is not None and said.get("new_phone") and phone_is_unused(work.db, int(key)):
        work.db.delete(phone)


def _appointment(work: Undoing, key: str, before: Row | None) -> None:
    if before is None:
        return
    appointment = work.db.get_one(Appointment, key)
    if "status" in before:
        wanted = AppointmentStatus(before["status"])
        if not may_undo(appointment.status, wanted) or _is_taken(work, appointment):
            raise NotPossible("undo_changed")
        appointment.status = wanted
    for name in ("confirmed_by_reply", "confirmed_by_staff"):
        if name in before:
            setattr(appointment, name, before[name])
    appointment.version += 1
    work.db.add(appointment)


def _is_taken(work: Undoing, appointment: Appointment) -> bool:
    """Whether the same dose has another appointment by now."""
    same = select(Appointment.id).where(
        col(Appointment.person) == appointment.person,
        col(Appointment.regimen) == appointment.regimen,
        col(Appointment.course) == appointment.course,
        col(Appointment.dose_no) == appointment.dose_no,
        col(Appointment.id) != appointment.id,
        col(Appointment.status).in_(LIVE_APPOINTMENTS),
    )
    return work.db.exec(same).first() is not None


def _seat(work: Undoing, key: str, before: Row | None) -> None:
    """Take the seat again; its ticket too, unless somebody has been given it."""
    appointment = work.db.get(Appointment, key)
    if before is None or appointment is None:
        return
    try:
        seat = take_seat(work.db, appointment)
    except SessionFull as error:
        raise NotPossible("undo_seat_taken") from error
    if "arrived_at" in before:
        seat.arrived_at = _instant(before["arrived_at"])
        work.db.add(seat)
    if "ticket" not in before:
        return
    same = select(Seat.id).where(col(Seat.session) == seat.session, col(Seat.ticket) == before["ticket"])
    if seat.ticket == before["ticket"] or work.db.exec(same).first() is None:
        seat.ticket = before["ticket"]
        seat.come_at = _instant(before.get("come_at"))
        work.db.add(seat)


def _instant(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written).astimezone(UTC) if written else None


def _reminder(work: Undoing, key: str, before: Row | None) -> None:
    """Contact goes on where the deed stopped it, unless its time is over."""
    reminder = work.db.get(Reminder, key, populate_existing=True)
    if before is None or reminder is None or reminder.expires_at <= work.now:
        return
    wanted = _went_as_far_as(work.db, reminder, ReminderStatus(before["status"])) if "status" in before else None
    if wanted is not None and may_undo(reminder.status, wanted):
        reminder.status, reminder.reason = wanted, before.get("reason")
        work.db.add(reminder)


def _went_as_far_as(db: Session, reminder: Reminder, was: ReminderStatus) -> ReminderStatus | None:
    """Of one that was claimed: sent if the carrier has it by now, planned if it surely did not go, else left alone."""
    if was is not ReminderStatus.CLAIMED:
        return was
    carried = (
        select(Attempt.submitted_at)
        .join(AttemptItem, col(AttemptItem.attempt) == col(Attempt.id))
        .where(col(AttemptItem.reminder) == reminder.id, col(AttemptItem.live))
    )
    live = db.exec(carried).all()
    if not live:
        return ReminderStatus.PLANNED
    return ReminderStatus.SENT if any(at is not None for at in live) else None


def _drop_task(work: Undoing, key: str, before: Row | None) -> None:
    """What the deed itself opened goes, if nobody took it."""
    task = work.db.get(Task, key, populate_existing=True)
    if before is None and task is not None and task.status is TaskStatus.OPEN and task.assignee is None:
        work.db.delete(task)


def _lead_task_back(work: Undoing, key: str, before: Row | None) -> None:
    """A task that went along to another appointment is about the old one again, before the new one is taken out."""
    task = work.db.get(Task, key, populate_existing=True)
    about = (before or {}).get("subject")
    if before is None or task is None or about is None or open_task_about(work.db, task.kind, about) is not None:
        return
    task.subject, task.site = about, before.get("site", task.site)
    work.db.add(task)


def _task(work: Undoing, key: str, before: Row | None) -> None:
    """Open it again, unless the same came up anew."""
    task = work.db.get(Task, key, populate_existing=True)
    if before is None or "status" not in before or task is None or not may_move(task.status, TaskStatus.OPEN):
        return
    if open_task_about(work.db, task.kind, task.subject) is None:
        task.status, task.done_at = TaskStatus.OPEN, None
        task.result, task.done_by = before.get("result", task.result), before.get("done_by", task.done_by)
        work.db.add(task)


def _drop_ride(work: Undoing, key: str, before: Row | None) -> None:
    ride = work.db.get(Ride, key)
    if before is None and ride is not None:
        leave_unsaid(work.db, ride.appointment)
        work.db.delete(ride)


def _ride(work: Undoing, key: str, before: Row | None) -> None:
    """A wish or an arrangement stands again; who was to drive was kept in the row."""
    ride = work.db.get(Ride, key, populate_existing=True)
    if before is None or ride is None or not may_undo(ride.status, RideStatus(before.get("status", ride.status))):
        return
    ride.status = RideStatus(before["status"])
    if ride.status is RideStatus.ASKED:
        ride.pick_up_at = ride.arranged_at = ride.arranged_by = None
        ride.driver = ""
    work.db.add(ride)
    leave_unsaid(work.db, ride.appointment)


def _visit(work: Undoing, key: str, before: Row | None) -> None:
    visit = work.db.get(Visit, key, populate_existing=True)
    if before is not None and visit is not None and may_undo(visit.status, VisitStatus.OPEN):
        visit.status = VisitStatus.OPEN
        work.db.add(visit)


def _note(work: Undoing, key: str, before: Row | None) -> None:
    if before is None:
        work.db.exec(sa.update(Note).where(col(Note.id) == key).values(withdrawn_at=work.now))


def _no_seat_is_lost(work: Undoing, key: str, before: Row | None) -> None:
    """A seat the deed took and undoing must give back: an appointment that stands may have had none before."""
    if before is None and seat_of(work.db, key) is not None:
        give_back_seat(work.db, key)


RESTORERS: Final[tuple[tuple[str, Callable[[Undoing, str, Row | None], None]], ...]] = (
    ("reminder", _drop_reminder),
    ("ride", _drop_ride),
    ("task", _drop_task),
    ("task", _lead_task_back),
    ("appointment", _drop_appointment),
    ("seat", _no_seat_is_lost),
    ("dose", _dose),
    ("person", _person),
    ("person_phone", _person_phone),
    ("person_phone", _drop_phone),
    ("appointment", _appointment),
    ("seat", _seat),
    ("reminder", _reminder),
    ("task", _task),
    ("ride", _ride),
    ("visit", _visit),
    ("note", _note),
)
"""What was made goes first, so that the row it stood in for may live again; then seats, then what hangs on them."""
