"""Digits of ten scripts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.kit.digits import ZEROS, in_script, to_ascii_digits


@pytest.mark.parametrize("script", sorted(ZEROS))
@given(number=st.integers(min_value=0, max_value=10**15))
def test_a_number_written_in_any_script_reads_the_same(script: str, number: int) -> None:
    assert to_ascii_digits(in_script(str(number), script)) == str(number)


@given(st.text(alphabet=st.characters(exclude_categories=["Nd"])))
def test_text_without_digits_is_untouched(text: str) -> None:
    assert to_ascii_digits(text) == text


def test_ten_scripts_are_known_and_share_no_digit() -> None:
    written = [in_script("0123456789", script) for script in ZEROS]
    assert len(written) == 10
    assert len(set("".join(written))) == 100


def test_superscripts_and_circled_numbers_are_not_digits() -> None:
    assert to_ascii_digits("5² ①") == "5² ①"


def test_latin_is_written_as_it_is() -> None:
    assert in_script("2026", "latin") == "2026"


def test_an_unknown_script_is_refused() -> None:
    with pytest.raises(KeyError):
        in_script("1", "runes")
