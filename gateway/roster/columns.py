"""Which column of a file means what: canonical names, and the Thai and English headers that stand for them."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, Final

from gateway.roster.issues import Issue, Severity, make_issue, shown
from gateway.roster.table import Row, Table

PROBLEM: Final = "problem"
"""The column a file of rejected rows has beside the original ones; it is passed over when the file comes back."""

_MOST_TITLES: Final = 5
_ENOUGH_COLUMNS: Final = 3  # a row of data may by chance hold one word that is also a header
_IN_BRACKETS: Final = re.compile(r"[(\[（].*?[)\]）]")
# Tone marks and vowels above or below are no "word" letters for Python, and "ม" is not "มั่ง": they are compared.
_THAI_MARKS: Final = "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
_COMPARED: Final = re.compile(rf"[^\w{_THAI_MARKS}]|_")


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns a kind of file may have: canonical name -> the headers that mean it, compared by `folded`."""

    names: tuple[str, ...]
    required: tuple[str, ...]
    by_header: Mapping[str, str]

    def canonical(self, header: str) -> str | None:
        """Return the canonical name a header stands for, or None."""
        return self.by_header.get(folded(header)) or self.by_header.get(folded(_IN_BRACKETS.sub("", header)))


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Where each canonical column is in a file, and what was wrong with the header."""

    index: Mapping[str, int]
    width: int
    issues: tuple[Issue, ...]

    @property
    def usable(self) -> bool:
        """Whether rows can be read at all."""
        return not any(issue.is_error for issue in self.issues)

    def cells(self, row: Row) -> dict[str, str]:
        """Return the row by canonical column, every cell trimmed."""
        return {name: row.cells[at].strip() if at < len(row.cells) else "" for name, at in self.index.items()}

    def shape_problem(self, row: Row) -> str | None:
        """Return the code of a row that does not have as many cells as the header; empty cells behind are forgiven."""
        if row.problem is not None:
            return row.problem
        if len(row.cells) < self.width:
            return "cells_too_few"
        return "cells_too_many" if any(cell.strip() for cell in row.cells[self.width :]) else None


def folded(header: str) -> str:
    """Return a header as it is compared: NFKC, no case, no spaces, punctuation or invisible characters."""
    return _COMPARED.sub("", unicodedata.normalize("NFKC", header).casefold())


@cache
def load_columns(kind: str) -> Columns:
    """Return the columns of "roster", "sites" or "sessions".

    Raises ValueError naming the header when one stands for two columns: the file would mean what comes first.
    """
    entry = _read()[kind]
    by_header: dict[str, str] = {}
    for name, synonyms in entry["columns"].items():
        for header in (name, *synonyms):
            if by_header.setdefault(folded(header), name) != name:
                raise ValueError(f"columns.toml: [{kind}] {header!r} stands for two columns")
    return Columns(tuple(entry["columns"]), tuple(entry.get("required", ())), by_header)


def below_titles(table: Table, columns: Columns) -> tuple[Table, list[Issue]]:
    """Return the table from its header on, with a warning, when up to 5 lines of title stand above it."""
    if _recognised(table.header, columns) >= _ENOUGH_COLUMNS:
        return table, []
    for at, row in enumerate(table.rows[:_MOST_TITLES]):
        if _recognised(row.cells, columns) < _ENOUGH_COLUMNS:
            continue
        header = tuple(cell.strip() for cell in row.cells)
        warning = make_issue(0, "", "lines_above_header", severity=Severity.WARNING, limit=at + 1)
        return replace(table, header=header, header_line=row.line, rows=table.rows[at + 1 :]), [warning]
    return table, []


def _recognised(cells: tuple[str, ...], columns: Columns) -> int:
    return len({columns.canonical(cell) for cell in cells if cell.strip()} - {None})


def map_columns(table: Table, columns: Columns) -> ColumnMap:
    """Return where the columns are, with an issue for every header that is unknown, double or missing."""
    index: dict[str, int] = {}
    issues: list[Issue] = []
    for at, header in enumerate(table.header):
        name = columns.canonical(header)
        if name is None:
            if header.strip() and folded(header) != PROBLEM:
                issues.append(_unknown(table, at))
        elif name in index:
            issues.append(make_issue(table.header_line, name, "column_twice"))
        else:
            index[name] = at
    if not index:
        return ColumnMap({}, len(table.header), (make_issue(table.header_line, "", "header_missing"),))
    missing = [name for name in columns.required if name not in index]
    issues += [make_issue(table.header_line, name, "column_missing") for name in missing]
    return ColumnMap(index, _width(table.header), tuple(issues))


def _unknown(table: Table, at: int) -> Issue:
    """Name a column by its place: a header that is missing is somebody's row, and would be repeated here."""
    name, warning = shown(table.header[at]), Severity.WARNING
    return make_issue(table.header_line, name, "column_unknown", severity=warning, place=at + 1)


def _width(header: tuple[str, ...]) -> int:
    """Return how many columns there are: nameless ones at the end are left over from a separator too many."""
    return max(at for at, name in enumerate(header, 1) if name.strip())


def _read() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files("gateway.roster").joinpath("columns.toml").read_text(encoding="utf-8"))
