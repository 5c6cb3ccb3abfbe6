"""A text without the tricks of writing that hide a word from a check: what a reader would see, in plain letters.

Invisible letters, full-width ones, look-alikes of another script, accents, letters spaced out: none of them makes a
link no link.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Final

from gateway.kit.digits import to_ascii_digits

_DOTS: Final = (
    "\u00b7\u02d9\u0387\u0589\u06d4\u0701\u0702\u0f0b\u1427\u16eb\u2022\u2027\u2219\u22c5\u25cf"
    "\u2e31\u2e33\u2e3c\u3002\u30fb\ua4f8\ua60e\uff61\uff65"
)
"""Signs that are read as a full stop between two words; NFKC turns the others into one."""
_LATIN: Final = "aaabccdeeghhiijkklmnooppqssttuuvwxxyyy"
_ALIKE: Final = "аαɑвсϲԁеєɡһніιјкκӏмпоοрρԛѕꜱтτυսνԝхχуүγ"
"""Cyrillic, Greek and other letters that are read as these Latin ones."""
_SLASHES: Final = "\u2044\u2215\u29f8\u2571"
_LOOK: Final = str.maketrans(
    dict.fromkeys(_DOTS, ".") | dict.fromkeys(_SLASHES, "/") | dict(zip(_ALIKE, _LATIN, strict=True))
)
_BLANK: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters by their category that nobody sees."""
_ACCENTS: Final = re.compile(r"[\u0300-\u036f\u0483-\u0489\u20d0-\u20ff]")
_SPELLED: Final = re.compile(r"(?<!\w)(?:\w[\W_]{1,3}){2,}\w(?!\w)")
_MIXED: Final = re.compile(r"(?<![^\W_])(?=[^\W_]*[a-z])(?=[^\W_]*\d)[a-z0-9]+(?![^\W_])")
_FIGURES: Final = tuple(str.maketrans("0134578", f"o{one}eastb") for one in "il")
"""Figures that are read as letters within a word; the one is an i or an l."""
_GAPS: Final = re.compile(r"[\W_]+")


def hidden_letters(text: str) -> tuple[str, ...]:
    """Return the letters of a text that nobody sees, or that are no letters at all, as "U+200B"; a space is seen."""
    found = (letter for letter in text if letter != " " and _is_hidden(letter))
    return tuple(dict.fromkeys(f"U+{ord(letter):04X}" for letter in found))


def without_hidden(text: str) -> str:
    """Return a text of one line without hidden letters; whatever breaks a line or is a wider space becomes a space."""
    kept = "".join(" " if letter.isspace() else "" if _is_hidden(letter) else letter for letter in text)
    return re.sub(r" +", " ", kept).strip()


@lru_cache(maxsize=512)
def seen(text: str) -> str:
    """Return what is read: small letters, plain digits and dots, no invisible letter; blanks stay where they are."""
    shown = "".join(letter for letter in text if letter.isspace() or not _is_hidden(letter))
    folded = unicodedata.normalize("NFKC", to_ascii_digits(shown)).casefold()
    shown = "".join(letter for letter in folded if letter.isspace() or not _is_hidden(letter))
    return to_ascii_digits(shown.translate(_LOOK))


def latin(text: str) -> str:
    """Return what is read, its accents taken off."""
    return _ACCENTS.sub("", unicodedata.normalize("NFD", seen(text)))


def joined(text: str) -> str:
    """Return the text with letters that were written one by one, as in "O T P", put together."""
    return _SPELLED.sub(lambda found: _GAPS.sub("", found.group()), text)


def unfigured(text: str) -> tuple[str, ...]:
    """Return the text, twice, with figures that stand within a word read as the letters they look like: "st0p"."""
    return tuple(_MIXED.sub(partial(_as_letters, look), text) for look in _FIGURES)


def _as_letters(look: Mapping[int, int], found: re.Match[str]) -> str:
    return found.group().translate(look)


def squeezed(text: str) -> str:
    """Return what is read without a blank or sign in it, for scripts that put none between words."""
    return "".join(letter for letter in seen(text) if letter.isalnum() or unicodedata.category(letter)[0] == "M")


def _is_hidden(letter: str) -> bool:
    if letter in _BLANK or "\ufe00" <= letter <= "\ufe0f":
        return True
    return unicodedata.category(letter) in ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs") and letter != " "
