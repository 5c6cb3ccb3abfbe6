"""One run: a half-day's calls and texts, processes killed in the middle of them, an evening, and the books compared."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from gateway.plan.ladder import load_ladder
from gateway.plan.window import Window
from gateway.records.database import Database
from gateway.settings import Settings
from tests.chaos import scene
from tests.chaos.clock import SharedClock
from tests.chaos.ledger import Ledger
from tests.chaos.server import Postgres, free_port
from tests.chaos.truth import Truth, is_over, is_settled, summary
from tests.support.processes import ROOT

PEOPLE_A_ROUND = 8
SETTLES_WITHIN = 45.0  # real seconds
PULLED_DOWN_EVERY = 4  # rounds between two restarts of the database
WORKS_FOR = 5.0  # real seconds at most between two kills
STARTS_WITHIN = 90.0  # a machine may have other things to do
ALONE = (("run",),)
MANY = (("serve",), ("work",), ("work",))
NO_DATABASE = "the database cannot be used"


class Process:
    """One process of the gateway, which is started again whenever it was killed."""

    def __init__(self, folder: Path, words: tuple[str, ...], settings: dict[str, str], name: str) -> None:
        self.words, self._folder, self.name = words, folder, name
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
        self._settings = kept | {f"GATEWAY_{key}": value for key, value in settings.items()}
        self._settings |= {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
        self._log = (folder / f"{name}.log").open("a", encoding="utf-8")
        self.start()

    def start(self) -> None:
        """Begin, or begin again."""
        command = [sys.executable, "-m", "tests.chaos.process", str(self._folder), *self.words]
        self._running = subprocess.Popen(
            command, cwd=self._folder, env=self._settings, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log
        )

    def kill(self) -> None:
        """`kill -9`."""
        self._running.kill()
        self._running.wait(10)

    def found_no_database(self) -> bool:
        """Whether the last it said was that there is no database to begin with."""
        last = Path(self._log.name).read_text(errors="replace").strip().rpartition("\n")[2]
        return NO_DATABASE in last

    def close(self) -> None:
        """Kill it and leave it dead."""
        self.kill()
        self._log.close()

    @property
    def ended(self) -> int | None:
        """Its exit code, where it ended by itself."""
        return self._running.poll()


@dataclass
class Chaos:
    """A house, its carrier and its database, all on this machine; use it as a context manager."""

    folder: Path
    engine: str = "sqlite"
    seed: int = 1
    rounds: int = 4
    people: int = 0
    tell: Callable[[str], None] = lambda _: None
    processes: list[Process] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Nothing is started yet."""
        self._open = ExitStack()
        self._dice = random.Random(self.seed)
        self.clock = SharedClock(self.folder / "clock")
        self.window: Window = load_ladder().window(*_hours())
        self.people = self.people or max(16, PEOPLE_A_ROUND * self.rounds)

    def __enter__(self) -> Chaos:
        """Start everything."""
        try:
            self._start()
        except BaseException:
            self._open.close()
            raise
        return self

    def _start(self) -> None:
        self.clock.set(scene.BEGINS, scene.SPEED)
        carrier = self._carrier()
        self.postgres = self._postgres()
        url = self.postgres.url if self.postgres else f"sqlite:///{self.folder}/gateway.db"
        port = free_port()
        settings = scene.settings(self.folder, url, f"http://127.0.0.1:{port}", carrier, self.people)
        scene.furnish(self.folder, settings, self.people)
        self.clock.set(scene.BEGINS, scene.SPEED)
        self._health = f"http://127.0.0.1:{port}/healthz"
        for number, (command,) in enumerate(ALONE if self.engine == "sqlite" else MANY):
            words = (command,) if command == "work" else (command, "--port", str(port))
            self.processes.append(Process(self.folder, words, settings, f"{command}{number}"))
            self._open.callback(self.processes[-1].close)
        self.database = Database(url)
        self._open.callback(self.database.close)
        self.ledger = Ledger(self.folder / "ledger.db")
        self._open.callback(self.ledger.close)
        self._until(self._is_up, STARTS_WITHIN, "the house did not start")

    def __exit__(self, *_: object) -> None:
        """Kill everything."""
        self._open.close()

    def play(self) -> list[str]:
        """The whole run; returns every law that did not hold."""
        self._until(lambda: bool(self.ledger.all()), STARTS_WITHIN, "nothing went out")
        half = self.rounds // 2
        self._kill_about(half)
        self._wait_until_up()
        self._move_to(scene.EVENING)  # a clock that jumps, too
        self._kill_about(self.rounds - half)
        self._wait_until_up()
        (self.folder / "calm").touch()
        self._settle(silent=True)
        self._move_to(self.clock.now() + timedelta(minutes=62))  # what fell silent is asked for
        self._settle(silent=False)
        before = len(self.ledger.all())
        self._move_to(scene.AFTERWARDS)
        self._until(lambda: is_over(self.database), SETTLES_WITHIN, "reminders stay open", fatal=False)
        truth = Truth.read(self.database, self.ledger)
        late = len(truth.taken) - before
        wrong = truth.wrong(self.window) + ([f"{late} went out after it was all over"] if late else [])
        self.tell(f"{summary(truth)} faults {self.ledger.faults()}")
        return wrong

    def _kill_about(self, rounds: int) -> None:
        for number in range(rounds):
            self._work_a_while()
            if self.postgres and number % PULLED_DOWN_EVERY == PULLED_DOWN_EVERY - 1:
                self.postgres.pull_down()
                self.tell(f"{number}: the database was pulled down")
                continue
            victim = self._dice.choice(self.processes)
            victim.kill()
            victim.start()
            self.tell(f"{number}: {victim.name} was killed at {self.clock.now():%H:%M:%S} UTC")
            if self._dice.random() < 0.85:  # else the next one dies while it starts
                self._wait_until_up()

    def _work_a_while(self) -> None:
        """To a random point of the work itself: a machine with other things to do gets as far in more time."""
        some = len(self.ledger.all()) + self._dice.randint(0, 6)
        give_up = time.monotonic() + WORKS_FOR
        while len(self.ledger.all()) < some and time.monotonic() < give_up:
            time.sleep(0.02)
        time.sleep(self._dice.uniform(0.0, 0.4))

    def _wait_until_up(self) -> None:
        """The day does not go by meanwhile: on a busy machine a start would take the whole afternoon."""
        self.clock.set(self.clock.now(), 0.0)
        self._until(self._is_up, STARTS_WITHIN, "the house did not start again")
        self.clock.set(self.clock.now(), scene.SPEED)

    def _settle(self, *, silent: bool) -> None:
        def is_so() -> bool:
            return is_settled(self.database, self.window, self.clock.now(), silent=silent)

        self._until(is_so, SETTLES_WITHIN, "it did not settle", fatal=False)

    def _move_to(self, instant: datetime) -> None:
        if instant > self.clock.now():
            self.clock.set(instant, scene.SPEED)

    def _is_up(self) -> bool:
        for one in self.processes:
            if one.ended is not None and one.found_no_database():
                one.start()  # as a supervisor does: who begins while the database is away says so and ends
        dead = [one.name for one in self.processes if one.ended is not None]
        if dead:
            raise AssertionError(f"{dead} ended by themselves:\n{self.logs()}")
        try:
            return httpx.get(self._health, trust_env=False, timeout=1).status_code == 200
        except httpx.HTTPError:
            return False

    def logs(self) -> str:
        """The last lines of every process."""
        return "\n".join(f"== {path.name}\n{path.read_text()[-3000:]}" for path in sorted(self.folder.glob("*.log")))

    def _until(self, is_so: Callable[[], bool], within: float, complaint: str, *, fatal: bool = True) -> None:
        give_up = time.monotonic() + within
        while not is_so():
            if time.monotonic() > give_up:
                if fatal:
                    raise AssertionError(f"{complaint}:\n{self.logs()}")
                self.tell(complaint)
                return
            time.sleep(0.1)

    def _carrier(self) -> str:
        log = self._open.enter_context((self.folder / "carrier.log").open("w", encoding="utf-8"))
        command = [sys.executable, "-m", "tests.chaos.carrier", str(self.folder), str(self.seed), scene.TOKEN]
        carrier = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        self._open.callback(carrier.wait)
        self._open.callback(carrier.kill)
        port = self.folder / "port"
        self._until(port.exists, STARTS_WITHIN, "the carrier did not start")
        return f"http://127.0.0.1:{port.read_text()}"

    def _postgres(self) -> Postgres | None:
        if self.engine == "sqlite":
            return None
        server = Postgres()
        self._open.callback(server.close)
        return server


def _hours() -> tuple[Any, Any]:
    fields = Settings.model_fields
    return fields["window_opens"].default, fields["window_closes"].default


def play(folder: Path, engine: str, rounds: int, seed: int, tell: Callable[[str], None] = lambda _: None) -> list[str]:
    """One run in `folder`; returns what is wrong, with the processes' last words."""
    with Chaos(folder, engine, seed, rounds, tell=tell) as chaos:
        wrong = chaos.play()
        return [*wrong, chaos.logs()] if wrong else []


def fresh(folder: Path) -> Path:
    """An empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
