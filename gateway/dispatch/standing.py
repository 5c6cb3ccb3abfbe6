"""How far each language is, and whom it reaches: what pages and people in charge ask first."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlmodel import Session, col, func, select

from gateway.dispatch.prepare import Speech
from gateway.dispatch.wordlist import WANTED, Word, clips_that_say
from gateway.records.people import Person
from gateway.voice.assets import ClipSource
from gateway.voice.coverage import Coverage, coverage
from gateway.wording.catalogue import CatalogueError, Purpose, choose_language, is_always_neutral


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a language is, and in which language its people are reached now, if a carrier reaches them.

    `gaps` says what keeps calls in it from people: (reason, how many); a language that can be spoken has none.
    """

    language: str
    messages: int
    messages_approved: int
    covered: Coverage
    gaps: tuple[tuple[str, int], ...]
    called_in: str | None
    texted_in: str | None
    people: int = 0

    @property
    def is_texted(self) -> bool:
        """Whether all its texts are approved."""
        return 0 < self.messages == self.messages_approved

    @property
    def is_called(self) -> bool:
        """Whether calls in this very language may reach people."""
        return self.called_in == self.language


def for_people(speech: Speech) -> Speech:
    """The same words, where they reach people: no drafts, no placeholders."""
    return replace(speech, may_use_drafts=False, may_use_placeholders=False)


def standing(speech: Speech, words: list[Word], live: Speech, people: int = 0) -> Standing:
    """How far the language of these words is; `live` is the same speech `for_people`."""
    language = words[0].language
    wanted = [word for word in words if not word.is_message and word.key in WANTED]
    total, approved = _messages(speech, language)
    spoken = next((code for code in speech.languages.chain(language) if live.voices.of(code)), None)
    return Standing(
        language=language,
        messages=total,
        messages_approved=approved,
        covered=_covered(speech, language),
        gaps=() if spoken == language else _gaps(speech, language, wanted),
        called_in=spoken,
        texted_in=choose_language(speech.catalogue, speech.languages, language, Purpose.REMINDER),
        people=people,
    )


def people_by_language(db: Session, *, site: str | None) -> Mapping[str, int]:
    """How many people on record have each language; of one site, or (None) of all."""
    statement = select(Person.language, func.count()).where(
        col(Person.died_on).is_(None), col(Person.merged_into).is_(None)
    )
    if site is not None:
        statement = statement.where(col(Person.site) == site)
    return dict(db.exec(statement.group_by(col(Person.language))).all())


def approved_messages(speech: Speech) -> tuple[int, int]:
    """(how many texts two people approved, how many there are), of all languages, on the route in use."""
    counted = [_messages(speech, language) for language in speech.catalogue.languages]
    return sum(approved for _, approved in counted), sum(total for total, _ in counted)


def _messages(speech: Speech, language: str) -> tuple[int, int]:
    """(texts there are, approved ones) on the route in use; a text is approved when each of its pieces is."""
    catalogue, approved = speech.catalogue, speech.approved_texts()
    total = done = 0
    for purpose in Purpose:
        for neutral in (False,) if is_always_neutral(purpose) else (False, True):
            if not catalogue.has(purpose, language, neutral=neutral):
                continue
            total += 1
            try:
                pieces = catalogue.pieces(purpose, language, two_way=speech.is_two_way, neutral=neutral)
            except CatalogueError:  # an edit that breaks a rule
                continue
            done += all(piece.sha256 in approved for piece in pieces)
    return total, done


def _covered(speech: Speech, language: str) -> Coverage:
    """What `gateway prompts check` says of it."""
    scripts = {language: speech.scripts[language]} if language in speech.scripts else {}
    approved, carrier = speech.approved_texts(), speech.carrier_speaks
    return coverage(scripts, speech.clips, approved_texts=approved, codes=(language,), carrier_speaks=carrier)[0]


def _gaps(speech: Speech, language: str, wanted: list[Word]) -> tuple[tuple[str, int], ...]:
    found = Counter(word.sound.value if word.body and word.sound else "unwritten" for word in wanted)
    gaps = tuple((name, found[name]) for name in ("unwritten", "unspoken", "stale", "waiting") if found[name])
    return gaps or (("scattered", len(wanted) - _most_of_one_voice(speech, wanted, language)),)


def _most_of_one_voice(speech: Speech, wanted: list[Word], language: str) -> int:
    """A call is spoken in one voice throughout: how many phrases does the best one have?"""
    by_voice: dict[tuple[ClipSource, str], set[str]] = defaultdict(set)
    kept = speech.clips.kept(language)
    for word in wanted:
        for one in clips_that_say(kept, word):
            if one.approved:
                by_voice[one.clip.source, one.clip.voice].add(word.key)
    return max(map(len, by_voice.values()), default=0)
