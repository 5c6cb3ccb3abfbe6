"""Counting the parts of a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wording.segments import Encoding, advice, count_segments, split_parts


@pytest.mark.parametrize(
    ("text", "encoding", "units", "parts"),
    [
        ("", "gsm7", 0, 1),
        ("a" * 160, "gsm7", 160, 1),
        ("a" * 161, "gsm7", 161, 2),
        ("a" * 306, "gsm7", 306, 2),
        ("a" * 307, "gsm7", 307, 3),
        ("a" * 459, "gsm7", 459, 3),
        ("a" * 460, "gsm7", 460, 4),
        ("€" * 80, "gsm7", 160, 1),
        ("€" * 81, "gsm7", 162, 2),
        ("{}[]~^|\\", "gsm7", 16, 1),
        ("à Ñ ß Ω @ _", "gsm7", 11, 1),
        ("ç", "ucs2", 1, 1),
        ("a" * 69 + "ก", "ucs2", 70, 1),
        ("a" * 70 + "ก", "ucs2", 71, 2),
        ("ก" * 134, "ucs2", 134, 2),
        ("ก" * 135, "ucs2", 135, 3),
        ("ก" * 201, "ucs2", 201, 3),
        ("ก" * 202, "ucs2", 202, 4),
        ("don\u2019t", "ucs2", 5, 1),
        ("a\u00a0b", "ucs2", 3, 1),
        ("😀" * 35, "ucs2", 70, 1),
        ("😀" * 36, "ucs2", 72, 2),
        ("น้ำ", "ucs2", 3, 1),
    ],
)
def test_a_text_costs_what_the_network_charges(text: str, encoding: str, units: int, parts: int) -> None:
    counted = count_segments(text)
    assert (counted.encoding, counted.units, counted.parts) == (encoding, units, parts)


def test_an_escape_pair_is_not_split_over_a_boundary() -> None:
    assert count_segments("a" * 152 + "€" + "a" * 152).parts == 3  # 306 units would fill two parts exactly


def test_a_surrogate_pair_is_not_split_over_a_boundary() -> None:
    assert count_segments("ก" * 66 + "😀" + "ก" * 66).parts == 3


def test_the_room_left_is_that_of_the_last_part() -> None:
    assert count_segments("ก" * 60).left == 10
    assert count_segments("ก" * 100).left == 34


_LETTERS = st.text(st.sampled_from("a1 €{กำ😀ြ\n"), max_size=500)


@given(_LETTERS)
def test_the_parts_joined_are_the_text_and_none_is_too_long(text: str) -> None:
    counted, parts = count_segments(text), split_parts(text)
    assert "".join(parts) == text
    assert len(parts) == counted.parts
    room = {Encoding.GSM7: 153, Encoding.UCS2: 67}[counted.encoding]
    if counted.parts > 1 and counted.encoding is Encoding.UCS2:
        assert all(len(part.encode("utf-16-le")) // 2 <= room for part in parts)


@given(_LETTERS, _LETTERS)
def test_a_longer_text_never_costs_fewer_parts(text: str, more: str) -> None:
    assert count_segments(text + more).parts >= count_segments(text).parts


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a" * 160, "1 part"),
        ("a" * 161, "2 parts; 1 character less make it 1"),
        ("ก" * 138, "3 parts; 4 characters less make it 2"),
        ("ก" * 71, "2 parts; 1 character less make it 1"),
        ("€" * 81, "2 parts; 1 character less make it 1"),
        ("", "1 part"),
    ],
)
def test_how_to_make_a_text_cheaper_is_said(text: str, said: str) -> None:
    assert str(advice(text)) == said


@given(_LETTERS)
def test_the_advice_is_true_and_no_more_than_is_needed(text: str) -> None:
    told = advice(text)
    assert told.parts == count_segments(text).parts
    if told.parts == 1:
        assert told.over == 0
        return
    assert count_segments(text[: -told.over]).parts < told.parts
    kept = text[: len(text) - told.over + 1]
    assert (
        count_segments(kept).parts == told.parts or count_segments(kept).encoding is not count_segments(text).encoding
    )
