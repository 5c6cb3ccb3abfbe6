"""Between two looks at everything a pass looks at what is new."""

from __future__ import annotations

from datetime import timedelta

from gateway.plan.looks import Looks
from tests.plan.conftest import bangkok

NINE = bangkok("2026-11-23T09:00")
MINUTE = timedelta(minutes=1)


def test_the_first_pass_looks_at_everything_and_so_does_one_after_some_time() -> None:
    looks = Looks(timedelta(hours=1))
    assert looks.since(NINE) is None
    looks.done(NINE, was_whole=True)
    assert looks.since(NINE + MINUTE) == NINE
    looks.done(NINE + MINUTE, was_whole=False)
    assert looks.since(NINE + 2 * MINUTE) == NINE + MINUTE
    assert looks.since(NINE + 60 * MINUTE) is None


def test_on_a_new_day_or_where_the_facts_or_the_clock_changed_everything_is_looked_at() -> None:
    looks = Looks(timedelta(days=9))
    looks.done(NINE, "facts", was_whole=True)
    assert looks.since(NINE + MINUTE, "facts") == NINE
    assert looks.since(NINE + MINUTE, "others") is None
    assert looks.since(NINE - MINUTE, "facts") is None
    assert looks.since(NINE + timedelta(hours=15), "facts") is None
    looks.forget()
    assert looks.since(NINE + MINUTE, "facts") is None
