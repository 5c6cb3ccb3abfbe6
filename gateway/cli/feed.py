"""What happens, a line each, for whoever watches the terminal. Numbers are masked; names are not shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session, col, select

from gateway.kit.clock import bangkok_time
from gateway.kit.phones import mask
from gateway.records.contacts import Attempt, Direction
from gateway.records.conversations import Outcome, Reply
from gateway.records.database import Database
from gateway.records.people import Phone
from gateway.records.status import FINAL_ATTEMPTS, AttemptStatus, Channel

ICONS = {Channel.SMS: "✉", Channel.VOICE: "☎", Channel.VISIT: "⌂"}
ENDINGS = {
    AttemptStatus.COMPLETED: "answered, no key pressed",
    AttemptStatus.DELIVERED: "delivered",
    AttemptStatus.BUSY: "busy",
    AttemptStatus.NO_ANSWER: "rang, nobody answered",
    AttemptStatus.MACHINE: "a machine answered",
    AttemptStatus.UNDELIVERED: "not delivered",
    AttemptStatus.FAILED: "could not be reached",
    AttemptStatus.CANCELLED: "cancelled",
}


@dataclass(slots=True)
class Feed:
    """Yields a line for each attempt that ended and each answer, once, from `since` (business time) on."""

    database: Database
    since: datetime
    _attempts: set[str] = field(default_factory=set)
    _replies: set[str] = field(default_factory=set)

    def lines(self) -> list[str]:
        """The lines that came since the last call, in order of time."""
        with self.database.reading() as db:
            found = sorted([*self._ended(db), *self._answered(db)])
        return [line for _, line in found]

    def _ended(self, db: Session) -> Iterator[tuple[datetime, str]]:
        statement = (
            select(Attempt, Phone.e164)
            .join(Phone, col(Phone.id) == col(Attempt.phone))
            .where(col(Attempt.status).in_(FINAL_ATTEMPTS), col(Attempt.direction) == Direction.OUT)
            .where(col(Attempt.created_at) >= self.since)
        )
        for attempt, number in db.exec(statement).all():
            if attempt.id not in self._attempts:
                self._attempts.add(attempt.id)
                keys = _keys(db, attempt)
                self._replies.update(reply.id for reply in keys)
                yield attempt.created_at, _line(attempt.created_at, attempt, number, _ending(db, attempt, keys))

    def _answered(self, db: Session) -> Iterator[tuple[datetime, str]]:
        statement = (
            select(Reply, Attempt, Phone.e164)
            .join(Attempt, col(Attempt.id) == col(Reply.attempt))
            .join(Phone, col(Phone.id) == col(Reply.phone))
            .where(col(Reply.channel) == Channel.SMS, col(Reply.at) >= self.since)
        )
        for reply, attempt, number in db.exec(statement).all():
            if reply.id not in self._replies:
                self._replies.add(reply.id)
                yield reply.at, _line(reply.at, attempt, number, f"replied {_answer(db, reply)}")


def _line(at: datetime, attempt: Attempt, number: str, what: str) -> str:
    language = attempt.language or "-"
    return f"{bangkok_time(at):%d %b %H:%M} {ICONS[attempt.channel]} {mask(number)} · {language} · {what}"


def _ending(db: Session, attempt: Attempt, keys: list[Reply]) -> str:
    if keys:
        return "rang, pressed " + ", ".join(_answer(db, reply) for reply in keys)
    return ENDINGS[attempt.status] + (f" ({attempt.reason})" if attempt.reason else "")


def _keys(db: Session, attempt: Attempt) -> list[Reply]:
    if attempt.channel is not Channel.VOICE:
        return []
    return list(db.exec(select(Reply).where(col(Reply.attempt) == attempt.id).order_by(col(Reply.turn_no))).all())


def _answer(db: Session, reply: Reply) -> str:
    statement = select(Outcome.effect).where(col(Outcome.reply) == reply.id).order_by(col(Outcome.id))
    effects = ", ".join(db.exec(statement).all()) or "nothing yet"
    return f"{reply.raw.strip()[:20]} → {effects}"
