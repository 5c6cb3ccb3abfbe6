"""What speakers recorded by telephone is fetched from the carrier, made fit, submitted, and forgotten there.

One pass: takes nobody kept are thrown away, kept ones fetched with no transaction open, and whatever is settled is
deleted at the carrier, where voices have no business to lie. A carrier that is away is asked again, ever more seldom;
so is a take that breaks whatever it meets, until it is set aside: it must not keep the others waiting.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlmodel import Session, col, select

from gateway.carriers.port import CarrierError, RecordingStore
from gateway.dispatch.clips import NotThisPhrase, check_clip, clip_content, kept_reason
from gateway.dispatch.retry import ERRORS_BEFORE_POISON
from gateway.kit.clock import Clock
from gateway.records.contacts import Attempt
from gateway.records.conversations import Call
from gateway.records.database import Database
from gateway.records.status import FINAL_ATTEMPTS, TakeStatus, may_move
from gateway.records.wordings import Origin, Take
from gateway.staff.approving import submit
from gateway.staff.audit import write_audit
from gateway.voice.assets import ClipSource, ClipStore
from gateway.voice.prompts import Prompt, Script
from gateway.voice.wav import AudioError

log = logging.getLogger(__name__)

AT_A_TIME: Final = 20  # takes in one pass
FIRST_WAIT: Final = timedelta(seconds=20)
LONGEST_WAIT: Final = timedelta(hours=1)
GIVE_UP_AFTER: Final = timedelta(hours=6)
"""Business time a carrier has to hand a recording over; then the speaker sees that it is to be spoken again."""
FORGOTTEN_AFTER: Final = timedelta(hours=1)
"""A take of a call whose end was never told of."""
SETTLED: Final = (TakeStatus.STORED, TakeStatus.REFUSED, TakeStatus.DISCARDED)


class Refused(StrEnum):
    """Why a take came to nothing, beside the words of `voice.wav.Unfit` and `clips.kept_reason`."""

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


@dataclass(frozen=True, slots=True)
class Takes:
    """Looks after takes; `scripts` are the words as they are now."""

    database: Database
    clock: Clock
    recordings: RecordingStore
    scripts: Mapping[str, Script]
    clips: ClipStore

    def pass_once(self) -> TakesDone:
        """Do what is due now; raises nothing for a carrier that is away, or for a take nobody can work on."""
        done, now = TakesDone(), self.clock.now()
        self._discard(done, now)
        for take in self._due((TakeStatus.KEPT,), now):
            self._take_in(take, done, now)
        for take in self._due(SETTLED, now):
            self._have_forgotten(take, done, now)
        return done

    def _discard(self, done: TakesDone, now: datetime) -> None:
        """What was spoken and not kept when the call ended is thrown away."""
        over = col(Attempt.status).in_(FINAL_ATTEMPTS) | (col(Take.at) < now - FORGOTTEN_AFTER)
        statement = (
            select(Take)
            .join(Call, col(Call.id) == col(Take.call))
            .join(Attempt, col(Attempt.id) == col(Call.attempt))
            .where(col(Take.status) == TakeStatus.SPOKEN, over)
        )
        with self.database.reading() as db:
            waiting = [take.id for take in db.exec(statement)]
        for take_id in waiting:
            done.discarded += self._settle(take_id, TakeStatus.DISCARDED, now)

    def _due(self, statuses: Sequence[TakeStatus], now: datetime) -> Sequence[Take]:
        """Takes of these states that have a recording at the carrier, those that waited longest first."""
        due = (col(Take.status).in_(statuses), col(Take.recording) != "", col(Take.next_try_at) <= now)
        with self.database.reading() as db:
            return db.exec(select(Take).where(*due).order_by(col(Take.next_try_at)).limit(AT_A_TIME)).all()

    def _take_in(self, take: Take, done: TakesDone, now: datetime) -> None:
        from gateway.voice.audio import normalise  # PyAV is large, and most passes have nothing to take in

        prompt = self._prompt(take)
        if prompt is None:
            done.refused += self._settle(take.id, TakeStatus.REFUSED, now, Refused.TEXT_CHANGED)
            return
        try:
            sound = normalise(self.recordings.fetch(take.recording))
            done.stored += self._store(take, prompt, sound, now)
        except AudioError as error:
            done.refused += self._settle(take.id, TakeStatus.REFUSED, now, error.reason.value)
        except NotThisPhrase as error:
            done.refused += self._settle(take.id, TakeStatus.REFUSED, now, kept_reason(error))
        except CarrierError as error:
            log.info("a recording could not be fetched: %s", error)
            if now - take.at >= GIVE_UP_AFTER:
                done.refused += self._settle(take.id, TakeStatus.REFUSED, now, Refused.LOST)
            else:
                done.put_off += self._put_off(take.id, now, error.retry_after)
        except Exception as error:  # whatever it is, the takes behind this one are somebody's work
            log.error("the take %s could not be worked on: %s", take.id, type(error).__name__)
            if _is_hopeless(take, error, now):
                done.refused += self._settle(take.id, TakeStatus.REFUSED, now, Refused.BROKEN)
            else:
                done.put_off += self._put_off(take.id, now)

    def _prompt(self, take: Take) -> Prompt | None:
        """The phrase that was spoken, if its words are still the same."""
        script = self.scripts.get(take.language)
        prompt = script.prompts.get(take.key) if script else None
        return prompt if prompt is not None and prompt.text_sha256 == take.text_sha256 else None

    def _store(self, take: Take, prompt: Prompt, sound: bytes, now: datetime) -> int:
        clip = self.clips.keep_loose(sound, ClipSource.RECORDING)
        content = clip_content(take.language, prompt, clip, take.staff, Origin.TELEPHONE)
        with self.database.unit_of_work() as db:
            if not _move(db, take.id, TakeStatus.STORED, now):
                return 0
            check_clip(db, self.scripts[take.language], prompt, clip.sha256, clip.seconds)
            asset = submit(db, content, author=take.staff, now=now)
            about: dict[str, object] = {"language": take.language, "key": take.key, "origin": Origin.TELEPHONE.value}
            about["seconds"] = round(clip.seconds, 1)
            write_audit(db, staff=take.staff, verb="recorded", kind="asset", subject=asset.id, after=about, now=now)
        return 1

    def _settle(self, take_id: str, status: TakeStatus, now: datetime, reason: str = "") -> int:
        with self.database.unit_of_work() as db:
            return int(_move(db, take_id, status, now, reason))

    def _put_off(self, take_id: str, now: datetime, retry_after: float = 0.0) -> int:
        with self.database.unit_of_work() as db:
            take = db.get(Take, take_id)
            if take is None:
                return 0
            take.tries += 1
            take.next_try_at = now + _wait(take.tries, retry_after)
            db.add(take)
        return 1

    def _have_forgotten(self, take: Take, done: TakesDone, now: datetime) -> None:
        try:
            self.recordings.delete(take.recording)
        except CarrierError as error:
            log.info("a recording could not be deleted: %s", error)
            done.put_off += self._put_off(take.id, now, error.retry_after)
            return
        except Exception as error:  # whatever it is, the recordings after this one are to be forgotten, too
            log.error("the recording of take %s could not be deleted: %s", take.id, type(error).__name__)
            done.put_off += self._put_off(take.id, now)
            return
        with self.database.unit_of_work() as db:
            kept = db.get(Take, take.id)
            if kept is not None:
                kept.recording = ""
                db.add(kept)
        done.deleted += 1


def _is_hopeless(take: Take, error: Exception, now: datetime) -> bool:
    """Whether to set a take aside: a full disk may be mended by somebody, a sound that breaks its reader is not."""
    if isinstance(error, OSError):
        return now - take.at >= GIVE_UP_AFTER
    return take.tries + 1 >= ERRORS_BEFORE_POISON


def _wait(tries: int, retry_after: float) -> timedelta:
    backing_off: timedelta = FIRST_WAIT * (1 << min(tries - 1, 10))
    return min(max(backing_off, timedelta(seconds=retry_after)), LONGEST_WAIT)


def _move(db: Session, take_id: str, status: TakeStatus, now: datetime, reason: str = "") -> bool:
    """Move a take on, unless somebody else did meanwhile; what is left to do with it is due at once."""
    take = db.get(Take, take_id)
    if take is None or not may_move(take.status, status):
        return False
    take.status, take.reason, take.tries, take.next_try_at = status, reason, 0, now
    db.add(take)
    db.flush()
    return True
