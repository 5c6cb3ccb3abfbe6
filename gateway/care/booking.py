"""Sessions and moves: what can be offered to a person, and how an appointment goes from one session to another."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Session as Db
from sqlmodel import col, select

from gateway.care import rides
from gateway.care.ladder_stop import stop_ladder
from gateway.care.offers import (
    LEAD,
    OfferedSeat,
    Offers,
    find_offers,
    neighbours,
    offers,
    open_sessions,
    vaccines_of,
)
from gateway.care.seats import (
    HOLD_LASTS,
    SessionFull,
    give_back_seat,
    has_free_seat,
    hold,
    hold_only,
    holds_seat,
    release_expired,
    release_holds,
    seat_of,
    take_seat,
    take_seats,
    turn_hold_into_seat,
)
from gateway.kit.clock import bangkok_day, bangkok_time
from gateway.records.agreements import Appointment
from gateway.records.places import Part, Session
from gateway.records.status import LIVE_APPOINTMENTS, AppointmentStatus

__all__ = [
    "HOLD_LASTS",
    "LEAD",
    "OfferedSeat",
    "Offers",
    "SessionFull",
    "StaleAppointment",
    "find_offers",
    "find_session",
    "give_back_seat",
    "hold",
    "hold_only",
    "move",
    "neighbours",
    "offers",
    "open_sessions",
    "release_expired",
    "release_holds",
    "seat_of",
    "session_id",
    "take_seat",
    "take_seats",
    "vaccines_of",
]

_NOON = 12


class StaleAppointment(Exception):
    """The appointment was moved, cancelled or kept meanwhile."""


def session_id(site: str, vaccine: str, day: date, part: Part) -> str:
    """The id of a site's session: readable, and the same on every load."""
    return f"{site}-{vaccine}-{day.isoformat()}-{part.value}"


def part_of_day(instant: datetime) -> Part:
    """Morning before 12:00 in Bangkok, else afternoon."""
    return Part.MORNING if bangkok_time(instant).hour < _NOON else Part.AFTERNOON


def find_session(db: Db, site: str, vaccine: str, starts_at: datetime) -> Session | None:
    """The session of that Bangkok day and half-day, full or not; None when the site holds none."""
    return db.exec(
        select(Session).where(
            col(Session.site) == site,
            col(Session.vaccine) == vaccine,
            col(Session.day) == bangkok_day(starts_at),
            col(Session.part) == part_of_day(starts_at),
        )
    ).first()


def move(
    db: Db,
    appointment_id: str,
    session_id: str,
    *,
    now: datetime,
    call: str | None = None,
    confirmed_by_reply: str | None = None,
    answered_reminder: str | None = None,
) -> Appointment:
    """Close an appointment and open another in `session_id`, in one go: seat, ladder, ride and both rows.

    The seat `call` holds there is used, at the hour that was offered with it, else one is taken, at the hour of its
    ticket; what else it holds is freed. A hold that is over by `now` is nobody's any more: its late caller is one among
    others. Who chose (a call or a reply is named) is confirmed, who did not is booked. Raises StaleAppointment when the
    old one is no longer live, SessionFull when no seat is left or the session has begun; then nothing was changed.
    """
    old = db.get(Appointment, appointment_id, populate_existing=True, with_for_update=True)
    if old is None or old.status not in LIVE_APPOINTMENTS:
        raise StaleAppointment("this appointment is no longer live")
    if old.session == session_id and seat_of(db, old.id) is not None:
        return old
    release_expired(db, now)
    target = _free_session(db, session_id, now=now, call=call)
    has_chosen = bool(call or confirmed_by_reply)
    fresh = _successor(old, target, now=now, reply=confirmed_by_reply, chosen=has_chosen)
    old.status, old.version = AppointmentStatus.MOVED, old.version + 1
    db.flush()  # the old row must be closed before a second live one of the same dose is written
    give_back_seat(db, old.id)
    if call is None or turn_hold_into_seat(db, fresh, call) is None:
        take_seat(db, fresh, spread=True)
    if call is not None:
        release_holds(db, call)
    stop_ladder(db, old.id, reason="moved", now=now, answered_reminder=answered_reminder)
    rides.carry_over(db, old.id, fresh, now=now)
    return fresh


def _free_session(db: Db, session_id: str, *, now: datetime, call: str | None) -> Session:
    # The row is locked here, so that the seat seen free is still free a line later (SQLite has one writer anyway).
    session = db.get(Session, session_id, populate_existing=True, with_for_update=True)
    if session is None or session.starts_at <= now:
        raise SessionFull(f"session {session_id} cannot be booked any more")
    if call is not None and holds_seat(db, session_id, call):
        return session
    if not has_free_seat(db, session_id):
        raise SessionFull(f"session {session_id} has no seat left")
    return session


def _successor(old: Appointment, target: Session, *, now: datetime, reply: str | None, chosen: bool) -> Appointment:
    return Appointment(
        person=old.person,
        site=target.site,
        session=target.id,
        regimen=old.regimen,
        course=old.course,
        dose_no=old.dose_no,
        starts_at=target.starts_at,
        status=AppointmentStatus.CONFIRMED if chosen else AppointmentStatus.BOOKED,
        moved_from=old.id,
        confirmed_by_reply=reply,
        source="moved",
        created_at=now,
    )
