"""Hold the figures of pages to a recount of the rows."""

from __future__ import annotations

from sqlmodel import Session, col, select

from gateway.kit.clock import bangkok_day
from gateway.records.agreements import Appointment
from gateway.records.places import Site
from gateway.reports.facts import Days, count_board, count_rates
from gateway.reports.figures import board_figures, rate_figures


def disagreements(db: Session) -> list[str]:
    """Where the summary, with what is not counted yet, differs from a recount; empty when they agree."""
    days = sorted({bangkok_day(at) for at in db.exec(select(Appointment.starts_at).distinct())})
    sites = [None, *db.exec(select(Site.code).order_by(col(Site.code)).limit(1)).all()]
    boards = [
        f"the board of {day} at {site or 'all sites'}"
        for site in sites
        for day in days
        if dict(board_figures(db, day, site)) != dict(count_board(db, day, site))
    ]
    asked = [Days(None, None, None), *(Days(day, day, sites[-1]) for day in days[:1])]
    return boards + [f"the rates of {some}" for some in asked if _rates(db, some) != _recounted(db, some)]


def _rates(db: Session, days: Days) -> dict[tuple[object, ...], int]:
    return rate_figures(db, ("site", "day", "language", "channel"), days)


def _recounted(db: Session, days: Days) -> dict[tuple[object, ...], int]:
    return {tuple(cell): n for cell, n in count_rates(db, days).items()}
