"""Words that no text of ours may hold, by language: read once from words.toml, checked, and never fewer than a list.

A health officer may add a word there, or take one out that is wrong; an empty list would be a rule switched off.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

Words = Mapping[str, tuple[str, ...]]

FILE: Final = Path(__file__).with_name("words.toml")
_NEEDED: Final = {
    "money": ("th", "en", "my", "km", "lo", "vi", "shn", "mnw"),
    "identity": ("th", "en", "my", "km", "lo", "vi"),
    "elsewhere": ("th", "en", "my", "km", "lo", "vi"),
    "loud": ("th", "en", "my", "km", "lo", "vi"),
    "health": ("th", "en", "my", "km", "lo", "vi"),
    "swindlers": ("th", "en", "my", "km", "lo", "vi"),
    "carrier": ("en",),
}


class WordListError(ValueError):
    """The word lists cannot be used as they are; the message names file and key."""


def load_words(path: Path = FILE) -> Mapping[str, Words]:
    """Return the lists by name, each with its words by language; raises WordListError naming file and key."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise WordListError(f"{path.name}: the file is missing") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WordListError(f"{path.name}: is not TOML: {error}") from error
    if unknown := sorted(content.keys() - _NEEDED.keys()):
        raise WordListError(f"{path.name}: {unknown[0]}: there is no such list")
    return {name: _list(path.name, name, content.get(name), needed) for name, needed in _NEEDED.items()}


def _list(file: str, name: str, content: Any, needed: tuple[str, ...]) -> Words:
    if not isinstance(content, dict):
        raise WordListError(f"{file}: {name}: the list is missing")
    if missing := [code for code in needed if code not in content]:
        raise WordListError(f"{file}: {name}.{missing[0]}: the words are missing")
    return {code: _words(f"{file}: {name}.{code}", words) for code, words in content.items()}


def _words(where: str, words: Any) -> tuple[str, ...]:
    if not isinstance(words, list) or not words:
        raise WordListError(f"{where}: must be a list with at least one word")
    for word in words:
        if not isinstance(word, str) or len(word.strip()) < 2:
            raise WordListError(f"{where}: {word!r} is no word of two letters or more")
    return tuple(words)


_LISTS: Final = load_words()

MONEY_WORDS: Final[Words] = _LISTS["money"]
"""Money, and the secrets that lead to it."""
IDENTITY_WORDS: Final[Words] = _LISTS["identity"]
"""Papers and numbers of a citizen: neither asked for nor shown."""
ELSEWHERE_WORDS: Final[Words] = _LISTS["elsewhere"]
"""Ways that lead somewhere else as a link does."""
LOUD_WORDS: Final[Words] = _LISTS["loud"]
"""Haste, threat and bait: sober wording does without."""
HEALTH_WORDS: Final[Words] = _LISTS["health"]
"""What a neutral text does not say."""
SWINDLERS_WORDS: Final[Words] = _LISTS["swindlers"]
"""What no name of a person or place holds."""
CARRIER_WORDS: Final[Words] = _LISTS["carrier"]
"""Words that carriers answer by themselves."""
