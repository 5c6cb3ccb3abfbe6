"""What a speaker still has to read, and what became of what they read: worked out of their own clips alone.

A call is spoken in one voice, so what a colleague has recorded does not spare anybody a phrase.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session, col, select

from gateway.records.staffing import Staff
from gateway.records.status import AssetStatus
from gateway.records.wordings import Asset, AssetEvent, AssetKind, AssetSource
from gateway.voice.keys import hotline_keys, wanted_keys
from gateway.voice.prompts import Prompt


class State(StrEnum):
    """What became of one phrase in one voice."""

    MISSING = "missing"
    RETURNED = "returned"  # somebody heard it and says what is wrong
    STALE = "stale"  # its text was changed after it was spoken
    WAITING = "waiting"  # for the second person
    APPROVED = "approved"


_FOR_CALLS = frozenset(map(str, wanted_keys()))
_FOR_CALLERS = frozenset(map(str, hotline_keys()))
TO_DO = frozenset({State.MISSING, State.RETURNED, State.STALE})


@dataclass(frozen=True, slots=True)
class Phrase:
    """One card: `number` counts from 1, `clip` is the hash of what was recorded last, `note` why it was sent back."""

    prompt: Prompt
    number: int
    state: State
    clip: str = ""
    note: str = ""

    @property
    def key(self) -> str:
        """The prompt's."""
        return str(self.prompt.key)

    @property
    def is_to_do(self) -> bool:
        """Whether the speaker should read it now."""
        return self.state in TO_DO


@dataclass(frozen=True, slots=True)
class Deck:
    """The cards of one part of a language in one voice, in the order they are read."""

    phrases: tuple[Phrase, ...]

    @property
    def wanted(self) -> int:
        """How many there are."""
        return len(self.phrases)

    @property
    def recorded(self) -> int:
        """How many are spoken as they read now and were not sent back."""
        return sum(not phrase.is_to_do for phrase in self.phrases)

    @property
    def for_calls(self) -> Deck:
        """Those without which nobody is called in the language: what is counted everywhere else."""
        return Deck(tuple(phrase for phrase in self.phrases if phrase.key in _FOR_CALLS))

    @property
    def also(self) -> Deck:
        """The rest: what is said to whoever records by telephone."""
        return Deck(tuple(one for one in self.phrases if one.key not in _FOR_CALLS and one.key not in _FOR_CALLERS))

    @property
    def for_callers(self) -> Deck:
        """Those without which nobody who calls us is answered in the language; they come after the call's."""
        return Deck(tuple(phrase for phrase in self.phrases if phrase.key in _FOR_CALLERS))

    def of(self, state: str) -> tuple[Phrase, ...]:
        """Those in this state, by its word."""
        return tuple(phrase for phrase in self.phrases if phrase.state == state)

    def find(self, key: str) -> Phrase | None:
        """The card of this key."""
        return next((phrase for phrase in self.phrases if phrase.key == key), None)

    def to_do_after(self, key: str) -> Phrase | None:
        """The next card that is to be read, from the one behind `key` on and round to it again; None: all are done."""
        at = next((phrase.number for phrase in self.phrases if phrase.key == key), 0)
        return next((phrase for phrase in (*self.phrases[at:], *self.phrases[:at]) if phrase.is_to_do), None)

    def before(self, phrase: Phrase) -> Phrase | None:
        """The card before this one."""
        return self.phrases[phrase.number - 2] if phrase.number > 1 else None

    def behind(self, phrase: Phrase) -> Phrase | None:
        """The card behind this one."""
        return self.phrases[phrase.number] if phrase.number < len(self.phrases) else None


@dataclass(frozen=True, slots=True)
class Share:
    """How far one voice has come in one language; `last` is when it was recorded last, business time."""

    language: str
    name: str
    deck: Deck
    last: datetime


def deck_of(db: Session, language: str, prompts: Sequence[Prompt], voice: str) -> Deck:
    """The cards of these prompts for this voice (an account)."""
    return _deck(prompts, _newest(_clips(db, language=language, voice=voice)), _reasons(db, language, voice))


def shares(db: Session, prompts: Mapping[str, Sequence[Prompt]]) -> list[Share]:
    """Who recorded how much of which of these languages: by language, who spoke most first."""
    found: dict[tuple[str, str], list[Asset]] = {}
    for asset in _clips(db):
        if asset.language in prompts and asset.source is AssetSource.RECORDING:
            found.setdefault((asset.language, asset.voice), []).append(asset)
    names = voice_names(db, {voice for _, voice in found})
    rows = [
        Share(language, names[voice], _deck(prompts[language], _newest(mine), {}), mine[0].submitted_at)
        for (language, voice), mine in found.items()
    ]
    return sorted(rows, key=lambda row: (row.language, -row.deck.recorded, row.name))


def voice_names(db: Session, voices: Iterable[str]) -> dict[str, str]:
    """What each voice is called: a speaker by the name of the account, any other by its own."""
    wanted = set(voices)
    accounts = {one.id: one.name or one.email for one in db.exec(select(Staff).where(col(Staff.id).in_(wanted)))}
    return {voice: accounts.get(voice, voice) for voice in wanted}


def last_language(db: Session, voice: str) -> str | None:
    """The language this voice recorded in last."""
    newest = _clips(db, voice=voice)
    return newest[0].language if newest else None


def _deck(prompts: Sequence[Prompt], newest: Mapping[str, Asset], reasons: Mapping[str, str]) -> Deck:
    return Deck(
        tuple(_phrase(prompt, n, newest.get(str(prompt.key)), reasons) for n, prompt in enumerate(prompts, start=1))
    )


def _phrase(prompt: Prompt, number: int, asset: Asset | None, reasons: Mapping[str, str]) -> Phrase:
    if asset is None:
        return Phrase(prompt, number, State.MISSING)
    return Phrase(prompt, number, _state(prompt, asset), asset.sha256, reasons.get(asset.id, ""))


def _state(prompt: Prompt, asset: Asset) -> State:
    if asset.text_sha256 != prompt.text_sha256:
        return State.STALE
    if asset.status is AssetStatus.RETURNED:
        return State.RETURNED
    return State.APPROVED if asset.status is AssetStatus.APPROVED else State.WAITING


def _clips(db: Session, *, language: str | None = None, voice: str | None = None) -> Sequence[Asset]:
    """Clips that were not put aside, the newest first."""
    statement = select(Asset).where(col(Asset.kind) == AssetKind.CLIP, col(Asset.status) != AssetStatus.RETIRED)
    if language is not None:
        statement = statement.where(col(Asset.language) == language)
    if voice is not None:
        statement = statement.where(col(Asset.voice) == voice)
    is_out = col(Asset.status) == AssetStatus.RETURNED  # of two at one instant the one that was not sent back counts
    return db.exec(statement.order_by(col(Asset.submitted_at).desc(), is_out, col(Asset.id))).all()


def _newest(clips: Sequence[Asset]) -> dict[str, Asset]:
    return {clip.key: clip for clip in reversed(clips)}


def _reasons(db: Session, language: str, voice: str) -> dict[str, str]:
    """Why clips of this voice were sent back, by asset; the newest word counts."""
    statement = (
        select(AssetEvent.asset, AssetEvent.note)
        .join(Asset, col(Asset.id) == col(AssetEvent.asset))
        .where(col(Asset.language) == language, col(Asset.voice) == voice, col(AssetEvent.verb) == "returned")
        .order_by(col(AssetEvent.id))
    )
    return {asset: note for asset, note in db.exec(statement)}  # noqa: C416  # rows are no pairs to mypy
