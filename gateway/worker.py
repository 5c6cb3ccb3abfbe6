"""APScheduler ticks, and nothing more: due work is found by query, so that missing a tick costs nothing (law 12).

Of several processes on one database all dispatch, and one, the leader, does the rest.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Final

from apscheduler.events import EVENT_SCHEDULER_SHUTDOWN
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from sqlmodel import Session

from gateway.care import rides
from gateway.care.booking import release_expired
from gateway.care.second_doses import book_second_doses
from gateway.dispatch.sender import DispatchReport
from gateway.dispatch.steady import keep_on
from gateway.plan.planner import plan_in_parts, sweep
from gateway.records.database import Conflict, again
from gateway.records.house import TickRun
from gateway.records.leader import Leader
from gateway.replies.questions import leave_old_to_staff
from gateway.reports.folding import fold
from gateway.wiring import House

log = logging.getLogger(__name__)
logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a pass that outlasts its second is skipped, and no news

TICKS: dict[str, float] = {
    "plan": 20.0,
    "dispatch": 0.25,  # nothing due is one look into an index
    "sweep": 20.0,
    "reconcile": 15.0,
    "takes": 5.0,
    "hotline": 5.0,
    "figures": 5.0,
}
"""Real seconds between two."""
EVERYWHERE: Final = ("dispatch",)
"""What every process does; the rest is the leader's."""
AGAIN: Final = 4
"""How often a pass is done before it waits for its next turn, where other processes were quicker."""
NOTED_EVERY = 5.0  # real seconds: a pass a second is not worth a write a second
FOLDED_AT_MOST = 40  # transactions of a pass: a roster's half a million rows are counted in the course of some minutes
SECOND_DOSES = 500  # booked in one pass; the rest wait for the next


@dataclass(slots=True)
class Ticks:
    """What each tick does: one pass over what is due."""

    house: House
    done: dict[str, dict[str, object]] = field(default_factory=dict)

    def plan(self) -> dict[str, object]:
        """Book second doses that fall due, then write the reminders to come."""
        house, now = self.house, self.house.clock.now()
        booked = house.database.run(lambda db: book_second_doses(db, house.regimens, now=now, limit=SECOND_DOSES))
        speakable, textable = house.speech.speakable(), house.speech.textable()
        planned = plan_in_parts(
            house.database, house.ladder, house.window, now=now, speakable=speakable, textable=textable
        )
        return {"second_doses": asdict(booked), "reminders": asdict(planned)}

    def dispatch(self, due_by: datetime | None = None) -> dict[str, object]:
        """Hand due reminders to the carrier, as far as rates, lines and money allow."""
        return asdict(self.house.sender.pass_once(due_by=due_by))

    def keep_dispatching(self) -> dict[str, object]:
        """Dispatch while something is due, each time when rates and lines let the next go, for some seconds."""
        sender = self.house.sender
        done = keep_on(sender.next_pass_in, sender.pass_once, lambda one: bool(one.sent or one.errors))
        return asdict(done or DispatchReport())

    def sweep(self) -> dict[str, object]:
        """Close what is over: reminders past their time, holds past theirs, questions nobody answered by text."""
        return self.house.database.run(self._swept)

    def _swept(self, db: Session) -> dict[str, object]:
        now = self.house.clock.now()
        return {
            "reminders": asdict(sweep(db, now=now, ladder=self.house.ladder)),
            "holds_released": release_expired(db, now),
            "rides_ended": rides.end_all(db, now=now),
            "questions_to_staff": leave_old_to_staff(db, now=now),
        }

    def reconcile(self) -> dict[str, object]:
        """Ask the carrier about what is in doubt."""
        return asdict(self.house.reconciler.pass_once())

    def takes(self) -> dict[str, object]:
        """Take in what speakers recorded by telephone, and the messages callers left."""
        return asdict(self.house.takes.pass_once())

    def hotline(self) -> dict[str, object]:
        """Call back who called the hotline in vain, in turn, where a line is free."""
        return asdict(self.house.callbacks.pass_once())

    def figures(self) -> dict[str, object]:
        """Count what has changed, so that pages need not."""
        return asdict(fold(self.house.database, passes=FOLDED_AT_MOST))


def start(house: House, only: Iterable[str] = TICKS) -> BackgroundScheduler:
    """Begin ticking in the background; `shutdown()` what is returned to end."""
    if house.carrier.reaches_people and not house.settings.live:
        log.warning("nothing is sent: this carrier reaches people and GATEWAY_LIVE is off")
    _ = house.speech  # words that may not be used end it here, and not every pass of every second
    scheduler = BackgroundScheduler(executors={"default": ThreadPoolExecutor(4)}, timezone="UTC")
    ticks, leader = Ticks(house), Leader(house.database)
    scheduler.add_listener(lambda _: leader.close(), EVENT_SCHEDULER_SHUTDOWN)
    for name in only:
        may = _always if name in EVERYWHERE else leader.leads
        work = ticks.keep_dispatching if name == "dispatch" else getattr(ticks, name)
        scheduler.add_job(
            _guarded(Notes(house, name), work, may),
            "interval",
            seconds=TICKS[name],
            next_run_time=datetime.now(UTC),  # real time: the scheduler's, not business time
            id=name,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )
    scheduler.start()
    return scheduler


@dataclass(slots=True)
class Notes:
    """Writes down when a tick ran, for the health page: a quick one now and then, a failure and its end at once."""

    house: House
    name: str
    _failures: int = 0
    _noted_at: float | None = None  # by the monotonic clock

    def passed(self, seconds: float, error: str = "") -> None:
        """Note a pass that took `seconds`; `error` is the kind of what went wrong. Never raises."""
        is_news = bool(error) != (self._failures > 0) or self._noted_at is None
        self._failures = self._failures + 1 if error else 0
        if not is_news and time.monotonic() - (self._noted_at or 0.0) < NOTED_EVERY:
            return
        try:
            self._write(seconds, error)
            self._noted_at = time.monotonic()
        except Exception:  # the work itself was done, or was logged already
            log.exception("the %s tick could not be noted", self.name)

    def _write(self, seconds: float, error: str) -> None:
        now, real_now = self.house.clock.now(), datetime.now(UTC)

        def write(db: Session) -> None:
            run = db.get(TickRun, self.name) or TickRun(name=self.name, every=0.0, at=now, real_at=real_now)
            run.every, run.at, run.real_at = TICKS[self.name], now, real_now
            run.seconds, run.failures = round(seconds, 3), self._failures
            if error:
                run.error, run.failed_at = error[:64], real_now
            db.add(run)

        self.house.database.run(write)


def _always() -> bool:
    return True


def _guarded(
    notes: Notes, work: Callable[[], dict[str, object]], may: Callable[[], bool] = _always
) -> Callable[[], None]:
    """A tick that fails is logged and comes round again: the rows it would have worked on are still there.

    What `may` not be done here is done by another process, which notes it.
    """

    def tick() -> None:
        began, error = time.monotonic(), ""
        try:
            if not may():
                return
            log.debug("%s: %s", notes.name, json.dumps(again(work, tries=AGAIN), default=str))
        except Conflict:  # nothing was changed and nothing is lost: others did the same work meanwhile
            log.info("%s: other processes were quicker", notes.name)
        except Exception as wrong:  # a tick that raised would be the last one
            error = type(wrong).__name__  # its words may hold what is private: those are in the log alone
            log.exception("the %s tick failed; it comes round again in %.0f s", notes.name, TICKS[notes.name])
        notes.passed(time.monotonic() - began, error)

    return tick
