"""Who called us: how often one number may, how many lines are taken, and who is called back in which order.

Rows only: what callers hear is in the speaking wing, and calling them back in dispatch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, func, select

from gateway.care.tasks import open_task
from gateway.kit.opening_hours import OpeningHours, read_hours
from gateway.kit.phones import country_of, may_be_rung
from gateway.records.contacts import Attempt, Direction
from gateway.records.conversations import HotlineWait
from gateway.records.house import Gate
from gateway.records.people import PersonPhone, Phone, PhoneRole
from gateway.records.status import FINAL_ATTEMPTS, Channel, TaskKind, WaitStatus, may_move

BUSY: Final = "busy"
CLOSED: Final = "closed"
MAY_NOT: Final = "may_not_ring"
UNANSWERED: Final = "called the hotline in vain; nobody answered when called back"
NOT_CALLED: Final = "called the hotline in vain, and could not be called back"
MOST_TRIES: Final = 2
"""Calls back that rang, or were answered by nobody who pressed a key; then it is work for staff."""
MOST_FOR_A_LINE: Final = 10
"""Who may wait to be called back, for each line we have."""
TOO_OLD: Final = timedelta(days=7)  # longer than the longest run of holidays: what they wanted is settled, or lost
_RATE_IS_OVER: Final = timedelta(hours=1)
IN_TURN: Final = (col(HotlineWait.asked_at), col(HotlineWait.place), col(HotlineWait.id))
"""The order of those who wait; a clock that is moved in steps gives many of them the same instant."""
_OPEN: Final = (WaitStatus.WAITING, WaitStatus.CALLING)


def _default_hours() -> OpeningHours:
    return read_hours("Mon-Sat 08:00-24:00")


@dataclass(frozen=True, slots=True)
class HotlineRules:
    """How many callers are spoken to at once, when, and how often one number is answered within an hour.

    `own_numbers` are those we call from and are called at, E.164: to call one of them would be to call ourselves.
    """

    lines: int = 10
    hours: OpeningHours = field(default_factory=_default_hours)
    calls_per_hour: int = 6
    own_numbers: frozenset[str] = frozenset()


def may_call_back(rules: HotlineRules, phone: Phone, countries: frozenset[str]) -> bool:
    """Whether this number may be promised a call, and called: not one that is somebody else's, costly, or our own."""
    is_ordinary = may_be_rung(phone.e164) and country_of(phone.e164) in countries
    return is_ordinary and phone.parked_at is None and phone.e164 not in rules.own_numbers


def has_called_too_often(db: Session, rules: HotlineRules, phone: int, *, now: datetime) -> bool:
    """Whether this number had all the calls it may have in an hour."""
    mine = (col(Attempt.phone) == phone, col(Attempt.created_at) > now - _RATE_IS_OVER, *_INBOUND)
    return db.exec(select(func.count()).where(*mine)).one() >= rules.calls_per_hour


def is_a_flood(db: Session, rules: HotlineRules, phone: int, *, now: datetime) -> bool:
    """Count a call of a number that has called too often; whether it was told so as often as it may call at all.

    Counted by the hour from the first such call, in one row a number.
    """
    gate = db.get(Gate, name := f"too_often:{phone}") or Gate(name=name)
    if gate.at is None or gate.at <= now - _RATE_IS_OVER:
        gate.at, gate.tokens = now, 0.0
    gate.tokens += 1
    db.add(gate)
    db.flush()
    return gate.tokens > rules.calls_per_hour


def lines_taken(db: Session, *, since: datetime, but: int | None = None) -> int:
    """Calls of the hotline that began after `since` and are not over: callers who are spoken to, and calls back.

    Who is only told that all lines are taken, or that nobody is there, takes none: their attempt has that reason. A
    call back to the phone `but` takes none either: whoever gets through on it has it cancelled.
    """
    live = (col(Attempt.created_at) > since, col(Attempt.status).not_in(FINAL_ATTEMPTS))
    callers = select(func.count()).where(*live, col(Attempt.reason).is_(None), *_INBOUND)
    called = select(func.count()).join(HotlineWait, col(HotlineWait.attempt) == col(Attempt.id)).where(*live)
    if but is not None:
        called = called.where(col(Attempt.phone) != but)
    return db.exec(callers).one() + db.exec(called.select_from(Attempt)).one()


def wait_in_line(db: Session, phone: int, *, language: str, reason: str, now: datetime) -> HotlineWait:
    """Put a number in the line of those who are called back; who is in it already keeps their place.

    `reason` is BUSY or CLOSED; `language` is the one they are spoken to in.
    """
    known = open_wait(db, phone)
    if known is not None:
        return known
    last = db.exec(select(func.max(HotlineWait.place))).one() or 0
    wait = HotlineWait(phone=phone, language=language, reason=reason, asked_at=now, place=last + 1, next_try_at=now)
    db.add(wait)
    db.flush()
    return wait


def got_through(db: Session, phone: int, *, now: datetime) -> None:
    """They called again themselves and are spoken to: nobody calls them back, also where a call is on its way."""
    wait = open_wait(db, phone)
    if wait is None:
        return
    attempt = db.get(Attempt, wait.attempt) if wait.attempt else None
    if attempt is not None and attempt.status not in FINAL_ATTEMPTS:
        attempt.cancel_requested_at = now
        db.add(attempt)
    close_wait(db, wait, WaitStatus.DONE, now=now)


def is_line_full(db: Session, rules: HotlineRules) -> bool:
    """Whether as many wait as can be called back in good time: nobody else is promised it.

    Numbers can be made up: without an end to the line, a hundred invented ones would be a hundred calls at our cost.
    """
    waiting = db.exec(select(func.count()).where(col(HotlineWait.status).in_(_OPEN))).one()
    return waiting >= MOST_FOR_A_LINE * rules.lines


def is_on_the_line(db: Session, phone: int, *, since: datetime) -> bool:
    """Whether somebody is spoken to on this number in a call that came in after `since` and is not over."""
    live = (col(Attempt.created_at) > since, col(Attempt.status).not_in(FINAL_ATTEMPTS), col(Attempt.reason).is_(None))
    return db.exec(select(Attempt.id).where(col(Attempt.phone) == phone, *live, *_INBOUND)).first() is not None


def open_wait(db: Session, phone: int) -> HotlineWait | None:
    """The open row of this number; there is at most one."""
    mine = (col(HotlineWait.phone) == phone, col(HotlineWait.status).in_(_OPEN))
    return db.exec(select(HotlineWait).where(*mine)).first()


def wait_of_attempt(db: Session, attempt: str) -> HotlineWait | None:
    """The row that this call back belongs to; None for every other call."""
    return db.exec(select(HotlineWait).where(col(HotlineWait.attempt) == attempt)).first()


def next_in_line(db: Session, limit: int, *, now: datetime) -> Sequence[tuple[HotlineWait, Phone]]:
    """Up to `limit` of those whose turn it is at `now`, who asked first first."""
    statement = (
        select(HotlineWait, Phone)
        .join(Phone, col(Phone.id) == col(HotlineWait.phone))
        .where(col(HotlineWait.status) == WaitStatus.WAITING, col(HotlineWait.next_try_at) <= now)
        .order_by(*IN_TURN)
        .limit(limit)
    )
    return db.exec(statement).all()


def being_called(db: Session) -> Sequence[tuple[HotlineWait, Attempt]]:
    """Those whose call back was placed, with that call."""
    statement = (
        select(HotlineWait, Attempt)
        .join(Attempt, col(Attempt.id) == col(HotlineWait.attempt))
        .where(col(HotlineWait.status) == WaitStatus.CALLING)
        .order_by(*IN_TURN)
    )
    return db.exec(statement).all()


def too_old(db: Session, *, now: datetime) -> Sequence[HotlineWait]:
    """Those who wait longer than a call back would be of use."""
    mine = (col(HotlineWait.status) == WaitStatus.WAITING, col(HotlineWait.asked_at) <= now - TOO_OLD)
    return db.exec(select(HotlineWait).where(*mine)).all()


def unanswered(db: Session, wait: HotlineWait, *, again_at: datetime, now: datetime) -> WaitStatus:
    """A call back rang, and nobody was spoken to: once more at `again_at`, then staff; returns what became of the row.

    Both aware. The second time is for another half-day, as with every call of ours (law 3).
    """
    wait.tries += 1
    if wait.tries >= MOST_TRIES:
        give_up(db, wait, now=now)
    else:
        put_back(db, wait, at=again_at)
    return wait.status


def put_back(db: Session, wait: HotlineWait, *, at: datetime) -> None:
    """Let them wait for their next call until `at`; they keep their place."""
    if may_move(wait.status, WaitStatus.WAITING):
        wait.status = WaitStatus.WAITING
    wait.next_try_at = at
    db.add(wait)
    db.flush()


def give_up(db: Session, wait: HotlineWait, *, now: datetime) -> None:
    """Nobody could be spoken to: staff are told, with whose number it is where it is one person's.

    The task is about the latest call back, where there was one: its number is on that row. Who got through meanwhile
    is no work for anybody.
    """
    if not may_move(wait.status, WaitStatus.GIVEN_UP):
        return
    detail = UNANSWERED if wait.tries else NOT_CALLED
    subject = wait.attempt or wait.id
    open_task(db, TaskKind.CALLBACK, subject, person=_whose(db, wait.phone), detail=detail, now=now)
    close_wait(db, wait, WaitStatus.GIVEN_UP, now=now)


def drop(db: Session, wait: HotlineWait, *, now: datetime) -> None:
    """They may not be called, whatever they wanted: their number was parked, or is none that we ring."""
    if may_move(wait.status, WaitStatus.GIVEN_UP):
        wait.reason = MAY_NOT
        close_wait(db, wait, WaitStatus.GIVEN_UP, now=now)


def close_wait(db: Session, wait: HotlineWait, status: WaitStatus, *, now: datetime) -> None:
    """End the wait; one that is over stays as it ended."""
    if may_move(wait.status, status):
        wait.status, wait.closed_at = status, now
        db.add(wait)
        db.flush()


def _whose(db: Session, phone: int) -> str | None:
    mine = (col(PersonPhone.phone) == phone, col(PersonPhone.role) != PhoneRole.VHV)
    users = db.exec(select(PersonPhone.person).where(*mine).limit(2)).all()
    return users[0] if len(users) == 1 else None


_INBOUND: Final = (col(Attempt.channel) == Channel.VOICE, col(Attempt.direction) == Direction.IN)
