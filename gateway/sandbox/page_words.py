"""The words of the page of handsets, in Thai and English, from words.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.requests import Request

LANGUAGES = ("th", "en")
COOKIE = "tamnat_language"


class PageWords:
    """Every word of the page by key, such as "clock.pause"."""

    def __init__(self, file: Path) -> None:
        """Read `file`; raises ValueError naming the key that lacks a language."""
        self._words = {language: dict[str, str]() for language in LANGUAGES}
        with file.open("rb") as lines:
            self._read(file.name, "", tomllib.load(lines))

    def of(self, language: str) -> Mapping[str, str]:
        """All words in `language`."""
        return self._words[language]

    def _read(self, file: str, before: str, table: Mapping[str, Any]) -> None:
        for name, value in table.items():
            key = before + name
            if isinstance(value, dict) and all(isinstance(word, dict) for word in value.values()):
                self._read(file, f"{key}.", value)
            elif _is_word(value):
                for language in LANGUAGES:
                    self._words[language][key] = value[language]
            else:
                raise ValueError(f"{file}: {key}: expected th and en")


def _is_word(value: object) -> bool:
    if not isinstance(value, dict) or set(value) != set(LANGUAGES):
        return False
    return all(isinstance(word, str) for word in value.values())


def language_of(request: Request) -> str:
    """The language of the page: what was chosen before, else what the browser prefers, else Thai."""
    chosen = request.cookies.get(COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    for part in request.headers.get("accept-language", "").lower().split(","):
        wanted = part.partition(";")[0].strip().partition("-")[0]
        if wanted in LANGUAGES:
            return wanted
    return "th"
