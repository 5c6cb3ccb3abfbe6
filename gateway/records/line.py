"""Where the units of work of one process stand in line, before they take a connection."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Line:
    """So many places at once; who waits for one holds nothing.

    Who writes looks things up on a second connection. When fifteen webhooks came at once, those that waited for the
    lock had every connection, and who held the lock waited half a minute for one: nothing went out meanwhile.
    """

    def __init__(self, places: int, *, patience: float) -> None:
        """`patience` is in real seconds: who waited that long goes on, and the engine says what is wrong."""
        self._places = threading.Semaphore(places)
        self._patience = patience
        self._inside: set[int] = set()

    @contextmanager
    def place(self) -> Iterator[None]:
        """Have a place during the block; a thread that has one already needs no other."""
        me = threading.get_ident()
        if me in self._inside:
            yield
            return
        is_ours = self._places.acquire(timeout=self._patience)
        self._inside.add(me)
        try:
            yield
        finally:
            self._inside.discard(me)
            if is_ours:
                self._places.release()
