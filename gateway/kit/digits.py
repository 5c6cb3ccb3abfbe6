"""Digits as people type them: ten scripts turned into 0-9."""

from __future__ import annotations

from typing import Final

ZEROS: Final[dict[str, str]] = {
    "thai": "๐",
    "lao": "໐",
    "burmese": "၀",
    "shan": "႐",
    "khmer": "០",
    "devanagari": "०",
    "bengali": "০",
    "arabic_indic": "٠",
    "extended_arabic": "۰",
    "full_width": "０",
}
"""The zero of each script; Unicode keeps the other nine digits right behind it."""

_TABLE: Final[dict[int, str]] = {ord(zero) + value: str(value) for zero in ZEROS.values() for value in range(10)}


def to_ascii_digits(text: str) -> str:
    """Return the text with the digits of the ten scripts as 0-9 and everything else untouched.

    Only the scripts of `ZEROS` are read: `str.isdigit` would also take superscripts and
    circled numbers, and a "5²" in an address must not become 52.
    """
    return text.translate(_TABLE)


def in_script(text: str, script: str) -> str:
    """Return the text with 0-9 written in a script of `ZEROS`, or unchanged for "latin".

    Raises KeyError when the script is not one of them.
    """
    if script == "latin":
        return text
    zero = ord(ZEROS[script])
    return text.translate({ord("0") + value: chr(zero + value) for value in range(10)})
