"""What staff do about rides: note the wish, arrange one or a whole village's, find that none is needed.

Each person's ride is a deed of its own in the record; those arranged with one form are taken back with one press.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel import Session

from gateway.care import rides
from gateway.care.desk_work import Deed, NotPossible, begin_about
from gateway.care.tasks import Result, open_task_about
from gateway.records.agreements import Appointment
from gateway.records.staffing import Audit
from gateway.records.status import RideStatus, TaskKind
from gateway.records.work import Ride
from gateway.staff.audit import UNDO_FOR, write_audit

WITH: Final = "with"
"""Where the last of several deeds of one form names the audits of the others."""


def asked(db: Session, appointment_id: str, *, staff: str, now: datetime) -> Audit:
    """They told somebody of the staff that they need to be fetched."""
    deed, appointment = begin_about(db, appointment_id, None, staff=staff, now=now)
    if rides.ride_of(db, appointment.id) is not None:
        raise NotPossible("ride_asked_already")
    if appointment.starts_at <= now:
        raise NotPossible("ride_over")
    rides.ask(db, appointment, now=now)
    return deed.keep("ride_asked", appointment=appointment.id)


def arranged(
    db: Session,
    appointment_id: str,
    *,
    pick_up_at: datetime,
    driver: str,
    staff: str,
    now: datetime,
    told_after: timedelta = UNDO_FOR,
) -> Audit:
    """Somebody fetches them at `pick_up_at` (aware); they are told once this can no longer be undone.

    Raises NotPossible where the hour is past or behind the appointment's, and where a ride is arranged already: another
    hour is a new arrangement, after the old one was taken back.
    """
    deed, appointment = begin_about(db, appointment_id, None, staff=staff, now=now)
    ride = rides.ride_of(db, appointment.id) or _noted(db, appointment, now)
    if ride.status is RideStatus.ARRANGED:
        raise NotPossible("ride_arranged_already")
    _write_result(deed, appointment, Result.RIDE_ARRANGED)
    try:
        rides.arrange(db, ride, pick_up_at=pick_up_at, driver=driver, staff=staff, now=now, told_after=told_after)
    except rides.NoRide as error:
        raise NotPossible(f"ride_{error.why}") from error
    return deed.keep("ride_arranged", appointment=appointment.id)


def all_arranged(
    db: Session,
    appointments: Sequence[str],
    *,
    pick_up_at: datetime,
    driver: str,
    staff: str,
    now: datetime,
    told_after: timedelta = UNDO_FOR,
) -> Audit:
    """Arrange a whole village's rides, all or none; the deed that is returned takes all of them back."""
    if not appointments:
        raise NotPossible("ride_nobody")
    by: dict[str, Any] = {"staff": staff, "now": now, "told_after": told_after}
    with db.begin_nested():
        deeds = [arranged(db, one, pick_up_at=pick_up_at, driver=driver, **by) for one in dict.fromkeys(appointments)]
        last = deeds[-1]
        last.after = {**last.after, WITH: [one.id for one in deeds[:-1]]}
        db.add(last)
        db.flush()
    return last


def cancelled(db: Session, appointment_id: str, *, staff: str, now: datetime) -> Audit:
    """They come another way, or do not come: nobody needs to be fetched."""
    deed, appointment = begin_about(db, appointment_id, None, staff=staff, now=now)
    ride = _ride(db, appointment)
    _write_result(deed, appointment, Result.NO_RIDE_NEEDED)
    was = ride.status
    rides.cancel(db, ride, now=now)
    rides.have_told_of_change(db, ride, was=was, now=now)
    return deed.keep("ride_cancelled", appointment=appointment.id)


def unarranged(db: Session, appointment_id: str, *, staff: str, now: datetime) -> Audit:
    """The driver cannot, or the hour is another: the wish stands again. Who heard of the old hour is to be told."""
    deed, appointment = begin_about(db, appointment_id, None, staff=staff, now=now)
    ride = _ride(db, appointment)
    was = ride.status
    if not rides.unarrange(db, ride, now=now):
        raise NotPossible("ride_not_arranged")
    rides.have_told_of_change(db, ride, was=was, now=now)
    # Not to be undone: the name of the driver is gone, and arranging it anew is one form.
    return write_audit(
        db, staff=staff, verb="ride_unarranged", kind="appointment", subject=appointment.id, person=deed.person.id,
        now=now,
    )  # fmt: skip


def _ride(db: Session, appointment: Appointment) -> Ride:
    ride = rides.ride_of(db, appointment.id)
    if ride is None:
        raise NotPossible("no_ride")
    return ride


def _noted(db: Session, appointment: Appointment, now: datetime) -> Ride:
    """For a task of before rides had rows."""
    ride = Ride(appointment=appointment.id, person=appointment.person, asked_at=now)
    db.add(ride)
    db.flush()
    return ride


def _write_result(deed: Deed, appointment: Appointment, result: Result) -> None:
    """Say on the task that is about to close who closed it, and why."""
    task = open_task_about(deed.db, TaskKind.RIDE, appointment.id)
    if task is not None:
        task.result, task.done_by = result.value, deed.staff
        deed.db.add(task)
        deed.db.flush()
