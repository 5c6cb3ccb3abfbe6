"""TOML files of this room, read once and checked, with errors that name the file and the key."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Final, TypeVar

First = TypeVar("First")
Second = TypeVar("Second")

HERE: Final = Path(__file__).parent
"""The data lie beside the code, so that a wheel and a checkout find them alike."""

_folder = HERE


def languages_folder() -> Path:
    """Return the folder the tables are read from: languages.toml, spoken/ and words/."""
    return _folder


def use_folder(folder: Path | None) -> None:
    """Read every table from this folder from now on; None: the one that is shipped. For the whole process.

    Raises LanguageDataError when there is no languages.toml in it.
    """
    global _folder
    chosen = folder or HERE
    if not (chosen / "languages.toml").is_file():
        raise LanguageDataError(str(chosen / "languages.toml"), "file", "is missing")
    _folder = chosen


class LanguageDataError(ValueError):
    """A data file is wrong; the message names the file and the key, so that whoever edited it can mend it."""

    def __init__(self, file: str, key: str, problem: str) -> None:
        super().__init__(f"{file}: {key}: {problem}")
        self.file = file
        self.key = key


class LanguageError(KeyError):
    """A language is not known, or nothing of that sort is known about it; the message names its code."""

    def __str__(self) -> str:
        """Return the message as it is: KeyError would quote it."""
        return str(self.args[0]) if self.args else ""


class Section:
    """A table of a TOML file that is asked key by key and complains with file and key."""

    def __init__(self, file: str, values: dict[str, Any], prefix: str = "") -> None:
        self._file = file
        self._values = values
        self._prefix = prefix

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys as they stand in the file."""
        return tuple(self._values)

    def wrong(self, key: str, problem: str) -> LanguageDataError:
        """Return the error for a key of this section, to be raised."""
        return LanguageDataError(self._file, self._prefix + key, problem)

    def only(self, *known: str) -> None:
        """Raise LanguageDataError when a key is none of `known`: a misspelt key would be ignored for ever."""
        for key in self._values:
            if key not in known:
                raise self.wrong(key, f"is not a known key; known are {', '.join(known)}")

    def section(self, key: str) -> Section:
        """Return the table under `key`."""
        value = self._need(key, dict, "a table")
        return Section(self._file, value, f"{self._prefix}{key}.")

    def text(self, key: str) -> str:
        """Return the text under `key`, which may not be empty."""
        value: str = self._need(key, str, "a text")
        if not value.strip():
            raise self.wrong(key, "is empty")
        return value

    def flag(self, key: str) -> bool:
        """Return true or false."""
        return bool(self._need(key, bool, "true or false"))

    def number(self, key: str) -> int:
        """Return the whole number under `key`."""
        return int(self._need(key, int, "a whole number"))

    def quantity(self, key: str) -> float:
        """Return the number under `key`, whole or not."""
        value = self._need(key, (int, float), "a number")
        if isinstance(value, bool):
            raise self.wrong(key, "must be a number")
        return float(value)

    def texts(self, key: str, count: int | None = None) -> tuple[str, ...]:
        """Return the list of texts under `key`, exactly `count` of them when it is given."""
        values = self._need(key, list, "a list")
        if not all(isinstance(value, str) and value.strip() for value in values):
            raise self.wrong(key, "must hold texts only, none of them empty")
        if count is not None and len(values) != count:
            raise self.wrong(key, f"must hold {count} texts, not {len(values)}")
        return tuple(values)

    def pairs(self, key: str, first: type[First], second: type[Second]) -> tuple[tuple[First, Second], ...]:
        """Return the list of pairs under `key`, each of the two given types."""
        pairs: list[tuple[First, Second]] = []
        for pair in self._need(key, list, "a list"):
            if not (isinstance(pair, list) and len(pair) == 2):
                raise self.wrong(key, "must hold pairs only")
            one, two = pair
            if not (isinstance(one, first) and isinstance(two, second)):
                raise self.wrong(key, f"must hold pairs of {first.__name__} and {second.__name__}")
            pairs.append((one, two))
        return tuple(pairs)

    def _need(self, key: str, kind: type | tuple[type, ...], called: str) -> Any:
        if key not in self._values:
            raise self.wrong(key, "is missing")
        value = self._values[key]
        if not isinstance(value, kind):
            raise self.wrong(key, f"must be {called}")
        return value


def read_section(path: Path) -> Section:
    """Return the whole file as a section; raises LanguageDataError when it is missing or not TOML."""
    try:
        return Section(path.name, tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise LanguageDataError(path.name, "file", "is missing") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LanguageDataError(path.name, "file", f"is not TOML: {error}") from error


def codes_in(folder: Path) -> tuple[str, ...]:
    """Return the language codes that have a file in a folder, in order."""
    return tuple(sorted(path.stem for path in folder.glob("*.toml")))
