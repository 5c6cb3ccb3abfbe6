"""Rows know the line a person sees, whatever the file looks like."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.roster.readers.csv import read_csv, read_csv_file
from gateway.roster.table import ReadError


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_taken_from_the_header(delimiter: str) -> None:
    table = read_csv(f"name{delimiter}surname\nสม{delimiter}ใจ, ดี; x\n".encode())
    assert table.delimiter == delimiter
    assert table.header == ("name", "surname")


def test_a_delimiter_inside_quotes_of_the_header_does_not_count() -> None:
    table = read_csv(b'"a, b, c";d\n1;2\n')
    assert table.header == ("a, b, c", "d")


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_ending_is_read(ending: str) -> None:
    table = read_csv(ending.join(["name,phone", "สม,1", "ดี,2"]).encode())
    assert [row.cells for row in table.rows] == [("สม", "1"), ("ดี", "2")]


def test_empty_rows_are_left_out_and_still_count() -> None:
    table = read_csv("name,phone\n\nสม,1\n,,\n\nดี,2\n".encode())
    assert [(row.line, row.cells[0]) for row in table.rows] == [(3, "สม"), (6, "ดี")]


def test_a_quoted_line_break_moves_the_lines_below_it() -> None:
    table = read_csv('name,phone\n"สม\nชาย",1\nดี,2\n'.encode())
    assert [(row.line, row.cells[0]) for row in table.rows] == [(2, "สม\nชาย"), (4, "ดี")]


def test_a_doubled_quote_is_one_quote() -> None:
    assert read_csv('name,phone\n"สม ""ชาย""",1\n'.encode()).rows[0].cells[0] == 'สม "ชาย"'


def test_a_quote_never_closed_does_not_swallow_the_people_below() -> None:
    table = read_csv(('name,phone\n"สม,1\n' + "ดี,2\n" * 40).encode())
    assert len(table.rows) == 41
    assert [row.line for row in table.rows if row.problem == "quote_open"] == [2]


def test_a_quote_inside_a_plain_cell_is_a_letter() -> None:
    assert read_csv(b'name,village\nx,5" pipe\n').rows[0].cells == ("x", '5" pipe')


def test_excels_hint_of_the_separator_is_followed() -> None:
    table = read_csv("sep=;\nname;phone\nสม;1\n".encode("utf-8-sig"))
    assert (table.header, table.header_line, table.rows[0].line) == (("name", "phone"), 2, 3)


def test_lines_before_the_header_that_are_empty_are_passed_over() -> None:
    table = read_csv("\n,,\nname,phone\nสม,1\n".encode())
    assert (table.header_line, table.rows[0].line) == (3, 4)


def test_a_file_that_is_not_there_is_refused_with_a_code(tmp_path: Path) -> None:
    with pytest.raises(ReadError) as caught:
        read_csv_file(tmp_path / "none.csv")
    assert caught.value.code == "file_not_readable"


def test_a_file_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(201 * 1024 * 1024)
    with pytest.raises(ReadError) as caught:
        read_csv_file(path)
    assert caught.value.code == "file_too_large"
