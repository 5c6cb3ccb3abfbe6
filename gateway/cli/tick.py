"""`gateway tick --at ISO`: one pass at that instant, its calls played to the end in virtual time, then stop."""

from __future__ import annotations

import json
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer
from sqlmodel import Session, SQLModel, col, func, select

from gateway.cli.alone import alone
from gateway.cli.context import MISUSED, fail, parse_instant, ready, say, settings
from gateway.cli.demo import DEMO_SPEED, keep_time, stored_time
from gateway.kit.clock import SteppedClock, bangkok_time
from gateway.kit.ids import seeded_ids
from gateway.records.contacts import Attempt, Reminder
from gateway.records.conversations import Reply
from gateway.records.people import Person
from gateway.records.status import Channel, ReminderStatus
from gateway.settings import CarrierName
from gateway.wiring import House, MovedClockError
from gateway.worker import Ticks

# Calls come last: playing them moves the clock on, and what is swept is swept as of the instant asked for. Who waits to
# be called back waits at their telephone: before the reminders. What came of it all is counted at the end.
PASSES = ("plan", "sweep", "reconcile", "takes", "hotline", "dispatch", "figures")
STEP = timedelta(seconds=1)
PATIENCE = 120  # virtual seconds in which nothing moved, after which what is left is left for the next tick


def tick(
    at: Annotated[str, typer.Option(help="The instant, such as 2026-08-03T09:00+07:00.")],
    only: Annotated[str, typer.Option(help=f"Which passes, of: {','.join(sorted(PASSES))}.")] = ",".join(PASSES),
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Do one pass at an instant, on the sandbox or where nobody is reached. Needs no server."""
    wanted = _passes(only)
    report = run_tick(parse_instant(at, "--at"), wanted)
    print(json.dumps(report, default=str) if as_json else _in_words(report))  # noqa: T201  # the command's result


def run_tick(at: datetime, wanted: tuple[str, ...] = PASSES) -> dict[str, Any]:
    """Do the passes at `at` (aware); returns what each did."""
    from gateway.app import create_app
    from gateway.cli.serving import listen, serving

    chosen = settings()
    on_sandbox = chosen.carrier is CarrierName.SANDBOX
    with ExitStack() as stack:
        listener = stack.enter_context(listen(0)) if on_sandbox else None
        url = f"http://127.0.0.1:{listener.getsockname()[1]}" if listener else None
        house = ready(House(chosen, clock=SteppedClock(at), public_url=url))
        stack.callback(house.close)
        _refuse_people(house)
        stack.enter_context(alone(house.database))  # a `run` beside it has a clock of its own, and would call as well
        if on_sandbox:
            _keep_time(house, at)
        stack.enter_context(seeded_ids(_seed_for(house, at)))
        if listener is not None:
            stack.enter_context(serving(create_app(house), listener))
        return run_passes(house, at, wanted, on_sandbox)


def _keep_time(house: House, at: datetime) -> None:
    """The simulation's calendar goes on from here: the next roster is judged by it, and so is the next run."""
    kept = stored_time(house)
    if kept is not None and at < kept:
        say(f"going back: the clock stood at {bangkok_time(kept).isoformat(timespec='minutes')} already")
    keep_time(house, DEMO_SPEED)


def run_passes(house: House, at: datetime, wanted: tuple[str, ...], on_sandbox: bool) -> dict[str, Any]:
    """Do these passes on a house whose clock stands at `at`; returns what each did."""
    ticks = Ticks(house)
    report: dict[str, Any] = {"at": bangkok_time(at).isoformat()}
    for name in PASSES:
        if name not in wanted:
            continue
        if name == "dispatch" and on_sandbox:
            report[name] = _dispatch_and_play(house, ticks, at)
        elif name == "hotline" and on_sandbox:
            report[name] = _call_back_and_play(house, ticks)
        else:
            report[name] = getattr(ticks, name)()
    report["ended_at"] = bangkok_time(house.clock.now()).isoformat()
    return report


def _dispatch_and_play(house: House, ticks: Ticks, at: datetime) -> dict[str, Any]:
    """Send what is due, second by virtual second as the lines allow, then play every call and text to its end."""
    total: dict[str, Any] = {"sent": 0, "visits": 0, "errors": 0, "in_doubt": 0}
    idle = 0
    while _is_due(house, at) and idle < PATIENCE and house.window.is_open(house.clock.now()):
        done = ticks.dispatch(at)
        for key in total:
            total[key] += done[key]
        busy = house.network.play_until(house.clock.now() + STEP)
        idle = 0 if done["sent"] or done["visits"] or busy else idle + 1
    house.network.play_until_idle()
    return total


def _call_back_and_play(house: House, ticks: Ticks) -> dict[str, Any]:
    """Call back who waits, second by virtual second as the lines allow, each call played to its end."""
    total: dict[str, Any] = ticks.hotline()
    is_waiting = bool(total["called"])
    while is_waiting:
        house.network.play_until(house.clock.now() + STEP)
        done: dict[str, Any] = ticks.hotline()
        total = {key: value if isinstance(value, str) else total[key] + value for key, value in done.items()}
        is_waiting = bool(done["called"]) or house.network.next_event_at() is not None
    return total


def _is_due(house: House, at: datetime) -> bool:
    with house.database.reading() as db:
        statement = select(Reminder.id).where(
            col(Reminder.status) == ReminderStatus.PLANNED,
            col(Reminder.next_try_at) <= at,
            col(Reminder.channel).in_(list(Channel)),
        )
        return db.exec(statement.limit(1)).first() is not None


def _refuse_people(house: House) -> None:
    try:
        house.carrier  # noqa: B018  # connecting is what refuses
    except MovedClockError as error:
        fail(f"tick refused: {error}")


def _seed_for(house: House, at: datetime) -> str:
    """A seed no earlier tick had: the same history and the same instant give the same identifiers."""
    with house.database.reading() as db:
        rows = ":".join(str(_count(db, table)) for table in (Person, Reminder, Attempt, Reply))
    return f"{house.settings.seed}:{at.isoformat()}:{rows}"


def _count(db: Session, table: type[SQLModel]) -> int:
    return db.exec(select(func.count()).select_from(table)).one()


def _passes(only: str) -> tuple[str, ...]:
    wanted = tuple(name.strip() for name in only.split(",") if name.strip())
    unknown = [name for name in wanted if name not in PASSES]
    if unknown or not wanted:
        fail(f"--only: expected some of {','.join(PASSES)}, not {only!r}", MISUSED)
    return wanted


def _in_words(report: dict[str, Any]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in report.items())
