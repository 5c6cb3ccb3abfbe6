"""Rates as a picture: SVG made from the very rows that the table beside it shows. Pure: values in, text out.

Texts keep their size whatever the picture's width: positions are shares of the width, heights are pixels. Colours are
classes, which the page's style sheet fills in for light and dark; a part is told by its pattern, too, and by figures.
No style attributes: the console's content policy forbids them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final, NamedTuple

from gateway.reports.rates import By, Label, RateRow

PARTS: Final = ("confirmed", "moved", "other", "unanswered")
"""What those contacted are made up of, in the order in which it is drawn."""
MOST: Final = 60
"""Bars in one picture; the table has the rest."""
_LABEL_COLUMNS: Final = 32  # as many letters as stand beside the figures on a telephone of 360 pixels
_BAR_SHARE: Final = 80  # per cent of the width; the rest is the percentage
_ROW, _HEAD, _BAR = 44, 30, 16  # pixels
_TALL, _ABOVE, _BELOW = 150, 22, 38  # pixels: a column, the figure on it, the day under it
_WITH_FIGURES: Final = 10  # columns; among more, only some are labelled
_JOINERS: Final = frozenset("\u1039\u17d2\u1a60\u200d")  # Burmese, Khmer, Tai Tham: the letter after them hangs below


@dataclass(frozen=True, slots=True)
class Words:
    """What the picture says. `label` names a value of a breakdown, `short_day` a day in two short lines."""

    title: str
    description: str
    label: Label
    short_day: Callable[[str], tuple[str, str]]
    percent: Callable[[float | None], str]
    tip: Callable[[str, RateRow], str]
    few: str  # the mark behind a percentage of few people


class Share(NamedTuple):
    """A part of those contacted: where it begins and how long it is, from 0 to 1."""

    part: str
    start: float
    length: float


def chart(rows: Sequence[RateRow], by: Sequence[By], words: Words) -> str:
    """Return the picture of the first MOST rows as one <svg>: columns for days alone, bars for everything else.

    "" when there is nobody to show.
    """
    shown = rows[:MOST]
    if not any(row.due for row in shown):
        return ""
    if tuple(by) == (By.DAY,):
        return _picture(_columns(shown, words), _ABOVE + _TALL + _BELOW, words)
    body, height = _bars(shown, by, words)
    return _picture(body, height, words)


def swatch(part: str) -> str:
    """Return a small square filled as `part` is in the picture, for its key."""
    box = '<rect x="0.5" y="0.5" width="15" height="15" rx="3" class="edge"/>'
    return (
        '<svg class="swatch" width="16" height="16" aria-hidden="true" focusable="false">'
        f'<rect width="16" height="16" rx="3" {_fill(part)}/>{box}</svg>'
    )


def shares(row: RateRow) -> list[Share]:
    """Return the parts of those contacted that are not empty, end to end."""
    if not row.contacted:
        return []
    found, start = [], 0.0
    for part in PARTS:
        length = getattr(row, part) / row.contacted
        if length:
            found.append(Share(part, start, length))
        start += length
    return found


def shortened(text: str, columns: int = _LABEL_COLUMNS) -> str:
    """Return `text`, cut at `columns` with "…"; a letter keeps the marks above, below and beside it."""
    clusters = _clusters(text)
    if sum(map(_width, clusters)) <= columns:
        return text
    kept, used = [], 1
    for cluster in clusters:
        used += _width(cluster)
        if used > columns:
            break
        kept.append(cluster)
    return "".join(kept).rstrip() + "…"


def _picture(body: str, height: int, words: Words) -> str:
    return (
        f'<svg class="chart" role="img" width="100%" height="{height}" aria-labelledby="chart-title chart-text">'
        f'<title id="chart-title">{escape(words.title)}</title><desc id="chart-text">{escape(words.description)}</desc>'
        f"<defs>{_PATTERNS}</defs>{body}</svg>"
    )


def _bars(rows: Sequence[RateRow], by: Sequence[By], words: Words) -> tuple[str, int]:
    """One bar a row; with two breakdowns, under a heading for each value of the first."""
    drawn, top, group = [], 0, None
    for row in rows:
        if len(by) > 1 and row.keys[0] != group:
            group = row.keys[0]
            drawn.append(_text(words.label(by[0], group), "0", top + 20, "group native"))
            top += _HEAD
        drawn.append(_bar(row, _name(row, by, words), top, words))
        top += _ROW
    return "".join(drawn), top


def _name(row: RateRow, by: Sequence[By], words: Words) -> str:
    """What the bar is called: its heading has the first of two."""
    named = [words.label(part, key) for part, key in zip(by, row.keys, strict=True)]
    return " · ".join(named[1:] or named)


def _bar(row: RateRow, name: str, top: int, words: Words) -> str:
    counts = f"{row.confirmed}/{row.contacted}"
    percent = words.percent(row.rate) + (words.few if row.is_of_few else "")
    return (
        f"<g><title>{escape(words.tip(name, row))}</title>"
        f"{_text(shortened(name), '0', top + 15, 'native')}{_text(counts, '100%', top + 15, 'quiet end')}"
        f'<svg x="0" y="{top + 21}" width="{_BAR_SHARE}%" height="{_BAR}">{_lying(row)}</svg>'
        f"{_text(percent, '100%', top + 34, 'figure end')}</g>"
    )


def _lying(row: RateRow) -> str:
    parts = "".join(
        f'<rect x="{_percent(part.start)}" width="{_percent(part.length)}" height="{_BAR}" {_fill(part.part)}/>'
        for part in shares(row)
    )
    return f'{parts}<rect width="100%" height="{_BAR}" class="{_frame(row)}"/>'


def _columns(rows: Sequence[RateRow], words: Words) -> str:
    """One column a day; among many, only every so manieth bears its day and figure."""
    every = -(-len(rows) // _WITH_FIGURES)
    return "".join(_column(row, place, len(rows), place % every == 0, words) for place, row in enumerate(rows))


def _column(row: RateRow, place: int, count: int, is_labelled: bool, words: Words) -> str:
    width = min(100 / count, 20.0)
    middle = f"{width * (place + 0.5):.2f}%"
    texts = _column_texts(row, middle, words) if is_labelled else ""
    x, broad = f"{width * (place + 0.12):.2f}%", f"{width * 0.76:.2f}%"
    parts = "".join(
        f'<rect x="{x}" y="{_ABOVE + _TALL * (1 - part.start - part.length):.1f}" width="{broad}" '
        f'height="{_TALL * part.length:.1f}" {_fill(part.part)}/>'
        for part in shares(row)
    )
    frame = f'<rect x="{x}" y="{_ABOVE}" width="{broad}" height="{_TALL}" class="{_frame(row)}"/>'
    tip = escape(words.tip(words.label(By.DAY, row.keys[0]), row))
    return f"<g><title>{tip}</title>{parts}{frame}{texts}</g>"


def _column_texts(row: RateRow, middle: str, words: Words) -> str:
    first, second = words.short_day(row.keys[0])
    whole = "–" if row.rate is None else f"{row.rate * 100:.0f}%"
    percent = whole + (words.few if row.is_of_few else "")
    return (
        _text(percent, middle, _ABOVE - 6, "figure small middle")
        + _text(first, middle, _ABOVE + _TALL + 16, "small middle")
        + _text(second, middle, _ABOVE + _TALL + 31, "quiet small middle")
    )


def _text(text: str, x: str, y: int, kind: str) -> str:
    return f'<text x="{x}" y="{y}" class="{kind}">{escape(text)}</text>'


def _fill(part: str) -> str:
    """The class gives the colour; what is not confirmed has a pattern on top, drawn with the same colour."""
    return f'class="part-{part}"' if part in ("confirmed", "unanswered") else f'fill="url(#part-{part})"'


def _frame(row: RateRow) -> str:
    return "edge" if row.contacted else "edge nobody"


def _percent(share: float) -> str:
    return f"{share * 100:.2f}%"


def _clusters(text: str) -> list[str]:
    found: list[str] = []
    for letter in text:
        hangs_on = unicodedata.category(letter).startswith("M") or letter == "\u200d"
        if found and (hangs_on or found[-1][-1] in _JOINERS):
            found[-1] += letter
        else:
            found.append(letter)
    return found


def _width(cluster: str) -> int:
    """How many columns a letter and its marks take: a mark beside it takes one, one above or below none."""
    beside = sum(unicodedata.category(letter) == "Mc" for letter in cluster)
    return beside + (2 if unicodedata.east_asian_width(cluster[0]) in "WF" else 1)


def _pattern(part: str, marks: str) -> str:
    return (
        f'<pattern id="part-{part}" width="8" height="8" patternUnits="userSpaceOnUse">'
        f'<rect width="8" height="8" class="part-{part}"/>{marks}</pattern>'
    )


_PATTERNS: Final = _pattern("moved", '<path d="M-2 2 2-2M0 8 8 0M6 10 10 6" class="part-mark"/>') + _pattern(
    "other", '<circle cx="2" cy="2" r="1.4" class="part-dot"/><circle cx="6" cy="6" r="1.4" class="part-dot"/>'
)
