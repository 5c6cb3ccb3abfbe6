"""The hotline at this moment: its lines, who waits to be called back, the last calls, and the day's figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from gateway.care.hotline_waits import BUSY, CLOSED, IN_TURN, HotlineRules, lines_taken
from gateway.kit.clock import at_bangkok, bangkok_day
from gateway.kit.phones import mask
from gateway.records.contacts import Attempt, Direction
from gateway.records.conversations import Call, HotlineWait, Registration, VoiceMessage
from gateway.records.house import Counter
from gateway.records.people import Phone
from gateway.records.status import AttemptStatus, Channel, WaitStatus
from gateway.reports.phone_people import people_by_number

LAST_CALLS: Final = 20
LINE_IS_LOST_AFTER: Final = timedelta(minutes=15)
"""As dispatch counts lines: a call of which nothing is heard for longer takes none."""
TOO_OFTEN: Final = "hotline_too_often"
"""How the web counts calls of a number that had all it may have in an hour."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who is called back in their turn. `phone` is masked; `tries` are calls back that nobody took."""

    place: int
    phone: str
    language: str
    reason: str
    since: datetime
    tries: int
    next_try_at: datetime
    is_being_called: bool


@dataclass(frozen=True, slots=True)
class LastCall:
    """A call to us, from a phone that is masked."""

    at: datetime
    phone: str
    language: str
    status: AttemptStatus
    reason: str
    is_known: bool  # the number is on record as somebody's
    seconds: int | None  # of the conversation, once it is over


@dataclass(frozen=True, slots=True)
class Figures:
    """What happened on a Bangkok day."""

    calls: int = 0
    busy: int = 0
    closed: int = 0
    called_back: int = 0
    given_up: int = 0
    messages: int = 0
    registered: int = 0

    @property
    def spoken_to(self) -> int:
        """Calls in which somebody was answered."""
        return self.calls - self.busy - self.closed


@dataclass(frozen=True, slots=True)
class HotlineView:
    """Everything the page shows; `opens_at` is the next opening, None while it is open."""

    lines: int
    taken: int
    is_open: bool
    opens_at: datetime | None
    waiting: tuple[Waiting, ...] = ()
    last: tuple[LastCall, ...] = ()
    today: Figures = field(default_factory=Figures)
    too_often: int = 0  # since the beginning: who calls so often leaves no row


def hotline_view(db: Session, rules: HotlineRules, *, now: datetime) -> HotlineView:
    """Read the hotline at `now` (aware)."""
    is_open = rules.hours.is_open(now)
    counter = db.get(Counter, TOO_OFTEN)
    return HotlineView(
        lines=rules.lines,
        taken=lines_taken(db, since=now - LINE_IS_LOST_AFTER),
        is_open=is_open,
        opens_at=None if is_open else rules.hours.next_open(now),
        waiting=tuple(_waiting(db)),
        last=tuple(_last(db)),
        today=_figures(db, now),
        too_often=counter.n if counter else 0,
    )


def _waiting(db: Session) -> list[Waiting]:
    query = (
        select(HotlineWait, Phone)
        .join(Phone, col(Phone.id) == col(HotlineWait.phone))
        .where(col(HotlineWait.status).in_((WaitStatus.WAITING, WaitStatus.CALLING)))
        .order_by(*IN_TURN)
    )
    return [
        Waiting(
            place=place,
            phone=mask(phone.e164),
            language=one.language,
            reason=one.reason,
            since=one.asked_at,
            tries=one.tries,
            next_try_at=one.next_try_at,
            is_being_called=one.status is WaitStatus.CALLING,
        )
        for place, (one, phone) in enumerate(db.exec(query), start=1)
    ]


def _last(db: Session) -> list[LastCall]:
    query = (
        select(Attempt, Phone, Call)
        .join(Phone, col(Phone.id) == col(Attempt.phone))
        .outerjoin(Call, col(Call.attempt) == col(Attempt.id))
        .where(*_INBOUND)
        .order_by(col(Attempt.created_at).desc(), col(Attempt.id))
        .limit(LAST_CALLS)
    )
    rows = db.exec(query).all()
    known = people_by_number(db, {phone.e164 for _, phone, _ in rows})
    return [
        LastCall(
            at=attempt.created_at,
            phone=mask(phone.e164),
            language=attempt.language,
            status=attempt.status,
            reason=attempt.reason or "",
            is_known=phone.e164 in known,
            seconds=_length(call),
        )
        for attempt, phone, call in rows
    ]


def _length(call: Call | None) -> int | None:
    if call is None or call.closed_at is None:
        return None
    return max(0, int((call.closed_at - call.opened_at).total_seconds()))


def _figures(db: Session, now: datetime) -> Figures:
    start = at_bangkok(bangkok_day(now), time())
    end = start + timedelta(days=1)
    calls = _by_reason(db, *_INBOUND, col(Attempt.created_at) >= start, col(Attempt.created_at) < end)
    over = (col(HotlineWait.closed_at) >= start, col(HotlineWait.closed_at) < end)
    called = col(HotlineWait.attempt).is_not(None)
    return Figures(
        calls=sum(calls.values()),
        busy=calls.get(BUSY, 0),
        closed=calls.get(CLOSED, 0),
        called_back=_count(db, HotlineWait, *over, col(HotlineWait.status) == WaitStatus.DONE, called),
        given_up=_count(db, HotlineWait, *over, col(HotlineWait.status) == WaitStatus.GIVEN_UP),
        messages=_count(db, VoiceMessage, col(VoiceMessage.at) >= start, col(VoiceMessage.at) < end),
        registered=_count(db, Registration, col(Registration.at) >= start, col(Registration.at) < end),
    )


def _by_reason(db: Session, *where: Any) -> Mapping[str | None, int]:
    statement = sa.select(col(Attempt.reason), sa.func.count()).where(*where).group_by(col(Attempt.reason))
    return dict(iter(db.exec(statement)))  # type: ignore[call-overload]


def _count(db: Session, table: Any, *where: Any) -> int:
    return int(db.exec(select(sa.func.count()).select_from(table).where(*where)).one())


_INBOUND: Final = (col(Attempt.channel) == Channel.VOICE, col(Attempt.direction) == Direction.IN)
