"""What happens, a line each, for whoever watches the terminal. Numbers are masked; names are not shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, func, select

from gateway.kit.clock import bangkok_day, bangkok_time
from gateway.kit.phones import mask
from gateway.records.contacts import Attempt, AttemptItem, Direction, Receipt
from gateway.records.conversations import Outcome, Reply
from gateway.records.database import Database
from gateway.records.house import Switch
from gateway.records.people import Person, Phone
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
LONGEST_KEYS = 3  # more digits than this may be somebody's number
STILL_OPEN = timedelta(days=1)  # what was sent before the feed began may end while it runs


@dataclass(frozen=True, slots=True)
class News:
    """One thing that happened, and when (aware)."""

    at: datetime
    channel: Channel
    number: str
    language: str
    what: str

    def line(self) -> str:
        """For example "09:14 ☎ +66 8• ••• •678 · nod · rang, pressed 1 → confirmed", in Bangkok's time."""
        when = f"{bangkok_time(self.at):%H:%M}"
        return f"{when} {ICONS[self.channel]} {mask(self.number)} · {self.language or '-'} · {self.what}"


@dataclass(slots=True)
class Feed:
    """Gives a line for each attempt that ended and each text that came in, once, from `since` (business time) on.

    The language shown is the person's own, also where a fallback was spoken.
    """

    database: Database
    since: datetime
    _seen: set[str] = field(default_factory=set)
    _last: datetime | None = None
    _day: date | None = None
    _is_paused: bool = False

    def __post_init__(self) -> None:
        """What had ended before is no news."""
        with self.database.reading() as db:
            self._seen.update(self._over(db))

    def lines(self) -> list[str]:
        """The lines that came since the last call, in order of time, each new day under its own heading."""
        with self.database.reading() as db:
            found = sorted([*self._ended(db), *self._written(db)], key=lambda one: (one.at, one.number))
            switched = list(self._switched(db))
        return [line for news in found for line in self._put(news)] + switched

    def _switched(self, db: Session) -> Iterator[str]:
        """Another terminal may have paused everything: an empty screen should not be a riddle."""
        switch = db.get(Switch, "pause")
        is_paused = switch is not None and switch.is_on
        if is_paused != self._is_paused:
            self._is_paused = is_paused
            yield "paused: nothing goes out" if is_paused else "resumed"

    def _put(self, news: News) -> Iterator[str]:
        """A receipt may be stored just after a later one was shown: its line then has the later one's time."""
        at = news.at if self._last is None else max(self._last, news.at)
        self._last = at
        if bangkok_day(at) != self._day:
            self._day = bangkok_day(at)
            yield f"── {heading(self._day)} ──"
        yield News(at, news.channel, news.number, news.language, news.what).line()

    def _over(self, db: Session) -> Iterable[str]:
        """The ids of attempts that are over: a text that came to us is told by its reply instead."""
        is_told = (col(Attempt.direction) == Direction.OUT) | (col(Attempt.channel) == Channel.VOICE)
        is_recent = col(Attempt.created_at) >= self.since - STILL_OPEN
        return db.exec(select(Attempt.id).where(is_told, col(Attempt.status).in_(FINAL_ATTEMPTS), is_recent)).all()

    def _ended(self, db: Session) -> Iterator[News]:
        for key in self._over(db):
            if key not in self._seen:
                self._seen.add(key)
                yield _ending(db, key)

    def _written(self, db: Session) -> Iterator[News]:
        statement = (
            select(Reply, Phone.e164)
            .join(Phone, col(Phone.id) == col(Reply.phone))
            .where(col(Reply.channel) == Channel.SMS, col(Reply.at) >= self.since)
        )
        for reply, number in db.exec(statement).all():
            if reply.id not in self._seen:
                self._seen.add(reply.id)
                yield News(reply.at, Channel.SMS, number, _language(db, reply), f"replied {_answer(db, reply)}")


def heading(day: date) -> str:
    """A day as it is said: "Monday 3 August 2026"."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def _ending(db: Session, key: str) -> News:
    attempt = db.get_one(Attempt, key)
    number = db.get_one(Phone, attempt.phone).e164
    heard = db.exec(select(func.max(Receipt.at)).where(col(Receipt.attempt) == key)).one()
    keys = db.exec(select(Reply).where(col(Reply.attempt) == key).order_by(col(Reply.turn_no))).all()
    pressed = [_answer(db, reply) for reply in keys if reply.channel is Channel.VOICE]
    at = heard or attempt.submitted_at or attempt.created_at
    return News(at, attempt.channel, number, _persons_language(db, attempt), _what(attempt, pressed))


def _what(attempt: Attempt, pressed: list[str]) -> str:
    begin = "called us" if attempt.direction is Direction.IN else "rang"
    if pressed:
        return f"{begin}, pressed {', '.join(pressed)}"
    if attempt.direction is Direction.IN:
        return begin
    return ENDINGS[attempt.status] + (f" ({attempt.reason})" if attempt.reason else "")


def _persons_language(db: Session, attempt: Attempt) -> str:
    statement = (
        select(Person.language)
        .join(AttemptItem, col(AttemptItem.person) == col(Person.id))
        .where(col(AttemptItem.attempt) == attempt.id)
        .order_by(col(AttemptItem.position))
    )
    return db.exec(statement).first() or attempt.language


def _language(db: Session, reply: Reply) -> str:
    if reply.person is not None:
        return db.get_one(Person, reply.person).language
    attempt = db.get(Attempt, reply.attempt) if reply.attempt else None
    return _persons_language(db, attempt) if attempt is not None else ""


def _answer(db: Session, reply: Reply) -> str:
    statement = select(Outcome.effect).where(col(Outcome.reply) == reply.id).order_by(col(Outcome.id))
    effects = ", ".join(db.exec(statement).all()) or "nothing yet"
    return f"{_said(reply)} → {effects}"


def _said(reply: Reply) -> str:
    """The keys as they were; words only by their meaning, because people write names and numbers into them."""
    raw = reply.raw.strip()
    is_keys = 0 < len(raw) <= LONGEST_KEYS and all(char.isdigit() or char in "*#" for char in raw)
    return raw if is_keys else f"“{reply.answer.value}”"
