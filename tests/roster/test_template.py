"""The roster to begin with."""

from __future__ import annotations

import re
from collections.abc import Callable

from gateway.roster.check import check_roster
from gateway.roster.columns import load_columns, map_columns
from gateway.roster.readers.csv import read_csv
from gateway.roster.rows import CheckRules
from gateway.roster.template import roster_template


def test_the_template_has_every_column_and_is_accepted_without_an_issue(rules: Callable[..., CheckRules]) -> None:
    table = read_csv(roster_template().encode())
    assert tuple(map_columns(table, load_columns("roster")).index) == load_columns("roster").names
    result = check_roster(table, rules())
    assert (result.accepted, result.issues) == (1, [])


def test_the_thai_name_of_every_column_stands_for_it_alone() -> None:
    columns = load_columns("roster")
    for header in read_csv(roster_template().encode()).header:
        name, thai = re.fullmatch(r"(.+) \((.+)\)", header).groups()  # type: ignore[union-attr]
        assert columns.canonical(thai) == name
