"""How many of those who were asked said yes, by site, language, channel and day.

Confirmation rate (DESIGN §3) = confirmed ÷ due that day with at least one attempt sent; its channel is that of the
attempt that was answered, else of the last one. Cancelled appointments are not due; moved ones were, and said so.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from gateway.care.notices import AFTERWARDS
from gateway.kit.answers import Answer
from gateway.kit.clock import at_bangkok, bangkok_day
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, AttemptItem, Direction, Reminder
from gateway.records.conversations import Outcome, Reply
from gateway.records.people import Person
from gateway.records.status import AppointmentStatus, AttemptStatus
from gateway.reports.exports import sheet_cell

NO_CHANNEL: Final = "none"  # nothing was sent
NO_ANSWER: Final = (Answer.REPEAT, Answer.SLOWER, Answer.LANGUAGE, Answer.UNCLEAR)
"""What a person may do without answering."""
_FIGURES: Final = ("due", "contacted", "confirmed", "moved", "unanswered")
_SHOWN: Final = (*_FIGURES, "other")
FEW: Final = 5
"""Of fewer people than these a percentage says little: one of them more or less is twenty points."""
Label = Callable[["By", str], str]
"""What a value of a breakdown is called: the name of a site, a language's own, a day as people write it."""
_CONFIRMED: Final = (AppointmentStatus.CONFIRMED, AppointmentStatus.KEPT, AppointmentStatus.MISSED)


class By(StrEnum):
    """What the rates may be broken down by."""

    SITE = "site"
    LANGUAGE = "language"
    CHANNEL = "channel"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class RateRow:
    """One line; `keys` are the values of the breakdown in the order asked for ("none" where nothing was sent).

    `confirmed`, `moved` and `unanswered` count among those `contacted`; `other` is the rest of them, such as who asked
    for a call back.
    """

    keys: tuple[str, ...]
    due: int = 0
    contacted: int = 0
    confirmed: int = 0
    moved: int = 0
    unanswered: int = 0

    @property
    def other(self) -> int:
        """Contacted and answered, but neither confirmed nor moved."""
        return self.contacted - self.confirmed - self.moved - self.unanswered

    @property
    def rate(self) -> float | None:
        """Confirmed ÷ contacted, to four decimals; None when nobody was contacted."""
        return round(self.confirmed / self.contacted, 4) if self.contacted else None

    @property
    def is_of_few(self) -> bool:
        """Whether there is a rate, of so few people that it says little."""
        return 0 < self.contacted < FEW


class _Case(NamedTuple):
    site: str
    language: str
    channel: str
    starts_at: datetime
    status: AppointmentStatus
    has_confirmed: bool
    contacted: bool
    has_answered: bool


def parse_by(raw: str) -> tuple[By, ...]:
    """Read "site,day"; raises ValueError naming a word that is none of site, language, channel, day."""
    words = [word.strip() for word in raw.split(",") if word.strip()]
    for word in words:
        if word not in set(By):
            raise ValueError(f"{word!r} is none of {', '.join(By)}")
    return tuple(By(word) for word in dict.fromkeys(words))


def rates(
    db: Session,
    *,
    by: Sequence[By],
    from_day: date | None = None,
    to_day: date | None = None,
    site: str | None = None,
) -> list[RateRow]:
    """Return one row for each combination of `by`, sorted, for the appointments of these Bangkok days (inclusive).

    With `site`, of the appointments at that site alone.
    """
    counted: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0] * len(_FIGURES))
    for case in _cases(db, _asked(from_day, to_day, site)):
        figures = counted[tuple(_key(case, part) for part in by)]
        for place, counts in enumerate(_figures(case)):
            figures[place] += counts
    return [RateRow(keys, *figures) for keys, figures in sorted(counted.items())]


def latest_days(db: Session, *, until: date, count: int, site: str | None = None) -> list[date]:
    """Return the last `count` Bangkok days up to `until` that have appointments, the first of them first."""
    statement = _starts(site).where(col(Appointment.starts_at) < at_bangkok(until + timedelta(days=1), time(0, 0)))
    found: dict[date, None] = {}
    for (instant,) in db.exec(statement.order_by(col(Appointment.starts_at).desc())):
        found[bangkok_day(instant)] = None
        if len(found) == count:
            break
    return sorted(found)


def days_on_record(db: Session, site: str | None = None) -> tuple[date, date] | None:
    """Return the first and the last Bangkok day that has appointments; None when there are none."""
    starts = _starts(site).subquery()
    first, last = db.exec(sa.select(sa.func.min(starts.c.starts_at), sa.func.max(starts.c.starts_at))).one()  # type: ignore[call-overload]
    return None if first is None else (bangkok_day(first), bangkok_day(last))


def _starts(site: str | None) -> Any:
    """When appointments that are not cancelled begin, each instant once."""
    statement = sa.select(col(Appointment.starts_at)).distinct()
    statement = statement.where(col(Appointment.status) != AppointmentStatus.CANCELLED)
    return statement if site is None else statement.where(col(Appointment.site) == site)


def total(rows: Iterable[RateRow]) -> RateRow:
    """Return the sum of all rows; it has no keys."""
    sums = [sum(column) for column in zip(*(_values(row) for row in rows), strict=True)]
    return RateRow((), *sums)


def as_records(rows: Sequence[RateRow], by: Sequence[By]) -> dict[str, Any]:
    """Return the rows and their total as plain values, fit for JSON."""
    return {
        "by": [part.value for part in by],
        "rows": [_record(row, by) for row in rows],
        "total": _record(total(rows)),
    }


def as_csv(rows: Sequence[RateRow], by: Sequence[By]) -> str:
    """Return the rows as CSV with a header, without the total (it would be added up again in a spreadsheet)."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*by, *_SHOWN, "rate"])
    writer.writerows([*row.keys, *_shown(row), "" if row.rate is None else row.rate] for row in rows)
    return text.getvalue()


def as_sheet(rows: Sequence[RateRow], by: Sequence[By], *, heads: Sequence[str], label: Label, few: str) -> str:
    """Return the rows as CSV for people: every value beside what it is called, the rate in per cent, `few` where it is.

    `heads` are the names of the columns: two for each of `by`, then due, contacted, confirmed, moved, unanswered,
    other, rate and remark. No total, as in `as_csv`.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([sheet_cell(head) for head in heads])
    for row in rows:
        named = [cell for part, key in zip(by, row.keys, strict=True) for cell in (key, label(part, key))]
        percent = "" if row.rate is None else f"{row.rate * 100:.1f}"
        cells = [*named, *_shown(row), percent, few if row.is_of_few else ""]
        writer.writerow([sheet_cell(cell) for cell in cells])
    return text.getvalue()


def as_table(rows: Sequence[RateRow], by: Sequence[By]) -> str:
    """Return the rows and their total as aligned text, the rate in per cent."""
    last = ["total", *[""] * (len(by) - 1)][: len(by)]
    lines = [[*by, *_SHOWN, "rate"], *(_cells(row, row.keys) for row in rows), _cells(total(rows), last)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(_aligned(line, widths, len(by)) for line in lines) + "\n"


def _figures(case: _Case) -> tuple[bool, ...]:
    """Which of the figures an appointment counts for, in the order of _FIGURES."""
    is_confirmed = case.status in _CONFIRMED and case.has_confirmed
    is_moved = case.status is AppointmentStatus.MOVED
    is_silent = not (is_confirmed or is_moved or case.has_answered)
    asked = case.contacted
    return (True, asked, asked and is_confirmed, asked and is_moved, asked and is_silent)


def _key(case: _Case, part: By) -> str:
    if part is By.DAY:
        return bangkok_day(case.starts_at).isoformat()
    return {By.SITE: case.site, By.LANGUAGE: case.language, By.CHANNEL: case.channel}[part]


def _asked(from_day: date | None, to_day: date | None, site: str | None) -> Any:
    """The ids of the appointments that are due."""
    statement = sa.select(col(Appointment.id)).where(col(Appointment.status) != AppointmentStatus.CANCELLED)
    if site is not None:
        statement = statement.where(col(Appointment.site) == site)
    if from_day is not None:
        statement = statement.where(col(Appointment.starts_at) >= at_bangkok(from_day, time(0, 0)))
    if to_day is not None:
        statement = statement.where(col(Appointment.starts_at) < at_bangkok(to_day + timedelta(days=1), time(0, 0)))
    return statement


def _cases(db: Session, asked: Any) -> Iterator[_Case]:
    """Put four plain queries together here: joined in the database they took a minute on 200 000 attempts.

    Its planner scans an unindexed interim result anew for each appointment.
    """
    last: dict[str, str] = dict(db.exec(_last_sent(asked)).all())
    answered: dict[str, str] = dict(db.exec(_answered_attempt(asked)).all())
    heard = {appointment for (appointment,) in db.exec(_heard(asked))}
    confirmed = sa.or_(
        col(Appointment.status) == AppointmentStatus.CONFIRMED,
        col(Appointment.confirmed_by_reply).is_not(None),
        col(Appointment.confirmed_by_staff).is_not(None),
    )
    parts: list[Any] = [
        Appointment.id, Appointment.site, Person.language, Appointment.starts_at, Appointment.status, confirmed,
    ]  # fmt: skip
    statement: Any = sa.select(*parts).join(Person, col(Person.id) == col(Appointment.person))
    for one, site, language, starts_at, status, has_confirmed in db.exec(
        statement.where(col(Appointment.id).in_(asked))
    ):
        channel = answered.get(one, last[one]) if one in last else NO_CHANNEL
        yield _Case(site, language, channel, starts_at, status, has_confirmed, one in last, one in heard)


def was_sent() -> sa.ColumnElement[bool]:
    """Whether an attempt went out: a carrier took it. Failed before that, or called off, it was never sent."""
    never = (AttemptStatus.QUEUED, AttemptStatus.CANCELLED)
    refused = sa.and_(col(Attempt.status) == AttemptStatus.FAILED, col(Attempt.carrier_id).is_(None))
    return sa.and_(col(Attempt.direction) == Direction.OUT, col(Attempt.status).not_in(never), sa.not_(refused))


def _last_sent(asked: Any) -> Any:
    """The channel of each appointment's latest attempt that went out."""
    carried = _carried(asked)
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


def _carried(asked: Any) -> sa.Subquery:
    """Which attempt was about which appointment: its own word first, else its reminder's.

    What was sent when the day was over, or to a stranger, reminded nobody.
    """
    own, reminded = col(AttemptItem.appointment), col(Reminder.appointment)
    reminds = sa.or_(col(Reminder.id).is_(None), col(Reminder.purpose).not_in(AFTERWARDS))
    return sa.union_all(
        sa.select(own.label("appointment"), col(AttemptItem.attempt).label("attempt"))
        .outerjoin(Reminder, col(Reminder.id) == col(AttemptItem.reminder))
        .where(own.in_(asked), reminds),
        sa.select(reminded, col(AttemptItem.attempt))
        .join(Reminder, col(Reminder.id) == col(AttemptItem.reminder))
        .where(reminded.in_(asked), own.is_(None), reminds),
    ).subquery()


def _answered_attempt(asked: Any) -> Any:
    """The channel of the attempt that was answered: by the reply that confirmed, else by the latest."""
    links = _links(asked)
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


def _heard(asked: Any) -> Any:
    """Appointments that were answered in any way, also by somebody who rang us."""
    links = _links(asked)
    return (
        sa.select(links.c.appointment)
        .select_from(links)
        .join(Reply, col(Reply.id) == links.c.reply)
        .where(col(Reply.answer).not_in(NO_ANSWER))
        .distinct()
    )


def _links(asked: Any) -> sa.Subquery:
    """Which reply is about which appointment; one key may answer for several."""
    return sa.union(
        sa.select(col(Reply.appointment).label("appointment"), col(Reply.id).label("reply")).where(
            col(Reply.appointment).in_(asked)
        ),
        sa.select(col(Outcome.appointment), col(Outcome.reply)).where(col(Outcome.appointment).in_(asked)),
        sa.select(col(Appointment.id), col(Appointment.confirmed_by_reply)).where(
            col(Appointment.confirmed_by_reply).is_not(None), col(Appointment.id).in_(asked)
        ),
    ).subquery()


def _word(column: Any) -> sa.ColumnElement[str]:
    return sa.cast(column, sa.String)


def _values(row: RateRow) -> tuple[int, ...]:
    return row.due, row.contacted, row.confirmed, row.moved, row.unanswered


def _shown(row: RateRow) -> tuple[int, ...]:
    return (*_values(row), row.other)


def _record(row: RateRow, by: Sequence[By] = ()) -> dict[str, Any]:
    figures = dict(zip(_SHOWN, _shown(row), strict=True))
    return {**dict(zip((part.value for part in by), row.keys, strict=True)), **figures, "rate": row.rate}


def _cells(row: RateRow, keys: Sequence[str]) -> list[str]:
    percent = "-" if row.rate is None else f"{row.rate * 100:.1f} %"
    return [*keys, *(str(value) for value in _shown(row)), percent]


def _aligned(line: Sequence[str], widths: Sequence[int], keys: int) -> str:
    """Words to the left, figures to the right."""
    cells = [
        cell.ljust(width) if place < keys else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(line, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()
