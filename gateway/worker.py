"""APScheduler ticks, and nothing more: due work is found by query, so that missing a tick costs nothing (law 12)."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from gateway.care.booking import release_expired
from gateway.care.second_doses import book_second_doses
from gateway.plan.planner import plan, sweep
from gateway.wiring import House

log = logging.getLogger(__name__)
logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a pass that outlasts its second is skipped, and no news

TICKS: dict[str, float] = {"plan": 20.0, "dispatch": 1.0, "sweep": 20.0, "reconcile": 15.0}  # real seconds between two
SECOND_DOSES = 500  # booked in one pass; the rest wait for the next


@dataclass(slots=True)
class Ticks:
    """What each tick does: one pass over what is due."""

    house: House
    done: dict[str, dict[str, object]] = field(default_factory=dict)

    def plan(self) -> dict[str, object]:
        """Book second doses that fall due, then write the reminders to come."""
        house, now = self.house, self.house.clock.now()
        with house.database.unit_of_work() as db:
            booked = book_second_doses(db, house.regimens, now=now, limit=SECOND_DOSES)
        with house.database.unit_of_work() as db:
            planned = plan(
                db,
                house.ladder,
                house.window,
                now=now,
                speakable=house.speech.speakable(),
                textable=house.speech.textable(),
            )
        return {"second_doses": asdict(booked), "reminders": asdict(planned)}

    def dispatch(self, due_by: datetime | None = None) -> dict[str, object]:
        """Hand due reminders to the carrier, as far as rates, lines and money allow."""
        return asdict(self.house.sender.pass_once(due_by=due_by))

    def sweep(self) -> dict[str, object]:
        """Close what is over: reminders past their time, holds past theirs."""
        now = self.house.clock.now()
        with self.house.database.unit_of_work() as db:
            swept = sweep(db, now=now, ladder=self.house.ladder)
            freed = release_expired(db, now)
        return {"reminders": asdict(swept), "holds_released": freed}

    def reconcile(self) -> dict[str, object]:
        """Ask the carrier about what is in doubt."""
        return asdict(self.house.reconciler.pass_once())


def start(house: House, only: Iterable[str] = TICKS) -> BackgroundScheduler:
    """Begin ticking in the background; `shutdown()` what is returned to end. One process ticks, the leader."""
    if house.carrier.reaches_people and not house.settings.live:
        log.warning("nothing is sent: this carrier reaches people and GATEWAY_LIVE is off")
    scheduler = BackgroundScheduler(executors={"default": ThreadPoolExecutor(4)}, timezone="UTC")
    ticks = Ticks(house)
    for name in only:
        scheduler.add_job(
            _guarded(name, getattr(ticks, name)),
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


def _guarded(name: str, work: Callable[[], dict[str, object]]) -> Callable[[], None]:
    """A tick that fails is logged and comes round again: the rows it would have worked on are still there."""

    def tick() -> None:
        try:
            log.debug("%s: %s", name, json.dumps(work(), default=str))
        except Exception:  # a tick that raised would be the last one
            log.exception("the %s tick failed; it comes round again in %.0f s", name, TICKS[name])

    return tick
