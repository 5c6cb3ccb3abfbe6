"""Rows of recordings that lie at the carrier: which are due, what became of them, and having them forgotten there.

Phrases of speakers (`takes`) and messages of callers (`messages`) share it. A carrier that is away is asked again, ever
more seldom; so is a recording that breaks whatever it meets, until it is set aside: it must not keep the others
waiting.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Generic, TypeVar

from sqlmodel import Session, col, select

from gateway.carriers.port import CarrierError, RecordingStore
from gateway.dispatch.retry import ERRORS_BEFORE_POISON
from gateway.records.contacts import Attempt
from gateway.records.conversations import Call, VoiceMessage
from gateway.records.database import Database
from gateway.records.status import FINAL_ATTEMPTS, TakeStatus, may_move
from gateway.records.wordings import Take

log = logging.getLogger(__name__)

AT_A_TIME: Final = 20  # recordings in one pass
FIRST_WAIT: Final = timedelta(seconds=20)
LONGEST_WAIT: Final = timedelta(hours=1)
GIVE_UP_AFTER: Final = timedelta(hours=6)
"""Business time a carrier has to hand a recording over; then it is to be spoken again."""
FORGOTTEN_AFTER: Final = timedelta(hours=1)
"""A recording of a call whose end was never told of."""
SETTLED: Final = (TakeStatus.STORED, TakeStatus.REFUSED, TakeStatus.DISCARDED)


class Refused(StrEnum):
    """Why a recording came to nothing, beside the words of `voice.wav.Unfit` and `clips.kept_reason`."""

    TEXT_CHANGED = "text_changed"  # the phrase was edited after it was spoken
    LOST = "lost"  # the carrier did not hand it over
    BROKEN = "broken"  # whoever worked on it fell over it, again and again


@dataclass(slots=True)
class TakesDone:
    """What one pass did."""

    stored: int = 0
    refused: int = 0
    discarded: int = 0
    deleted: int = 0
    put_off: int = 0  # the carrier was away, or did not have it yet; or something broke over it


R = TypeVar("R", Take, VoiceMessage)
Told = Callable[[Session, R], None]
"""What else is to be written in the unit of work in which a recording is settled."""


@dataclass(frozen=True, slots=True)
class Shelf(Generic[R]):
    """The rows of one kind. `on_refusal` is told of those that came to nothing, in the same unit of work."""

    kind: type[R]
    database: Database
    recordings: RecordingStore
    on_refusal: Told[R] | None = None

    def of_ended_calls(self, now: datetime) -> Sequence[str]:
        """The ids of what was spoken in calls that are over, and neither kept nor thrown away in them."""
        over = col(Attempt.status).in_(FINAL_ATTEMPTS) | (col(self.kind.at) < now - FORGOTTEN_AFTER)
        statement = (
            select(self.kind.id)
            .join(Call, col(Call.id) == col(self.kind.call))
            .join(Attempt, col(Attempt.id) == col(Call.attempt))
            .where(col(self.kind.status) == TakeStatus.SPOKEN, over)
        )
        with self.database.reading() as db:
            return db.exec(statement).all()

    def due(self, statuses: Sequence[TakeStatus], now: datetime) -> Sequence[R]:
        """Rows of these states that have a recording at the carrier, those that waited longest first."""
        kind = self.kind
        due = (col(kind.status).in_(statuses), col(kind.recording) != "", col(kind.next_try_at) <= now)
        with self.database.reading() as db:
            return db.exec(select(kind).where(*due).order_by(col(kind.next_try_at)).limit(AT_A_TIME)).all()

    def settle(self, row_id: str, status: TakeStatus, now: datetime, reason: str = "") -> int:
        """Move a row on; 0 where somebody else did meanwhile."""
        with self.database.unit_of_work() as db:
            return int(self.move(db, row_id, status, now, reason))

    def move(self, db: Session, row_id: str, status: TakeStatus, now: datetime, reason: str = "") -> bool:
        """As `settle`, in a unit of work under way; what is left to do with the row is due at once."""
        row = db.get(self.kind, row_id)
        if row is None or not may_move(row.status, status):
            return False
        row.status, row.reason, row.tries, row.next_try_at = status, reason, 0, now
        db.add(row)
        db.flush()
        if status is TakeStatus.REFUSED and self.on_refusal is not None:
            self.on_refusal(db, row)
        return True

    def put_off(self, row_id: str, now: datetime, retry_after: float = 0.0) -> int:
        """Try again later."""
        with self.database.unit_of_work() as db:
            row = db.get(self.kind, row_id)
            if row is None:
                return 0
            row.tries += 1
            row.next_try_at = now + _wait(row.tries, retry_after)
            db.add(row)
        return 1

    def failed(self, row: R, error: Exception, done: TakesDone, now: datetime) -> None:
        """Something broke over a row: later again, or never where it is hopeless."""
        if isinstance(error, CarrierError):
            log.info("a recording could not be fetched: %s", error)
            is_hopeless, reason, wait = now - row.at >= GIVE_UP_AFTER, Refused.LOST, error.retry_after
        else:  # whatever it is, those behind this one are somebody's work
            log.error("the recording of row %s could not be worked on: %s", row.id, type(error).__name__)
            is_hopeless, reason, wait = _is_hopeless(row, error, now), Refused.BROKEN, 0.0
        if is_hopeless:
            done.refused += self.settle(row.id, TakeStatus.REFUSED, now, reason)
        else:
            done.put_off += self.put_off(row.id, now, wait)

    def have_forgotten(self, done: TakesDone, now: datetime) -> None:
        """Delete at the carrier whatever is settled: voices have no business to lie there."""
        for row in self.due(SETTLED, now):
            self._have_forgotten(row, done, now)

    def _have_forgotten(self, row: R, done: TakesDone, now: datetime) -> None:
        try:
            self.recordings.delete(row.recording)
        except CarrierError as error:
            log.info("a recording could not be deleted: %s", error)
            done.put_off += self.put_off(row.id, now, error.retry_after)
            return
        except Exception as error:  # whatever it is, the recordings after this one are to be forgotten, too
            log.error("the recording of row %s could not be deleted: %s", row.id, type(error).__name__)
            done.put_off += self.put_off(row.id, now)
            return
        with self.database.unit_of_work() as db:
            kept = db.get(self.kind, row.id)
            if kept is not None:
                kept.recording = ""
                db.add(kept)
        done.deleted += 1


def _is_hopeless(row: Take | VoiceMessage, error: Exception, now: datetime) -> bool:
    """Whether to set a row aside: a full disk may be mended by somebody, a sound that breaks its reader is not."""
    if isinstance(error, OSError):
        return now - row.at >= GIVE_UP_AFTER
    return row.tries + 1 >= ERRORS_BEFORE_POISON


def _wait(tries: int, retry_after: float) -> timedelta:
    backing_off: timedelta = FIRST_WAIT * (1 << min(tries - 1, 10))
    return min(max(backing_off, timedelta(seconds=retry_after)), LONGEST_WAIT)
