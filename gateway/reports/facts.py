"""Where an appointment stands, read from the rows themselves: by the joins that the summary spares a page.

The one place that says what a figure rests on. `folding` asks it of what has changed, `figures` of what is not counted
yet, and `recount` of a whole day, to compare. Every column read here must be watched by `records/figure_triggers.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, time, timedelta
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session as Db
from sqlmodel import col

from gateway.care.notices import AFTERWARDS
from gateway.kit.clock import at_bangkok, bangkok_day
from gateway.kit.phones import LineType
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, AttemptItem, Reminder
from gateway.records.conversations import Outcome, Reply
from gateway.records.figures import Standing
from gateway.records.people import Consent, Person, PersonPhone, Phone, PhoneRole
from gateway.records.places import Seat
from gateway.records.status import OPEN_REMINDERS, AppointmentStatus, AttemptStatus, TaskKind
from gateway.records.work import Task
from gateway.reports.cells import NO_CHANNEL, BoardCell, RateCell
from gateway.reports.counts import NO_ANSWER, SAID_YES, said_yes, was_sent

_REACHED: Final = (AttemptStatus.DELIVERED, AttemptStatus.COMPLETED)
_UNREACHED: Final = (TaskKind.UNREACHED, TaskKind.NO_PROMPT)
# Written out, not bound: only then the database sees that its index of open tasks will do.
OPEN_TASK: Final = sa.text("task.status = 'open'")
Which = Any
"""A query that gives ids of appointments."""


class Days(NamedTuple):
    """The appointments of these Bangkok days (inclusive; None: no bound), at one site or all."""

    first: date | None
    last: date | None
    site: str | None

    @property
    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """What is true of their rows."""
        found: list[sa.ColumnElement[bool]] = []
        if self.site is not None:
            found.append(col(Appointment.site) == self.site)
        if self.first is not None:
            found.append(col(Appointment.starts_at) >= at_bangkok(self.first, time(0, 0)))
        if self.last is not None:
            found.append(col(Appointment.starts_at) < at_bangkok(self.last + timedelta(days=1), time(0, 0)))
        return found


def board_cells(db: Db, which: Which, *conditions: sa.ColumnElement[bool]) -> Iterator[tuple[str, BoardCell]]:
    """Give the cell of each of these appointments of which the conditions are true."""
    for one, at, *rest in db.exec(_each(col(Appointment.id).in_(which), *conditions)):
        yield one, _cell(rest, bangkok_day(at))


def count_board(db: Db, day: date, site: str | None) -> Counter[BoardCell]:
    """Count a day's cells from the rows."""
    each = _each(*Days(day, day, site).conditions).subquery()
    alike = [column for column in each.c if column.name not in ("id", "at")]
    found: Counter[BoardCell] = Counter()
    for *rest, n in db.exec(sa.select(*alike, sa.func.count()).group_by(*alike)):  # type: ignore[call-overload]
        found[_cell(rest, day)] += n
    return found


def rate_cells(db: Db, which: Which, *conditions: sa.ColumnElement[bool]) -> Iterator[tuple[str, RateCell]]:
    """Give the cell of each of these appointments that is due: those cancelled are not.

    Four plain queries are put together here: joined in the database they took a minute on 200,000 attempts. Its planner
    scans an unindexed interim result anew for each appointment.
    """
    is_due = col(Appointment.status) != AppointmentStatus.CANCELLED
    last: dict[str, str] = dict(db.exec(_last_sent(which)).all())
    answered: dict[str, str] = dict(db.exec(_answered_attempt(which)).all())
    heard = {appointment for (appointment,) in db.exec(_heard_of(which))}
    parts: list[Any] = [
        Appointment.id, Appointment.site, Appointment.starts_at, Person.language, Appointment.status, said_yes(),
    ]  # fmt: skip
    statement: Any = sa.select(*parts).join(Person, col(Person.id) == col(Appointment.person))
    for one, site, at, language, status, yes in db.exec(
        statement.where(col(Appointment.id).in_(which), is_due, *conditions)
    ):
        channel = answered.get(one, last[one]) if one in last else NO_CHANNEL
        standing = _standing(status, has_confirmed=bool(yes), contacted=one in last, has_answered=one in heard)
        yield one, RateCell(site, bangkok_day(at), language, channel, standing)


def count_rates(db: Db, days: Days) -> Counter[RateCell]:
    """Count the cells of some days from the rows."""
    is_due = col(Appointment.status) != AppointmentStatus.CANCELLED
    asked: Any = sa.select(col(Appointment.id)).where(is_due, *days.conditions)
    return Counter(cell for _, cell in rate_cells(db, asked))


def _standing(status: AppointmentStatus, *, has_confirmed: bool, contacted: bool, has_answered: bool) -> Standing:
    if not contacted:
        return Standing.UNASKED
    if status in SAID_YES and has_confirmed:
        return Standing.CONFIRMED
    if status is AppointmentStatus.MOVED:
        return Standing.MOVED
    return Standing.OTHER if has_answered else Standing.UNANSWERED


def _cell(row: Sequence[Any], day: date) -> BoardCell:
    """From the columns of `_each` after the first two."""
    session, site, regimen, starts_at, status, *flags = row
    return BoardCell(site, day, session, regimen, starts_at, AppointmentStatus(status), *map(bool, flags))


def _each(*conditions: sa.ColumnElement[bool]) -> Any:
    """A row an appointment, in the order of a BoardCell but for the day; before them its id and hour."""
    mine = _mine(*conditions).cte("mine")
    ladder, heard, handed_over = _ladder(mine), _heard(mine), _handed_over(mine)
    over = sa.and_(ladder.c.appointment.is_not(None), ladder.c.is_open == 0, ladder.c.reached == 0)
    return (
        sa.select(
            *(mine.c[name] for name in _OWN),
            (sa.func.coalesce(ladder.c.contacted, 0) == 1).label("contacted"),
            heard.c.appointment.is_not(None).label("heard"),
            sa.or_(over, handed_over.c.appointment.is_not(None)).label("unreached"),
            mine.c.wants_ride,
            mine.c.wants_call,
        )
        .select_from(mine)
        .outerjoin(ladder, ladder.c.appointment == mine.c.id)
        .outerjoin(heard, heard.c.appointment == mine.c.id)
        .outerjoin(handed_over, handed_over.c.appointment == mine.c.id)
    )


_OWN: Final = (
    "id", "at", "session", "site", "regimen", "starts_at", "status", "said_yes", "has_seat", "has_phone",
)  # fmt: skip


def _mine(*conditions: sa.ColumnElement[bool]) -> Any:
    """What needs no counting; vaccine and hour are told apart only of those that have no session."""
    is_loose = col(Appointment.session).is_(None)
    return sa.select(
        col(Appointment.id),
        col(Appointment.starts_at).label("at"),
        col(Appointment.session),
        col(Appointment.site),
        sa.case((is_loose, col(Appointment.regimen))).label("regimen"),
        sa.case((is_loose, col(Appointment.starts_at))).label("starts_at"),
        col(Appointment.status),
        said_yes().label("said_yes"),
        sa.exists().where(col(Seat.appointment) == col(Appointment.id)).label("has_seat"),
        _has_phone().label("has_phone"),
        _wants(TaskKind.RIDE).label("wants_ride"),
        _wants(TaskKind.CALLBACK).label("wants_call"),
    ).where(*conditions)


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


def _wants(kind: TaskKind) -> sa.ColumnElement[bool]:
    """Whether a task of this kind about them is open; there is one at most."""
    is_about = sa.and_(col(Task.kind) == kind, col(Task.subject) == col(Appointment.id))
    return sa.exists(sa.select(sa.literal(1)).select_from(Task).where(OPEN_TASK, is_about))


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
    return sa.select(col(Task.subject).label("appointment")).where(OPEN_TASK, kinds, ids).distinct().subquery()


def _flag(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.case((condition, 1), else_=0)


def _last_sent(which: Which) -> Any:
    """The channel of each appointment's latest attempt that went out."""
    carried = _carried(which)
    order = sa.func.row_number().over(
        partition_by=carried.c.appointment, order_by=(col(Attempt.created_at).desc(), col(Attempt.id).desc())
    )
    sent = (
        sa.select(carried.c.appointment, _word(Attempt.channel).label("channel"), order.label("place"))
        .select_from(carried)
        .join(Attempt, col(Attempt.id) == carried.c.attempt)
        .where(was_sent())
        .subquery()
    )
    return sa.select(sent.c.appointment, sent.c.channel).where(sent.c.place == 1)


def _carried(which: Which) -> sa.Subquery:
    """Which attempt was about which appointment: its own word first, else its reminder's.

    What was sent when the day was over, or to a stranger, reminded nobody.
    """
    own, reminded = col(AttemptItem.appointment), col(Reminder.appointment)
    reminds = sa.or_(col(Reminder.id).is_(None), col(Reminder.purpose).not_in(AFTERWARDS))
    return sa.union_all(
        sa.select(own.label("appointment"), col(AttemptItem.attempt).label("attempt"))
        .outerjoin(Reminder, col(Reminder.id) == col(AttemptItem.reminder))
        .where(own.in_(which), reminds),
        sa.select(reminded, col(AttemptItem.attempt))
        .join(Reminder, col(Reminder.id) == col(AttemptItem.reminder))
        .where(reminded.in_(which), own.is_(None), reminds),
    ).subquery()


def _answered_attempt(which: Which) -> Any:
    """The channel of the attempt that was answered: by the reply that confirmed, else by the latest."""
    links = _links(which)
    confirming = sa.case((col(Appointment.confirmed_by_reply) == col(Reply.id), 0), else_=1)
    order = sa.func.row_number().over(
        partition_by=links.c.appointment, order_by=(confirming, col(Reply.at).desc(), col(Reply.id).desc())
    )
    found = (
        sa.select(links.c.appointment, _word(Attempt.channel).label("channel"), order.label("place"))
        .select_from(links)
        .join(Reply, col(Reply.id) == links.c.reply)
        .join(Appointment, col(Appointment.id) == links.c.appointment)
        .join(Attempt, col(Attempt.id) == col(Reply.attempt))
        .where(col(Reply.answer).not_in(NO_ANSWER), was_sent())
        .subquery()
    )
    return sa.select(found.c.appointment, found.c.channel).where(found.c.place == 1)


def _heard_of(which: Which) -> Any:
    """Appointments that were answered in any way, also by somebody who rang us."""
    links = _links(which)
    return (
        sa.select(links.c.appointment)
        .select_from(links)
        .join(Reply, col(Reply.id) == links.c.reply)
        .where(col(Reply.answer).not_in(NO_ANSWER))
        .distinct()
    )


def _links(which: Which) -> sa.Subquery:
    """Which reply is about which appointment; one key may answer for several."""
    return sa.union(
        sa.select(col(Reply.appointment).label("appointment"), col(Reply.id).label("reply")).where(
            col(Reply.appointment).in_(which)
        ),
        sa.select(col(Outcome.appointment), col(Outcome.reply)).where(col(Outcome.appointment).in_(which)),
        sa.select(col(Appointment.id), col(Appointment.confirmed_by_reply)).where(
            col(Appointment.confirmed_by_reply).is_not(None), col(Appointment.id).in_(which)
        ),
    ).subquery()


def _word(column: Any) -> sa.ColumnElement[str]:
    return sa.cast(column, sa.String)
