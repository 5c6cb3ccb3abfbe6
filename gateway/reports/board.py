"""Today and tomorrow: who is expected in each session, what they answered, and what waits for a person on the staff.

Read from the summary, a few rows a session however many people; the words below are those of the page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session as Db
from sqlmodel import col, select

from gateway.care.booking import part_of_day
from gateway.records.agreements import Appointment
from gateway.records.places import Part, Session, Site
from gateway.records.status import LIVE_APPOINTMENTS, AppointmentStatus, TaskKind
from gateway.records.work import Task
from gateway.reports.cells import BoardCell
from gateway.reports.counts import EXPECTED, SAID_YES, Counts
from gateway.reports.facts import OPEN_TASK, Days
from gateway.reports.figures import board_figures

__all__ = ["Board", "Counts", "Need", "SessionLine", "SiteBoard", "board", "day_with_sessions"]

_A = AppointmentStatus
_EVER: Final = datetime.min.replace(tzinfo=UTC)
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


def board(db: Db, day: date, *, site: str | None = None) -> Board:
    """Return what is known of a Bangkok day; `site` None means every site. Sites where nothing is on are left out."""
    sessions = _sessions(db, day, site)
    cells = board_figures(db, day, site)
    counts: dict[str, Counts] = defaultdict(Counts)
    for cell, n in cells.items():
        counts[_key(cell)] += _counts_of(cell, n)
    lines: dict[str, list[SessionLine]] = defaultdict(list)
    for session in sessions.values():
        seats = Counts(seats=session.capacity, taken=session.taken)
        lines[session.site].append(_line(session, counts[session.id] + seats))
    for cell in _first_of_each(cells):
        lines[cell.site].append(_loose_line(cell, counts[_key(cell)]))
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


def _counts_of(cell: BoardCell, n: int) -> Counts:
    """What `n` people in a cell count for; nobody is fetched for an appointment that is gone."""
    rides = n if cell.wants_ride and cell.status in LIVE_APPOINTMENTS else 0
    wishes = Counts(rides=rides, callbacks=n if cell.wants_call else 0)
    if cell.status not in EXPECTED:
        is_moved = cell.status is _A.MOVED
        return wishes + Counts(moved=n if is_moved else 0, cancelled=0 if is_moved else n)
    answer = _answer(cell)
    lost = cell.unreached and cell.status is _A.BOOKED and answer in ("unanswered", "not_asked", "unaskable")
    return wishes + Counts(
        booked=n,
        unprompted=n if answer == "confirmed" and not cell.contacted else 0,
        seatless=0 if cell.has_seat else n,
        unreached=n if lost else 0,
        came=n if cell.status is _A.KEPT else 0,
        **{answer: n},
    )


def _answer(cell: BoardCell) -> str:
    """The one figure among those that add up to `booked`."""
    if cell.status in SAID_YES and cell.said_yes:
        return "confirmed"
    if cell.heard:
        return "answered"
    if cell.contacted:
        return "unanswered"
    return "not_asked" if cell.has_phone else "unaskable"


def _needs(db: Db, day: date, site: str | None) -> tuple[Need, ...]:
    """Every kind of open task, those about another day's appointment counted apart."""
    is_due = sa.or_(col(Appointment.id).is_(None), sa.and_(*Days(day, day, None).conditions))
    statement = (
        sa.select(col(Task.kind), sa.func.count(), sa.func.sum(sa.case((is_due, 1), else_=0)))
        .outerjoin(Appointment, col(Appointment.id) == col(Task.subject))
        .where(OPEN_TASK)
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


def _loose_line(cell: BoardCell, counts: Counts) -> SessionLine:
    starts_at = cell.starts_at or _EVER
    return SessionLine(None, cell.regimen or "", part_of_day(starts_at), starts_at, None, None, "", counts)


def _first_of_each(cells: Iterable[BoardCell]) -> Iterable[BoardCell]:
    """Of those without a session, the earliest of each site, vaccine and half-day."""
    loose = [cell for cell in cells if cell.session is None]
    latest_first = sorted(loose, key=lambda cell: cell.starts_at or _EVER, reverse=True)
    return {_key(cell): cell for cell in latest_first}.values()


def _key(cell: BoardCell) -> str:
    """The session. People without one stand together by site, vaccine and half-day; no session's id looks like that."""
    return cell.session or f"{cell.site} {cell.regimen} {part_of_day(cell.starts_at or _EVER).value}"


def _site_board(site: Site, lines: Sequence[SessionLine]) -> SiteBoard:
    ordered = tuple(sorted(lines, key=lambda one: (one.starts_at, one.vaccine)))
    return SiteBoard(site, ordered, _sum(one.counts for one in ordered))


def _sum(counts: Iterable[Counts]) -> Counts:
    return sum(counts, Counts())
