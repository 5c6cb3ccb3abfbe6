"""A formula in a cell is read, not run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.kit.sheets import as_text, as_written


@pytest.mark.parametrize("cell", ["=1+1", "+66812345678", "-5", "-", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_what_a_spreadsheet_would_calculate_is_marked(cell: str) -> None:
    assert as_text(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["", "สมชาย", "0812345678", "'สมชาย", "27/07/2569", "1+1"])
def test_any_other_cell_is_left_alone(cell: str) -> None:
    assert as_text(cell) == cell == as_written(cell)


@given(st.text(alphabet="'=+-@\t\r\n ก1") | st.text())
def test_every_cell_comes_back_as_it_was_and_begins_no_formula(cell: str) -> None:
    assert as_written(as_text(cell)) == cell
    assert as_text(cell)[:1] not in ("=", "+", "-", "@", "\t", "\r", "\n")
