"""Texts, clips and approvals as the tables hold them, and the bytes of the clips in AUDIO_DIR.

Every pass over due reminders asks here, so each answer is worked out once and kept until an asset changes: every change
writes an event, and the newest event's number is the mark.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlmodel import Session, col, select

from gateway.dispatch.clips import clip_content
from gateway.kit.clock import Clock
from gateway.kit.marks import mark_of
from gateway.records.database import Database
from gateway.records.status import AssetStatus
from gateway.records.wordings import Asset, AssetEvent, AssetKind, Origin
from gateway.staff.approving import submit
from gateway.voice.assets import Clip, ClipFolder, ClipSource, Kept
from gateway.voice.prompts import Prompt

T = TypeVar("T")
_NEWEST_EVENT: Final = sa.select(sa.func.max(AssetEvent.id))
_NEWEST_EVENT_OF_MANY: Final = sa.select(sa.func.max(AssetEvent.id), sa.func.count())
"""Where writers run side by side, an older number may come to light after a newer one."""
MESSAGE: Final = "sms."
"""What the keys of messages' texts begin with; every other text is a phrase of a call."""


class Library(ClipFolder):
    """A ClipStore over the tables; also the texts that were edited in the console, and what two people approved."""

    def __init__(self, database: Database, audio_dir: Path, clock: Clock) -> None:
        super().__init__(audio_dir)
        self._database, self._clock = database, clock
        self._lock = threading.Lock()
        self._steady = threading.local()
        self._mark: tuple[int | None, ...] = ()
        self._known: dict[str, object] = {}

    def kept(self, language: str) -> Mapping[str, tuple[Kept, ...]]:
        """Every clip of a language by key, the newest first; the same object while nothing changed."""
        return self._once(f"kept {language}", lambda db: _kept(db, language), {})

    def edited_prompts(self) -> Mapping[tuple[str, str], str]:
        """The phrases that were edited: (language, key) -> text; the same object while nothing changed."""
        return self._once("prompts", lambda db: _edits(db, is_message=False), {})

    def edited_messages(self) -> Mapping[tuple[str, str], str]:
        """The messages that were edited: (language, key such as sms.reminder) -> body; the same while unchanged."""
        return self._once("messages", lambda db: _edits(db, is_message=True), {})

    def approved_texts(self) -> frozenset[str]:
        """The marks of the texts that two people approved; the same object while nothing changed."""
        return self._once("approved", _approved_texts, frozenset())

    def keep(
        self,
        language: str,
        prompt: Prompt,
        wav: bytes,
        source: ClipSource,
        voice: str,
        *,
        origin: Origin = Origin.BUILD,
        author: str | None = None,
        province: str = "",
    ) -> Clip:
        """Keep a telephone WAV as a draft, in a unit of work of its own; raises AudioError where it is none."""
        clip = self.keep_loose(wav, source)
        content = clip_content(language, prompt, clip, voice, origin)
        with self._database.unit_of_work() as db:
            submit(db, content, author=author, now=self._clock.now(), province=province)
        return Clip(clip.sha256, clip.seconds, source, voice, prompt.text)

    @contextmanager
    def steady(self) -> Iterator[None]:
        """Within the block, in this thread, whatever is asked for is as it was when it was first asked for."""
        self._steady.mark, self._steady.answers = None, {}
        self._steady.is_on = True
        try:
            yield
        finally:
            self._steady.is_on, self._steady.mark, self._steady.answers = False, None, None

    def _mark_now(self) -> tuple[int | None, ...]:
        if not getattr(self._steady, "is_on", False):
            return self._newest_event()
        if self._steady.mark is None:
            self._steady.mark = self._newest_event()
        mark: tuple[int | None, ...] = self._steady.mark
        return mark

    def _once(self, what: str, read: Callable[[Session], T], nothing: T) -> T:
        answers: dict[str, object] | None = getattr(self._steady, "answers", None)
        if answers is not None and what in answers:
            return answers[what]  # type: ignore[return-value]  # as below
        found = self._looked_up(what, read, nothing)
        if answers is not None:
            answers[what] = found
        return found

    def _looked_up(self, what: str, read: Callable[[Session], T], nothing: T) -> T:
        if not self._is_there():
            return nothing  # to ask must not make a database: `messages check` runs before there is one
        try:
            mark = self._mark_now()
            with self._lock:
                if mark != self._mark:
                    self._mark, self._known = mark, {}
                if what not in self._known:
                    with self._database.reading() as db:
                        self._known[what] = read(db)
                return self._known[what]  # type: ignore[return-value]  # one name, one kind of answer
        except (OperationalError, ProgrammingError):  # "no such table", in SQLite's words and in PostgreSQL's
            if self._has_tables():
                raise
            return nothing

    def _is_there(self) -> bool:
        """Whether there is a database; not looked for again within a steady block, forty times a call."""
        file = self._database.file
        return file is None or getattr(self._steady, "mark", None) is not None or file.exists()

    def _newest_event(self) -> tuple[int | None, ...]:
        """The mark. Asked several times a reminder, so without a session, which costs four times as much."""
        statement = _NEWEST_EVENT if self._database.is_sqlite else _NEWEST_EVENT_OF_MANY
        with self._database.engine.connect() as connection:
            return tuple(connection.execute(statement).one())

    def _has_tables(self) -> bool:
        return sa.inspect(self._database.engine).has_table(Asset.__tablename__)


def _kept(db: Session, language: str) -> Mapping[str, tuple[Kept, ...]]:
    playable = (AssetStatus.DRAFT, AssetStatus.APPROVED)
    statement = (
        select(Asset)
        .where(col(Asset.kind) == AssetKind.CLIP, col(Asset.language) == language, col(Asset.status).in_(playable))
        .order_by(col(Asset.submitted_at).desc(), col(Asset.id))
    )
    found: dict[str, list[Kept]] = defaultdict(list)
    for asset in db.exec(statement):
        clip = Clip(asset.sha256, asset.seconds, ClipSource(asset.source.value), asset.voice, asset.text)
        found[asset.key].append(Kept(clip, asset.text_sha256, approved=asset.status is AssetStatus.APPROVED))
    return {key: tuple(clips) for key, clips in found.items()}


def _edits(db: Session, *, is_message: bool) -> Mapping[tuple[str, str], str]:
    """The newest edit of each key that was neither sent back nor retired."""
    current = (AssetStatus.DRAFT, AssetStatus.APPROVED)
    statement = (
        select(Asset)
        .where(
            col(Asset.kind) == AssetKind.TEXT,
            col(Asset.origin) == Origin.EDIT,
            col(Asset.status).in_(current),
            col(Asset.key).startswith(MESSAGE) == is_message,
        )
        .order_by(col(Asset.submitted_at), col(Asset.id))
    )
    return {(asset.language, asset.key): asset.text for asset in db.exec(statement)}


def _approved_texts(db: Session) -> frozenset[str]:
    approved = (col(Asset.kind) == AssetKind.TEXT, col(Asset.status) == AssetStatus.APPROVED)
    found = db.exec(select(Asset.language, Asset.key, Asset.sha256).where(*approved))
    return frozenset(mark_of(*one) for one in found)
