"""Closing a session: everybody in it gets another day or is told not to come, and who cannot be texted is called.

The texts go out with the next pass of dispatch, so a closing is not taken back. Nobody is forgotten: whoever has no
new day, or cannot be told by text in time, is an open call-back when this is over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session as Db
from sqlmodel import col, select

from gateway.care import booking, rides
from gateway.care.ladder_stop import stop_ladder
from gateway.care.notices import CANCELLED, MOVED, plan_notice
from gateway.care.regimens import Regimens
from gateway.care.seats import release_session
from gateway.care.tasks import open_task
from gateway.kit.clock import bangkok_day
from gateway.kit.phones import LineType
from gateway.languages.table import LanguageError, load_languages
from gateway.records.agreements import Appointment
from gateway.records.people import Consent, Person, PersonPhone, Phone, PhoneRole
from gateway.records.places import Seat, Session, Site
from gateway.records.status import LIVE_APPOINTMENTS, AppointmentStatus, TaskKind
from gateway.records.work import Task
from gateway.staff.audit import write_audit

__all__ = ["Closed", "NotClosed", "Outlook", "Policy", "Preview", "Why", "close_session", "preview_closing"]

_TIME_TO_READ: Final = timedelta(
    hours=1
)  # a text that comes later than this before the session finds people on their way
_CHOICES: Final = 20  # sessions looked at for each person


class Policy(StrEnum):
    """What becomes of the people."""

    MOVE = "move"  # to the next session here that has a seat and that their intervals allow
    MOVE_NEAR = "move_near"  # and where there is none, to one at another site of the district
    CANCEL = "cancel"  # nobody is moved; staff find each a new day


class Why(StrEnum):
    """Why a session was not closed."""

    UNKNOWN = "unknown"
    CLOSED = "closed"
    BEGUN = "begun"
    CHANGED = "changed"  # so many people are in it now as were not when the operator looked


class Told(StrEnum):
    """How somebody learns of it."""

    TEXT = "text"
    CALL = "call"  # no phone that takes texts, no consent, no text in their language, or too late for one
    AT_ONCE = "at_once"  # a course that must not be postponed: only staff choose the day, and now
    NOBODY = "nobody"  # died, or merged into another record


class NotClosed(Exception):
    """The session was left as it is; `people` are in it now."""

    def __init__(self, why: Why, people: int = 0) -> None:
        super().__init__(f"the session was not closed: {why.value}")
        self.why, self.people = why, people


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a policy comes to. All counts are people: each is moved or cancelled, and told in one of three ways."""

    moved: int = 0
    cancelled: int = 0
    texts: int = 0
    calls: int = 0
    at_once: int = 0
    targets: tuple[tuple[Session, int], ...] = ()  # where they go, the nearest in time first


@dataclass(frozen=True, slots=True)
class Preview:
    """A session that may be closed, and what each policy would come to."""

    session: Session
    site: Site
    people: int
    outlooks: Mapping[Policy, Outlook]


@dataclass(frozen=True, slots=True)
class Closed:
    """What was done."""

    session: str
    people: int
    done: Outlook


@dataclass(frozen=True, slots=True)
class Telling:
    """What decides who can be texted: languages there are texts in, and the next instant a text may go out."""

    textable: frozenset[str]
    texts_from: datetime


@dataclass(frozen=True, slots=True)
class _Guest:
    """Somebody in the session."""

    appointment: Appointment
    person: Person
    told: Told


@dataclass(frozen=True, slots=True)
class _Fate:
    """Where a guest goes (None: nowhere yet)."""

    guest: _Guest
    to: Session | None


def preview_closing(
    db: Db, session_id: str, *, now: datetime, regimens: Regimens, telling: Telling, site: str | None = None
) -> Preview:
    """Return what closing would do; only reads. `site`: sessions of other sites are unknown. Raises NotClosed."""
    session = _closable(db, session_id, now=now, site=site)
    guests = _guests(db, session, regimens, telling)
    choices = _choices(db, guests, session, now=now, regimens=regimens)
    outlooks = {policy: _outlook(_fates(guests, choices, policy)) for policy in Policy}
    return Preview(session, db.get_one(Site, session.site), len(guests), outlooks)


def close_session(
    db: Db,
    session_id: str,
    *,
    reason: str,
    policy: Policy,
    expected: int,
    staff: str | None,
    now: datetime,
    regimens: Regimens,
    telling: Telling,
    site: str | None = None,
) -> Closed:
    """Close a session and move or cancel everybody in it, with a text or a call-back for each.

    `reason` is one word or a few, shown to staff and kept; `expected` is how many people the operator saw in it.
    Raises NotClosed when it is unknown, closed, begun, or the number is another by now; then nothing was written.
    """
    session = _closable(db, session_id, now=now, site=site)
    guests = _guests(db, session, regimens, telling)
    if len(guests) != expected:
        raise NotClosed(Why.CHANGED, len(guests))
    fates = _fates(guests, _choices(db, guests, session, now=now, regimens=regimens), policy)
    session.closed_at, session.closed_reason = now, reason
    db.flush()
    release_session(db, session_id)
    done = _outlook([_carry_out(db, fate, reason.replace("_", " "), now) for fate in fates])
    write_audit(
        db, staff=staff, verb="closed", kind="session", subject=session_id, now=now,
        after={"reason": reason, "policy": policy.value, "people": len(guests), **_as_json(done)},
    )  # fmt: skip
    return Closed(session_id, len(guests), done)


def _closable(db: Db, session_id: str, *, now: datetime, site: str | None) -> Session:
    session = db.get(Session, session_id, populate_existing=True, with_for_update=True)
    if session is None or site not in (None, session.site):
        raise NotClosed(Why.UNKNOWN)
    if session.closed_at is not None:
        raise NotClosed(Why.CLOSED)
    if session.starts_at <= now:
        raise NotClosed(Why.BEGUN)
    return session


def _guests(db: Db, session: Session, regimens: Regimens, telling: Telling) -> list[_Guest]:
    """Who has a live appointment in it, by ticket."""
    found = db.exec(
        select(Appointment, Person)
        .join(Person, col(Person.id) == col(Appointment.person))
        .outerjoin(Seat, col(Seat.appointment) == col(Appointment.id))
        .where(col(Appointment.session) == session.id, col(Appointment.status).in_(LIVE_APPOINTMENTS))
        .order_by(col(Seat.ticket), col(Appointment.id))
    ).all()
    taking_texts = _people_taking_texts(db, session.id)
    in_time = telling.texts_from + _TIME_TO_READ <= session.starts_at

    def told(appointment: Appointment, person: Person) -> Told:
        if person.died_on is not None or person.merged_into is not None:
            return Told.NOBODY
        if not _may_be_moved(appointment, regimens):
            return Told.AT_ONCE
        can_read = person.id in taking_texts and not telling.textable.isdisjoint(_chain(person.language))
        return Told.TEXT if in_time and can_read else Told.CALL

    return [_Guest(appointment, person, told(appointment, person)) for appointment, person in found]


def _may_be_moved(appointment: Appointment, regimens: Regimens) -> bool:
    regimen = regimens.get(appointment.regimen)
    return regimen is None or regimen.may_move_by_key


def _people_taking_texts(db: Db, session_id: str) -> set[str]:
    statement = (
        select(PersonPhone.person)
        .join(Phone, col(Phone.id) == col(PersonPhone.phone))
        .join(Appointment, col(Appointment.person) == col(PersonPhone.person))
        .where(col(Appointment.session) == session_id, col(Appointment.status).in_(LIVE_APPOINTMENTS))
        .where(col(PersonPhone.sms) == Consent.ALLOW, col(PersonPhone.role) != PhoneRole.VHV)
        .where(col(Phone.line_type) == LineType.MOBILE, col(Phone.parked_at).is_(None))
    )
    return set(db.exec(statement))


def _chain(language: str) -> tuple[str, ...]:
    try:
        return load_languages().chain(language)
    except LanguageError:
        return (language,)


def _choices(
    db: Db, guests: Sequence[_Guest], session: Session, *, now: datetime, regimens: Regimens
) -> dict[str, list[Session]]:
    """The later sessions each may go to, by appointment: their own site first; none for a course only staff move."""
    found: dict[str, list[Session]] = {}
    for guest in guests:
        offered = booking.offers(
            db, guest.appointment, now=now, count=_CHOICES, after=session.starts_at, regimens=regimens
        )
        found[guest.appointment.id] = [db.get_one(Session, offer.session) for offer in offered]
    return found


def _fates(guests: Sequence[_Guest], choices: Mapping[str, Sequence[Session]], policy: Policy) -> list[_Fate]:
    """Give each the first choice that still has a seat after those before them; seats are counted, not taken."""
    given: Counter[str] = Counter()
    fates: list[_Fate] = []
    for guest in guests:
        fitting = (
            one
            for one in choices[guest.appointment.id]
            if (policy is Policy.MOVE_NEAR or one.site == guest.appointment.site)
            and one.taken + given[one.id] < one.capacity
        )
        stays = policy is Policy.CANCEL or guest.told in (Told.AT_ONCE, Told.NOBODY)
        to = None if stays else next(fitting, None)
        if to is not None:
            given[to.id] += 1
        fates.append(_Fate(guest, to))
    return fates


def _outlook(fates: Sequence[_Fate]) -> Outlook:
    told = Counter(fate.guest.told for fate in fates)
    going = Counter(fate.to.id for fate in fates if fate.to is not None)
    sessions = {fate.to.id: fate.to for fate in fates if fate.to is not None}
    targets = sorted(sessions.values(), key=lambda one: (one.starts_at, one.site))
    return Outlook(
        moved=going.total(),
        cancelled=len(fates) - going.total(),
        texts=told[Told.TEXT],
        calls=told[Told.CALL],
        at_once=told[Told.AT_ONCE],
        targets=tuple((one, going[one.id]) for one in targets),
    )


def _as_json(done: Outlook) -> dict[str, int]:
    return {name: getattr(done, name) for name in ("moved", "cancelled", "texts", "calls", "at_once")}


def _carry_out(db: Db, fate: _Fate, reason: str, now: datetime) -> _Fate:
    """Do to one guest what was planned; who finds the seat gone after all is cancelled. Returns what was done."""
    if fate.to is None:
        _cancel(db, fate.guest, reason, now)
        return fate
    try:
        fresh = booking.move(db, fate.guest.appointment.id, fate.to.id, now=now)
    except booking.SessionFull:  # somebody was quicker; SQLite's single writer never comes here
        _cancel(db, fate.guest, reason, now)
        return _Fate(fate.guest, None)
    _take_along(db, fate.guest.appointment, fresh)
    if fate.guest.told is Told.TEXT:
        plan_notice(db, fresh, MOVED, now=now)
    else:
        day = bangkok_day(fresh.starts_at).isoformat()
        _hand_over(db, fate.guest, fresh, f"tell them: session closed ({reason}); moved to {day} at {fresh.site}", now)
    return fate


def _cancel(db: Db, guest: _Guest, reason: str, now: datetime) -> None:
    appointment = guest.appointment
    appointment.status, appointment.version = AppointmentStatus.CANCELLED, appointment.version + 1
    db.flush()
    booking.give_back_seat(db, appointment.id)
    stop_ladder(db, appointment.id, reason="session_closed", now=now)
    rides.end(db, appointment.id, now=now)
    if guest.told is Told.TEXT:
        plan_notice(db, appointment, CANCELLED, now=now)
    if guest.told is not Told.NOBODY:
        _hand_over(db, guest, appointment, _WHAT_TO_SAY[guest.told].format(reason=reason), now)


_WHAT_TO_SAY: Final = {
    Told.TEXT: "find a new day: session closed ({reason}); they were texted not to come",
    Told.CALL: "tell them: session closed ({reason}), do not come; find a new day",
    Told.AT_ONCE: "tell them at once: session closed ({reason}), and this course must not be postponed: find a place",
}


def _hand_over(db: Db, guest: _Guest, appointment: Appointment, detail: str, now: datetime) -> None:
    """Open the call-back, or put this before what an open one already says."""
    task = open_task(
        db, TaskKind.CALLBACK, appointment.id, person=guest.person.id, site=appointment.site,
        village=guest.person.village or None, detail=detail, now=now,
    )  # fmt: skip
    if task.detail != detail:
        task.detail = f"{detail}; {task.detail}"[:200]
        db.flush()


def _take_along(db: Db, old: Appointment, fresh: Appointment) -> None:
    """Who is to be called back still is, about the new day."""
    db.exec(
        sa.update(Task)
        .where(col(Task.subject) == old.id, col(Task.kind) == TaskKind.CALLBACK)
        .where(sa.text("task.status = 'open'"))
        .values(subject=fresh.id, site=fresh.site)
        .execution_options(synchronize_session="fetch")
    )
