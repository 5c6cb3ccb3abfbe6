"""The parts of a text, counted a second time as the network cuts it: septets and octets, not letters and sizes."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.languages.table import load_languages
from gateway.wording.catalogue import Catalogue, Purpose
from gateway.wording.lint import costs, render_longest
from gateway.wording.segments import Encoding, advice, count_segments, split_parts

CATALOGUE = Catalogue(Path(__file__).parents[2] / "templates" / "messages", load_languages())
ESCAPE = 0x1B
# unicode.org, MAPPINGS/ETSI/GSM0338.TXT: the letter of each of the 128 septets, and of those behind an escape.
TABLE = """
0040 00A3 0024 00A5 00E8 00E9 00F9 00EC 00F2 00C7 000A 00D8 00F8 000D 00C5 00E5
0394 005F 03A6 0393 039B 03A9 03A0 03A8 03A3 0398 039E ---- 00C6 00E6 00DF 00C9
0020 0021 0022 0023 00A4 0025 0026 0027 0028 0029 002A 002B 002C 002D 002E 002F
0030 0031 0032 0033 0034 0035 0036 0037 0038 0039 003A 003B 003C 003D 003E 003F
00A1 0041 0042 0043 0044 0045 0046 0047 0048 0049 004A 004B 004C 004D 004E 004F
0050 0051 0052 0053 0054 0055 0056 0057 0058 0059 005A 00C4 00D6 00D1 00DC 00A7
00BF 0061 0062 0063 0064 0065 0066 0067 0068 0069 006A 006B 006C 006D 006E 006F
0070 0071 0072 0073 0074 0075 0076 0077 0078 0079 007A 00E4 00F6 00F1 00FC 00E0
"""
SEPTETS = TABLE.split()
ESCAPED = {0x0A: 0x0C, 0x14: 0x5E, 0x28: 0x7B, 0x29: 0x7D, 0x2F: 0x5C, 0x3C: 0x5B, 0x3D: 0x7E, 0x3E: 0x5D, 0x40: 0x7C,
           0x65: 0x20AC}  # fmt: skip
ALPHABET = {int(code, 16): (septet,) for septet, code in enumerate(SEPTETS) if code != "----"} | {
    code: (ESCAPE, septet) for septet, code in ESCAPED.items()
}


def cut(text: str) -> tuple[str, int, int]:
    """Encoding, units and parts of a text, found by writing it out and cutting what was written."""
    pairs = [ALPHABET.get(ord(letter)) for letter in text]
    if None not in pairs:
        septets = [septet for pair in pairs if pair for septet in pair]
        return "gsm7", len(septets), parts_of(septets, 160, 153, lambda last: last == ESCAPE)
    octets = text.encode("utf-16-be", "surrogatepass")
    units = [int.from_bytes(octets[at : at + 2], "big") for at in range(0, len(octets), 2)]
    return "ucs2", len(units), parts_of(units, 70, 67, lambda last: 0xD800 <= last <= 0xDBFF)


def parts_of(units: list[int], alone: int, joined: int, wants_the_next: Callable[[int], bool]) -> int:
    if len(units) <= alone:
        return 1
    parts = 0
    while units:
        room = joined
        if len(units) > room and wants_the_next(units[room - 1]):
            room -= 1  # the first half of a pair is not left behind
        units, parts = units[room:], parts + 1
    return parts


def test_the_two_tables_of_letters_are_those_of_the_standard() -> None:
    assert (len(SEPTETS), len(ALPHABET)) == (128, 137)


@pytest.mark.parametrize("two_way", [False, True])
def test_every_text_has_as_many_parts_as_the_network_makes_of_it(two_way: bool) -> None:
    tried = 0
    for purpose, language, neutral in product(Purpose, CATALOGUE.languages, (False, True)):
        if not CATALOGUE.has(purpose, language, neutral=neutral):
            continue
        text = render_longest(CATALOGUE, purpose, language, two_way, neutral)
        assert (text.encoding.value, text.segments) == cut(text.body)[::2], f"{purpose}/{language}"
        assert text.segments <= 3
        tried += 1
    assert tried > 100


def test_what_the_check_says_a_text_costs_is_what_is_counted_here() -> None:
    by_name = {cost.where: cost.longest for cost in costs(CATALOGUE)}
    text = render_longest(CATALOGUE, Purpose.REMINDER, "th", True, False).body
    told = by_name["reminder/th two-way"]
    assert (told.parts, cut(text[: -told.over])[2], cut(text[: 1 - told.over])[2]) == (cut(text)[2], 2, 3)


# Pairs of surrogates, halves of one, escapes, and whatever else there is.
ODD = st.sampled_from(
    ["€", "^", "{", "]", "|", "\\", "~", "\f", "😀", "𝄞", "\ud83d", "\ude00", "ก", "ำ", "ç", "à", "@", "\r"]
)
TEXTS = st.one_of(
    st.text(max_size=400),
    st.text(st.characters(max_codepoint=0x7E), max_size=700),
    st.lists(st.one_of(ODD, st.text("abcกขค 12", min_size=1, max_size=60)), max_size=40).map("".join),
)


@given(TEXTS)
@example("a" * 152 + "€" + "a" * 152)
@example("ก" * 66 + "😀" + "ก" * 66)
@example("a" * 159 + "€")
@example("\ud83d" * 71)
def test_any_text_has_as_many_parts_as_the_network_makes_of_it(text: str) -> None:
    counted = count_segments(text)
    if "\ud83d\ude00" in text:  # two halves side by side are one letter on the way, which Python does not know
        return
    assert (counted.encoding.value, counted.units, counted.parts) == cut(text)
    assert len(split_parts(text)) == counted.parts
    assert all(cut(part)[1] <= {Encoding.GSM7: 160, Encoding.UCS2: 70}[counted.encoding] for part in split_parts(text))
    assert advice(text).parts == counted.parts
