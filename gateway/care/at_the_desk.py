"""What staff do about an appointment, for a person who stands before them or is on the telephone.

Each deed is whole or refused (NotPossible), stops the ladder in the same transaction (law 4), and is written down with
all that `undo` needs. `version` is that of the page they looked at: two nurses must not overwrite each other.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlmodel import Session as Db
from sqlmodel import col, select

from gateway.care import booking, rides
from gateway.care.calendar import obstacle, warnings_for
from gateway.care.desk_days import check_past_day
from gateway.care.desk_door import has_arrived
from gateway.care.desk_work import Deed, NotPossible, begin_about, set_status
from gateway.care.notices import plan_notice, plan_recall
from gateway.care.regimens import Regimens, load_regimens
from gateway.care.tasks import WANTS_ANOTHER_DAY, Result, close_task, open_task, open_task_about
from gateway.kit.clock import bangkok_day
from gateway.records.agreements import Appointment, Dose
from gateway.records.places import Session
from gateway.records.staffing import Audit
from gateway.records.status import LIVE_APPOINTMENTS, AppointmentStatus, TaskKind
from gateway.staff.audit import UNDO_FOR

__all__ = [
    "CancelReason", "NotPossible", "came", "cancelled", "confirmed", "missed", "moved", "products_for", "vaccinated"
]  # fmt: skip

TOLD_AFTER: Final = UNDO_FOR
"""A text about a deed waits until the deed can no longer be taken back; longer by a clock that runs faster."""
PROMISED: Final = "was told by text that staff call about a new day"
_DOSE_SOURCE: Final = "staff"


class CancelReason(StrEnum):
    """Why an appointment is given up."""

    ILL = "ill"
    MOVED_AWAY = "moved_away"
    REFUSED = "refused"
    ELSEWHERE = "vaccinated_elsewhere"
    OTHER = "other"


def confirmed(db: Db, appointment_id: str, *, version: int | None = None, staff: str, now: datetime) -> Audit:
    """They said to a member of staff that they are coming. An open wish to be called back stays open."""
    deed, appointment = begin_about(db, appointment_id, version, staff=staff, now=now)
    if bangkok_day(appointment.starts_at) < bangkok_day(now):
        raise NotPossible("over")
    if appointment.status is AppointmentStatus.CONFIRMED:
        raise NotPossible("already_confirmed")
    set_status(deed, appointment, AppointmentStatus.CONFIRMED)
    appointment.confirmed_by_staff = staff
    deed.stop_ladder(appointment.id, "confirmed")
    return deed.keep("confirmed", appointment=appointment.id)


def moved(
    db: Db,
    appointment_id: str,
    session_id: str,
    *,
    chosen: bool,
    text: bool = True,
    told_after: timedelta = TOLD_AFTER,
    agreed: Collection[str] = (),
    version: int | None = None,
    staff: str,
    now: datetime,
    regimens: Regimens | None = None,
) -> Audit:
    """Move an appointment to a session; `chosen`: the person agreed to this day, so it is confirmed.

    Not chosen, it is booked and the planner begins its ladder. `agreed` are the warnings staff have ticked
    (`warnings_for`). With `text` the new day is texted once the deed can no longer be undone, `told_after` business
    time. A wish for another day is fulfilled by a day the person chose.
    """
    deed, old = begin_about(db, appointment_id, version, staff=staff, now=now)
    target = _target(deed, old, session_id, agreed, regimens or load_regimens())
    try:
        fresh = booking.move(db, old.id, target.id, now=now)
    except (booking.SessionFull, booking.StaleAppointment) as error:
        raise NotPossible("session_full") from error
    if chosen:
        fresh.status, fresh.confirmed_by_staff = AppointmentStatus.CONFIRMED, staff
        db.add(fresh)
        _close(deed, old, TaskKind.CALLBACK, Result.ANOTHER_DAY, beginning=WANTS_ANOTHER_DAY)
    if text:
        _tell(deed, fresh, "moved", told_after)
    return deed.keep("moved", appointment=old.id, to=fresh.id, chosen=chosen)


def cancelled(
    db: Db,
    appointment_id: str,
    *,
    reason: CancelReason,
    text: bool = False,
    told_after: timedelta = TOLD_AFTER,
    version: int | None = None,
    staff: str,
    now: datetime,
) -> Audit:
    """Give up an appointment and its seat; with `text` the person is told once it can no longer be undone.

    The text says that the clinic calls about a new day, so it opens the task to do so.
    """
    deed, appointment = begin_about(db, appointment_id, version, staff=staff, now=now)
    set_status(deed, appointment, AppointmentStatus.CANCELLED)
    booking.give_back_seat(db, appointment.id)
    deed.stop_ladder(appointment.id, "cancelled")
    _close(deed, appointment, TaskKind.RIDE, Result.NO_RIDE_NEEDED)
    rides.end(db, appointment.id, now=now)
    if text and _tell(deed, appointment, "cancelled", told_after):
        who = {"person": appointment.person, "site": appointment.site, "village": deed.person.village or None}
        open_task(db, TaskKind.CALLBACK, appointment.id, **who, detail=PROMISED, now=now)
    return deed.keep("cancelled", appointment=appointment.id, reason=reason.value)


def came(db: Db, appointment_id: str, *, version: int | None = None, staff: str, now: datetime) -> Audit:
    """They came; whether they were vaccinated is another question."""
    deed, appointment = begin_about(db, appointment_id, version, staff=staff, now=now)
    if bangkok_day(appointment.starts_at) > bangkok_day(now):
        raise NotPossible("not_yet")
    set_status(deed, appointment, AppointmentStatus.KEPT)
    deed.stop_ladder(appointment.id, "came")
    rides.end(db, appointment.id, now=now)
    return deed.keep("came", appointment=appointment.id)


def missed(
    db: Db,
    appointment_id: str,
    *,
    told_after: timedelta = TOLD_AFTER,
    version: int | None = None,
    staff: str,
    now: datetime,
) -> Audit:
    """They did not come; known only once the hour has begun. A text on a morning after says how to get another day."""
    deed, appointment = begin_about(db, appointment_id, version, staff=staff, now=now)
    if appointment.starts_at > now:
        raise NotPossible("not_begun")
    if has_arrived(db, appointment.id):
        raise NotPossible("was_here")  # checked in at the door: one of the two is a mistake
    set_status(deed, appointment, AppointmentStatus.MISSED)
    deed.stop_ladder(appointment.id, "missed")
    plan_recall(db, appointment, now=now + told_after)
    return deed.keep("missed", appointment=appointment.id)


def vaccinated(
    db: Db,
    appointment_id: str,
    *,
    product: str,
    given_on: date,
    version: int | None = None,
    staff: str,
    now: datetime,
    regimens: Regimens | None = None,
) -> Audit:
    """They were given the dose, on a Bangkok day; the next one is booked from it (`second_doses`).

    Also after "came". A dose given before the appointment's day frees its seat: nobody will come for it.
    """
    statuses = (*LIVE_APPOINTMENTS, AppointmentStatus.KEPT)
    deed, appointment = begin_about(db, appointment_id, version, staff=staff, now=now, statuses=statuses)
    known = regimens or load_regimens()
    if product not in products_for(known, appointment.regimen, appointment.dose_no):
        raise NotPossible("product")
    _check_day(deed, appointment, given_on, known)
    db.add(_dose(appointment, product, given_on))
    if appointment.status is AppointmentStatus.KEPT:
        appointment.version += 1
    else:
        set_status(deed, appointment, AppointmentStatus.KEPT)
    if bangkok_day(appointment.starts_at) > bangkok_day(now):
        booking.give_back_seat(db, appointment.id)
    deed.stop_ladder(appointment.id, "vaccinated")
    rides.end(db, appointment.id, now=now)
    return deed.keep("vaccinated", appointment=appointment.id)


def products_for(regimens: Regimens, code: str, number: int) -> tuple[str, ...]:
    """The codes of the vaccines that dose `number` of a regimen may have been, the one that is planned first."""
    regimen = regimens.get(code)
    if regimen is None:
        return (code,)
    others = (one for one in regimens.in_series(regimen.series) if not regimens[one].first_given_as)
    return tuple(dict.fromkeys((regimen.given_as(number), *others)))


def _target(deed: Deed, old: Appointment, session_id: str, agreed: Collection[str], regimens: Regimens) -> Session:
    """The session to move to, looked at once more: the page may be minutes old."""
    session = deed.db.get(Session, session_id, populate_existing=True)
    if session is None:
        raise NotPossible("no_session")
    why = obstacle(deed.db, old, session, now=deed.now, regimens=regimens)
    if why is not None:
        raise NotPossible(why)
    missing = [one for one in warnings_for(deed.db, old, session.day, regimens) if one not in agreed]
    if missing:
        raise NotPossible(f"not_ticked_{missing[0]}")
    return session


def _tell(deed: Deed, appointment: Appointment, purpose: str, after: timedelta) -> bool:
    """Plan a text about it, where there is time for one and a phone that takes it."""
    at = deed.now + after
    return appointment.starts_at > at and plan_notice(deed.db, appointment, purpose, now=at) is not None


def _close(deed: Deed, appointment: Appointment, kind: TaskKind, result: Result, *, beginning: str = "") -> None:
    """Take from the list what the deed has settled."""
    task = open_task_about(deed.db, kind, appointment.id)
    if task is not None and task.detail.startswith(beginning):
        task.result, task.done_by = result.value, deed.staff
        close_task(deed.db, task, now=deed.now)


def _check_day(deed: Deed, appointment: Appointment, given_on: date, regimens: Regimens) -> None:
    check_past_day(given_on, deed.person, now=deed.now)
    course = select(Dose).where(
        col(Dose.person) == appointment.person,
        col(Dose.regimen).in_(regimens.in_series(regimens.series_of(appointment.regimen))),
        col(Dose.course) == appointment.course,
    )
    for dose in deed.db.exec(course):
        if dose.number == appointment.dose_no:
            raise NotPossible("dose_recorded")
        if (dose.number < appointment.dose_no) != (dose.given_on < given_on):
            raise NotPossible("day_out_of_order")


def _dose(appointment: Appointment, product: str, given_on: date) -> Dose:
    return Dose(
        person=appointment.person,
        regimen=appointment.regimen,
        course=appointment.course,
        number=appointment.dose_no,
        product=product,
        given_on=given_on,
        source=_DOSE_SOURCE,
    )
