"""`python -m tests.chaos.process FOLDER run|serve|work …`: the gateway by the shared clock, its waits shortened.

Everything else is as it ships. What is shortened is real time between two passes and how long a claim is thought to be
in work, so that what takes minutes after a crash takes seconds here.
"""

from __future__ import annotations

import faulthandler
import signal
import sys
from datetime import timedelta
from pathlib import Path

from tests.chaos.clock import SharedClock

LEASE = timedelta(seconds=3)
"""Longer than the house waits for the carrier (`scene.TIMEOUT`), as the real one is."""
SUBMITTED_WITHIN = 1.5
TICKS = {"plan": 3.0, "dispatch": 0.2, "sweep": 2.0, "reconcile": 0.5, "takes": 5.0, "hotline": 2.0}


def main(folder: Path, words: list[str]) -> None:
    """Be the `gateway` command; `kill -USR1` has it write where its threads stand."""
    faulthandler.register(signal.SIGUSR1, all_threads=True)
    from gateway.dispatch import claims

    claims.LEASE = LEASE  # before anything takes it by name
    from gateway import worker
    from gateway.dispatch import sender
    from gateway.kit import clock

    shared = SharedClock(folder / "clock")
    clock.RealClock.now = lambda _: shared.now()  # type: ignore[method-assign]
    sender.SUBMITTED_WITHIN = SUBMITTED_WITHIN
    worker.TICKS.update(TICKS)
    from gateway.cli import main as gateway

    sys.argv = ["gateway", *words]
    gateway()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
