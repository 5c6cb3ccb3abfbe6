"""The handsets of the sandbox: invented telephones, each with its habits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Line = Literal["mobile", "landline"]


class Whose(StrEnum):
    """Whom a phone reaches: one person, several who share it, or nobody on record."""

    ONE = "one"
    FAMILY = "family"
    NOBODY = "nobody"


# Thailand: 9 national digits are a mobile, 8 beginning with 2-5 or 7 a fixed line (facts/thailand.md §2).
_THAI_FIXED = re.compile(r"\+66[2-57]\d{7}")
_E164 = re.compile(r"\+[1-9]\d{6,14}")


@dataclass(frozen=True)
class Handset:
    """One telephone: `number` in E.164, `label` for the feed, `habits` a profile of habits.toml.

    `contacts_so_far` counts the calls and texts it had before this network was built, so that the next process of
    the same seed goes on where the last one stopped; `calls_so_far` the calls among them (None: all were calls).
    The rest is for the page that shows the phones: its person's `language` (a code) and `name` (where it may be
    shown), and the `site` (a code) that calls it; what these are called stands in the page's `Directory`.
    `people` is how many of those on record it reaches: a family's phone several, a borrowed one nobody.
    """

    number: str
    label: str = ""
    habits: str = "typical"
    contacts_so_far: int = 0
    line: Line = "mobile"
    calls_so_far: int | None = None
    language: str = ""
    site: str = ""
    name: str = ""
    people: int = 1

    @property
    def whose(self) -> Whose:
        """One person's, a family's, or nobody's on record."""
        return Whose.ONE if self.people == 1 else Whose.FAMILY if self.people else Whose.NOBODY


def is_e164(number: str) -> bool:
    """Say whether `number` is written +, country, number."""
    return _E164.fullmatch(number) is not None


def stranger(number: str) -> Handset:
    """Return a handset for a `number` nobody announced: typical habits, its line read off the number."""
    line: Line = "landline" if _THAI_FIXED.fullmatch(number) else "mobile"
    return Handset(number=number, line=line, habits="landline" if line == "landline" else "typical")
