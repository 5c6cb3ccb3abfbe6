"""A file of one line a person, and the rules it is checked against; everybody here is invented."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.care.regimens import load_regimens
from gateway.languages.table import load_languages
from gateway.roster.check import check_roster
from gateway.roster.readers.csv import read_csv
from gateway.roster.rows import CheckResult, CheckRules

NOW = datetime(2026, 7, 20, 2, 0, tzinfo=UTC)  # Monday, 09:00 in Bangkok
GOOD = {
    "id_number": "1101700207030",
    "name": "สมชาย",
    "surname": "ใจดี",
    "phone": "081-234-5678",
    "language": "th",
    "site_code": "11111",
    "vaccine": "influenza",
    "dose": "1",
    "appointment_date": "27/07/2569",
    "appointment_time": "09.00",
}

Check = Callable[..., CheckResult]


def as_file(*rows: dict[str, str]) -> bytes:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    lines = [",".join(columns)]
    lines += [",".join('"' + row.get(name, "").replace('"', '""') + '"' for name in columns) for row in rows]
    return "\n".join(lines).encode()


@pytest.fixture
def rules() -> Callable[..., CheckRules]:
    def make(**changes: Any) -> CheckRules:
        given = {
            "now": NOW,
            "recognise_language": load_languages().recognise,
            "regimens": load_regimens(),
            "sites": frozenset({"11111", "00123"}),
        }
        return CheckRules(**{**given, **changes})

    return make


@pytest.fixture
def check(rules: Callable[..., CheckRules]) -> Check:
    """Check rows that are GOOD but for what is said; `rules` are keyword arguments beginning with no column."""

    def run(*changes: dict[str, str], **about: Any) -> CheckResult:
        return check_roster(read_csv(as_file(*({**GOOD, **change} for change in changes))), rules(**about))

    return run


@pytest.fixture
def codes() -> Callable[[CheckResult], list[tuple[int, str, str, str]]]:
    return lambda result: [(one.row, one.column, one.code, one.severity.value) for one in result.issues]
