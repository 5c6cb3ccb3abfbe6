"""What somebody typed into the search box: words of a name or a village, or a number in any of ten scripts."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from gateway.kit.digits import to_ascii_digits

LEAST_DIGITS: Final = 3
_LONGEST: Final = 120  # letters that are read; no name is longer
_MOST_WORDS: Final = 6
_HIDDEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_BETWEEN_DIGITS: Final = re.compile(r"[\s().+\-\u2010-\u2015]")
_HN: Final = re.compile(r"^h\.?\s?n\.?\s*[:#]?\s*(?=\S*\d)", re.IGNORECASE)
_IS_NUMBER: Final = re.compile(r"[\d\s().+\-\u2010-\u2015/]*\d[\d\s().+\-\u2010-\u2015/]*", re.ASCII)
_SARA_AM: Final = "\u0e4d\u0e32"  # two keys that look like the one letter sara am


@dataclass(frozen=True, slots=True)
class Typed:
    """Either `digits` (0-9) or `words` (small letters), or neither; `text` is what may be a hospital number."""

    text: str = ""
    digits: str = ""
    words: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self.digits or self.words)

    @property
    def is_short_number(self) -> bool:
        """Whether it is a number too short to be the end of a telephone's."""
        return bool(self.digits) and len(self.digits) < LEAST_DIGITS

    @property
    def phone_end(self) -> str:
        """The end of a stored number (E.164) that is meant: without the 0 a whole Thai number is dialled with."""
        is_whole = len(self.digits) >= 9 and self.digits.startswith("0")
        return self.digits.lstrip("0") if is_whole else self.digits

    @property
    def hospital_numbers(self) -> tuple[str, ...]:
        """What the hospital number may be: as typed, and without what clerks put between its digits."""
        return tuple(dict.fromkeys(one for one in (self.text, self.text.upper(), self.digits) if one))


def read_typed(raw: str) -> Typed:
    """Understand what was typed; nothing to look for is an empty Typed, never an error."""
    text = unicodedata.normalize("NFC", _HIDDEN.sub("", raw[:_LONGEST])).replace(_SARA_AM, "\u0e33")
    text = " ".join(to_ascii_digits(text).split())
    named = _HN.sub("", text)
    if _IS_NUMBER.fullmatch(named):
        return Typed(text=named, digits=_BETWEEN_DIGITS.sub("", named).replace("/", ""))
    words = tuple(dict.fromkeys(text.lower().split()))[:_MOST_WORDS]
    return Typed(text=named, words=words)


def is_number_end(word: str) -> bool:
    """Whether a word among others may be the end of a telephone number."""
    return len(word) >= LEAST_DIGITS and word.isascii() and word.isdigit()


def like(word: str, *, begin: str = "%", end: str = "%") -> str:
    r"""A pattern for LIKE … ESCAPE '\': what was typed stands for itself, percent sign and all."""
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"{begin}{escaped}{end}"
