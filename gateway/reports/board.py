"""Today and tomorrow: who is expected in each session, what they answered, and what waits for a person on the staff.

A handful of grouped queries, however many people; the words below are those of the page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session as Db
from sqlmodel import col, select

from gateway.care.booking import part_of_day
from gateway.kit.clock import at_bangkok
from gateway.kit.phones import LineType
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, AttemptItem, Reminder
from gateway.records.conversations import Outcome, Reply
from gateway.records.people import Consent, PersonPhone, Phone, PhoneRole
from gateway.records.places import Part, Seat, Session, Site
from gateway.records.status import LIVE_APPOINTMENTS, OPEN_REMINDERS, AppointmentStatus, AttemptStatus, TaskKind
from gateway.records.work import Task
from gateway.reports.counts import EXPECTED, SAID_YES, Counts, said_yes
from gateway.reports.rates import NO_ANSWER, was_sent

__all__ = ["Board", "Counts", "Need", "SessionLine", "SiteBoard", "board", "day_with_sessions"]

_A = AppointmentStatus
_REACHED: Final = (AttemptStatus.DELIVERED, AttemptStatus.COMPLETED)
_UNREACHED: Final = (TaskKind.UNREACHED, TaskKind.NO_PROMPT)
_SAME: Final = ("session", "site", "regimen", "starts_at", "status", "said_yes", "has_seat", "has_phone")
# Written out, not bound: only then the database sees that its index of open tasks will do.
_OPEN_TASK: Final = sa.text("task.status = 'open'")
NEEDED: Final = (
    TaskKind.CALLBACK, TaskKind.RIDE, TaskKind.UNREACHED, TaskKind.MESSAGE, TaskKind.QUESTION, TaskKind.REGISTER,
    TaskKind.NO_SEAT, TaskKind.NO_PROMPT, TaskKind.UNMATCHED, TaskKind.MATCH, TaskKind.IN_DOUBT, TaskKind.POISON,
)  # fmt: skip
"""The kinds of work in the order in which a clinic would do them."""


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One session; `id` None stands for appointments of that half-day and vaccine that have no session."""

    id: str | None
    vaccine: str
    part: Part
    starts_at: datetime
    ends_at: datetime | None
    closed_at: datetime | None
    closed_reason: str
    counts: Counts

    @property
    def is_closed(self) -> bool:
        """Whether staff closed it."""
        return self.closed_at is not None

    @property
    def is_quiet(self) -> bool:
        """Whether it may stand back: open, and nobody in it."""
        return not self.is_closed and self.counts.is_quiet


@dataclass(frozen=True, slots=True)
class SiteBoard:
    """A site and its sessions of the day, the earliest first."""

    site: Site
    lines: tuple[SessionLine, ...]
    counts: Counts

    @property
    def busy(self) -> tuple[SessionLine, ...]:
        """The sessions with somebody in them, and the closed ones."""
        return tuple(one for one in self.lines if not one.is_quiet)

    @property
    def quiet(self) -> tuple[SessionLine, ...]:
        """The open sessions with nobody in them."""
        return tuple(one for one in self.lines if one.is_quiet)


@dataclass(frozen=True, slots=True)
class Need:
    """Open tasks of one kind: `due` concern this day's appointments or none at all, `in_all` wait altogether."""

    kind: TaskKind
    due: int
    in_all: int
    site: str | None = None

    @property
    def address(self) -> str:
        """Where the console lists them."""
        return f"/console/worklists?kind={self.kind.value}" + (f"&site={self.site}" if self.site else "")


@dataclass(frozen=True, slots=True)
class Board:
    """One Bangkok day at one site or at all of them."""

    day: date
    sites: tuple[SiteBoard, ...] = ()
    counts: Counts = field(default_factory=Counts)
    needs: tuple[Need, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is no session and nobody booked."""
        return not self.sites


class _Group(NamedTuple):
    """Appointments that are alike."""

    session: str | None
    site: str
    regimen: str  # this and the next only without a session
    starts_at: datetime
    status: AppointmentStatus
    said_yes: bool
    has_seat: bool
    has_phone: bool
    contacted: bool
    heard: bool
    unreached: bool
    people: int

    @property
    def key(self) -> str:
        """The session, or what stands for it."""
        return self.session or _key(self.site, self.regimen, self.starts_at)


def board(db: Db, day: date, *, site: str | None = None) -> Board:
    """Return what is known of a Bangkok day; `site` None means every site. Sites where nothing is on are left out."""
    sessions = _sessions(db, day, site)
    groups = [_Group(*row) for row in db.exec(_grouped(day, site))]
    counts = _tasks_of(db, day, site)
    for group in groups:
        counts[group.key] += _counts_of(group)
    lines: dict[str, list[SessionLine]] = defaultdict(list)
    for session in sessions.values():
        seats = Counts(seats=session.capacity, taken=session.taken)
        lines[session.site].append(_line(session, counts[session.id] + seats))
    for group in _first_of_each(group for group in groups if group.session is None):
        lines[group.site].append(_loose_line(group, counts[group.key]))
    sites = tuple(_site_board(one, lines[one.code]) for one in _sites(db, lines))
    return Board(day, sites, _sum(one.counts for one in sites), _needs(db, day, site))


def day_with_sessions(db: Db, after: date, *, site: str | None = None) -> date | None:
    """Return the first day later than `after` on which somebody holds a session; None when none is planned."""
    statement = select(sa.func.min(col(Session.day))).where(col(Session.day) > after)
    if site is not None:
        statement = statement.where(col(Session.site) == site)
    return db.exec(statement).one()


def _sessions(db: Db, day: date, site: str | None) -> dict[str, Session]:
    statement = select(Session).where(col(Session.day) == day)
    if site is not None:
        statement = statement.where(col(Session.site) == site)
    found = db.exec(statement.order_by(col(Session.starts_at), col(Session.vaccine)))
    return {one.id: one for one in found}


def _sites(db: Db, codes: Iterable[str]) -> Sequence[Site]:
    return db.exec(select(Site).where(col(Site.code).in_(list(codes))).order_by(col(Site.code))).all()


def _counts_of(group: _Group) -> Counts:
    n = group.people
    if group.status not in EXPECTED:
        is_moved = group.status is _A.MOVED
        return Counts(moved=n if is_moved else 0, cancelled=0 if is_moved else n)
    answer = _answer(group)
    lost = group.unreached and group.status is _A.BOOKED and answer in ("unanswered", "not_asked", "unaskable")
    return Counts(
        booked=n,
        unprompted=n if answer == "confirmed" and not group.contacted else 0,
        seatless=0 if group.has_seat else n,
        unreached=n if lost else 0,
        came=n if group.status is _A.KEPT else 0,
        **{answer: n},
    )


def _answer(group: _Group) -> str:
    """The one figure among those that add up to `booked`."""
    if group.status in SAID_YES and group.said_yes:
        return "confirmed"
    if group.heard:
        return "answered"
    if group.contacted:
        return "unanswered"
    return "not_asked" if group.has_phone else "unaskable"


def _grouped(day: date, site: str | None) -> Any:
    """Appointments of a day, counted by what is the same of them: a few rows a session, however many people."""
    mine = _mine(day, site).cte("mine")
    ladder, heard, handed_over = _ladder(mine), _heard(mine), _handed_over(mine)
    over = sa.and_(ladder.c.appointment.is_not(None), ladder.c.is_open == 0, ladder.c.reached == 0)
    each = (
        sa.select(
            *(mine.c[name] for name in _SAME),
            (sa.func.coalesce(ladder.c.contacted, 0) == 1).label("contacted"),
            heard.c.appointment.is_not(None).label("heard"),
            sa.or_(over, handed_over.c.appointment.is_not(None)).label("unreached"),
        )
        .select_from(mine)
        .outerjoin(ladder, ladder.c.appointment == mine.c.id)
        .outerjoin(heard, heard.c.appointment == mine.c.id)
        .outerjoin(handed_over, handed_over.c.appointment == mine.c.id)
        .subquery()
    )
    return sa.select(*each.c, sa.func.count()).group_by(*each.c)


def _mine(day: date, site: str | None) -> Any:
    """The day's appointments; vaccine and hour are told apart only of those that have no session."""
    is_loose = col(Appointment.session).is_(None)
    statement = sa.select(
        col(Appointment.id),
        col(Appointment.session),
        col(Appointment.site),
        sa.case((is_loose, col(Appointment.regimen))).label("regimen"),
        sa.case((is_loose, col(Appointment.starts_at))).label("starts_at"),
        col(Appointment.status),
        said_yes().label("said_yes"),
        sa.exists().where(col(Seat.appointment) == col(Appointment.id)).label("has_seat"),
        _has_phone().label("has_phone"),
    ).where(*_of_day(day))
    return statement if site is None else statement.where(col(Appointment.site) == site)


def _has_phone() -> sa.ColumnElement[bool]:
    """Whether a phone of theirs may be texted or rung; as the planner has it, a volunteer's is not theirs."""
    may_text = sa.and_(col(PersonPhone.sms) == Consent.ALLOW, col(Phone.line_type) == LineType.MOBILE)
    return sa.exists().where(
        col(PersonPhone.person) == col(Appointment.person),
        col(Phone.id) == col(PersonPhone.phone),
        col(PersonPhone.role) != PhoneRole.VHV,
        col(Phone.parked_at).is_(None),
        sa.or_(may_text, col(PersonPhone.voice) == Consent.ALLOW),
    )


def _of_day(day: date) -> tuple[sa.ColumnElement[bool], ...]:
    start, end = at_bangkok(day, time(0, 0)), at_bangkok(day + timedelta(days=1), time(0, 0))
    return col(Appointment.starts_at) >= start, col(Appointment.starts_at) < end


def _ladder(mine: sa.CTE) -> sa.Subquery:
    """By appointment: is anything still open, did anything go out, did it reach a phone."""
    reached = sa.and_(was_sent(), col(Attempt.status).in_(_REACHED))
    return (
        sa.select(
            col(Reminder.appointment).label("appointment"),
            sa.func.max(_flag(col(Reminder.status).in_(OPEN_REMINDERS))).label("is_open"),
            sa.func.max(_flag(was_sent())).label("contacted"),
            sa.func.max(_flag(reached)).label("reached"),
        )
        .select_from(Reminder)
        .outerjoin(AttemptItem, col(AttemptItem.reminder) == col(Reminder.id))
        .outerjoin(Attempt, col(Attempt.id) == col(AttemptItem.attempt))
        .where(col(Reminder.appointment).in_(sa.select(mine.c.id)))
        .group_by(col(Reminder.appointment))
        .subquery()
    )


def _heard(mine: sa.CTE) -> sa.Subquery:
    """Appointments that were answered in any way; one key may answer for several."""
    ids, answer = sa.select(mine.c.id), col(Reply.answer).not_in(NO_ANSWER)
    direct: Any = sa.select(col(Reply.appointment).label("appointment")).where(col(Reply.appointment).in_(ids), answer)
    through = (
        sa.select(col(Outcome.appointment))
        .join(Reply, col(Reply.id) == col(Outcome.reply))
        .where(col(Outcome.appointment).in_(ids), answer)
    )
    return sa.union(direct, through).subquery()


def _handed_over(mine: sa.CTE) -> sa.Subquery:
    kinds = col(Task.kind).in_(_UNREACHED)
    ids = col(Task.subject).in_(sa.select(mine.c.id))
    return sa.select(col(Task.subject).label("appointment")).where(_OPEN_TASK, kinds, ids).distinct().subquery()


def _flag(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.case((condition, 1), else_=0)


def _tasks_of(db: Db, day: date, site: str | None) -> dict[str, Counts]:
    """Rides and call-backs by session; nobody is fetched for an appointment that is gone."""
    statement = (
        sa.select(*_PLACE, col(Task.kind), sa.func.count())
        .join(Appointment, col(Appointment.id) == col(Task.subject))
        .where(_OPEN_TASK, col(Task.kind).in_((TaskKind.RIDE, TaskKind.CALLBACK)), *_of_day(day))
        .where(sa.or_(col(Task.kind) == TaskKind.CALLBACK, col(Appointment.status).in_(LIVE_APPOINTMENTS)))
        .group_by(*_PLACE, col(Task.kind))
    )
    if site is not None:
        statement = statement.where(col(Appointment.site) == site)
    found: dict[str, Counts] = defaultdict(Counts)
    for session, code, regimen, starts_at, kind, n in db.exec(statement):  # type: ignore[call-overload]
        key = session or _key(code, regimen, starts_at)
        found[key] += Counts(rides=n) if kind is TaskKind.RIDE else Counts(callbacks=n)
    return found


_PLACE: Final[tuple[Any, ...]] = (
    col(Appointment.session), col(Appointment.site), col(Appointment.regimen), col(Appointment.starts_at),
)  # fmt: skip


def _needs(db: Db, day: date, site: str | None) -> tuple[Need, ...]:
    """Every kind of open task, those about another day's appointment counted apart."""
    is_due = sa.or_(col(Appointment.id).is_(None), sa.and_(*_of_day(day)))
    statement = (
        sa.select(col(Task.kind), sa.func.count(), sa.func.sum(_flag(is_due)))
        .outerjoin(Appointment, col(Appointment.id) == col(Task.subject))
        .where(_OPEN_TASK)
        .group_by(col(Task.kind))
    )
    if site is not None:
        statement = statement.where(col(Task.site) == site)
    rows: Mapping[TaskKind, tuple[int, int]] = {
        TaskKind(kind): (n, int(due or 0))
        for kind, n, due in db.exec(statement)  # type: ignore[call-overload]
    }
    return tuple(Need(kind, rows[kind][1], rows[kind][0], site) for kind in NEEDED if kind in rows)


def _line(session: Session, counts: Counts) -> SessionLine:
    return SessionLine(
        session.id, session.vaccine, session.part, session.starts_at, session.ends_at,
        session.closed_at, session.closed_reason, counts,
    )  # fmt: skip


def _loose_line(group: _Group, counts: Counts) -> SessionLine:
    return SessionLine(None, group.regimen, part_of_day(group.starts_at), group.starts_at, None, None, "", counts)


def _first_of_each(loose: Iterable[_Group]) -> Iterable[_Group]:
    latest_first = sorted(loose, key=lambda group: group.starts_at, reverse=True)
    return {group.key: group for group in latest_first}.values()


def _key(site: str, regimen: str, starts_at: datetime) -> str:
    """People without a session stand together by site, vaccine and half-day; no session's id looks like this."""
    return f"{site} {regimen} {part_of_day(starts_at).value}"


def _site_board(site: Site, lines: Sequence[SessionLine]) -> SiteBoard:
    ordered = tuple(sorted(lines, key=lambda one: (one.starts_at, one.vaccine)))
    return SiteBoard(site, ordered, _sum(one.counts for one in ordered))


def _sum(counts: Iterable[Counts]) -> Counts:
    return sum(counts, Counts())
