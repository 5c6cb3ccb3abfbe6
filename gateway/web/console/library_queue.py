"""What waits: for a second person, for anybody to answer for it, and for this very visitor, one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from gateway.dispatch.prepare import Speech
from gateway.dispatch.wordlist import SoundState, TextState, Word
from gateway.records.status import AssetStatus
from gateway.records.wordings import Approval, Asset, AssetKind, Part
from gateway.staff.approving import waiting


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits. `is_old`: the words have changed since, so that approving it changes nothing."""

    asset: Asset
    author: str | None
    is_mine: bool
    is_old: bool


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The shipped words of a language that nobody answers for yet, by key: they reach nobody."""

    language: str
    texts: tuple[str, ...]
    phrases: tuple[str, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """All of them, in the order in which they are gone through."""
        return (*self.texts, *self.phrases)


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing that a visitor may decide; `asset` None: shipped words that nobody has decided anything about."""

    key: str
    asset: Asset | None

    def is_of(self, decided: Asset) -> bool:
        """Whether it is what was just decided."""
        if self.asset is not None:
            return self.asset.id == decided.id
        return self.key == decided.key and decided.kind is AssetKind.TEXT

    @property
    def is_open(self) -> bool:
        """Whether it still waits."""
        return self.asset is None or self.asset.status is AssetStatus.DRAFT


def waiting_of(db: Session, assets: Sequence[Asset], staff: str, lists: Mapping[str, Sequence[Word]]) -> list[Waiting]:
    """What waits, with who made each; `lists` are the present words of its languages."""
    ids = [one.id for one in assets]
    made = (col(Approval.asset).in_(ids), col(Approval.part) == Part.AUTHOR)
    authors = dict(db.exec(select(Approval.asset, Approval.staff).where(*made)).all())
    now = {(code, word.key): word for code, words in lists.items() for word in words}

    def entry(one: Asset) -> Waiting:
        author, word = authors.get(one.id), now.get((one.language, one.key))
        return Waiting(one, author, author == staff, is_old(one, word))

    return [entry(one) for one in assets]


def is_old(asset: Asset, word: Word | None) -> bool:
    """Whether the words have changed since: an approval of it would change nothing."""
    is_name = asset.key.startswith(("name.", "site."))
    return word is not None and not is_name and word.sha256 != asset.text_sha256


def unanswered(speech: Speech, language: str, words: Sequence[Word]) -> Unanswered:
    """What of a language nobody answers for.

    A phrase is answered for by who speaks it; its words alone only where nobody spoke it and
    the carrier's own voice reads them.
    """
    open_ = [word for word in words if word.in_use and word.body and word.text is TextState.DRAFT]
    reads = speech.carrier_speaks(language)
    texts = tuple(word.key for word in open_ if word.is_message)
    phrases = tuple(word.key for word in open_ if reads and word.sound is SoundState.UNSPOKEN)
    return Unanswered(language, texts, phrases)


def line_for(db: Session, speech: Speech, staff: str, language: str, words: Sequence[Word]) -> list[Turn]:
    """All of a language that waits for this person: what a second one has to see, then what nobody answers for."""
    entries = waiting_of(db, waiting(db, language), staff, {language: words})
    asked = [Turn(one.asset.key, one.asset) for one in entries if not one.is_mine and not one.is_old]
    return asked + [Turn(key, None) for key in unanswered(speech, language, words).keys]


def next_after(line: Sequence[Turn], key: str) -> Turn | None:
    """The next of another key, from the top again after the last."""
    place = max((n for n, one in enumerate(line, start=1) if one.key == key), default=0)
    return next((one for one in (*line[place:], *line[:place]) if one.key != key), None)


def next_when(line: Sequence[Turn], decided: Asset) -> Turn | None:
    """Where to go on when one thing of a line (made before) is decided; None: nothing of it is left."""
    place = next((n for n, one in enumerate(line, start=1) if one.is_of(decided)), 0)
    turned = (*line[place:], *line[:place])
    return next((one for one in turned if one.is_open and not one.is_of(decided)), None)
