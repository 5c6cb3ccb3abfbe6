"""A roster as the page says it: its first rows as understood, its issues by cell, and why it cannot go on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.kit.clock import bangkok_time
from gateway.kit.phones import mask
from gateway.roster.issues import Issue
from gateway.roster.jobs import Problem
from gateway.roster.rows import CheckedRow, CheckResult
from gateway.web.console.dates import say_day
from gateway.web.console.desk import ConsoleDesk
from gateway.web.console.gate import Visitor

ISSUES_SHOWN: Final = 100
COLUMNS: Final = (
    *("line", "name", "birth_date", "phone", "language", "village", "site_code", "vaccine"),
    *("appointment", "last_dose"),
)


@dataclass(frozen=True, slots=True)
class Issues:
    """One page of issues; `codes` counts each code: (code, is it an error, how often), errors and the most first."""

    shown: list[Issue]
    codes: list[tuple[str, bool, int]]
    total: int
    errors: int
    code: str
    page: int
    pages: int


def issues_shown(issues: list[Issue], asked: Mapping[str, str]) -> Issues:
    """The issues an address asks for, errors first: ?code= one kind of them, ?page= a page."""
    counted = Counter((one.code, one.is_error) for one in issues)
    codes = sorted(((code, bad, n) for (code, bad), n in counted.items()), key=lambda row: (not row[1], -row[2]))
    code = asked.get("code", "") if asked.get("code", "") in {row[0] for row in codes} else ""
    found = sorted((one for one in issues if code in ("", one.code)), key=lambda one: (not one.is_error, one.row))
    pages = max(1, -(-len(found) // ISSUES_SHOWN))
    raw = asked.get("page", "")
    page = min(max(1, int(raw)), pages) if raw.isascii() and raw.isdigit() and len(raw) < 10 else 1
    shown = found[(page - 1) * ISSUES_SHOWN : page * ISSUES_SHOWN]
    return Issues(shown, codes, len(found), sum(one.is_error for one in issues), code, page, pages)


def rows_in_words(desk: ConsoleDesk, visitor: Visitor, result: CheckResult, count: int) -> list[dict[str, str]]:
    """The first accepted rows, a cell a column of COLUMNS; numbers are masked, names are there to be compared."""
    return [_row(desk, visitor, row) for row in result.accepted_rows[:count]]


def problem_words(visitor: Visitor, problem: Problem) -> str:
    """Why a file cannot go on, and what to do."""
    if problem.th:
        return problem.th if visitor.language == "th" else problem.en
    return visitor.t(f"rosters.problem.{problem.code}", **problem.values)


def _row(desk: ConsoleDesk, visitor: Visitor, row: CheckedRow) -> dict[str, str]:
    who, language = row.person, visitor.language
    vaccine, dose = row.subject
    given = row.given
    return {
        "line": str(row.line),
        "name": " ".join(part for part in (who.title, who.name, who.surname) if part) or "–",
        "birth_date": say_day(who.birth_date, language) if who.birth_date else "–",
        "phone": ", ".join(_phones(visitor, row)) or "–",
        "language": desk.languages.get(who.language or "th").own_name,
        "village": who.village or "–",
        "site_code": (row.wish.site if row.wish else who.site) or "–",
        "vaccine": f"{_vaccine(desk, visitor, vaccine)} {dose}",
        "appointment": _when(visitor, row) if row.wish else "–",
        "last_dose": f"{_vaccine(desk, visitor, given.vaccine)} {given.number}: {say_day(given.given_on, language)}"
        if given
        else "–",
    }


def _phones(visitor: Visitor, row: CheckedRow) -> Iterator[str]:
    for said in row.person.phones:
        home = f" ({visitor.t('rosters.household')})" if said.household else ""
        yield mask(said.number.e164) + home


def _when(visitor: Visitor, row: CheckedRow) -> str:
    assert row.wish is not None  # noqa: S101  # only rows with a wish have a day
    return f"{say_day(row.wish.starts_at, visitor.language)} {bangkok_time(row.wish.starts_at):%H:%M}"


def _vaccine(desk: ConsoleDesk, visitor: Visitor, code: str) -> str:
    regimen = desk.regimens.get(code)
    return code if regimen is None else (regimen.name_th if visitor.language == "th" else regimen.name_en)
