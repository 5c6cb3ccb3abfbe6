"""What was asked of the rates page: one or two breakdowns, days, a site; or in plain words what is wrong with it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final
from urllib.parse import urlencode

from sqlmodel import Session
from starlette.datastructures import QueryParams

from gateway.kit.thai_dates import DateError, parse_date
from gateway.reports.rates import By, latest_days

LONGEST: Final = timedelta(days=366)
DAYS_AT_FIRST: Final = 7
MOST_PARTS: Final = 2
_SHOWN: Final = 40  # letters of what was typed that are said back


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and with which field of the form; `key` names the sentence, `values` fill it."""

    where: str
    key: str
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """What was typed, kept as it was; what it means is there only where there are no problems."""

    raw_by: tuple[str, ...]
    raw_from: str
    raw_to: str
    raw_site: str
    by: tuple[By, ...] = ()
    first: date = date.min
    last: date = date.min
    site: str | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def query(self) -> str:
        """The same question as the end of an address."""
        asked = [("by", ",".join(self.by)), ("from", self.first.isoformat()), ("to", self.last.isoformat())]
        return urlencode(asked + ([("site", self.site)] if self.site else []))

    def problem(self, name: str) -> Problem | None:
        """What is wrong with this field, if anything is."""
        return next((one for one in self.problems if one.where == name), None)


def read_question(
    db: Session, asked: QueryParams, *, today: date, sites: Collection[str], own_site: str | None
) -> Question:
    """Read the form; without days, the last seven with appointments up to tomorrow. `own_site`: nothing but it."""
    words = tuple(word.strip() for part in asked.getlist("by") for word in part.split(",") if word.strip())
    raw_from, raw_to = asked.get("from", "").strip(), asked.get("to", "").strip()
    raw_site = asked.get("site", "").strip()
    by, problems = _parts(words, own_site)
    first, wrong_first = _day(raw_from, "from", today)
    last, wrong_last = _day(raw_to, "to", today)
    site, wrong_site = _site(raw_site, sites, own_site)
    problems = [*problems, *wrong_first, *wrong_last, *wrong_site]
    raw = words, raw_from[:_SHOWN], raw_to[:_SHOWN], raw_site[:_SHOWN]
    if problems:
        return Question(*raw, problems=tuple(problems))
    first, last = _days(db, first, last, today, site)
    if wrong := _range(first, last):
        return Question(*raw, problems=(wrong,))
    return Question(*raw, by, first, last, site)


def _parts(words: tuple[str, ...], own_site: str | None) -> tuple[tuple[By, ...], list[Problem]]:
    if not words:
        return ((By.SITE,) if own_site is None else (By.DAY,)), []
    for word in words:
        if word not in set(By):
            return (), [Problem("by", "rates.trouble.by", {"word": word[:_SHOWN]})]
    parts = tuple(By(word) for word in dict.fromkeys(words))
    if len(parts) > MOST_PARTS:
        return (), [Problem("by", "rates.trouble.many")]
    return parts, []


def _day(raw: str, name: str, today: date) -> tuple[date | None, list[Problem]]:
    """A browser without a calendar of its own lets people write as they do elsewhere: 3 ส.ค. 69."""
    if not raw:
        return None, []
    try:
        return parse_date(raw, today=today), []
    except DateError:
        return None, [Problem(name, "rates.trouble.day", {"raw": raw[:_SHOWN]})]


def _site(raw: str, sites: Collection[str], own_site: str | None) -> tuple[str | None, list[Problem]]:
    """Whether there is such a site is not told to who may not see it."""
    if raw and (raw not in sites or own_site not in (None, raw)):
        return None, [Problem("site", "rates.trouble.site", {"raw": raw[:_SHOWN]})]
    return own_site or raw or None, []


def _days(
    db: Session, first: date | None, last: date | None, today: date, site: str | None
) -> tuple[date, date]:  # fmt: skip
    tomorrow = today + timedelta(days=1)
    if last is None:
        last = tomorrow if first is None else max(first, tomorrow)
    if first is None:
        first = min(latest_days(db, until=last, count=DAYS_AT_FIRST, site=site), default=last)
    return first, last


def _range(first: date, last: date) -> Problem | None:
    if first > last:
        return Problem("from", "rates.trouble.order")
    if last - first > LONGEST:
        return Problem("to", "rates.trouble.long")
    return None
