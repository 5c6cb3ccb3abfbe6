"""`gateway report`: the figures."""

from __future__ import annotations

import json
import sys
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated

import typer

from gateway.cli.context import MISUSED, fail, stored
from gateway.cli.forecast_table import forecast_lines, forecast_record
from gateway.dispatch.forecast_rows import forecast_day
from gateway.kit.clock import bangkok_day
from gateway.plan.planner import HORIZON_DAYS
from gateway.reports.rates import By, as_csv, as_records, as_table, parse_by, rates

report_app = typer.Typer(no_args_is_help=True)


class Format(StrEnum):
    """How the figures are printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


@report_app.callback()
def report() -> None:
    """Figures of who was asked, and who said yes."""


@report_app.command("rates")
def report_rates(
    by: Annotated[str, typer.Option(help="Any of site,language,channel,day.")] = "site,language,channel,day",
    from_day: Annotated[str | None, typer.Option("--from", help="First day of the appointments, 2026-11-30.")] = None,
    to_day: Annotated[str | None, typer.Option("--to", help="Last day of the appointments, 2026-12-04.")] = None,
    form: Annotated[Format, typer.Option("--format", help="table, csv or json.")] = Format.TABLE,
) -> None:
    """Show confirmed ÷ due with at least one attempt sent; an appointment's day is its day in Bangkok."""
    parts = _parts(by)
    first, last = _day(from_day, "--from"), _day(to_day, "--to")
    if first and last and first > last:
        fail(f"--from {first} is after --to {last}", MISUSED)
    with stored().database.reading() as db:
        rows = rates(db, by=parts, from_day=first, to_day=last)
    if form is Format.JSON:
        sys.stdout.write(json.dumps(as_records(rows, parts), ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(as_csv(rows, parts) if form is Format.CSV else as_table(rows, parts))


@report_app.command("forecast")
def report_forecast(
    day: Annotated[
        str | None, typer.Option(help="A day of the next fortnight, 2026-11-30; tomorrow without it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Show what the lines, rates and money of a day carry of the calls and texts planned for it."""
    house = stored()
    today = bangkok_day(house.clock.now())
    shown = _day(day, "--day") or today + timedelta(days=1)
    if shown < today:
        fail(f"--day {shown}: is over", MISUSED)
    if shown > today + timedelta(days=HORIZON_DAYS):
        fail(f"--day {shown}: only today and the {HORIZON_DAYS} days after it can be reckoned", MISUSED)
    with house.database.reading() as db:
        found = forecast_day(
            db, shown, rules=house.rules, limits=house.limits, textable=house.speech.textable(), now=house.clock.now()
        )
    sys.stdout.write(json.dumps(forecast_record(found)) + "\n" if as_json else forecast_lines(found))


def _parts(raw: str) -> tuple[By, ...]:
    try:
        parts = parse_by(raw)
    except ValueError as error:
        fail(f"--by: {error}", MISUSED)
    return parts or fail("--by: expected at least one of site, language, channel, day", MISUSED)


def _day(raw: str | None, option: str) -> date | None:
    if raw is None:
        return None
    try:
        return date.fromisoformat(raw)
    except ValueError:
        fail(f"{option}: expected a day such as 2026-11-30, not {raw!r}", MISUSED)
