"""Waits a little for a database that is away: what a carrier said of a submission is known to nobody else."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final, TypeVar

import sqlalchemy as sa

from gateway.records.database import Conflict

log = logging.getLogger(__name__)

PATIENCE: Final = 8.0  # real seconds to wait for a database that is away: what it does not hear of is in doubt
AWAY: Final = (sa.exc.OperationalError, sa.exc.InterfaceError, Conflict)

T = TypeVar("T")


def patiently(work: Callable[[], T]) -> T:
    """Do it, and again while the database is away; raises what it raised when patience is at an end."""
    give_up, wait = time.monotonic() + PATIENCE, 0.05
    while True:
        try:
            return work()
        except AWAY:
            if time.monotonic() + wait > give_up:
                raise
            log.warning("the database is away; results of a batch wait for it")
            time.sleep(wait)
            wait = min(2.0, wait * 2)
