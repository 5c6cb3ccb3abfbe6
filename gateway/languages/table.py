"""The table of languages and dialects: what each is called, how it is written, and what may stand in for it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from gateway.kit.digits import ZEROS
from gateway.languages.data import LanguageDataError, LanguageError, Section, languages_folder, read_section

__all__ = ["Language", "LanguageDataError", "LanguageError", "LanguageTable", "load_languages"]

_KEYS: Final = (
    "name", "own_name", "script", "digits", "era", "fallback", "reads_default", "synonyms",
    "dialect", "provinces", "texted", "spoken_by", "letters_per_second",
)  # fmt: skip
_TEXTED: Final = ("all", "some", "none")
_SPEAKERS: Final = ("recording", "gtts", "carrier")
_NOISE: Final = re.compile(r"[\s_\-.'’()]|language|ภาษา")


@dataclass(frozen=True)
class Language:
    """A language or dialect; the meaning of the fields stands at the head of languages.toml."""

    code: str
    name: str
    own_name: str
    script: str
    digits: str
    era: str
    fallback: tuple[str, ...]
    reads_default: bool
    synonyms: tuple[str, ...]
    dialect: bool
    provinces: tuple[str, ...]
    texted: str
    spoken_by: tuple[str, ...]
    letters_per_second: float


class LanguageTable:
    """All languages by code, in the order of the file."""

    def __init__(self, languages: Mapping[str, Language], by_name: Mapping[str, str]) -> None:
        self._languages = dict(languages)
        self._by_name = dict(by_name)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes in the order of the file."""
        return tuple(self._languages)

    def get(self, code: str) -> Language:
        """Return a language; raises LanguageError naming the code when it is not in the table."""
        if code not in self._languages:
            raise LanguageError(f"language {code!r} is not in the table")
        return self._languages[code]

    def chain(self, code: str) -> tuple[str, ...]:
        """Return the code and then what may stand in for it, in order; nothing else may (DESIGN law 6)."""
        return (code, *self.get(code).fallback)

    def recognise(self, raw: str) -> str | None:
        """Return the code of what a roster wrote ("พม่า", "Burmese", "my", "th-TH"), or None when it is unknown."""
        found = self._by_name.get(_plain(raw))
        if found is not None:
            return found
        tag = re.match(r"^([a-z]{2,3})[-_](?:[a-z]{2,4}|\d{3})$", raw.strip().lower())
        return tag[1] if tag and tag[1] in self._languages else None


def load_languages(path: Path | None = None) -> LanguageTable:
    """Return the table of a file (default: languages.toml of `languages_folder()`), read once and checked.

    Raises LanguageDataError naming file and key when something is missing, unknown or names two languages.
    """
    return _load(path or languages_folder() / "languages.toml")


@lru_cache(maxsize=8)
def _load(path: Path) -> LanguageTable:
    file = read_section(path)
    languages = {code: _language(code, file.section(code)) for code in file.keys}
    for code, language in languages.items():
        _check_fallback(file, code, language, languages)
    return LanguageTable(languages, _names(file, languages))


def _language(code: str, entry: Section) -> Language:
    entry.only(*_KEYS)
    language = Language(
        code=code,
        name=entry.text("name"),
        own_name=entry.text("own_name"),
        script=entry.text("script"),
        digits=entry.text("digits"),
        era=entry.text("era"),
        fallback=entry.texts("fallback"),
        reads_default=entry.flag("reads_default"),
        synonyms=entry.texts("synonyms"),
        dialect=entry.flag("dialect"),
        provinces=entry.texts("provinces"),
        texted=entry.text("texted"),
        spoken_by=entry.texts("spoken_by"),
        letters_per_second=entry.quantity("letters_per_second"),
    )
    _check_writing(entry, language)
    _check_voice(entry, language)
    return language


def _check_writing(entry: Section, language: Language) -> None:
    letters = [unicodedata.name(char, "") for char in language.own_name if char.isalpha()]
    if language.script != language.script.title() or not all(
        name.startswith(f"{language.script.upper()} ") for name in letters
    ):
        raise entry.wrong("script", "must be Unicode's name of the letters that own_name is written in, such as Lao")
    if language.digits != "latin" and language.digits not in ZEROS:
        raise entry.wrong("digits", f"must be latin or one of {', '.join(ZEROS)}")
    if language.era not in ("be", "ce"):
        raise entry.wrong("era", "must be be or ce")
    if language.texted not in _TEXTED:
        raise entry.wrong("texted", f"must be one of {', '.join(_TEXTED)}")


def _check_voice(entry: Section, language: Language) -> None:
    if not set(language.spoken_by) <= set(_SPEAKERS):
        raise entry.wrong("spoken_by", f"must hold {', '.join(_SPEAKERS)} only")
    if len(set(language.provinces)) != len(language.provinces):
        raise entry.wrong("provinces", "names a province twice")
    if language.dialect and not language.provinces:
        raise entry.wrong("provinces", "must say where the dialect is at home: who approves it must come from there")
    if not 3 <= language.letters_per_second <= 40:
        raise entry.wrong("letters_per_second", "must be between 3 and 40")


def _check_fallback(file: Section, code: str, language: Language, known: Mapping[str, Language]) -> None:
    chain = (code, *language.fallback)
    if len(set(chain)) != len(chain):
        raise file.wrong(f"{code}.fallback", "names a language twice, or itself")
    for other in language.fallback:
        if other not in known:
            raise file.wrong(f"{code}.fallback", f"names {other!r}, which is not in the table")


def _names(file: Section, languages: Mapping[str, Language]) -> dict[str, str]:
    names: dict[str, str] = {}
    for code, language in languages.items():
        for name in (code, language.name, language.own_name, *language.synonyms):
            taken = names.setdefault(_plain(name), code)
            if taken != code:
                raise file.wrong(f"{code}.synonyms", f"{name!r} already names {taken!r}")
    return names


def _plain(raw: str) -> str:
    return _NOISE.sub("", unicodedata.normalize("NFKC", raw).casefold())
