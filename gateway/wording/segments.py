"""How many parts a text message is cut into: what is paid for, and what the network is asked to put together again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate, pairwise
from typing import Final


class Encoding(StrEnum):
    """How the network writes a text."""

    GSM7 = "gsm7"  # 160 units alone, 153 in a part of several
    UCS2 = "ucs2"  # 70 units alone, 67 in a part of several; one Thai letter is enough


@dataclass(frozen=True, slots=True)
class Segments:
    """`units` of the encoding in all, in `parts` messages, with room for `left` more units in the last one."""

    encoding: Encoding
    units: int
    parts: int
    left: int


@dataclass(frozen=True, slots=True)
class Advice:
    """What a text costs, and how to make it cheaper: without its last `over` characters it has one part less."""

    parts: int
    over: int  # 0 when it is one part

    def __str__(self) -> str:
        if self.parts == 1:
            return "1 part"
        noun = "character" if self.over == 1 else "characters"
        return f"{self.parts} parts; {self.over} {noun} less make it {self.parts - 1}"


_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = frozenset("\f^{}\\[~]|€")
"""3GPP TS 23.038 §6.2.1: the basic table, and the extension table, each of whose letters costs an escape."""

_BASIC_ONLY: Final = re.compile(f"[{re.escape(''.join(sorted(_BASIC)))}]*")
_NEITHER: Final = re.compile(f"[^{re.escape(''.join(sorted(_BASIC | _EXTENDED)))}]")
_LIMITS: Final = {Encoding.GSM7: (160, 153), Encoding.UCS2: (70, 67)}


def count_segments(text: str) -> Segments:
    """Return the encoding, units and parts of `text`; the empty text is one part.

    A pair (escape and letter, or a surrogate pair) is never split, so a part may stay one unit short.
    """
    encoding = _encoding(text)
    alone, joined = _LIMITS[encoding]
    sizes = [_size(letter, encoding) for letter in text]
    units = sum(sizes)
    if units <= alone:
        return Segments(encoding, units, 1, alone - units)
    starts = _part_starts(sizes, joined)
    return Segments(encoding, units, len(starts), joined - sum(sizes[starts[-1] :]))


def count_parts(text: str) -> int:
    """Return `count_segments(text).parts`, quickly where no letter takes two units."""
    if not text or text.isascii() or max(text) <= "\uffff":
        if _BASIC_ONLY.fullmatch(text):
            return _parts(len(text), Encoding.GSM7)
        if _NEITHER.search(text):
            return _parts(len(text), Encoding.UCS2)
    return count_segments(text).parts


def _parts(units: int, encoding: Encoding) -> int:
    alone, joined = _LIMITS[encoding]
    return 1 if units <= alone else -(-units // joined)


def advice(text: str) -> Advice:
    """Return the parts of `text`, and how many characters too many it has for one part less."""
    parts, room = count_segments(text).parts, _LIMITS[_encoding(text)][0]
    if parts == 1:
        return Advice(1, 0)
    if parts > 2:
        return Advice(parts, len(split_parts(text)[-1]))
    sizes = [_size(letter, _encoding(text)) for letter in text]
    fitting = sum(1 for used in accumulate(sizes) if used <= room)
    return Advice(parts, len(text) - fitting)


def split_parts(text: str) -> tuple[str, ...]:
    """Return what each part carries; joined they are `text` again."""
    encoding = _encoding(text)
    alone, joined = _LIMITS[encoding]
    sizes = [_size(letter, encoding) for letter in text]
    if sum(sizes) <= alone:
        return (text,)
    starts = _part_starts(sizes, joined)
    return tuple(text[start:end] for start, end in pairwise([*starts, len(text)]))


def _encoding(text: str) -> Encoding:
    plain = all(letter in _BASIC or letter in _EXTENDED for letter in text)
    return Encoding.GSM7 if plain else Encoding.UCS2


def _size(letter: str, encoding: Encoding) -> int:
    if encoding is Encoding.GSM7:
        return 2 if letter in _EXTENDED else 1
    return 2 if ord(letter) > 0xFFFF else 1


def _part_starts(sizes: list[int], room: int) -> list[int]:
    starts, used = [0], 0
    for position, size in enumerate(sizes):
        if used + size > room:
            starts.append(position)
            used = 0
        used += size
    return starts
