"""How far each language is, and whom it reaches: what pages and people in charge ask first."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from sqlmodel import Session, col, func, select

from gateway.dispatch.prepare import Speech, text_language
from gateway.dispatch.wordlist import HOTLINE, WANTED, Word, clips_that_say
from gateway.records.people import Person
from gateway.voice.assets import ClipSource
from gateway.voice.coverage import Coverage, coverage
from gateway.wording.catalogue import Helper, Purpose, Template
from gateway.wording.texts import helpers_in, is_sent


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
    is_texted_now: bool  # whether a reminder in `texted_in` is approved
    people: int = 0
    is_answered: bool = False  # whether those who call us may hear it

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
    total, approved = _messages(speech, [one for one in speech.catalogue if one.language == language])
    spoken = next((code for code in speech.languages.chain(language) if live.voices.of(code)), None)
    texted = text_language(live, language, Purpose.REMINDER, neutral=False)
    return Standing(
        language=language,
        messages=total,
        messages_approved=approved,
        covered=_covered(speech, language),
        gaps=() if spoken == language else _gaps(speech, language, wanted),
        called_in=spoken,
        texted_in=texted,
        is_texted_now=texted is not None and _is_approved(speech, texted),
        people=people,
        is_answered=live.voices.able(language, (*WANTED, *HOTLINE)) is not None,
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
    """(how many texts there are, how many of them two people approved), of all languages, on the route in use."""
    by_language: dict[str, list[Template]] = defaultdict(list)
    for template in speech.catalogue:
        by_language[template.language].append(template)
    counted = [_messages(speech, templates) for templates in by_language.values()]
    return sum(total for total, _ in counted), sum(approved for _, approved in counted)


def called_languages(speech: Speech) -> int:
    """In how many languages calls may reach people."""
    voices = for_people(speech).voices
    return sum(voices.of(code) is not None for code in speech.languages.codes)


def _messages(speech: Speech, templates: Collection[Template]) -> tuple[int, int]:
    """(texts, approved ones) of a language on the route in use; one is approved when each of its pieces is."""
    catalogue, approved = speech.catalogue, speech.approved_texts()
    two_way = speech.is_two_way
    sent = [one for one in templates if is_sent(one.purpose, two_way=two_way)]
    texts = [one for one in sent if isinstance(one.purpose, Purpose)]

    def is_ready(one: Template) -> bool:
        return one.mark in approved and not (one.edited and catalogue.faults(one))

    filled = {one.purpose for one in sent if isinstance(one.purpose, Helper) and is_ready(one)}
    whole = [one for one in texts if filled.issuperset(helpers_in(one.placeholders, two_way=two_way).values())]
    return len(texts), sum(map(is_ready, whole))


def _is_approved(speech: Speech, language: str) -> bool:
    approved, two_way = speech.approved_texts(), speech.is_two_way
    return speech.catalogue.is_approved(Purpose.REMINDER, language, approved, two_way=two_way)


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
