"""What speakers recorded by telephone is fetched from the carrier, made fit, submitted, and forgotten there.

One pass: takes nobody kept are thrown away, kept ones fetched with no transaction open, and whatever is settled is
deleted at the carrier (`recorded`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from gateway.carriers.port import RecordingStore
from gateway.dispatch.clips import NotThisPhrase, check_clip, clip_content, kept_reason
from gateway.dispatch.recorded import Refused, Shelf, TakesDone
from gateway.kit.clock import Clock
from gateway.records.database import Database
from gateway.records.status import TakeStatus
from gateway.records.wordings import Origin, Take
from gateway.staff.approving import submit
from gateway.staff.audit import write_audit
from gateway.voice.assets import ClipSource, ClipStore
from gateway.voice.prompts import Prompt, Script
from gateway.voice.wav import AudioError


@dataclass(frozen=True)
class Takes:
    """Looks after takes; `scripts` are the words as they are now."""

    database: Database
    clock: Clock
    recordings: RecordingStore
    scripts: Mapping[str, Script]
    clips: ClipStore

    @cached_property
    def _shelf(self) -> Shelf[Take]:
        return Shelf(Take, self.database, self.recordings)

    def pass_once(self) -> TakesDone:
        """Do what is due now; raises nothing for a carrier that is away, or for a take nobody can work on."""
        done, now = TakesDone(), self.clock.now()
        for take_id in self._shelf.of_ended_calls(now):
            done.discarded += self._shelf.settle(take_id, TakeStatus.DISCARDED, now)
        for take in self._shelf.due((TakeStatus.KEPT,), now):
            self._take_in(take, done, now)
        self._shelf.have_forgotten(done, now)
        return done

    def _take_in(self, take: Take, done: TakesDone, now: datetime) -> None:
        from gateway.voice.audio import normalise  # PyAV is large, and most passes have nothing to take in

        prompt = self._prompt(take)
        if prompt is None:
            done.refused += self._shelf.settle(take.id, TakeStatus.REFUSED, now, Refused.TEXT_CHANGED)
            return
        try:
            sound = normalise(self.recordings.fetch(take.recording))
            done.stored += self._store(take, prompt, sound, now)
        except AudioError as error:
            done.refused += self._shelf.settle(take.id, TakeStatus.REFUSED, now, error.reason.value)
        except NotThisPhrase as error:
            done.refused += self._shelf.settle(take.id, TakeStatus.REFUSED, now, kept_reason(error))
        except Exception as error:  # the carrier's, or whatever it is
            self._shelf.failed(take, error, done, now)

    def _prompt(self, take: Take) -> Prompt | None:
        """The phrase that was spoken, if its words are still the same."""
        script = self.scripts.get(take.language)
        prompt = script.prompts.get(take.key) if script else None
        return prompt if prompt is not None and prompt.text_sha256 == take.text_sha256 else None

    def _store(self, take: Take, prompt: Prompt, sound: bytes, now: datetime) -> int:
        clip = self.clips.keep_loose(sound, ClipSource.RECORDING)
        content = clip_content(take.language, prompt, clip, take.staff, Origin.TELEPHONE)
        with self.database.unit_of_work() as db:
            if not self._shelf.move(db, take.id, TakeStatus.STORED, now):
                return 0
            check_clip(db, self.scripts[take.language], prompt, clip.sha256, clip.seconds)
            asset = submit(db, content, author=take.staff, now=now)
            about: dict[str, object] = {"language": take.language, "key": take.key, "origin": Origin.TELEPHONE.value}
            about["seconds"] = round(clip.seconds, 1)
            write_audit(db, staff=take.staff, verb="recorded", kind="asset", subject=asset.id, after=about, now=now)
        return 1
