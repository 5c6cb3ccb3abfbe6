"""Text in a spreadsheet's cell stays text: a formula that somebody else wrote must not run where the file is opened."""

from __future__ import annotations

import re
from typing import Final

_FORMULA: Final = re.compile(r"'*[=+\-@\t\r\n]")
_MARKED: Final = re.compile(r"'+[=+\-@\t\r\n]")


def as_text(cell: str) -> str:
    """Return a cell with an apostrophe before what a spreadsheet would calculate; `as_written` takes it off again.

    A cell that looks marked already is marked once more, so that every cell comes back as it was.
    """
    return f"'{cell}" if _FORMULA.match(cell) else cell


def as_written(cell: str) -> str:
    """Return a cell without the apostrophe that `as_text` put before it."""
    return cell[1:] if _MARKED.match(cell) else cell
