"""Comma, semicolon, tab or bar separated text."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from gateway.roster.decoding import decode
from gateway.roster.lines import Lines
from gateway.roster.table import ReadError, Table

LARGEST_FILE: Final = 200 * 1024 * 1024
"""Bytes; a province's list of 740,000 people is about 150 MB."""

_DELIMITERS: Final = (",", ";", "\t", "|")
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
    text = decoded.text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    start, line, hint = _after_hint(text)
    delimiter = hint or _delimiter(text[start : _end(text, start)])
    records = Lines(text, delimiter, start=start, line=line)
    header = next(iter(records), None)
    if header is None:
        raise ReadError("file_empty")
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


def _after_hint(text: str) -> tuple[int, int, str | None]:
    """Return where the header begins, its line, and the delimiter that a hint before it names."""
    at, line, hint = 0, 1, None
    while at <= len(text):
        end = _end(text, at)
        match = _SEP_LINE.match(text[at:end].strip(" "))
        if match:
            hint = match[1]
        elif text[at:end].strip(" \t,;|\u00a0"):
            return at, line, hint
        at, line = end + 1, line + 1
    raise ReadError("file_empty")


def _end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _delimiter(header: str) -> str:
    """Return what separates the header's cells, whatever stands inside quotation marks."""
    bare = re.sub(r'"[^"]*"', "", header)
    return max(_DELIMITERS, key=bare.count)
