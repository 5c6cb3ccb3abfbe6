"""Days that staff type for what has happened: not ahead, not before birth, and of a year that nobody mistyped."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from gateway.care.desk_work import NotPossible
from gateway.kit.clock import bangkok_day
from gateway.records.people import Person

EARLIEST: Final = date(1900, 1, 1)
"""Before this a year is a slip, such as 0026: nobody alive was born, vaccinated or died then."""


def check_past_day(day: date, person: Person, *, now: datetime) -> None:
    """Raise NotPossible for a Bangkok day on which this cannot have happened to this person."""
    if day > bangkok_day(now):
        raise NotPossible("day_ahead")
    if person.birth_date is not None and day < person.birth_date:
        raise NotPossible("day_before_birth")
    if day < EARLIEST:
        raise NotPossible("day_too_early")
