"""Sessions and moves: what can be offered to a person, and how an appointment goes from one session to another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session as Db
from sqlmodel import col, select

from gateway.care.ladder_stop import stop_ladder
from gateway.care.regimens import Regimens, load_regimens
from gateway.care.seats import (
    SessionFull,
    give_back_seat,
    has_free_seat,
    hold,
    holds_seat,
    release_expired,
    release_holds,
    seat_of,
    take_seat,
    take_seats,
    turn_hold_into_seat,
)
from gateway.care.spacing import bounds_of
from gateway.kit.clock import bangkok_day, bangkok_time
from gateway.records.agreements import Appointment
from gateway.records.places import Closure, Part, Session, Site
from gateway.records.status import LIVE_APPOINTMENTS, AppointmentStatus

__all__ = [
    "LEAD",
    "OfferedSeat",
    "SessionFull",
    "StaleAppointment",
    "find_session",
    "give_back_seat",
    "hold",
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

LEAD = timedelta(hours=12)  # a call on the morning may still offer the next morning, but nothing that is about to begin
_NOON = 12


class StaleAppointment(Exception):
    """The appointment was moved, cancelled or kept meanwhile."""


@dataclass(frozen=True, slots=True)
class OfferedSeat:
    """A session with a free seat at this moment; `starts_at` in UTC."""

    session: str
    starts_at: datetime


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


def open_sessions(now: datetime) -> list[sa.ColumnElement[bool]]:
    """Conditions for sessions that can still be booked: a free seat, enough time before them, the site not closed."""
    closed = sa.exists().where(
        col(Closure.site) == col(Session.site),
        col(Closure.day) == col(Session.day),
        sa.or_(col(Closure.part) == "", col(Closure.part) == sa.cast(col(Session.part), sa.String)),
    )
    is_open = col(Session.closed_at).is_(None)
    return [col(Session.taken) < col(Session.capacity), col(Session.starts_at) > now + LEAD, is_open, ~closed]


def offers(
    db: Db,
    appointment: Appointment,
    *,
    now: datetime,
    count: int = 2,
    after: datetime | None = None,
    regimens: Regimens | None = None,
) -> list[OfferedSeat]:
    """The next sessions the person may move to, own site first, then other sites of the district, same tambon first.

    Same vaccine, not the present session, later than `after` if that is given, and inside the regimen's intervals.
    Empty where a person may not choose the day by key: a rabies dose must not be postponed, so staff are asked.
    """
    known = regimens or load_regimens()
    regimen = known.get(appointment.regimen)
    if regimen is not None and not regimen.may_move_by_key:
        return []
    bounds = bounds_of(db, appointment, known)
    wanted = [
        *open_sessions(now),
        col(Session.vaccine).in_(vaccines_of(db, appointment, known)),
        col(Session.id) != (appointment.session or ""),
    ]
    if after is not None:
        wanted.append(col(Session.starts_at) > after)
    if bounds.earliest is not None:
        wanted.append(col(Session.day) >= bounds.earliest)
    if bounds.latest is not None:
        wanted.append(col(Session.day) <= bounds.latest)
    found = _next_sessions(db, wanted, [appointment.site], count)
    if len(found) < count:
        found += _next_sessions(db, wanted, neighbours(db, appointment.site), count - len(found))
    return [OfferedSeat(session.id, session.starts_at) for session in found]


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
    """Close an appointment and open another in `session_id`, in one go: seat, ladder and both rows.

    The seat `call` holds there is used, else one is taken; what else it holds is freed. Who chose (a call or a reply is
    named) is confirmed, at the hour that was offered; who did not is booked, at an hour by the ticket. Raises
    StaleAppointment when the old one is no longer live, SessionFull when no seat is left or the session has begun; then
    nothing was changed.
    """
    old = db.get(Appointment, appointment_id, populate_existing=True, with_for_update=True)
    if old is None or old.status not in LIVE_APPOINTMENTS:
        raise StaleAppointment("this appointment is no longer live")
    if old.session == session_id and seat_of(db, old.id) is not None:
        return old
    target = _free_session(db, session_id, now=now, call=call)
    was_offered = bool(call or confirmed_by_reply)
    fresh = _successor(old, target, now=now, reply=confirmed_by_reply, chosen=was_offered)
    old.status, old.version = AppointmentStatus.MOVED, old.version + 1
    db.flush()  # the old row must be closed before a second live one of the same dose is written
    give_back_seat(db, old.id)
    if call is None or turn_hold_into_seat(db, fresh, call) is None:
        take_seat(db, fresh, spread=not was_offered)
    if call is not None:
        release_holds(db, call)
    stop_ladder(db, old.id, reason="moved", now=now, answered_reminder=answered_reminder)
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


def vaccines_of(db: Db, appointment: Appointment, regimens: Regimens) -> Sequence[str]:
    """The vaccines of the sessions this appointment may lie in: its present session's, else its regimen's."""
    present = db.get(Session, appointment.session) if appointment.session else None
    if present is not None:
        return (present.vaccine,)
    regimen = regimens.get(appointment.regimen)
    return (appointment.regimen,) if regimen is None else regimen.session_vaccines(appointment.dose_no)


def _next_sessions(db: Db, wanted: Sequence[sa.ColumnElement[bool]], sites: Sequence[str], count: int) -> list[Session]:
    if not sites:
        return []
    nearness = sa.case({site: rank for rank, site in enumerate(sites)}, value=col(Session.site))
    order = (nearness, col(Session.starts_at), col(Session.id))
    rows = db.exec(select(Session).where(*wanted, col(Session.site).in_(sites)).order_by(*order).limit(count))
    return list(rows)


def neighbours(db: Db, code: str) -> list[str]:
    """Other sites of the same district; those of the same tambon first, as nearness goes without coordinates."""
    own = db.get(Site, code)
    if own is None or not own.district:
        return []
    others = db.exec(
        select(Site).where(
            col(Site.district) == own.district, col(Site.province) == own.province, col(Site.code) != code
        )
    ).all()
    return [site.code for site in sorted(others, key=lambda site: (site.tambon != own.tambon, site.code))]
