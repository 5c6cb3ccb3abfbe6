"""Lengths of time as vaccination schedules write them: "4 weeks", "6 months", "4 weeks - 4 days"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

_TERM: Final = re.compile(r"([+-]?)\s*(\d+)\s*(day|week|month|year)s?", re.IGNORECASE)
_IN_MONTHS: Final = {"month": 1, "year": 12}
_IN_DAYS: Final = {"day": 1, "week": 7}
_DAYS_A_MONTH: Final = 30.4375


@dataclass(frozen=True, slots=True)
class Span:
    """Calendar months, then days."""

    months: int = 0
    days: int = 0

    @property
    def about_days(self) -> int:
        """Its length in days, a month counted as 30.4375: to show and to sort, not to reckon with."""
        return round(self.months * _DAYS_A_MONTH) + self.days

    def after(self, day: date) -> date:
        """Return the day this long after `day`.

        A day the month does not have becomes the first of the next month, so that a minimum is never cut short
        (CDC CDSi logic specification, date rules: 31 March + 6 months is 1 October).
        """
        month_index = day.year * 12 + day.month - 1 + self.months
        year, month = divmod(month_index, 12)
        try:
            shifted = date(year, month + 1, day.day)
        except ValueError:
            following = month_index + 1
            shifted = date(following // 12, following % 12 + 1, 1)
        return shifted + timedelta(days=self.days)


def parse_span(text: str) -> Span:
    """Read "28 days", "4 weeks", "5 months", "1 year", "4 weeks - 4 days"; ValueError for anything else."""
    months = days = 0
    rest = text.strip()
    if not rest:
        raise ValueError("an empty length of time")
    while rest:
        term = _TERM.match(rest)
        if term is None:
            raise ValueError(f"{text!r} is not a length of time such as '4 weeks' or '6 months'")
        amount = int(term[2]) * (-1 if term[1] == "-" else 1)
        unit = term[3].lower()
        months += amount * _IN_MONTHS.get(unit, 0)
        days += amount * _IN_DAYS.get(unit, 0)
        rest = rest[term.end() :].strip()
    return Span(months, days)
