"""Every text and phrase of a language as it stands: what it says now, who answers for it, who has spoken it.

Here words (catalogue, scripts, clips) and the records of who vouched for them meet; pages only show it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from gateway.dispatch.prepare import Speech, spoken_place
from gateway.records.people import Person
from gateway.records.places import Site
from gateway.records.status import AssetStatus
from gateway.records.wordings import Approval, Asset, AssetKind, Origin, Part
from gateway.voice.assets import ClipSource, Kept
from gateway.voice.keys import is_key, site_key, studio_keys, wanted_keys
from gateway.voice.phrases import is_optional
from gateway.voice.prompts import Prompt, Script, Scripts
from gateway.wording.catalogue import (
    NEEDED,
    Catalogue,
    CatalogueError,
    Helper,
    Purpose,
    Template,
    asset_key,
    choose_language,
    is_always_neutral,
    sha256_of,
    text_of_key,
)

STUDIO_LANGUAGES: Final = ("th", "en")
"""Speakers who record by telephone are told what to do in these."""
_BACK: Final = "# back translation:"


class TextState(StrEnum):
    """How far the words of a key are."""

    UNWRITTEN = "unwritten"
    BROKEN = "broken"  # an edit that breaks a rule made since: never sent
    RETURNED = "returned"  # somebody said what is wrong with it
    DRAFT = "draft"  # nobody answers for it yet
    WAITING = "waiting"  # one person does, a second has to
    APPROVED = "approved"


class SoundState(StrEnum):
    """How far the sound of a phrase is; the best of its clips counts."""

    UNSPOKEN = "unspoken"
    STALE = "stale"  # spoken, and the words have changed since
    WAITING = "waiting"  # spoken, and not approved yet
    SYNTHESISED = "synthesised"  # approved, by a machine
    RECORDED = "recorded"  # approved, by a person


HEARD: Final = frozenset({SoundState.SYNTHESISED, SoundState.RECORDED})
"""What may be played to people."""


@dataclass(frozen=True, slots=True)
class Word:
    """One text or phrase as it stands now. `back` is a translation of exactly these words, "" where there is none."""

    language: str
    key: str
    body: str = ""  # "": nobody has written it
    text: TextState = TextState.UNWRITTEN
    sound: SoundState | None = None  # None: it is read, not heard
    is_edited: bool = False
    note: str = ""  # for who speaks it
    back: str = ""
    in_use: bool = True  # False: of the other route, or only heard in the studio

    @property
    def sha256(self) -> str:
        """What an approval of these words is bound to; "" where there are none."""
        return sha256_of(self.body) if self.body else ""

    @property
    def is_message(self) -> bool:
        """Whether it is sent as a text, and not spoken."""
        return self.sound is None


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a language is, and in which language its people are reached now, if a carrier reaches them.

    `gaps` says what keeps calls in it from people: (reason, how many); a language that can be spoken has none.
    """

    language: str
    messages: int
    messages_approved: int
    wanted: int
    written: int
    words_approved: int
    sounds: Mapping[SoundState, int]
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


def word_list(db: Session, speech: Speech, language: str) -> list[Word]:
    """Every text and every phrase of a language, those that nobody has written, too."""
    states = _text_states(db, language)
    texts = _templates(speech.catalogue, language)
    keys = list(dict.fromkeys(key for key in _message_keys() if key in texts))
    words = [_message(speech, states, texts[key]) for key in keys]
    return words + [_phrase(speech, states, language, prompt) for prompt in _prompts(db, speech, language)]


def find_word(db: Session, speech: Speech, language: str, key: str) -> Word | None:
    """One text or phrase; None when there is no such thing: neither a text, nor a phrase anybody could hear."""
    if language not in speech.languages.codes:
        return None
    states = _text_states(db, language)
    if is_message_key(key):
        template = _templates(speech.catalogue, language).get(key)
        return _message(speech, states, template) if template else Word(language, key)
    known = {prompt.key: prompt for prompt in _prompts(db, speech, language)}
    return _phrase(speech, states, language, known[key]) if is_key(key) and key in known else None


def is_message_key(key: str) -> bool:
    """Whether the key names a text that is sent."""
    try:
        text_of_key(key)
    except CatalogueError:
        return False
    return True


def shipped_body(speech: Speech, language: str, key: str) -> str:
    """The words as they ship, whatever was edited since; "" where none do."""
    if is_message_key(key):
        text, neutral = text_of_key(key)
        template = speech.catalogue.shipped(text, language, neutral=neutral)
        return template.body if template else ""
    scripts = speech.scripts.shipped if isinstance(speech.scripts, Scripts) else speech.scripts
    script = scripts.get(language)
    return script.prompts[key].text if script and key in script.prompts else ""


def current_edit(db: Session, language: str, key: str) -> Asset | None:
    """The newest edit that stands in the place of what ships; asked in the unit of work that is about to change it."""
    found = db.exec(_edits(language, key).order_by(col(Asset.submitted_at).desc(), col(Asset.id).desc()))
    return found.first()


def current_edits(db: Session, language: str, key: str) -> list[Asset]:
    """Every edit that stands, or would stand if a newer one went."""
    return list(db.exec(_edits(language, key)))


def current_clips(speech: Speech, word: Word) -> list[Kept]:
    """The clips that say the present words."""
    kept = speech.clips.kept(word.language).get(word.key, ())
    return [one for one in kept if is_optional(word.key) or one.text_sha256 == word.sha256]


def standing(speech: Speech, words: list[Word], live: Speech, people: int = 0) -> Standing:
    """How far the language of these words is; `live` is the same speech `for_people`."""
    language = words[0].language
    wanted = [word for word in words if not word.is_message and word.key in _WANTED]
    total, approved = _messages(speech, language)
    spoken = next((code for code in speech.languages.chain(language) if live.voices.of(code)), None)
    return Standing(
        language=language,
        messages=total,
        messages_approved=approved,
        wanted=len(wanted),
        written=sum(bool(word.body) for word in wanted),
        words_approved=sum(word.text is TextState.APPROVED for word in wanted),
        sounds=Counter(word.sound for word in wanted if word.sound is not None and word.body),
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


def _gaps(speech: Speech, language: str, wanted: list[Word]) -> tuple[tuple[str, int], ...]:
    found = Counter(word.sound.value if word.body and word.sound else "unwritten" for word in wanted)
    gaps = tuple((name, found[name]) for name in ("unwritten", "unspoken", "stale", "waiting") if found[name])
    return gaps or (("scattered", len(wanted) - _most_of_one_voice(speech, wanted, language)),)


def _most_of_one_voice(speech: Speech, wanted: list[Word], language: str) -> int:
    """A call is spoken in one voice throughout: how many phrases does the best one have?"""
    by_voice: dict[tuple[ClipSource, str], set[str]] = defaultdict(set)
    for word in wanted:
        for kept in current_clips(speech, word):
            if kept.approved:
                by_voice[kept.clip.source, kept.clip.voice].add(word.key)
    return max(map(len, by_voice.values()), default=0)


def _message(speech: Speech, states: Mapping[tuple[str, str], TextState], template: Template) -> Word:
    is_broken = template.edited and bool(speech.catalogue.faults(template))
    state = TextState.BROKEN if is_broken else states.get((template.key, template.sha256), TextState.DRAFT)
    idle = Helper.CALL if speech.is_two_way else Helper.TWO_WAY
    shipped = speech.catalogue.shipped(template.purpose, template.language, neutral=template.neutral)
    back = back_translation(shipped) if shipped and shipped.body == template.body else ""
    return Word(
        template.language,
        template.key,
        template.body,
        state,
        is_edited=template.edited,
        back=back,
        in_use=template.purpose is not idle,
    )


def back_translation(template: Template) -> str:
    """What the file of a text says that it means, "" where it does not; the lines above the text are for readers."""
    for line in template.path.read_text(encoding="utf-8-sig").splitlines():
        if line.lower().startswith(_BACK):
            return line[len(_BACK) :].strip()
        if not line.startswith("#"):
            break
    return ""


def _phrase(speech: Speech, states: Mapping[tuple[str, str], TextState], language: str, prompt: Prompt) -> Word:
    state = states.get((prompt.key, prompt.text_sha256), TextState.DRAFT) if prompt.text else TextState.UNWRITTEN
    word = Word(language, prompt.key, prompt.text, state, note=prompt.note, back=prompt.back)
    return replace(word, sound=_sound(speech, word), in_use=prompt.key in _WANTED or is_optional(prompt.key))


def _sound(speech: Speech, word: Word) -> SoundState:
    current = current_clips(speech, word) if word.body else []
    if not current:
        return SoundState.STALE if speech.clips.kept(word.language).get(word.key) else SoundState.UNSPOKEN
    approved = {one.clip.source for one in current if one.approved}
    if not approved:
        return SoundState.WAITING
    return SoundState.RECORDED if ClipSource.RECORDING in approved else SoundState.SYNTHESISED


def _prompts(db: Session, speech: Speech, language: str) -> Iterator[Prompt]:
    """What a call in this language may say: the sentences, what can be counted, places, and names somebody recorded."""
    script = speech.scripts.get(language) or Script(language)
    studio = studio_keys() if language in STUDIO_LANGUAGES else ()
    said = dict.fromkeys([*map(str, wanted_keys()), *map(str, studio), *script.prompts])
    yield from (script.prompts.get(key) or Prompt(key, "") for key in said)
    for site in db.exec(select(Site).order_by(col(Site.code))):
        key = site_key(site.code)
        if key is not None and key not in said:
            said[key] = None
            yield script.site_prompt(site.code, spoken_place(speech.languages, language, site)) or Prompt(key, "")
    for key, text in _recorded_only(db, language).items():
        if key not in said:
            yield Prompt(key, text)


def _recorded_only(db: Session, language: str) -> Mapping[str, str]:
    """Names and places that are known by their clips alone: key to the words of the newest."""
    mine = (col(Asset.kind) == AssetKind.CLIP, col(Asset.language) == language)
    optional = col(Asset.key).startswith("name.") | col(Asset.key).startswith("site.")
    statement = select(Asset.key, Asset.text).where(*mine, optional)
    return dict(db.exec(statement.order_by(col(Asset.submitted_at), col(Asset.id))).all())


def _text_states(db: Session, language: str) -> Mapping[tuple[str, str], TextState]:
    """(key, hash) to how far these words are; words without a row are drafts that nobody answers for."""
    authored = select(Approval.asset).where(col(Approval.part) == Part.AUTHOR)
    statement = select(Asset, col(Asset.id).in_(authored)).where(
        col(Asset.kind) == AssetKind.TEXT, col(Asset.language) == language
    )
    states = {
        AssetStatus.APPROVED: TextState.APPROVED,
        AssetStatus.RETURNED: TextState.RETURNED,
        AssetStatus.RETIRED: TextState.DRAFT,
    }
    found: dict[tuple[str, str], TextState] = {}
    for asset, is_authored in db.exec(statement):
        draft = TextState.WAITING if is_authored else TextState.DRAFT
        found[asset.key, asset.sha256] = states.get(asset.status, draft)
    return found


def _edits(language: str, key: str) -> SelectOfScalar[Asset]:
    standing_still = (AssetStatus.DRAFT, AssetStatus.APPROVED)
    return select(Asset).where(
        col(Asset.kind) == AssetKind.TEXT,
        col(Asset.origin) == Origin.EDIT,
        col(Asset.language) == language,
        col(Asset.key) == key,
        col(Asset.status).in_(standing_still),
    )


def _templates(catalogue: Catalogue, language: str) -> Mapping[str, Template]:
    return {template.key: template for template in catalogue if template.language == language}


def _message_keys() -> Iterator[str]:
    for text in NEEDED:
        yield asset_key(text)
        yield asset_key(text, neutral=True)


_WANTED: Final = frozenset(map(str, wanted_keys()))
