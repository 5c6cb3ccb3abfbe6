"""The console's own words, Thai and English side by side: templates/console/words/<page>.toml."""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

log = logging.getLogger(__name__)

LANGUAGES: Final = ("th", "en")
_FORMS: Final = frozenset({*LANGUAGES, "one"})


class WordsError(Exception):
    """A file of words cannot be used; the message names file and key."""


class Words:
    """Every phrase by its key, such as "today.title"; `one` is used in English where n is 1."""

    def __init__(self, folder: Path) -> None:
        """Read all files of `folder`; raises WordsError."""
        self._phrases: dict[str, Mapping[str, str]] = {}
        for file in sorted(folder.glob("*.toml")):
            self._phrases.update(_read(file))

    @property
    def keys(self) -> frozenset[str]:
        """All there are."""
        return frozenset(self._phrases)

    def phrase(self, key: str) -> Mapping[str, str] | None:
        """All forms of one phrase."""
        return self._phrases.get(key)

    def text(self, language: str, key: str, /, **values: object) -> str:
        """Return a phrase with its slots filled; one that is missing is logged and shown by its key, never an error."""
        phrase = self._phrases.get(key)
        if phrase is None:
            log.error("the console has no words for %s", key)
            return key.rpartition(".")[2].replace("_", " ")
        is_one = language == "en" and values.get("n") == 1 and "one" in phrase
        return phrase["one" if is_one else language].format(**values)


def _read(file: Path) -> Iterator[tuple[str, Mapping[str, str]]]:
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WordsError(f"{file}: {error}") from error
    yield from _phrases(file, file.stem, data)


def _phrases(file: Path, prefix: str, table: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, str]]]:
    for name, entry in table.items():
        key = f"{prefix}.{name}"
        if not isinstance(entry, dict):
            raise WordsError(f"{file}: {key}: expected a table with th and en")
        if set(entry) <= _FORMS and all(isinstance(value, str) for value in entry.values()):
            if missing := [language for language in LANGUAGES if not entry.get(language)]:
                raise WordsError(f"{file}: {key}: {missing[0]} is missing")
            yield key, entry
        else:
            yield from _phrases(file, key, entry)
