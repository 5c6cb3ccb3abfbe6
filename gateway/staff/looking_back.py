"""Who did what: the record of deeds as administrators read it, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from gateway.kit.clock import at_bangkok
from gateway.records.staffing import Audit, Staff

PER_PAGE: Final = 100
VIEWED: Final = "viewed"
LISTENED: Final = "listened"
NUMBER_SHOWN: Final = "number_shown"
LOOKS: Final = (VIEWED, "searched")
"""What changes nothing and happens all day: shown when it is asked for."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for. `staff` is an account's id, or COMMAND_LINE; `day` a Bangkok day of business time."""

    staff: str = ""
    verb: str = ""
    day: date | None = None
    with_views: bool = False
    page: int = 1


COMMAND_LINE: Final = "-"


def find_deeds(db: Session, wanted: Wanted) -> tuple[list[Audit], bool]:
    """Return one page of deeds, and whether there are older ones."""
    # Where the row lies, for those of one instant: a clock that stands gives many the same.
    place = "audit.rowid" if db.get_bind().dialect.name == "sqlite" else "audit.ctid"
    statement = select(Audit).where(*_conditions(wanted)).order_by(col(Audit.at).desc(), sa.text(f"{place} DESC"))
    rows = db.exec(statement.offset((wanted.page - 1) * PER_PAGE).limit(PER_PAGE + 1)).all()
    return list(rows[:PER_PAGE]), len(rows) > PER_PAGE


def known_verbs(db: Session) -> list[str]:
    """Every kind of deed there is so far."""
    return list(db.exec(select(Audit.verb).distinct().order_by(col(Audit.verb))))


def everybody(db: Session) -> list[Staff]:
    """Every account, disabled ones too: their deeds stay."""
    return list(db.exec(select(Staff).order_by(col(Staff.email))))


def _conditions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if wanted.staff:
        author = None if wanted.staff == COMMAND_LINE else wanted.staff
        found.append(col(Audit.staff).is_(None) if author is None else col(Audit.staff) == author)
    if wanted.verb:
        found.append(col(Audit.verb) == wanted.verb)
    elif not wanted.with_views:
        found.append(col(Audit.verb).not_in(LOOKS))
    if wanted.day is not None:
        begin = at_bangkok(wanted.day, time())
        found += [col(Audit.at) >= begin, col(Audit.at) < begin + timedelta(days=1)]
    return found
