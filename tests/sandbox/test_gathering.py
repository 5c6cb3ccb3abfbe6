"""Which digits a Gather takes from what was typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sandbox.listening import gathered
from gateway.sandbox.twiml import Gather


@pytest.mark.parametrize(
    ("typed", "gather", "expected"),
    [
        ("1", Gather(num_digits=1), ("1", True)),
        ("101", Gather(num_digits=1), ("1", True)),
        ("101", Gather(), ("101", False)),
        ("12#", Gather(), ("12", True)),
        ("#", Gather(), ("", False)),
        ("##7", Gather(num_digits=1), ("7", True)),
        ("12#", Gather(finish_on_key=""), ("12#", False)),
        ("12*3", Gather(finish_on_key="*"), ("12", True)),
        ("1#", Gather(num_digits=4), ("1", True)),
        ("", Gather(), ("", False)),
    ],
)
def test_digits_are_taken_as_the_attributes_say(typed: str, gather: Gather, expected: tuple[str, bool]) -> None:
    assert gathered(typed, gather) == expected


@given(st.text("0123456789*#", max_size=8), st.integers(1, 5))
def test_no_more_digits_are_taken_than_asked_for(typed: str, wanted: int) -> None:
    digits, _ = gathered(typed, Gather(num_digits=wanted))
    assert len(digits) <= wanted
    assert "#" not in digits
