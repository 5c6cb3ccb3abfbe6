"""What a province's day costs in CPU: 12,000 appointments planned, called, answered, noted and counted.

Measured with fewer calls and multiplied: every part of it costs a call as much, however many there are (the notes say
of how many). Counted are the worker's and the web's processes; not the carrier's stand-in and not the load generator.
What a worker spends on looking for work, all night too, is measured and counted in. The clips are played by the
carrier from its cache after the first call, and are not counted.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import time as hour
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks import workload
from benchmarks.dispatch import ROOM, _carrier, _stub
from benchmarks.harness import Result, below, cpu
from benchmarks.http_load import in_lanes, load, post
from benchmarks.http_server import HOST, NOW, house, serving, speak
from gateway.kit.clock import at_bangkok
from gateway.records.agreements import Appointment
from gateway.records.columns import UtcDateTime
from gateway.records.contacts import Attempt, Reminder
from gateway.records.database import Database
from gateway.records.status import ReminderStatus
from gateway.settings import Settings
from gateway.wiring.house import WEBHOOKS, sandbox_account
from gateway.worker import TICKS, WHILE_SHUT, Ticks

CALLS_A_DAY = 12_000
DAYS = 3  # of appointments; those of the last are called two days before, on the first
IDLE = 200  # passes that find nothing
OPEN = 10.5 * 3600  # seconds of a day in which people may be contacted
WHOLE = {"plan": 24, "sweep": 5}  # looks at everything in a day, as a worker that has just begun takes them


def run(quick: bool) -> Result:
    """Measure the parts one after another."""
    count = 600 if quick else 6_000
    size = workload.Size(people=DAYS * count, a_day=count, days=DAYS, sites=60)
    with workload.fresh() as database, tempfile.TemporaryDirectory() as folder:
        workload.fill(database, size)
        _plain_people(database)
        speak(database, folder)
        url = database.url.render_as_string(hide_password=False)
        built = house(url, folder, 0)
        ticks = Ticks(built)
        spent = {"plan": _cpu_of(ticks.plan) / DAYS / count}
        _all_due(database)
        spent["dispatch"] = _dispatched(built, database, count) / count
        spent["web"] = _heard(database, url, folder) / count
        spent["count and sweep"] = (_cpu_of(ticks.figures) + _cpu_of(ticks.sweep)) / count
        idle = _idle(ticks)
        built.close()
    calls = sum(spent.values()) * CALLS_A_DAY
    parts = ", ".join(f"{name} {value * 1e3:.2f}" for name, value in spent.items())
    notes = [
        f"{count} calls measured, times {CALLS_A_DAY / count:g}. CPU-ms a call: {parts}.",
        "Looking for work where there is none, CPU-seconds in 24 hours of one worker: "
        + ", ".join(f"{name} {value:.0f}" for name, value in idle.items()),
        "A call: its steps planned; claimed, placed through the SDK; initiated, ringing, answered, key 1, completed.",
    ]
    figures = [
        below("CPU of 12,000 calls", calls, 120.0, "CPU-s"),
        below("the same and a day's idle ticks", calls + sum(idle.values()), 120.0, "CPU-s"),
    ]
    return Result("day", figures, notes)


def _plain_people(database: Database) -> None:
    """Everybody has a mobile of their own and speaks Thai: 12,000 appointments are 12,000 calls."""
    with database.unit_of_work() as db:
        db.execute(sa.text("UPDATE person SET language = 'th'"))
        db.execute(sa.text("UPDATE person_phone SET phone = phone + 1, role = 'own' WHERE role = 'household'"))


def _all_due(database: Database) -> None:
    """The calls for the last day's appointments fall due at once; whatever else was planned is out of the way."""
    wednesday = at_bangkok(workload.Size().day(DAYS - 1), hour(0))
    late = at_bangkok(workload.FIRST_DAY, hour(19, 30))
    theirs = sa.select(Appointment.id).where(sa.column("starts_at", UtcDateTime()) >= wednesday)
    with database.unit_of_work() as db:
        db.execute(sa.update(Reminder).values(status=ReminderStatus.CANCELLED))
        mine = (sa.column("appointment").in_(theirs), sa.column("step") == "reminder")
        now = {"due_at": NOW, "next_try_at": NOW, "expires_at": late, "status": ReminderStatus.PLANNED}
        db.execute(sa.update(Reminder).where(*mine).values(**now))


def _dispatched(built: Any, database: Database, count: int) -> float:
    sender = built.sender
    sender.limits = ROOM
    with _stub() as url, _carrier(url) as carrier:
        sender.sms, sender.voice = carrier.sms, carrier.voice
        with cpu() as taken:
            while sender.pass_once().sent:
                pass
    with database.reading() as db:
        placed = db.execute(sa.select(sa.func.count()).select_from(Attempt)).scalar_one()
    if placed != count:
        raise RuntimeError(f"{placed} of {count} calls were placed")
    return taken["cpu"]


def _heard(database: Database, url: str, folder: str) -> float:
    with database.reading() as db:
        made = db.execute(sa.select(Attempt.id, Attempt.carrier_id)).all()
    with serving("gateway", url, folder) as port:
        lanes = in_lanes([_requests(attempt, carrier_id, port) for attempt, carrier_id in made])
        with _of_child("benchmarks.http_server") as taken:
            seen = load(port, lanes)
    if set(seen.statuses) - {"200", "204"}:
        raise RuntimeError(f"not every request was answered: {seen.statuses}")
    with database.reading() as db:
        answered = sa.select(sa.func.count()).select_from(Reminder).where(sa.column("status") == "answered")
        if db.execute(answered).scalar_one() < len(made) * 0.99:
            raise RuntimeError("not every call came to an answer")
    return taken["cpu"]


def _requests(attempt: str, carrier_id: str, port: int) -> list[bytes]:
    account, token = sandbox_account(Settings())
    voice = f"http://{HOST}:{port}{WEBHOOKS}/voice"
    call = {"CallSid": carrier_id, "AccountSid": account, "From": "+6620000000", "To": "+66800000001",
            "ApiVersion": "2010-04-01", "Direction": "outbound-api"}  # fmt: skip

    def status(word: str, number: int) -> bytes:
        return post(f"{voice}/status/{attempt}", {**call, "CallStatus": word, "SequenceNumber": str(number)}, token)

    talking = {**call, "CallStatus": "in-progress"}
    return [
        status("initiated", 0),
        status("ringing", 1),
        post(f"{voice}/answer/{attempt}", talking, token),
        status("in-progress", 2),
        post(f"{voice}/turn/{attempt}?turn=1", {**talking, "Digits": "1", "msg": "Gather End"}, token),
        status("completed", 3),
    ]


def _idle(ticks: Ticks) -> dict[str, float]:
    """CPU-seconds of a day on which a tick finds nothing, by the tick's name; with its looks at everything."""
    found = {}
    for name, every in TICKS.items():
        work = ticks.keep_dispatching if name == "dispatch" else getattr(ticks, name)
        work()
        passes = IDLE if name == "dispatch" else 10
        one = _cpu_of(lambda work=work, passes=passes: [work() for _ in range(passes)]) / passes
        shut = WHILE_SHUT if name == "dispatch" else every
        found[name] = one * (OPEN / every + (86_400 - OPEN) / shut)
        if name in WHOLE:
            found[name] += _cpu_of(getattr(Ticks(ticks.house), name)) * WHOLE[name]
    return found


def _cpu_of(work: Callable[[], object]) -> float:
    with cpu() as taken:
        work()
    return taken["cpu"]


@contextmanager
def _of_child(module: str) -> Iterator[dict[str, float]]:
    """Give what a child of ours that runs a module spends during the block, all its threads; Linux only."""
    pid = next(one for one in _children() if module in Path(f"/proc/{one}/cmdline").read_text())
    began, taken = _spent(pid), {}
    yield taken
    taken["cpu"] = _spent(pid) - began


def _children() -> Iterator[int]:
    for task in Path("/proc/self/task").iterdir():
        yield from map(int, (task / "children").read_text().split())


def _spent(pid: int) -> float:
    behind = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(behind[11]) + int(behind[12])) / os.sysconf("SC_CLK_TCK")
