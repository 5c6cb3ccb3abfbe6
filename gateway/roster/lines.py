"""The rows of a text, read where they stand: a province's 600,000 rows as lists of cells would be a gigabyte."""

from __future__ import annotations

import csv
import re
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain, islice
from typing import Final, overload

from gateway.kit.sheets import as_written
from gateway.roster.table import Row

_LONGEST_RECORD: Final = 20  # lines; a quotation mark open longer than an address was never closed


class Lines(Sequence[Row]):
    """The records of a text from an offset on, the first line there being `line`; empty ones are left out.

    A row whose quotation mark is never closed is given back alone, with its problem, so that it does not swallow the
    people below it.
    """

    def __init__(self, text: str, delimiter: str, *, start: int = 0, line: int = 1) -> None:
        self.text, self.delimiter = text, delimiter
        self.start, self.first = start, line

    def __iter__(self) -> Iterator[Row]:
        at, line = self.start, self.first
        while at <= len(self.text):
            row, used, at = self._record(at, line)
            line += used
            if any(cell.strip() for cell in row.cells):
                yield row

    def __len__(self) -> int:
        return self._count

    def __bool__(self) -> bool:
        return next(iter(self), None) is not None

    @overload
    def __getitem__(self, wanted: int) -> Row: ...

    @overload
    def __getitem__(self, wanted: slice) -> Sequence[Row]: ...

    def __getitem__(self, wanted: int | slice) -> Row | Sequence[Row]:
        """Return a record or some of them; what is cut off in front only is read from there on, as ever."""
        if isinstance(wanted, int):
            return list(self)[wanted]
        if wanted.stop is None and wanted.step is None and (wanted.start or 0) >= 0:
            return self._from(wanted.start or 0)
        return list(self)[wanted]

    def record_at(self, line: int) -> tuple[Row, int]:
        """Return the record that begins on a line, empty or not, and how many lines it takes."""
        row, used, _ = self._record(self._starts[line - self.first], line)
        return row, used

    def has(self, line: int) -> bool:
        """Whether the text has this line."""
        return self.first <= line < self.first + len(self._starts)

    def _from(self, skipped: int) -> Lines:
        row = next(islice(self, skipped, None), None)
        if row is None:
            return Lines("", self.delimiter, line=self.first)
        return Lines(self.text, self.delimiter, start=self._starts[row.line - self.first], line=row.line)

    @cached_property
    def _starts(self) -> array[int]:
        """Where in the text each line begins."""
        behind = (match.end() for match in re.compile("\n").finditer(self.text, self.start))
        return array("Q", chain((self.start,), behind))

    @cached_property
    def _count(self) -> int:
        if any(mark in self.text for mark in "\"'"):
            return sum(1 for _ in self)
        empty = re.compile(rf"^(?:[^\S\n]|{re.escape(self.delimiter)})*$", re.MULTILINE)
        return len(self._starts) - len(empty.findall(self.text, self.start))

    def _record(self, at: int, line: int) -> tuple[Row, int, int]:
        """Return the record that begins at an offset, how many lines it takes, and where the next one begins."""
        end = self._end(at)
        first = self.text[at:end]
        if '"' not in first:
            return Row(line, _plain(first.split(self.delimiter))), 1, end + 1
        ends = [end]
        for used in range(1, _LONGEST_RECORD + 1):
            if used > 1:
                if ends[-1] >= len(self.text):
                    break
                ends.append(self._end(ends[-1] + 1))
                if '"' not in self.text[ends[-2] : ends[-1]]:
                    continue
            cells = _quoted([part + "\n" for part in self.text[at : ends[-1]].split("\n")], self.delimiter)
            if cells is not None:
                return Row(line, _plain(cells)), used, ends[-1] + 1
        return Row(line, _plain(first.split(self.delimiter)), "quote_open"), 1, end + 1

    def _end(self, at: int) -> int:
        end = self.text.find("\n", at)
        return len(self.text) if end < 0 else end


class Originals(Mapping[int, Row]):
    """The rows of a text by their line."""

    def __init__(self, rows: Lines) -> None:
        self._rows = rows

    def __getitem__(self, line: int) -> Row:
        if not self._rows.has(line):
            raise KeyError(line)
        return self._rows.record_at(line)[0]

    def __iter__(self) -> Iterator[int]:
        return (row.line for row in self._rows)

    def __len__(self) -> int:
        return len(self._rows)


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
