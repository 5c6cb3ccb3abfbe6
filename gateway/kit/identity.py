"""Identity numbers of every class of people a Thai hospital treats, kept even when they look wrong.

Classes and checksum: facts/thailand.md §1. python-stdnum refuses every number beginning with 0, that is the people
without civil status and the migrant workers of Samut Sakhon and Songkhla, so the check is our own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gateway.kit.digits import to_ascii_digits

LENGTH: Final = 13
"""Digits in a number of the civil registry, the last one being the check digit."""


class IdKind(StrEnum):
    """Which class of people a number belongs to."""

    THAI_CID = "thai_cid"  # first digit 1-5, and 9 (reserved)
    STATELESS_0_89 = "stateless_0_89"  # 0 with digits 6-7 = 89: without civil registration status (survey of 2005)
    MIGRANT_00 = "migrant_00"  # 00...: migrant workers with a pink card
    ALIEN_6 = "alien_6"  # entered unlawfully, or lawfully for a time
    ALIEN_7 = "alien_7"  # child of a "6", born in Thailand
    ALIEN_8 = "alien_8"  # permanent resident or naturalised
    OTHER_0 = "other_0"  # another 0 number of the registry
    PASSPORT = "passport"  # letters and digits, of any country
    UNVERIFIED = "unverified"  # anything else, and every wrong check digit: hospitals issue numbers of their own


@dataclass(frozen=True)
class Identity:
    """A number as we keep it: ASCII digits and capitals, without spaces and hyphens.

    `check_digit_ok` is None where the class has no check digit (passports, numbers of other lengths).
    """

    kind: IdKind
    value: str
    check_digit_ok: bool | None

    def __repr__(self) -> str:
        """Without the value, because a repr ends in logs and tracebacks."""
        return f"Identity({self.kind.value}, •••{self.value[-2:] if len(self.value) > 6 else ''})"


_NOISE: Final = re.compile("[\\s\u00a0\u00ad\u200b-\u200f\u2010-\u2015\u2060\u2212\ufeff_'\"./\\-]")
_DIGIT: Final = re.compile("[0-9]")
_FLOAT: Final = re.compile(r"^(\d+)\.0+$")
_PASSPORT: Final = re.compile(r"^(?=.*[A-Z])(?=(?:.*\d){4})[A-Z0-9]{6,15}$")
_EXCEL: Final = re.compile(r"^\d(?:\.\d+)?E\+\d+$")
_SHORTEST_PADDED: Final = 10  # shorter numbers are a hospital's own, and one in ten of them would fit by chance
_BY_FIRST_DIGIT: Final = {
    **dict.fromkeys("123459", IdKind.THAI_CID),
    "6": IdKind.ALIEN_6,
    "7": IdKind.ALIEN_7,
    "8": IdKind.ALIEN_8,
}


def check_digit(first_twelve: str) -> int:
    """Return the thirteenth digit for twelve ASCII digits: weights 13 to 2, (11 - sum mod 11) mod 10.

    Raises ValueError when there are not twelve digits.
    """
    if len(first_twelve) != LENGTH - 1 or not first_twelve.isascii() or not first_twelve.isdigit():
        raise ValueError("a check digit is made from exactly twelve digits")
    total = sum(int(digit) * weight for digit, weight in zip(first_twelve, range(LENGTH, 1, -1), strict=True))
    return (11 - total % 11) % 10


def classify_identity(raw: str) -> Identity | None:
    """Return what a cell of the ID column holds, or None when it is empty; never raises.

    Reads Thai digits, NBSP, hyphens and "1101700207030.0". Zeros that a spreadsheet lost are put back only when the
    check digit then fits. A wrong check digit is kept as `unverified`: no person is lost over a typing error.
    What many people would share ("ไม่มี", 0000000000000, Excel's 1.1017E+12) is None as well: two neighbours whose
    numbers lost their ends the same way would be merged into one person.
    """
    text = _tidy(raw)
    if _EXCEL.match(text) or not _DIGIT.search(text) or len(set(text)) == 1:
        return None
    if not text.isascii() or not text.isdigit():
        kind = IdKind.PASSPORT if _PASSPORT.match(text) else IdKind.UNVERIFIED
        return Identity(kind, text, None)
    padded = text if text[0] == "0" else text.zfill(LENGTH)  # a text with its 0 in front has lost none
    if len(text) >= _SHORTEST_PADDED and len(padded) == LENGTH and _fits(padded):
        return Identity(_class_of(padded), padded, True)
    return Identity(IdKind.UNVERIFIED, text, False if len(text) == LENGTH else None)


def _tidy(raw: str) -> str:
    text = to_ascii_digits(raw).strip().upper()
    whole = _FLOAT.match(text)
    if whole:
        return whole[1]
    return text if _EXCEL.match(text) else _NOISE.sub("", text)


def _fits(number: str) -> bool:
    return check_digit(number[:-1]) == int(number[-1])


def _class_of(number: str) -> IdKind:
    if number[0] != "0":
        return _BY_FIRST_DIGIT[number[0]]
    if number.startswith("00"):  # before 89: digits 2-3 of a stateless number are a province, and none begins with 0
        return IdKind.MIGRANT_00
    return IdKind.STATELESS_0_89 if number[5:7] == "89" else IdKind.OTHER_0
