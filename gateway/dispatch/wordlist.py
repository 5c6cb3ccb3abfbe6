"""Every text and phrase of a language as it stands: what it says now, who answers for it, who has spoken it.

Here words (catalogue, scripts, clips) and the records of who vouched for them meet; pages only show it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Final

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from gateway.dispatch.prepare import Speech, spoken_place
from gateway.records.places import Site
from gateway.records.status import AssetStatus
from gateway.records.wordings import Approval, Asset, AssetKind, Origin, Part
from gateway.voice.assets import ClipSource, Kept
from gateway.voice.keys import hotline_keys, is_key, site_key, studio_keys, wanted_keys
from gateway.voice.phrases import is_optional
from gateway.voice.prompts import Prompt, Script, Scripts
from gateway.wording.catalogue import (
    NEEDED,
    Catalogue,
    CatalogueError,
    Template,
    asset_key,
    sha256_of,
    text_of_key,
)
from gateway.wording.texts import is_sent

STUDIO_LANGUAGES: Final = ("th", "en")
"""Speakers who record by telephone are told what to do in these."""
Clips = Mapping[str, tuple[Kept, ...]]
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
    note_en: str = ""
    doubt: str = ""  # for who approves it
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


def word_list(db: Session, speech: Speech, language: str) -> list[Word]:
    """Every text and every phrase of a language, those that nobody has written, too."""
    texts, templates = _texts_on_record(db, language), _templates(speech.catalogue, language)
    keys = dict.fromkeys(key for key in _message_keys() if key in templates)
    kept = speech.clips.kept(language)  # asked once: each question looks whether anything changed
    words = [_message(speech, texts, templates[key]) for key in keys]
    return words + [_phrase(kept, texts, language, prompt) for prompt in _prompts(db, speech, language)]


def find_word(db: Session, speech: Speech, language: str, key: str) -> Word | None:
    """One text or phrase; None when there is no such thing: neither a text, nor a phrase anybody could hear."""
    if language not in speech.languages.codes:
        return None
    texts = _texts_on_record(db, language)
    if is_message_key(key):
        template = _templates(speech.catalogue, language).get(key)
        return _message(speech, texts, template) if template else Word(language, key)
    known = {prompt.key: prompt for prompt in _prompts(db, speech, language)}
    if not is_key(key) or key not in known:
        return None
    return _phrase(speech.clips.kept(language), texts, language, known[key])


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
    return clips_that_say(speech.clips.kept(word.language), word)


def _message(speech: Speech, texts: _Texts, template: Template) -> Word:
    is_broken = template.edited and bool(speech.catalogue.faults(template))
    state = TextState.BROKEN if is_broken else texts.state(template.key, template.sha256)
    shipped = speech.catalogue.shipped(template.purpose, template.language, neutral=template.neutral)
    back = back_translation(shipped.path) if shipped and shipped.body == template.body else ""
    return Word(
        template.language,
        template.key,
        template.body,
        state,
        is_edited=template.edited,
        back=back,
        in_use=is_sent(template.purpose, two_way=speech.is_two_way),
    )


def back_translation(file: Path) -> str:
    """What the file of a text says that it means, "" where it does not; the lines above the text are for readers.

    A file that an update is just replacing costs its line, not the whole page.
    """
    try:
        return _back_translation(file)
    except OSError:
        return ""


@lru_cache(maxsize=512)
def _back_translation(file: Path) -> str:
    for line in file.read_text(encoding="utf-8-sig").splitlines():
        if line.lower().startswith(_BACK):
            return line[len(_BACK) :].strip()
        if not line.startswith("#"):
            break
    return ""


def _phrase(kept: Clips, texts: _Texts, language: str, prompt: Prompt) -> Word:
    state = texts.state(prompt.key, prompt.text_sha256) if prompt.text else TextState.UNWRITTEN
    word = Word(
        language,
        prompt.key,
        prompt.text,
        state,
        is_edited=prompt.key in texts.edited,
        note=prompt.note,
        note_en=prompt.note_en,
        doubt=prompt.doubt,
        back=prompt.back,
        in_use=prompt.key in WANTED or prompt.key in HOTLINE or is_optional(prompt.key),
    )
    return replace(word, sound=_sound(kept, word))


def clips_that_say(kept: Clips, word: Word) -> list[Kept]:
    """Those of a language's clips that say these words; a name's are right whatever was recorded."""
    clips = kept.get(word.key, ())
    return [one for one in clips if is_optional(word.key) or one.text_sha256 == word.sha256]


def _sound(kept: Clips, word: Word) -> SoundState:
    current = clips_that_say(kept, word) if word.body else []
    if not current:
        return SoundState.STALE if kept.get(word.key) else SoundState.UNSPOKEN
    approved = {one.clip.source for one in current if one.approved}
    if not approved:
        return SoundState.WAITING
    return SoundState.RECORDED if ClipSource.RECORDING in approved else SoundState.SYNTHESISED


def _prompts(db: Session, speech: Speech, language: str) -> Iterator[Prompt]:
    """What a call in this language may say: the sentences, what can be counted, places, and names somebody recorded."""
    script = speech.scripts.get(language) or Script(language)
    studio = studio_keys() if language in STUDIO_LANGUAGES else ()
    said = dict.fromkeys([*map(str, (*wanted_keys(), *hotline_keys(), *studio)), *script.prompts])
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


@dataclass(frozen=True, slots=True)
class _Texts:
    """What is on record of a language's words: (key, hash) to how far they are, and the keys with an edit in force."""

    states: Mapping[tuple[str, str], TextState]
    edited: frozenset[str]

    def state(self, key: str, sha256: str) -> TextState:
        """Words without a row are a draft that nobody answers for."""
        return self.states.get((key, sha256), TextState.DRAFT)


def _texts_on_record(db: Session, language: str) -> _Texts:
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
    edited: set[str] = set()
    for asset, is_authored in db.exec(statement):
        draft = TextState.WAITING if is_authored else TextState.DRAFT
        found[asset.key, asset.sha256] = states.get(asset.status, draft)
        if asset.origin is Origin.EDIT and asset.status in _IN_FORCE:
            edited.add(asset.key)
    return _Texts(found, frozenset(edited))


def _edits(language: str, key: str) -> SelectOfScalar[Asset]:
    return select(Asset).where(
        col(Asset.kind) == AssetKind.TEXT,
        col(Asset.origin) == Origin.EDIT,
        col(Asset.language) == language,
        col(Asset.key) == key,
        col(Asset.status).in_(_IN_FORCE),
    )


def _templates(catalogue: Catalogue, language: str) -> Mapping[str, Template]:
    return {template.key: template for template in catalogue if template.language == language}


def _message_keys() -> Iterator[str]:
    for text in NEEDED:
        yield asset_key(text)
        yield asset_key(text, neutral=True)


WANTED: Final = frozenset(map(str, wanted_keys()))
HOTLINE: Final = frozenset(map(str, hotline_keys()))
_IN_FORCE: Final = (AssetStatus.DRAFT, AssetStatus.APPROVED)
