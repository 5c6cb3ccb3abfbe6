"""When the next pass of dispatch is worth its while, so that no permitted second is lost and none is spent on nothing.

At one call a second nothing can be saved up: a pass that comes a tenth of a second late has lost a tenth of what was
permitted. So the worker does not wait for its next tick while something is due: it comes when the rate lets one go.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, TypeVar

import sqlalchemy as sa
from sqlmodel import Session, col, select

from gateway.dispatch.allowance import Limits, due_in, has_free_line, has_money
from gateway.plan.window import Window
from gateway.records.contacts import Reminder
from gateway.records.house import Switch
from gateway.records.status import Channel

LINE_LOOK: Final = 0.25
"""Seconds between two looks for a line that was given back: of a call of half a minute less than one in two hundred."""
LASTS: Final = 2.0
"""Seconds after which the worker notes that it is alive; its next tick goes on."""
T = TypeVar("T")


def keep_on(
    look: Callable[[], float | None],
    work: Callable[[], T],
    did: Callable[[T], bool],
    *,
    now: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> T | None:
    """Do `work` whenever `look` says 0.0 seconds, until it says None or the time is up; return what it did last.

    Ends right after a piece of work, when the next one is farthest away. Work that `did` nothing (what is due may not
    go out for a reason of its own) is not repeated at once.
    """
    ends, last = now() + LASTS, None
    while (wait := look()) is not None and now() < ends + LASTS:
        if wait > 0:
            sleep(min(wait, LINE_LOOK))
            continue
        last = work()
        if now() >= ends:
            break
        if not did(last):
            sleep(LINE_LOOK)
    return last


def next_pass_in(
    db: Session, limits: Limits, costs: Mapping[Channel, float], window: Window, *, now: datetime
) -> float | None:
    """Seconds from `now` until something that is due may go out; None where nothing is due that may be paid for.

    `costs` is what one by each channel costs at most. Looks only: one row of an index where nothing is due.
    """
    if not window.is_open(now) or not _is_any_due(db, now) or _is_paused(db):
        return None
    waits = [
        _wait(db, limits, channel, now) for channel, cost in costs.items() if _is_due(db, limits, channel, cost, now)
    ]
    return min(waits, default=None)


def _is_paused(db: Session) -> bool:
    switch = db.get(Switch, "pause")
    return switch is not None and switch.is_on


def _is_any_due(db: Session, now: datetime) -> bool:
    return db.exec(select(Reminder.id).where(_PLANNED, col(Reminder.next_try_at) <= now).limit(1)).first() is not None


def _is_due(db: Session, limits: Limits, channel: Channel, cost: float, now: datetime) -> bool:
    mine = (_PLANNED, col(Reminder.channel) == channel, col(Reminder.next_try_at) <= now)
    is_due = db.exec(select(Reminder.id).where(*mine).limit(1)).first() is not None
    return is_due and has_money(db, limits, cost, now)


def _wait(db: Session, limits: Limits, channel: Channel, now: datetime) -> float:
    if channel is Channel.VISIT:  # written down, not sent: no carrier counts it
        return 0.0
    by_rate = due_in(db, limits, channel, now)
    if channel is Channel.VOICE and not has_free_line(db, limits, now):
        return max(by_rate, LINE_LOOK)
    return by_rate


_PLANNED: Final = sa.text("reminder.status = 'planned'")
"""Literal, as in the index of what is due: SQLite takes that index for nothing else."""
