"""A file as rows of text, before anybody asked what the columns mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.roster.issues import sentences


@dataclass(frozen=True, slots=True)
class Row:
    """One record: the line on which it begins as an editor shows it (from 1), and its cells as written."""

    line: int
    cells: tuple[str, ...]
    problem: str | None = None  # the code of what kept the reader from splitting it, if anything did


@dataclass(frozen=True, slots=True)
class Table:
    """What a reader found: the header, and every row that is not empty."""

    header: tuple[str, ...]
    header_line: int
    rows: Sequence[Row] = field(repr=False)
    encoding: str = "utf-8"
    delimiter: str = ","
    repaired: bool = False  # the Thai was encoded twice and was put right


class ReadError(Exception):
    """The file as a whole cannot be read; `code` is stable, the sentences say what to do."""

    def __init__(self, code: str, **details: object) -> None:
        self.code = code
        self.message_th, self.message_en = sentences(code, **details)
        super().__init__(f"{self.message_th} / {self.message_en}")
