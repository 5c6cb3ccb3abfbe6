"""What can be wrong with a file, cell by cell: stable codes, and a sentence in Thai and in English for each.

The sentences are in `issues.toml`, where a health officer may better them. None of them repeats a name, a number or an
ID: the list of issues is printed, logged and mailed around.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, Final

_LONGEST_SHOWN: Final = 30
_LETTERS_SHOWN: Final = 2
_DIGITS_OF_A_DATE: Final = 8  # more than these may be a phone or an ID that slipped into the wrong column


class Severity(StrEnum):
    """Whether an issue keeps a row out."""

    ERROR = "error"  # the row is rejected and comes back to be corrected
    WARNING = "warning"  # the row is accepted; somebody should look


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing wrong. `row` is the line in the file, 0 for the file as a whole; `column` a canonical name or ""."""

    row: int
    column: str
    code: str
    message_th: str
    message_en: str
    severity: Severity

    @property
    def is_error(self) -> bool:
        """Whether it keeps its row out."""
        return self.severity is Severity.ERROR

    @property
    def message(self) -> str:
        """Both sentences in one line."""
        return f"{self.message_th} / {self.message_en}"

    def as_json(self) -> dict[str, Any]:
        """Return the object that `--json` prints."""
        return {"row": self.row, "column": self.column, "code": self.code, "message": self.message}


def make_issue(
    row: int, column: str, code: str, *, severity: Severity = Severity.ERROR, value: str = "", **details: object
) -> Issue:
    """Return an issue with its sentences filled in; `value` is shown as `shown` allows."""
    thai, english = sentences(code, value=shown(value), column=column, **details)
    return Issue(row, column, code, thai, english, severity)


def sentences(code: str, **details: object) -> tuple[str, str]:
    """Return the Thai and the English sentence of a code; raises KeyError for a code that has none."""
    entry = load_sentences()[code]
    return entry["th"].format(**details), entry["en"].format(**details)


def shown(value: str) -> str:
    """Return a cell's text fit for a message: what has letters in it as its first two, long numbers as dots.

    Any cell may hold a name: columns slip, and a header may be missing. A date or an hour in figures stays whole.
    """
    text = " ".join(value.split())[:_LONGEST_SHOWN]
    if sum(char.isdigit() for char in text) > _DIGITS_OF_A_DATE:
        text = re.sub(r"\d", "•", text)
    if not any(char.isalpha() for char in text):
        return text
    return text[: _LETTERS_SHOWN if len(text) > _LETTERS_SHOWN else 1] + "•••"


@cache
def load_sentences() -> dict[str, dict[str, str]]:
    """Return code -> {"th", "en"}, read once; raises ValueError naming the file and the code that lacks one."""
    text = files("gateway.roster").joinpath("issues.toml").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = tomllib.loads(text)
    for code, entry in found.items():
        if set(entry) != {"th", "en"}:
            raise ValueError(f"issues.toml: {code} needs a sentence under th and one under en")
    return found
