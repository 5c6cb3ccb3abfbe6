"""A month of sessions an appointment may be moved to: seats left, and in one word why a day cannot be chosen."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session as Db
from sqlmodel import col, select

from gateway.care.booking import neighbours, vaccines_of
from gateway.care.regimens import Regimens
from gateway.care.spacing import Bounds, bounds_of, recommended_end
from gateway.kit.clock import bangkok_day
from gateway.records.agreements import Appointment
from gateway.records.places import Closure, Part, Session, Site

LATE, NOT_BY_KEY = "late", "urgent"
"""Warnings staff tick: later than recommended; a course (rabies) that must not be postponed."""
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Choice:
    """A session of a day. `obstacle`: a word why it cannot be chosen, "" when it can; `warnings`: to be ticked."""

    session: str
    part: Part
    vaccine: str
    starts_at: datetime
    free: int
    seats: int
    obstacle: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """A Bangkok day of the grid. `note`: closed, holiday or "" ; `inside`: it belongs to the month that is shown."""

    day: date
    inside: bool
    is_today: bool
    is_present: bool  # the appointment lies on it now
    note: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Month:
    """What a page shows: weeks from Monday to Sunday, the sites one may choose among, and the months beside it."""

    first: date
    site: str
    sites: tuple[Site, ...]  # the appointment's own first
    weeks: tuple[tuple[Day, ...], ...]
    previous: date | None  # None: that month is over
    next: date
    next_free: date | None  # the first day from this month on with a seat that can be chosen

    @property
    def days(self) -> list[Day]:
        """The days of the month that have anything to say, for a narrow screen."""
        return [one for week in self.weeks for one in week if one.inside and (one.choices or one.note or one.is_today)]


def month_of(
    db: Db,
    appointment: Appointment,
    *,
    first: date,
    site: str,
    now: datetime,
    regimens: Regimens,
    holidays: Collection[date] = (),
) -> Month:
    """The calendar of one month at one site; `first` is any day of it, `site` falls back to the appointment's own."""
    first = first.replace(day=1)
    sites = _sites(db, appointment.site)
    chosen = site if any(one.code == site for one in sites) else appointment.site
    reader = _Reader(db, appointment, now, regimens)
    begin = first - timedelta(days=first.weekday())
    last = first.replace(day=monthrange(first.year, first.month)[1])
    end = last + timedelta(days=_WEEK - 1 - last.weekday())
    choices = reader.choices(chosen, begin, end)
    closures = _closures(db, chosen, begin, end)
    days = [
        _day(begin + timedelta(days=offset), first, choices, closures, holidays, appointment, now)
        for offset in range((end - begin).days + 1)
    ]
    present = bangkok_day(now).replace(day=1)
    return Month(
        first=first,
        site=chosen,
        sites=tuple(sites),
        weeks=tuple(tuple(days[at : at + _WEEK]) for at in range(0, len(days), _WEEK)),
        previous=(first - timedelta(days=1)).replace(day=1) if first > present else None,
        next=last + timedelta(days=1),
        next_free=reader.next_free(chosen, max(first, bangkok_day(now))),
    )


def obstacle(db: Db, appointment: Appointment, session: Session, *, now: datetime, regimens: Regimens) -> str | None:
    """Why this appointment cannot be moved to a session, as a word for the page and for a refusal; None when it can."""
    reader = _Reader(db, appointment, now, regimens)
    if session.vaccine not in reader.vaccines:
        return "other_vaccine"
    if session.site not in {site.code for site in _sites(db, appointment.site)}:
        return "other_district"
    return reader.obstacle(session, _closures(db, session.site, session.day, session.day)) or None


def warnings_for(db: Db, appointment: Appointment, day: date, regimens: Regimens) -> tuple[str, ...]:
    """What staff must have ticked before they move this appointment to a Bangkok day."""
    return _warnings(appointment, day, recommended_end(db, appointment, regimens), regimens)


class _Reader:
    """What binds one appointment, read once for a whole month."""

    def __init__(self, db: Db, appointment: Appointment, now: datetime, regimens: Regimens) -> None:
        self._db, self._appointment, self._now, self._regimens = db, appointment, now, regimens
        self._bounds: Bounds = bounds_of(db, appointment, regimens)
        self._end = recommended_end(db, appointment, regimens)
        self.vaccines = tuple(vaccines_of(db, appointment, regimens))

    def choices(self, site: str, begin: date, end: date) -> Mapping[date, list[Choice]]:
        closures = _closures(self._db, site, begin, end)
        found: dict[date, list[Choice]] = defaultdict(list)
        for session in self._sessions(site, begin, end):
            found[session.day].append(self._choice(session, closures))
        return found

    def next_free(self, site: str, begin: date) -> date | None:
        end = begin + timedelta(days=366)
        days = (day for day, choices in self.choices(site, begin, end).items() if any(not c.obstacle for c in choices))
        return min(days, default=None)

    def obstacle(self, session: Session, closures: Mapping[tuple[date, str], str]) -> str:
        if session.id == self._appointment.session:
            return "present"
        if session.starts_at <= self._now:
            return "begun"
        if session.closed_at is not None or (session.day, "") in closures or (session.day, session.part) in closures:
            return "closed"
        if self._bounds.earliest is not None and session.day < self._bounds.earliest:
            return "too_early"
        if self._bounds.latest is not None and session.day > self._bounds.latest:
            return "too_late"
        return "full" if session.taken >= session.capacity else ""

    def _choice(self, session: Session, closures: Mapping[tuple[date, str], str]) -> Choice:
        return Choice(
            session=session.id,
            part=session.part,
            vaccine=session.vaccine,
            starts_at=session.starts_at,
            free=session.capacity - session.taken,
            seats=session.capacity,
            obstacle=self.obstacle(session, closures),
            warnings=_warnings(self._appointment, session.day, self._end, self._regimens),
        )

    def _sessions(self, site: str, begin: date, end: date) -> Sequence[Session]:
        wanted = select(Session).where(
            col(Session.site) == site,
            col(Session.vaccine).in_(self.vaccines),
            col(Session.day) >= begin,
            col(Session.day) <= end,
        )
        return self._db.exec(wanted.order_by(col(Session.starts_at), col(Session.id))).all()


def _warnings(appointment: Appointment, day: date, end: date | None, regimens: Regimens) -> tuple[str, ...]:
    regimen = regimens.get(appointment.regimen)
    urgent = regimen is not None and not regimen.may_move_by_key
    late = end is not None and day > max(end, bangkok_day(appointment.starts_at))  # sooner than now is no delay
    return tuple(word for word, applies in ((NOT_BY_KEY, urgent), (LATE, late)) if applies)


def _day(
    day: date,
    first: date,
    choices: Mapping[date, list[Choice]],
    closures: Mapping[tuple[date, str], str],
    holidays: Collection[date],
    appointment: Appointment,
    now: datetime,
) -> Day:
    note = "closed" if (day, "") in closures else "holiday" if day in holidays else ""
    return Day(
        day=day,
        inside=(day.year, day.month) == (first.year, first.month),
        is_today=day == bangkok_day(now),
        is_present=day == bangkok_day(appointment.starts_at),
        note=note,
        choices=tuple(choices.get(day, ())),
    )


def _sites(db: Db, code: str) -> list[Site]:
    """The appointment's own site, then the others of the district, the nearest first."""
    found = (db.get(Site, one) for one in (code, *neighbours(db, code)))
    return [site for site in found if site is not None]


def _closures(db: Db, site: str, begin: date, end: date) -> dict[tuple[date, str], str]:
    """Closed days and half-days, with why; the part "" is the whole day."""
    wanted = select(Closure).where(col(Closure.site) == site, col(Closure.day) >= begin, col(Closure.day) <= end)
    return {(one.day, one.part): one.reason for one in db.exec(wanted)}
