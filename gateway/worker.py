"""APScheduler ticks, and nothing more: due work is found by query, so that missing a tick costs nothing (law 12).

Of several processes on one database all dispatch, and one, the leader, does the rest.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from apscheduler.events import EVENT_SCHEDULER_SHUTDOWN
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from sqlmodel import Session, col

from gateway.care import rides
from gateway.care.booking import release_expired
from gateway.care.second_doses import SecondDoseReport, book_second_doses, newest_dose, seats_offered
from gateway.dispatch.callbacks import CallbacksReport
from gateway.dispatch.sender import DispatchReport
from gateway.dispatch.steady import LINE_LOOK, keep_on
from gateway.plan.looks import Looks
from gateway.plan.planner import plan_in_parts, sweep
from gateway.records.away import is_away
from gateway.records.database import Conflict, again
from gateway.records.house import TickRun
from gateway.records.leader import Leader
from gateway.replies.questions import leave_old_to_staff
from gateway.reports.folding import fold
from gateway.wiring import House

log = logging.getLogger(__name__)
logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a pass that outlasts its second is skipped, and no news

TICKS: dict[str, float] = {
    "plan": 60.0,
    "dispatch": 1.0,  # nothing due is one look into an index; while something is, it does not wait
    "sweep": 60.0,
    "reconcile": 30.0,
    "takes": 30.0,
    "hotline": 10.0,
    "figures": 20.0,
}
"""Real seconds between two. A house with nothing to do should cost next to nothing, all night too."""
WHILE_SHUT: Final = 5.0
"""Real seconds between two looks of dispatch outside the window, when nothing may go out."""
RESTARTED_WITHIN: Final = 10.0
"""Dispatch goes on by itself; real seconds after which the scheduler begins it anew where it broke down."""
EVERYWHERE: Final = ("dispatch",)
"""What every process does; the rest is the leader's."""
AGAIN: Final = 4
"""How often a pass is done before it waits for its next turn, where other processes were quicker."""
LONGEST_REST: Final = 5.0
"""Real seconds between two tries of dispatch while it fails."""
WHOLE_EVERY, SAID_EVERY = 60.0, 10.0  # real seconds between two tracebacks of a kind, and between two lines
NOTED_EVERY = 60.0  # real seconds: a pass is not worth a write; the health page waits longer (reports/pulse.py)
FOLDED_AT_MOST = 40  # transactions of a pass: a roster's half a million rows are counted in the course of some minutes
SECOND_DOSES = 500  # booked in one pass; the rest wait for the next
PLANNED_WHOLE: Final = timedelta(hours=1)  # business time: who has a telephone now, or is booked again after all
SWEPT_WHOLE: Final = timedelta(hours=6)
DOSES_WHOLE: Final = timedelta(hours=3)
_SOMEBODY_WAITS: Final = sa.text("SELECT 1 FROM hotline_wait WHERE status IN ('waiting', 'calling') LIMIT 1")


@dataclass(slots=True)
class Ticks:
    """What each tick does: one pass over what is due. The first looks at everything, the next at what is new."""

    house: House
    _planned: Looks = field(default_factory=lambda: Looks(PLANNED_WHOLE))
    _swept_at: Looks = field(default_factory=lambda: Looks(SWEPT_WHOLE))
    _doses: Looks = field(default_factory=lambda: Looks(DOSES_WHOLE))
    _dose: int = 0  # the newest one looked at

    def plan(self) -> dict[str, object]:
        """Book second doses that fall due, then write the reminders to come."""
        house, now = self.house, self.house.clock.now()
        booked = self._book(now)
        with house.clips.steady():  # the same some hundred times, for all languages
            offered = house.speech.speakable(), house.speech.textable()
        since = self._planned.since(now, offered)
        planned = plan_in_parts(
            house.database, house.ladder, house.window,
            now=now, speakable=offered[0], textable=offered[1], since=since,
        )  # fmt: skip
        self._planned.done(now, offered, was_whole=since is None)
        return {"second_doses": asdict(booked), "reminders": asdict(planned)}

    def _book(self, now: datetime) -> SecondDoseReport:
        house = self.house
        with house.database.reading() as db:
            newest, seats = newest_dose(db), seats_offered(db)
        is_whole = self._doses.since(now, seats) is None or newest < self._dose
        if newest == self._dose and not is_whole:
            return SecondDoseReport()
        after = 0 if is_whole else self._dose
        booked = house.database.run(
            lambda db: book_second_doses(db, house.regimens, now=now, limit=SECOND_DOSES, after=after)
        )
        self._doses.done(now, seats, was_whole=is_whole)
        self._dose = newest
        if booked.booked + booked.no_seat >= SECOND_DOSES:
            self._doses.forget()
        return booked

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
        now = self.house.clock.now()
        since = self._swept_at.since(now)
        done = self.house.database.run(lambda db: self._swept(db, now, since))
        self._swept_at.done(now, was_whole=since is None)
        return done

    def _swept(self, db: Session, now: datetime, since: datetime | None) -> dict[str, object]:
        return {
            "reminders": asdict(sweep(db, now=now, ladder=self.house.ladder, since=since)),
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
        with self.house.database.reading() as db:
            if db.execute(_SOMEBODY_WAITS).first() is None:
                return asdict(CallbacksReport())
        return asdict(self.house.callbacks.pass_once())

    def figures(self) -> dict[str, object]:
        """Count what has changed, so that pages need not."""
        return asdict(fold(self.house.database, passes=FOLDED_AT_MOST))


def start(
    house: House, only: Iterable[str] = TICKS, *, may_tick: Callable[[], bool] = lambda: True
) -> BackgroundScheduler:
    """Begin ticking in the background; `shutdown()` what is returned to end.

    `may_tick` is asked before each tick: whether this process may still tick at all. Raises where nobody knows.
    """
    if house.carrier.reaches_people and not house.settings.live:
        log.warning("nothing is sent: this carrier reaches people and GATEWAY_LIVE is off")
    _ = house.speech  # words that may not be used end it here, and not every pass of every second
    scheduler = _Scheduler(executors={"default": ThreadPoolExecutor(5)}, timezone="UTC")
    ticks, leader, trouble = Ticks(house), Leader(house.database), Trouble()
    scheduler.add_listener(lambda _: leader.close(), EVENT_SCHEDULER_SHUTDOWN)
    notes: list[Notes] = []
    for name in only:
        may = may_tick if name in EVERYWHERE else _both(may_tick, leader.leads)
        work = ticks.keep_dispatching if name == "dispatch" else getattr(ticks, name)
        notes.append(Notes(house, name, notes, trouble))
        tick, every = _guarded(notes[-1], work, may), TICKS[name]
        if name == "dispatch":
            tick, every = _on_and_on(tick, house, scheduler.is_ending, notes[-1]), RESTARTED_WITHIN
        scheduler.add_job(
            tick,
            "interval",
            seconds=every,
            next_run_time=datetime.now(UTC),  # real time: the scheduler's, not business time
            id=name,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )
    scheduler.start()
    return scheduler


class _Scheduler(BackgroundScheduler):  # type: ignore[misc]  # APScheduler tells nobody its types
    """Says that it ends before it waits for the ticks to end."""

    def __init__(self, **options: object) -> None:
        self.is_ending = threading.Event()
        super().__init__(**options)

    def shutdown(self, wait: bool = True) -> None:
        self.is_ending.set()
        super().shutdown(wait)


def _on_and_on(tick: Callable[[], None], house: House, is_ending: threading.Event, notes: Notes) -> Callable[[], None]:
    """Do a tick again and again, at once while there is work: a job of the scheduler every second would cost more."""

    def go_on() -> None:
        while not is_ending.is_set() and threading.main_thread().is_alive():
            began = time.monotonic()
            tick()
            if notes.is_failing or time.monotonic() - began < LINE_LOOK:
                pause = TICKS["dispatch"] if house.window.is_open(house.clock.now()) else WHILE_SHUT
                is_ending.wait(max(pause, notes.rest))

    return go_on


@dataclass(slots=True)
class Trouble:
    """How loud failures are: each kind whole at first and once a minute, else a line now and then.

    An outage of a minute and a half once filled the disk with 6.6 MB of tracebacks.
    """

    _whole_at: dict[str, float] = field(default_factory=dict)  # by the monotonic clock
    _said_at: dict[str, float] = field(default_factory=dict)

    def tell(self, wrong: Exception, name: str, said: str) -> None:
        """Log `said` about the tick `name`; what the database itself refuses is told once for all ticks."""
        kind, now = type(wrong).__name__, time.monotonic()
        key = kind if is_away(wrong) else f"{name} {kind}"
        if now - self._whole_at.get(key, -WHOLE_EVERY) >= WHOLE_EVERY:
            self._whole_at[key] = self._said_at[key] = now
            log.error(said, exc_info=wrong)
        elif now - self._said_at[key] >= SAID_EVERY:
            self._said_at[key] = now
            log.error("%s: %s again", said, kind)


@dataclass(slots=True)
class Notes:
    """Writes down when a tick ran, for the health page: a quick one now and then, a failure and its end at once."""

    house: House
    name: str
    others: list[Notes] = field(default_factory=list)
    """Of this process: whoever writes writes for all, or a worker would write seven times a minute."""
    trouble: Trouble = field(default_factory=Trouble)
    _failures: int = 0
    _noted_at: float | None = None  # by the monotonic clock
    _latest: dict[str, Any] | None = None  # not written yet

    @property
    def is_failing(self) -> bool:
        """Whether the last pass failed."""
        return self._failures > 0

    @property
    def rest(self) -> float:
        """Real seconds to leave a database, or whatever else is wrong, in peace: more after each failure in a row."""
        return min(2.0 ** min(self._failures, 9) / 2, LONGEST_REST) if self.is_failing else 0.0

    def passed(self, seconds: float, error: str = "") -> None:
        """Note a pass that took `seconds`; `error` is the kind of what went wrong. Never raises."""
        is_news = bool(error) != (self._failures > 0) or self._noted_at is None
        self._failures = self._failures + 1 if error else 0
        self._latest = self._row(seconds, error)
        if not is_news and time.monotonic() - (self._noted_at or 0.0) < NOTED_EVERY:
            return
        try:
            self._write()
        except Exception as wrong:  # the work itself was done, or was logged already
            self.trouble.tell(wrong, self.name, f"the {self.name} tick could not be noted")

    def _row(self, seconds: float, error: str) -> dict[str, Any]:
        now, real_now = self.house.clock.now(), datetime.now(UTC)
        row: dict[str, Any] = {"every": TICKS[self.name], "at": now, "real_at": real_now}
        row |= {"seconds": round(seconds, 3), "failures": self._failures}
        return row | ({"error": error[:64], "failed_at": real_now} if error else {})

    def _write(self) -> None:
        mine = [self, *(one for one in self.others if one is not self and one._noted_at is not None)]
        rows = {one.name: row for one in mine if (row := one._latest) is not None}

        def write(db: Session) -> None:
            for name, row in sorted(rows.items()):
                update = sa.update(TickRun).where(col(TickRun.name) == name).values(row)
                if not db.exec(update).rowcount:
                    db.add(TickRun(name=name, **row))

        self.house.database.run(write)
        for one in mine:
            if one.name in rows:
                one._noted_at = time.monotonic()


def _always() -> bool:
    return True


def _both(first: Callable[[], bool], second: Callable[[], bool]) -> Callable[[], bool]:
    return lambda: first() and second()


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
            within = max(TICKS[notes.name], LONGEST_REST)
            notes.trouble.tell(
                wrong, notes.name, f"the {notes.name} tick failed; it comes round again in {within:g} s at most"
            )
        notes.passed(time.monotonic() - began, error)

    return tick
