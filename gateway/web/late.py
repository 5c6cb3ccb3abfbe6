"""A key whose turn comes after the news that its call has ended: somebody pressed 1 and put the phone down.

The carrier posts both at the same moment, and either may be the first that we hear. What was answered counts all the
same, once, and stops what was planned because nobody seemed to have answered.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlmodel import Session

from gateway.carriers.port import CallEvent
from gateway.dispatch.receipts import reminders_of
from gateway.records.conversations import Call
from gateway.records.status import ReminderStatus
from gateway.web.desk import Desk
from gateway.web.exchange import Exchange

_WENT_ON: Final = (ReminderStatus.PLANNED, ReminderStatus.UNANSWERED)
"""What a reminder may become when its call ends unanswered: it waits for another try, or others take its place."""


def take_late(desk: Desk, db: Session, call: Call, number: int, event: CallEvent) -> None:
    """Let the next turn of a call that is over take effect; a turn of before, or a recording, changes nothing here."""
    is_spoken = event.recording is not None or event.recording_url is not None
    if number != call.turn_no + 1 or is_spoken or event.hung_up:
        return
    with _as_if_it_lasted(db, call):
        Exchange(desk, db, call, number, event).play_unheard()


@contextmanager
def _as_if_it_lasted(db: Session, call: Call) -> Iterator[None]:
    """Have the call's reminders wait for this answer again; those that were not answered go on as they had."""
    went_on = [(one, one.status, one.reason) for one in reminders_of(db, call.attempt) if one.status in _WENT_ON]
    for reminder, _, _ in went_on:
        reminder.status, reminder.reason = ReminderStatus.SENT, None
    db.flush()
    yield
    for reminder, status, reason in went_on:
        if reminder.status is ReminderStatus.SENT:
            reminder.status, reminder.reason = status, reason
    db.flush()
