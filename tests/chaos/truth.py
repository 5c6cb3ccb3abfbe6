"""What must hold after everything that went wrong: the carrier's ledger against the house's rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, SQLModel, col, select

from gateway.kit.clock import in_utc
from gateway.plan.window import Window
from gateway.records.contacts import Attempt, AttemptItem, Direction, Reminder
from gateway.records.conversations import Call, Reply, Turn
from gateway.records.database import Database
from gateway.records.status import FINAL_ATTEMPTS, AttemptStatus, Channel, ReminderStatus, TaskKind, TaskStatus
from gateway.records.work import Task
from tests.chaos.ledger import Ledger, Taken

OVER = frozenset(ReminderStatus) - {ReminderStatus.PLANNED, ReminderStatus.CLAIMED, ReminderStatus.SENT}


@dataclass
class Truth:
    """Both books, read once."""

    taken: list[Taken]
    presses: list[tuple[str, str, str]]
    texts_back: list[tuple[str, str]]
    attempts: dict[str, Attempt]
    items: list[AttemptItem]
    reminders: dict[str, Reminder]
    doubtful: set[str | None]
    turns: set[tuple[str, str]]
    replied: set[str | None]
    calls: dict[str, str]

    @classmethod
    def read(cls, database: Database, ledger: Ledger) -> Truth:
        """Read the ledger after the rows: what is in the rows is in it, whoever is still at work."""
        with database.reading() as db:
            tasks = select(Task.subject).where(col(Task.kind) == TaskKind.IN_DOUBT, col(Task.status) == TaskStatus.OPEN)
            turns = select(Call.carrier_sid, Turn.digits).join(Call, col(Call.id) == col(Turn.call))
            mine = {
                "attempts": {row.id: row for row in _all(db, Attempt)},
                "items": _all(db, AttemptItem),
                "reminders": {row.id: row for row in _all(db, Reminder)},
                "doubtful": set(db.exec(tasks)),
                "turns": {(sid, digits or "") for sid, digits in db.exec(turns)},
                "replied": set(db.exec(select(Reply.carrier_msg_id))),
                "calls": {row.carrier_sid: row.attempt for row in _all(db, Call)},
            }
        return cls(ledger.all(), ledger.presses(), ledger.replies(), **mine)

    def wrong(self, window: Window) -> list[str]:
        """Every law that does not hold, in words; empty when all do."""
        return [
            *self._never_twice_an_attempt(),
            *self._never_without_a_row(),
            *self._one_live_attempt_a_reminder(),
            *self._reached_once(),
            *self._rung_once_a_half_day(window),
            *self._nothing_is_lost(),
            *self._keys_are_kept(),
        ]

    def _never_twice_an_attempt(self) -> Iterable[str]:
        for attempt, n in Counter(one.attempt for one in self.taken).items():
            if n > 1:
                yield f"attempt {attempt} was submitted {n} times"

    def _never_without_a_row(self) -> Iterable[str]:
        """Law 1: the row first. And what the carrier took is bound to it, or visibly in doubt."""
        for one in self.taken:
            row = self.attempts.get(one.attempt)
            if row is None:
                yield f"{one.sid} went out without a row"
            elif row.carrier_id != one.sid:
                yield f"{one.sid} of attempt {row.id} ({row.status}, {row.reason}) is bound to {row.carrier_id}"
        known = {one.sid for one in self.taken}
        for row in self.attempts.values():
            if row.direction is Direction.OUT and row.carrier_id and row.carrier_id not in known:
                yield f"attempt {row.id} is bound to {row.carrier_id}, which was never taken"

    def _one_live_attempt_a_reminder(self) -> Iterable[str]:
        live = Counter(item.reminder for item in self.items if item.live and item.reminder)
        yield from (f"reminder {one} has {n} live attempts" for one, n in live.items() if n > 1)

    def _reached_once(self) -> Iterable[str]:
        """Two submissions of one reminder that both reached somebody: only where the first was a call nobody answered
        with a key, and the ladder waited for another half-day."""
        carried: dict[str, list[Taken]] = defaultdict(list)
        of_attempt = defaultdict(list)
        for item in self.items:
            of_attempt[item.attempt].append(item.reminder)
        for one in self.taken:
            for reminder in of_attempt.get(one.attempt, ()):
                if one.reached and reminder:
                    carried[reminder].append(one)
        for reminder, several in carried.items():
            if len(several) > 1 and several[0].kind == "sms":
                yield f"reminder {reminder} was texted {len(several)} times: {[one.sid for one in several]}"
            if len(several) > 1 and several[0].kind == "voice" and self._was_answered(several[0]):
                yield f"reminder {reminder} was answered in {several[0].sid} and carried again"

    def _was_answered(self, one: Taken) -> bool:
        return any(sid == one.sid and digits == "1" for sid, _, digits in self.presses)

    def _rung_once_a_half_day(self, window: Window) -> Iterable[str]:
        rung = Counter((one.number, window.half_day(one.at)) for one in self.taken if one.kind == "voice")
        for (number, half), n in rung.items():
            if n > 1:
                mine = [(one.sid, one.attempt, str(one.at), one.status) for one in self.taken if one.number == number]
                yield f"{number} was rung {n} times in {half}: {mine}"

    def _nothing_is_lost(self) -> Iterable[str]:
        for row in self.reminders.values():
            mine = [self.attempts[item.attempt] for item in self.items if item.reminder == row.id and item.live]
            if row.status in OVER or any(one.id in self.doubtful for one in mine):
                continue
            yield f"reminder {row.id} ({row.channel}, {row.step}) is still {row.status}: {row.reason}, due {row.due_at}"
        for attempt in self.attempts.values():
            is_open = attempt.status not in FINAL_ATTEMPTS and attempt.status is not AttemptStatus.SENT
            if attempt.direction is Direction.OUT and is_open and attempt.id not in self.doubtful:
                yield f"attempt {attempt.id} ({attempt.channel}) is still {attempt.status}, and nobody is told"

    def _keys_are_kept(self) -> Iterable[str]:
        """What we said 200 to is in our rows."""
        for sid, attempt, digits in self.presses:
            if sid in self.calls and (sid, digits) not in self.turns:
                yield f"key {digits} of {sid} (attempt {attempt}) is lost"
        for sid, number in self.texts_back:
            if sid not in self.replied:
                yield f"text {sid} from {number} is lost"


def is_settled(database: Database, window: Window, now: Any, *, silent: bool) -> bool:
    """Whether nothing is under way any more: no claim, no doubt, nothing due; nor, unless they may be `silent`, a call
    or a text whose end we were not told."""
    with database.reading() as db:
        moving = select(Attempt.id).where(
            col(Attempt.direction) == Direction.OUT,
            col(Attempt.status) == AttemptStatus.QUEUED
            if silent
            else col(Attempt.status).not_in([*FINAL_ATTEMPTS, AttemptStatus.SENT]),
        )
        claimed = select(Reminder.id).where(col(Reminder.status) == ReminderStatus.CLAIMED)
        due = select(Reminder.id).where(
            col(Reminder.status) == ReminderStatus.PLANNED,
            col(Reminder.next_try_at) <= in_utc(now),
            col(Reminder.channel) != Channel.VISIT,
        )
        waits = [moving, claimed, *([due] if window.is_open(now) else [])]
        return all(db.exec(statement.limit(1)).first() is None for statement in waits)


def is_over(database: Database) -> bool:
    """Whether no reminder is open any more."""
    with database.reading() as db:
        open_ones = select(Reminder.id).where(col(Reminder.status).not_in(list(OVER)))
        return db.exec(open_ones.limit(1)).first() is None


def summary(truth: Truth) -> dict[str, Any]:
    """What a run did, in figures."""
    return {
        "submissions": len(truth.taken),
        "attempts": sum(one.direction is Direction.OUT for one in truth.attempts.values()),
        "reminders": dict(Counter(one.status.value for one in truth.reminders.values())),
        "not_sent": sum(one.reason == "not_sent" for one in truth.attempts.values()),
        "keys": len(truth.presses),
        "texts back": len(truth.texts_back),
        "in doubt": len(truth.doubtful),
    }


def _all(db: Session, table: type[SQLModel]) -> list[Any]:
    return list(db.exec(select(table)).all())
