"""Many requests' units of work in one transaction: one wait for the disk for all of them instead of one for each.

One thread writes. What came in while it committed is its next batch, so that a lonely request waits for nobody and a
crowd shares. Nobody hears that their unit of work is done before it is on the disk. Units of a batch do not see each
other's errors: each has a savepoint, and where the whole batch fails each is done alone.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from sqlmodel import Session

from gateway.records.database import Conflict, Database, is_conflict

log = logging.getLogger(__name__)

MOST: Final = 200
"""Units of work in one transaction: what waits behind them waits a few milliseconds."""
WAITING: Final = 5000
"""Units of work that may wait; the next is refused at once, and its sender tries again later."""
IDLE: Final = 5.0  # real seconds until a thread without work ends
CONFLICTS: Final = 4  # tries of a whole batch; then each alone

I = TypeVar("I")  # noqa: E741
R = TypeVar("R")
T = TypeVar("T")


class TooBusy(Exception):
    """More is waiting to be written than there is any use in keeping."""


class IsClosed(Exception):
    """Nothing is written any more: the process is ending."""


@dataclass(frozen=True, eq=False, slots=True)
class Kind(Generic[I, R]):
    """Units of work of one kind, quicker together than one by one.

    `many` does those of a batch that are plain and returns what came of them, by their places in the batch; `one` does
    the others, and all of them where `many` failed. Both may be called several times for the same items (Conflict), and
    so do nothing but change rows.
    """

    many: Callable[[Session, Sequence[I]], Mapping[int, R]]
    one: Callable[[Session, I], R]


@dataclass(eq=False, slots=True)
class _Job:
    """One unit of work, and who waits for it."""

    kind: Kind[Any, Any]
    item: Any
    waiter: Future[Any] | asyncio.Future[Any]
    result: Any = None
    error: Exception | None = None


def _no_many(_: Session, __: Sequence[Any]) -> Mapping[int, Any]:
    return {}


_SINGLE: Final[Kind[Callable[[Session], Any], Any]] = Kind(_no_many, lambda db, work: work(db))


@dataclass(eq=False)
class GroupCommit:
    """Writes for many; `submit` from a thread, `do` and `do_together` from a coroutine."""

    database: Database
    most: int = MOST
    waiting: int = WAITING
    _jobs: deque[_Job] = field(default_factory=deque, init=False)
    _changed: threading.Condition = field(default_factory=threading.Condition, init=False)
    _thread: threading.Thread | None = field(default=None, init=False)
    _is_closed: bool = field(default=False, init=False)

    def submit(self, work: Callable[[Session], T]) -> Future[T]:
        """Have `work` done; the future gives what it returned, or raises what it raised, once that is on the disk.

        Raises TooBusy and IsClosed at once.
        """
        waiter: Future[T] = Future()
        self._add(_Job(_SINGLE, work, waiter))
        return waiter

    async def do(self, work: Callable[[Session], T]) -> T:
        """As `submit`, for a coroutine."""
        return await self.do_together(_SINGLE, work)

    async def do_together(self, kind: Kind[I, R], item: I) -> R:
        """Have `item` done with others of its kind; as `do` otherwise."""
        waiter: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._add(_Job(kind, item, waiter))
        return await waiter

    def close(self) -> None:
        """Finish what waits, take nothing new, and return when all is written."""
        with self._changed:
            self._is_closed = True
            thread = self._thread
            self._changed.notify()
        if thread is not None:
            thread.join()

    def _add(self, job: _Job) -> None:
        with self._changed:
            if self._is_closed:
                raise IsClosed
            if len(self._jobs) >= self.waiting:
                raise TooBusy
            self._jobs.append(job)
            if self._thread is None:
                self._thread = threading.Thread(target=self._write, name="group-commit", daemon=True)
                self._thread.start()
            else:
                self._changed.notify()

    def _write(self) -> None:
        while batch := self._next_batch():
            try:
                self._do(batch)
            except Exception as error:  # whatever it was: nobody may wait for ever
                log.exception("a batch of %d units of work could not be written", len(batch))
                for job in batch:
                    job.error = job.error or error
            _tell(batch)

    def _next_batch(self) -> list[_Job]:
        """What waits, oldest first; empty where the thread is to end."""
        with self._changed:
            while not self._jobs:
                if self._is_closed or not self._changed.wait(IDLE):
                    if self._jobs:  # came in just as we gave up waiting
                        break
                    self._thread = None
                    return []
            return [self._jobs.popleft() for _ in range(min(self.most, len(self._jobs)))]

    def _do(self, batch: list[_Job]) -> None:
        is_one_alone = len(batch) == 1 and batch[0].kind is _SINGLE
        if not is_one_alone and self._all_at_once(batch):
            return
        for job in batch:
            self._alone(job)

    def _all_at_once(self, batch: list[_Job]) -> bool:
        """Whether one transaction did them all; where it did not, nothing was changed."""
        for _ in range(CONFLICTS):
            try:
                with self.database.unit_of_work() as db:
                    _do_all(db, batch)
            except Conflict:
                continue
            except Exception as error:  # one of them spoils it: alone the others are written
                log.warning("a batch of %d is written one by one: %s", len(batch), type(error).__name__)
                return False
            return True
        return False

    def _alone(self, job: _Job) -> None:
        job.result, job.error = None, None
        try:
            job.result = self.database.run(lambda db: job.kind.one(db, job.item))
        except Exception as error:  # it is for who asked, not for this thread
            job.error = error


def _do_all(db: Session, batch: Iterable[_Job]) -> None:
    """Each kind together, in the order in which they came; what is left of it one by one."""
    kinds: dict[Kind[Any, Any], list[_Job]] = {}
    for job in batch:
        job.result, job.error = None, None
        kinds.setdefault(job.kind, []).append(job)
    for kind, jobs in kinds.items():
        done = _together(db, kind, jobs, is_all=len(kinds) == 1)
        for place, job in enumerate(jobs):
            if place in done:
                job.result = done[place]
            else:
                _in_savepoint(db, job)


def _together(db: Session, kind: Kind[Any, Any], jobs: Sequence[_Job], *, is_all: bool) -> Mapping[int, Any]:
    """What `many` did. `is_all`: it is the first in this transaction, and needs no savepoint: its error ends all."""
    if kind is _SINGLE:
        return {}
    try:
        with nullcontext() if is_all else db.begin_nested():
            done = kind.many(db, [job.item for job in jobs])
    except Exception as error:  # whatever it is, each is tried by the plain way
        if is_all or is_conflict(error):
            raise
        log.warning("%d units of work could not be done together: %s", len(jobs), type(error).__name__)
        done = {}
    db.expunge_all()  # rows changed beside the session must not be read from it
    return done


def _in_savepoint(db: Session, job: _Job) -> None:
    try:
        with db.begin_nested():
            job.result = job.kind.one(db, job.item)
    except Exception as error:  # it is for who asked: the rest of the batch is not touched by it
        if is_conflict(error):
            raise
        job.error = error
    db.expunge_all()


def _tell(batch: Iterable[_Job]) -> None:
    """Wake who waits: coroutines with one call for all of a loop's, for each call wakes the loop."""
    of_loops: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
    for job in batch:
        if isinstance(job.waiter, asyncio.Future):
            of_loops.setdefault(job.waiter.get_loop(), []).append(job)
        else:
            _settle(job)
    for loop, jobs in of_loops.items():
        with suppress(RuntimeError):  # a server that stopped meanwhile: what it asked for is written
            loop.call_soon_threadsafe(_settle_all, jobs)


def _settle_all(jobs: Iterable[_Job]) -> None:
    for job in jobs:
        _settle(job)


def _settle(job: _Job) -> None:
    if job.waiter.done():  # whoever asked has gone
        return
    with suppress(InvalidStateError):  # or goes at this moment; the thread that writes must live on
        if job.error is not None:
            job.waiter.set_exception(job.error)
        else:
            job.waiter.set_result(job.result)
