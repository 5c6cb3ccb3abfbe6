"""Real-time running: a thread that plays what falls due while a clock runs, fast or slow."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

from gateway.kit.clock import Clock
from gateway.sandbox.network import PhoneNetwork
from gateway.sandbox.timeline import Process

log = logging.getLogger(__name__)

# Real seconds between two looks at the clock, which may run many times as fast as real time, or be held.
TICK = 0.03
WORKERS = 8


class NetworkLoop:
    """Plays `network` as `clock` passes, on a few threads, so that one slow webhook does not hold up other calls.

    The steps of one call stay in order: a story has one alarm, and sets the next only when its step is done.
    """

    def __init__(self, network: PhoneNetwork, clock: Clock, workers: int = WORKERS) -> None:
        self._network = network
        self._clock = clock
        self._workers = workers
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def is_running(self) -> bool:
        """Between `start` and `stop`."""
        return self._thread is not None

    def start(self) -> None:
        """Begin; a second start does nothing."""
        if self._thread is not None:
            return
        self._stop.clear()
        self._thread = threading.Thread(target=self._run, name="sandbox-network", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 20.0) -> None:
        """End after the steps under way, at most `timeout` real seconds later; no visitor keeps time standing."""
        self._network.let_all_go()
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout)
        self._thread = None
        self._network.hands.release_all()

    def _run(self) -> None:
        slots = threading.Semaphore(self._workers)
        with ThreadPoolExecutor(self._workers, thread_name_prefix="sandbox-call") as pool:
            while not self._stop.is_set():
                self._network.mind_the_visitors()
                self._play_due(pool, slots)
                self._stop.wait(TICK)

    def _play_due(self, pool: ThreadPoolExecutor, slots: threading.Semaphore) -> None:
        """Hand out what is due; nothing is taken that no thread is free for, lest it wait out of order."""
        while not self._stop.is_set() and slots.acquire(timeout=TICK):
            process = self._network.take_due(self._clock.now())
            if process is None:
                slots.release()
                return
            pool.submit(self._play, process, slots)

    def _play(self, process: Process, slots: threading.Semaphore) -> None:
        try:
            self._network.play(process)
        except Exception:  # one broken story must not silence every other telephone
            log.exception("a step of the sandbox network failed")
        finally:
            slots.release()
