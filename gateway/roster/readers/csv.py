"""Comma, semicolon, tab or bar separated text."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from gateway.kit.sheets import as_written
from gateway.roster.decoding import decode
from gateway.roster.table import ReadError, Row, Table

LARGEST_FILE: Final = 200 * 1024 * 1024
"""Bytes; a province's list of 740,000 people is about 150 MB."""

_DELIMITERS: Final = (",", ";", "\t", "|")
_LONGEST_RECORD: Final = 20  # lines; a quotation mark open longer than an address was never closed
_SEP_LINE: Final = re.compile(r"^\ufeff?sep=(.)$", re.IGNORECASE)  # Excel's own hint


def read_csv_file(path: Path) -> Table:
    """Read a file of at most 200 MB; raises ReadError."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ReadError("file_too_large", limit=LARGEST_FILE // 1024 // 1024)
        return read_csv(path.read_bytes())
    except OSError as error:
        raise ReadError("file_not_readable") from error


def read_csv(data: bytes) -> Table:
    """Return the file's table; rows know the line on which they begin. Raises ReadError.

    Empty rows are left out and keep their numbers. A row whose quotation mark is never closed is given back alone,
    with its problem, so that it does not swallow the people below it.
    """
    if len(data) > LARGEST_FILE:
        raise ReadError("file_too_large", limit=LARGEST_FILE // 1024 // 1024)
    decoded = decode(data)
    lines = decoded.text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff").split("\n")
    start, hint = _after_hint(lines)
    if start >= len(lines):
        raise ReadError("file_empty")
    delimiter = hint or _delimiter(lines[start])
    records = list(_records(lines, start, delimiter))
    header = records[0]
    if header.problem is not None:
        raise ReadError("header_missing")
    return Table(
        header=tuple(cell.strip() for cell in header.cells),
        header_line=header.line,
        rows=records[1:],
        encoding=decoded.encoding,
        delimiter=delimiter,
        repaired=decoded.repaired,
    )


def _after_hint(lines: list[str]) -> tuple[int, str | None]:
    start, hint = 0, None
    while start < len(lines):
        match = _SEP_LINE.match(lines[start].strip(" "))
        if match:
            hint = match[1]
        elif lines[start].strip(" \t,;|\u00a0"):
            break
        start += 1
    return start, hint


def _delimiter(header: str) -> str:
    """Return what separates the header's cells, whatever stands inside quotation marks."""
    bare = re.sub(r'"[^"]*"', "", header)
    return max(_DELIMITERS, key=bare.count)


def _records(lines: list[str], start: int, delimiter: str) -> Iterator[Row]:
    at = start
    while at < len(lines):
        row, used = _record(lines, at, delimiter)
        at += used
        if any(cell.strip() for cell in row.cells):
            yield row


def _record(lines: list[str], at: int, delimiter: str) -> tuple[Row, int]:
    """Return the record that begins at index `at`, and how many lines it takes."""
    first = lines[at]
    if '"' not in first:
        return Row(at + 1, _plain(first.split(delimiter))), 1
    for used in range(1, min(_LONGEST_RECORD, len(lines) - at) + 1):
        chunk = [line + "\n" for line in lines[at : at + used]]
        if '"' not in chunk[-1] and used > 1:
            continue
        cells = _quoted(chunk, delimiter)
        if cells is not None:
            return Row(at + 1, _plain(cells)), used
    return Row(at + 1, _plain(first.split(delimiter)), "quote_open"), 1


def _plain(cells: Iterable[str]) -> tuple[str, ...]:
    """Return the cells without the marks by which a file of rejected rows keeps formulas from running."""
    return tuple(as_written(cell) for cell in cells)


def _quoted(chunk: list[str], delimiter: str) -> tuple[str, ...] | None:
    """Return the cells of a record, or None while a quotation mark is open or closed in the wrong place."""
    try:
        found = list(csv.reader(chunk, delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return tuple(found[0]) if len(found) == 1 else None
