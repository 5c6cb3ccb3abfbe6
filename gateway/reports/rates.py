"""How many of those who were asked said yes, by site, language, channel and day.

Confirmation rate (DESIGN §3) = confirmed ÷ due that day with at least one attempt sent; its channel is that of the
attempt that was answered, else of the last one. Cancelled appointments are not due; moved ones were, and said so.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlmodel import Session

from gateway.records.figures import Standing
from gateway.reports.exports import sheet_cell
from gateway.reports.facts import Days
from gateway.reports.figures import rate_figures

_FIGURES: Final = ("due", "contacted", "confirmed", "moved", "unanswered")
_SHOWN: Final = (*_FIGURES, "other")
FEW: Final = 5
"""Of fewer people than these a percentage says little: one of them more or less is twenty points."""
Label = Callable[["By", str], str]
"""What a value of a breakdown is called: the name of a site, a language's own, a day as people write it."""
_LATELY: Final = timedelta(days=60)
_COUNTS_FOR: Final[Mapping[Standing, tuple[int, ...]]] = {
    Standing.UNASKED: (0,),
    Standing.OTHER: (0, 1),
    Standing.CONFIRMED: (0, 1, 2),
    Standing.MOVED: (0, 1, 3),
    Standing.UNANSWERED: (0, 1, 4),
}
"""Which of _FIGURES an appointment counts for; who is only due was never contacted."""


class By(StrEnum):
    """What the rates may be broken down by."""

    SITE = "site"
    LANGUAGE = "language"
    CHANNEL = "channel"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class RateRow:
    """One line; `keys` are the values of the breakdown in the order asked for ("none" where nothing was sent).

    `confirmed`, `moved` and `unanswered` count among those `contacted`; `other` is the rest of them, such as who asked
    for a call back.
    """

    keys: tuple[str, ...]
    due: int = 0
    contacted: int = 0
    confirmed: int = 0
    moved: int = 0
    unanswered: int = 0

    @property
    def other(self) -> int:
        """Contacted and answered, but neither confirmed nor moved."""
        return self.contacted - self.confirmed - self.moved - self.unanswered

    @property
    def rate(self) -> float | None:
        """Confirmed ÷ contacted, to four decimals; None when nobody was contacted."""
        return round(self.confirmed / self.contacted, 4) if self.contacted else None

    @property
    def is_of_few(self) -> bool:
        """Whether there is a rate, of so few people that it says little."""
        return 0 < self.contacted < FEW


def parse_by(raw: str) -> tuple[By, ...]:
    """Read "site,day"; raises ValueError naming a word that is none of site, language, channel, day."""
    words = [word.strip() for word in raw.split(",") if word.strip()]
    for word in words:
        if word not in set(By):
            raise ValueError(f"{word!r} is none of {', '.join(By)}")
    return tuple(By(word) for word in dict.fromkeys(words))


def rates(
    db: Session,
    *,
    by: Sequence[By],
    from_day: date | None = None,
    to_day: date | None = None,
    site: str | None = None,
) -> list[RateRow]:
    """Return one row for each combination of `by`, sorted, for the appointments of these Bangkok days (inclusive).

    With `site`, of the appointments at that site alone.
    """
    counted: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0] * len(_FIGURES))
    for (*keys, standing), n in rate_figures(db, by, Days(from_day, to_day, site)).items():
        figures = counted[tuple(str(key) for key in keys)]
        for place in _COUNTS_FOR[standing]:
            figures[place] += n
    return [RateRow(keys, *figures) for keys, figures in sorted(counted.items())]


def latest_days(db: Session, *, until: date, count: int, site: str | None = None) -> list[date]:
    """Return the last `count` Bangkok days up to `until` that have appointments, the first of them first."""
    found = _days(db, Days(until - _LATELY, until, site))
    if len(found) < count:
        found = _days(db, Days(None, until, site))
    return found[-count:]


def days_on_record(db: Session, site: str | None = None) -> tuple[date, date] | None:
    """Return the first and the last Bangkok day that has appointments; None when there are none."""
    found = _days(db, Days(None, None, site))
    return (found[0], found[-1]) if found else None


def _days(db: Session, days: Days) -> list[date]:
    """The days on which appointments begin that are not cancelled, in their order."""
    return sorted({day for day, _ in rate_figures(db, (By.DAY,), days)})


def total(rows: Iterable[RateRow]) -> RateRow:
    """Return the sum of all rows; it has no keys."""
    sums = [sum(column) for column in zip(*(_values(row) for row in rows), strict=True)]
    return RateRow((), *sums)


def as_records(rows: Sequence[RateRow], by: Sequence[By]) -> dict[str, Any]:
    """Return the rows and their total as plain values, fit for JSON."""
    return {
        "by": [part.value for part in by],
        "rows": [_record(row, by) for row in rows],
        "total": _record(total(rows)),
    }


def as_csv(rows: Sequence[RateRow], by: Sequence[By]) -> str:
    """Return the rows as CSV with a header, without the total (it would be added up again in a spreadsheet)."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*by, *_SHOWN, "rate"])
    writer.writerows([*row.keys, *_shown(row), "" if row.rate is None else row.rate] for row in rows)
    return text.getvalue()


def as_sheet(rows: Sequence[RateRow], by: Sequence[By], *, heads: Sequence[str], label: Label, few: str) -> str:
    """Return the rows as CSV for people: every value beside what it is called, the rate in per cent, `few` where it is.

    `heads` are the names of the columns: two for each of `by`, then due, contacted, confirmed, moved, unanswered,
    other, rate and remark. No total, as in `as_csv`.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([sheet_cell(head) for head in heads])
    for row in rows:
        named = [cell for part, key in zip(by, row.keys, strict=True) for cell in (key, label(part, key))]
        percent = "" if row.rate is None else f"{row.rate * 100:.1f}"
        cells = [*named, *_shown(row), percent, few if row.is_of_few else ""]
        writer.writerow([sheet_cell(cell) for cell in cells])
    return text.getvalue()


def as_table(rows: Sequence[RateRow], by: Sequence[By]) -> str:
    """Return the rows and their total as aligned text, the rate in per cent."""
    last = ["total", *[""] * (len(by) - 1)][: len(by)]
    lines = [[*by, *_SHOWN, "rate"], *(_cells(row, row.keys) for row in rows), _cells(total(rows), last)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(_aligned(line, widths, len(by)) for line in lines) + "\n"


def _values(row: RateRow) -> tuple[int, ...]:
    return row.due, row.contacted, row.confirmed, row.moved, row.unanswered


def _shown(row: RateRow) -> tuple[int, ...]:
    return (*_values(row), row.other)


def _record(row: RateRow, by: Sequence[By] = ()) -> dict[str, Any]:
    figures = dict(zip(_SHOWN, _shown(row), strict=True))
    return {**dict(zip((part.value for part in by), row.keys, strict=True)), **figures, "rate": row.rate}


def _cells(row: RateRow, keys: Sequence[str]) -> list[str]:
    percent = "-" if row.rate is None else f"{row.rate * 100:.1f} %"
    return [*keys, *(str(value) for value in _shown(row)), percent]


def _aligned(line: Sequence[str], widths: Sequence[int], keys: int) -> str:
    """Words to the left, figures to the right."""
    cells = [
        cell.ljust(width) if place < keys else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(line, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()
