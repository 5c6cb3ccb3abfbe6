"""Results as a person reads them, on the screen and in docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from benchmarks.harness import Figure, Result

BEGIN: Final = "<!-- benchmarks: begin -->"
END: Final = "<!-- benchmarks: end -->"
_HEAD: Final = ("row", "what", "ours", "limit", "unit", "ratio", "at least", "")


def as_text(results: Iterable[Result], machine: Mapping[str, Any]) -> str:
    """A table for a terminal: columns of equal width, then every row's notes, then the machine."""
    rows = [_HEAD, *_cells(results := list(results))]
    widths = [max(len(row[n]) for row in rows) for n in range(len(_HEAD))]
    lines = ["  ".join(_fill(cell, widths[n], n) for n, cell in enumerate(row)).rstrip() for row in rows]
    notes = [f"{result.name}: {note}" for result in results for note in result.notes]
    return "\n".join([*lines, "", *notes, *([""] if notes else []), said(machine)])


def as_markdown(results: Iterable[Result], machine: Mapping[str, Any]) -> str:
    """The same for docs/benchmarks.md."""
    results = list(results)
    lines = [said(machine), "", _bars(_HEAD), _bars("---" for _ in _HEAD), *map(_bars, _cells(results))]
    for result in results:
        lines += [
            "",
            *(f"- {result.name}: {note}" if "\n" not in note else _block(result, note) for note in result.notes),
        ]
    return "\n".join(lines).rstrip() + "\n"


def said(machine: Mapping[str, Any]) -> str:
    """One line about the machine."""
    return ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in machine.items())


def write_into(file: Path, run: str) -> None:
    """Put a run between the two marks of a document; raises ValueError where it has none."""
    text = file.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{file} has no {BEGIN} … {END}")
    file.write_text(f"{before}{BEGIN}\n\n{run}\n{END}{after}", encoding="utf-8")


def _cells(results: Iterable[Result]) -> list[tuple[str, ...]]:
    return [_row(result.name, figure) for result in results for figure in result.figures]


def _row(name: str, figure: Figure) -> tuple[str, ...]:
    numbers = (_number(figure.ours), _number(figure.limit))
    verdict = "ok" if figure.is_met else "SHORT"
    return (name, figure.what, *numbers, figure.unit, _number(figure.ratio), _number(figure.at_least), verdict)


def _number(value: float) -> str:
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _fill(cell: str, width: int, column: int) -> str:
    return cell.rjust(width) if column in (2, 3, 5, 6) else cell.ljust(width)


def _bars(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _block(result: Result, note: str) -> str:
    return f"- {result.name}:\n\n```\n{note.strip()}\n```"
