"""Checking in at the door: who arrived, and when. It is not the dose: that is written down where it is given.

Somebody may arrive and be sent home with a fever. So arriving stands on the seat and leaves the appointment as it is;
"came" and "was vaccinated" stay deeds of their own. Nobody is called about a day on which they stand at the door.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session as Db

from gateway.care.booking import seat_of
from gateway.care.desk_work import NotPossible, begin_about
from gateway.kit.clock import bangkok_day
from gateway.records.places import Seat
from gateway.records.staffing import Audit
from gateway.records.status import LIVE_APPOINTMENTS, AppointmentStatus

AT_THE_DOOR = (*LIVE_APPOINTMENTS, AppointmentStatus.KEPT)


def arrived(db: Db, appointment_id: str, *, staff: str, now: datetime) -> Audit:
    """They are here, on the day; raises NotPossible on another, without a seat, and when they are checked in."""
    deed, appointment = begin_about(db, appointment_id, None, staff=staff, now=now, statuses=AT_THE_DOOR)
    if bangkok_day(appointment.starts_at) != bangkok_day(now):
        raise NotPossible("not_this_day")
    seat = _seat(db, appointment.id)
    if seat.arrived_at is not None:
        raise NotPossible("arrived_already")
    seat.arrived_at = now
    db.add(seat)
    if appointment.status in LIVE_APPOINTMENTS:
        deed.stop_ladder(appointment.id, "arrived")
    return deed.keep("arrived", appointment=appointment.id)


def not_arrived(db: Db, appointment_id: str, *, staff: str, now: datetime) -> Audit:
    """Somebody else was checked in by mistake; raises NotPossible where nobody was."""
    deed, appointment = begin_about(db, appointment_id, None, staff=staff, now=now, statuses=AT_THE_DOOR)
    seat = _seat(db, appointment.id)
    if seat.arrived_at is None:
        raise NotPossible("not_arrived")
    seat.arrived_at = None
    db.add(seat)
    return deed.keep("not_arrived", appointment=appointment.id)


def has_arrived(db: Db, appointment_id: str) -> bool:
    """Whether they were checked in."""
    seat = seat_of(db, appointment_id)
    return seat is not None and seat.arrived_at is not None


def _seat(db: Db, appointment_id: str) -> Seat:
    seat = seat_of(db, appointment_id)
    if seat is None:
        raise NotPossible("no_seat_at_door")
    return seat
