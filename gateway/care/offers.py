"""Which sessions somebody may choose for another day: where a seat is free, and what their course allows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session as Db
from sqlmodel import col, select

from gateway.care.regimens import Regimens, load_regimens
from gateway.care.seats import hour_offered
from gateway.care.spacing import bounds_of
from gateway.records.agreements import Appointment
from gateway.records.places import Closure, Part, Seat, Session, Site

LEAD: Final = timedelta(hours=12)
"""A call on the morning may still offer the next morning, but nothing that is about to begin."""

_Condition = sa.ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class OfferedSeat:
    """A session with a free seat at this moment. `starts_at` (UTC) is when its next ticket's holder is to come.

    `site` may be another than the appointment's.
    """

    session: str
    starts_at: datetime
    site: str = ""


@dataclass(frozen=True, slots=True)
class Offers:
    """What can be offered now.

    `parts` are the halves of the day ("morning", "afternoon") in which there is anything, whatever half was asked for;
    `has_later` tells whether anything in that half lies later than all of `offers`.
    """

    offers: tuple[OfferedSeat, ...] = ()
    parts: tuple[str, ...] = ()
    has_later: bool = False


def find_offers(
    db: Db,
    appointment: Appointment,
    *,
    now: datetime,
    count: int = 2,
    after: datetime | None = None,
    part: str = "",
    call: str | None = None,
    holidays: Collection[date] = (),
    elsewhere: Collection[str] | None = None,
    regimens: Regimens | None = None,
) -> Offers:
    """The next sessions the person may move to: same vaccine, not the present one, inside the regimen's intervals.

    The own site's come first, however late: who goes elsewhere needs a way there. Sites of the district, the nearest
    first, only fill up what the own one lacks. `after`: later than this alone ("for later days"), which is the latest
    that was read out. `elsewhere`: the only other sites that may be offered, as a call can name no others (None: all of
    the district). A seat that `call` holds is free to it, and so is one whose hold is over. Nothing on `holidays`.
    Nothing at all where a person may not choose the day by key: a rabies dose must not be postponed, staff are asked.
    """
    known = regimens or load_regimens()
    regimen = known.get(appointment.regimen)
    if regimen is not None and not regimen.may_move_by_key:
        return Offers()
    wanted = [
        *_allowed(db, appointment, known),
        *_open(now),
        _has_seat(now, call),
        *([col(Session.starts_at) > after] if after else []),
        *([col(Session.day).not_in(sorted(holidays))] if holidays else []),
    ]
    in_part = [*wanted, *([col(Session.part) == Part(part)] if part else [])]
    near = [site for site in neighbours(db, appointment.site) if elsewhere is None or site in elsewhere]
    found = _next_sessions(db, in_part, [appointment.site], count)
    if len(found) < count:
        found += _next_sessions(db, in_part, near, count - len(found))
    offered = tuple(OfferedSeat(one.id, hour_offered(db, one, now=now, call_id=call), one.site) for one in found)
    parts = _parts(db, wanted, [appointment.site]) or _parts(db, wanted, near)
    return Offers(offered, parts, _has_later(db, in_part, [appointment.site, *near], offered))


def offers(
    db: Db,
    appointment: Appointment,
    *,
    now: datetime,
    count: int = 2,
    after: datetime | None = None,
    regimens: Regimens | None = None,
) -> list[OfferedSeat]:
    """The sessions alone of `find_offers`, for whoever looks for no half of the day."""
    return list(find_offers(db, appointment, now=now, count=count, after=after, regimens=regimens).offers)


def open_sessions(now: datetime) -> list[_Condition]:
    """Conditions for sessions that can still be booked: a free seat, enough time before them, the site not closed."""
    return [col(Session.taken) < col(Session.capacity), *_open(now)]


def vaccines_of(db: Db, appointment: Appointment, regimens: Regimens) -> Sequence[str]:
    """The vaccines of the sessions this appointment may lie in: its present session's, else its regimen's."""
    present = db.get(Session, appointment.session) if appointment.session else None
    if present is not None:
        return (present.vaccine,)
    regimen = regimens.get(appointment.regimen)
    return (appointment.regimen,) if regimen is None else regimen.session_vaccines(appointment.dose_no)


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


def _open(now: datetime) -> list[_Condition]:
    closed = sa.exists().where(
        col(Closure.site) == col(Session.site),
        col(Closure.day) == col(Session.day),
        sa.or_(col(Closure.part) == "", col(Closure.part) == sa.cast(col(Session.part), sa.String)),
    )
    return [col(Session.starts_at) > now + LEAD, col(Session.closed_at).is_(None), ~closed]


def _has_seat(now: datetime, call: str | None) -> _Condition:
    """A seat nobody has; one held too long, which is freed when it is wanted; or one this very call holds."""
    is_over = col(Seat.held_until) <= now
    mine = is_over if call is None else sa.or_(is_over, col(Seat.call) == call)
    held = sa.exists().where(col(Seat.session) == col(Session.id), col(Seat.call).is_not(None), mine)
    return sa.or_(col(Session.taken) < col(Session.capacity), held)


def _allowed(db: Db, appointment: Appointment, regimens: Regimens) -> list[_Condition]:
    """The vaccine and the days that this dose may be moved to; not to where it is."""
    bounds = bounds_of(db, appointment, regimens)
    wanted: list[_Condition] = [
        col(Session.vaccine).in_(vaccines_of(db, appointment, regimens)),
        col(Session.id) != (appointment.session or ""),
    ]
    if bounds.earliest is not None:
        wanted.append(col(Session.day) >= bounds.earliest)
    if bounds.latest is not None:
        wanted.append(col(Session.day) <= bounds.latest)
    return wanted


def _next_sessions(db: Db, wanted: Sequence[_Condition], sites: Sequence[str], count: int) -> list[Session]:
    if not sites:
        return []
    nearness = sa.case({site: rank for rank, site in enumerate(sites)}, value=col(Session.site))
    order = (nearness, col(Session.starts_at), col(Session.id))
    rows = db.exec(select(Session).where(*wanted, col(Session.site).in_(sites)).order_by(*order).limit(count))
    return list(rows)


def _parts(db: Db, wanted: Sequence[_Condition], sites: Sequence[str]) -> tuple[str, ...]:
    """The halves of the day in which these sites have anything, the morning first."""
    found = set(db.exec(select(Session.part).where(*wanted, col(Session.site).in_(sites)).distinct()))
    return tuple(part.value for part in Part if part in found)


def _has_later(db: Db, wanted: Sequence[_Condition], sites: Sequence[str], offered: Sequence[OfferedSeat]) -> bool:
    if not offered:
        return False
    last = max(one.starts_at for one in offered)
    later = select(Session.id).where(*wanted, col(Session.site).in_(sites), col(Session.starts_at) > last)
    return db.exec(later.limit(1)).first() is not None
