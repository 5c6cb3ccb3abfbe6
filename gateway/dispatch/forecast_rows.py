"""What is planned for a day, and what the last days say of how long a call holds its line, read for the forecast."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import fmean
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, func

from gateway.dispatch.allowance import Limits
from gateway.dispatch.claims import Rules
from gateway.dispatch.forecast import Due, Expected, Forecast, Limit, Means, forecast, quarter_of
from gateway.kit.clock import at_bangkok, bangkok_day, in_utc
from gateway.kit.phones import LineType
from gateway.plan.reach import age_on, understands
from gateway.plan.window import NOON, Window
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt, AttemptItem, Direction, Receipt, Reminder
from gateway.records.house import Gate
from gateway.records.people import Consent, Person, PersonPhone, Phone, PhoneRole
from gateway.records.status import FINAL_ATTEMPTS, Channel, ReminderStatus

LOOK_BACK: Final = timedelta(days=7)
SAMPLE: Final = 2000  # the latest attempts of those days: enough for a mean, and read in some milliseconds
LEAST_KNOWN: Final = 50  # fewer are an accident
CALL_SECONDS: Final = 63.0
"""A call's line time until our own calls are known. An assumption, no source: 20 s of ringing, and 43 s in which the
reminder of docs/calls.md is heard once and a key pressed."""
SECOND_TRIES: Final = 0.5
"""Of a morning's calls, tried once more the same evening where none of ours are known: half of first calls are answered
(facts/evidence.md, voice ladder: 50 % answer the first call)."""
TEXT_PARTS: Final = 2.0  # a Thai reminder: facts/twilio.md §7, 122 letters are 2 parts


@dataclass(frozen=True, slots=True)
class DayForecast:
    """Both channels of one day, and the money they are planned to cost; `budget` None is no limit."""

    day: date
    calls: Forecast
    texts: Forecast
    cost: float
    budget: float | None

    @property
    def is_enough(self) -> bool:
        """Whether everything planned is carried."""
        return self.calls.is_enough and self.texts.is_enough


def forecast_day(
    db: Session, day: date, *, rules: Rules, limits: Limits, textable: frozenset[str], now: datetime
) -> DayForecast:
    """Return what `day` (a Bangkok day, today or later) carries, as it looks at `now` (aware).

    `textable` are the languages texts can be written in. A reminder counts to the day it falls
    due, on a day off as well; what is overdue to the first day on which anybody may be contacted.
    """
    hours = _hours(rules.window, day, now)
    talk, letters = expected_calls(db, now=now), expected_texts(db, now=now)
    begins = hours[0] if hours else max(in_utc(now), at_bangkok(day, time(0)))
    closed, planned = (
        Limit.OVER if rules.window.is_open_day(day) else Limit.CLOSED,
        _planned_for(day, rules.window, now),
    )
    calls = _due(db, Channel.VOICE, day, planned, begins, rules, textable)
    texts = _due(db, Channel.SMS, day, planned, begins, rules, textable)
    left = _money(db, limits, day, now)
    for_texts = sum(one.n for one in texts) / letters.people * letters.each * rules.cost_per_segment
    called = forecast(
        day, hours, calls, Means(limits.calls_per_second, limits.lines, _paid(left - for_texts, rules.cost_per_call)),
        talk, again_at=_again_at(rules, day), closed=closed,
    )  # fmt: skip
    texted = forecast(
        day, hours, texts, Means(limits.sms_per_second, None, _paid(left, letters.each * rules.cost_per_segment)),
        letters, closed=closed,
    )  # fmt: skip
    cost = called.total * rules.cost_per_call + texted.total * letters.each * rules.cost_per_segment
    return DayForecast(day, called, texted, round(cost, 2), limits.daily_budget)


def expected_calls(db: Session, *, now: datetime) -> Expected:
    """How long a call holds its line, from dialling to its end, answered or not; and what else the last days say."""
    ended = sa.select(col(Receipt.attempt), func.min(col(Receipt.at)).label("at")).group_by(col(Receipt.attempt))
    over = ended.where(col(Receipt.status).in_([status.value for status in FINAL_ATTEMPTS])).subquery()
    latest = _latest(Channel.VOICE, now).subquery()
    reminder_of: Any = AttemptItem.reminder
    rows = db.connection().execute(
        sa.select(latest.c.id, latest.c.created_at, over.c.at, reminder_of)
        .join(over, over.c.attempt == latest.c.id)
        .join(AttemptItem, col(AttemptItem.attempt) == latest.c.id)
    )
    lengths, tries, carried = dict[str, float](), set[tuple[str, datetime]](), set[tuple[str, date]]()
    for attempt, begun, end, reminder in rows:
        lengths[attempt] = max(1.0, (end - begun).total_seconds())
        tries.add((reminder, begun))
        carried.add((reminder, bangkok_day(in_utc(begun))))
    if len(lengths) < LEAST_KNOWN:
        return Expected(CALL_SECONDS, again=SECOND_TRIES)
    return Expected(
        each=round(fmean(lengths.values()), 1), again=round(len(tries) / len(carried) - 1, 3),
        people=max(1.0, round(len(tries) / len(lengths), 3)), known=len(lengths),
    )  # fmt: skip


def expected_texts(db: Session, *, now: datetime) -> Expected:
    """How many parts a text has, in the last days."""
    latest = _latest(Channel.SMS, now).subquery()
    n, parts = db.connection().execute(sa.select(func.count(), func.avg(latest.c.segments))).one()
    return Expected(round(float(parts), 2), known=n) if n >= LEAST_KNOWN else Expected(TEXT_PARTS)


def _latest(channel: Channel, now: datetime) -> Any:
    columns: tuple[Any, ...] = (Attempt.id, Attempt.created_at, Attempt.segments)
    return (
        sa.select(*columns)
        .where(col(Attempt.created_at) > now - LOOK_BACK, col(Attempt.created_at) <= now)
        .where(
            col(Attempt.channel) == channel,
            col(Attempt.direction) == Direction.OUT,
            col(Attempt.submitted_at).is_not(None),
        )
        .order_by(col(Attempt.created_at).desc())
        .limit(SAMPLE)
    )


def _due(
    db: Session, channel: Channel, day: date, planned: sa.ColumnElement[bool], begins: datetime, rules: Rules,
    textable: frozenset[str],
) -> list[Due]:  # fmt: skip
    """What of a channel is `planned` for the day and still of use as it `begins`, quarter by quarter."""
    can_text = (
        sa.exists()
        .where(col(PersonPhone.person) == col(Person.id), col(PersonPhone.phone) == col(Phone.id))
        .where(col(PersonPhone.sms) == Consent.ALLOW, col(PersonPhone.role) != PhoneRole.VHV)
        .where(col(Phone.line_type) == LineType.MOBILE, col(Phone.parked_at).is_(None))
    )
    columns: tuple[Any, ...] = (
        Reminder.next_try_at,
        Person.birth_date,
        Person.language,
        Appointment.starts_at,
        can_text,
    )
    rows = db.connection().execute(
        sa.select(*columns)
        .join(Person, col(Person.id) == col(Reminder.person))
        .outerjoin(Appointment, col(Appointment.id) == col(Reminder.appointment))
        .where(sa.text(f"reminder.status = '{ReminderStatus.PLANNED}'"), col(Reminder.channel) == channel)
        .where(planned, col(Reminder.expires_at) > begins)
    )
    found: dict[datetime, list[int]] = defaultdict(lambda: [0, 0, 0])
    for at, born, language, starts_at, is_textable in rows:
        counts = found[max(begins, quarter_of(in_utc(at)))]
        age = age_on(born, bangkok_day(in_utc(starts_at)) if starts_at else day)
        is_elder = age is not None and age >= rules.ladder.elder_age
        counts[0] += 1
        counts[1] += is_elder
        counts[2] += not is_elder and bool(is_textable) and understands(language, textable)
    return [Due(at, *counts) for at, counts in sorted(found.items())]


def _planned_for(day: date, window: Window, now: datetime) -> sa.ColumnElement[bool]:
    """Each planned reminder is of one day: its own, or, overdue, the first on which anybody may be contacted.

    Else what is planned for the days before it would count to a later day as well, and a holiday seem full.
    """
    at, now = col(Reminder.next_try_at), in_utc(now)
    begins, ends = (at_bangkok(day + timedelta(days=n), time(0)) for n in (0, 1))
    its_own = sa.and_(at >= max(begins, now), at < ends)
    return sa.or_(its_own, at < now) if day == bangkok_day(window.next_open(now)) else its_own


def _hours(window: Window, day: date, now: datetime) -> tuple[datetime, datetime] | None:
    """From when to when anybody may be contacted on that day; None on a holiday, and when it is over."""
    opens, closes = max(at_bangkok(day, window.opens), in_utc(now)), at_bangkok(day, window.closes)
    return (opens, closes) if window.is_open_day(day) and opens < closes else None


def _again_at(rules: Rules, day: date) -> tuple[datetime, datetime] | None:
    """What nobody took before noon is tried again the same day, at the ladder's first later hour: both instants."""
    later = [hour for hour in rules.ladder.voice_hours if hour >= NOON]
    return (at_bangkok(day, NOON), at_bangkok(day, min(later))) if later else None


def _money(db: Session, limits: Limits, day: date, now: datetime) -> float:
    if limits.daily_budget is None:
        return math.inf
    spent = db.get(Gate, "budget")
    is_today = spent is not None and spent.day == day == bangkok_day(now)
    return limits.daily_budget - (spent.spent if spent is not None and is_today else 0.0)


def _paid(left: float, cost: float) -> float:
    return math.inf if cost <= 0 or left == math.inf else max(0.0, (left + 1e-6) // cost)
