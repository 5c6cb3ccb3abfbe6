"""`gateway sites load` and `gateway sessions load`: where people are vaccinated, and how many at a time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.context import MISUSED, fail, house
from gateway.cli.roster import print_issues, refuse_file
from gateway.kit.clock import bangkok_day
from gateway.roster.places import SESSION_TEMPLATE, SITE_TEMPLATE, PlacesReport, load_sessions, load_sites
from gateway.roster.readers.csv import read_csv_file
from gateway.roster.table import ReadError, Table

sites_app = typer.Typer(no_args_is_help=True)
sessions_app = typer.Typer(no_args_is_help=True)

File = Annotated[Path | None, typer.Argument(exists=True, dir_okay=False, help="CSV, UTF-8 or Windows-874.")]
TemplateOption = Annotated[bool, typer.Option("--template", help="Print a file to begin with, and load nothing.")]
AcceptedOption = Annotated[
    bool, typer.Option("--accepted-only", help="Store the other rows when some are refused; else nothing is stored.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@sites_app.callback()
def sites() -> None:
    """The places where people are vaccinated."""


@sessions_app.callback()
def sessions() -> None:
    """Their mornings and afternoons."""


@sites_app.command("load")
def sites_load(
    file: File = None,
    template: TemplateOption = False,
    as_json: JsonOption = False,
    accepted_only: AcceptedOption = False,
    sample: Annotated[bool, typer.Option("--sample", hidden=True)] = False,
) -> None:
    """Store sites: code, name, short_name, name_en, place, tambon, district, province, staff_phone, opens, closes."""
    if template:
        print(SITE_TEMPLATE, end="")  # noqa: T201  # the command's result
        return
    table = _table(file, as_json)
    _finish(load_sites(house().database, table, sample=sample, accepted_only=accepted_only), as_json)


@sessions_app.command("load")
def sessions_load(
    file: File = None,
    template: TemplateOption = False,
    as_json: JsonOption = False,
    accepted_only: AcceptedOption = False,
) -> None:
    """Store sessions with their seats: site_code, vaccine, day, part, starts_at, ends_at, capacity."""
    if template:
        print(SESSION_TEMPLATE, end="")  # noqa: T201  # the command's result
        return
    table = _table(file, as_json)
    built = house()
    today = bangkok_day(built.clock.now())
    report = load_sessions(built.database, table, regimens=built.regimens, today=today, accepted_only=accepted_only)
    _finish(report, as_json)


def _table(file: Path | None, as_json: bool) -> Table:
    if file is None:
        fail("name a file, or say --template to see one", MISUSED)
    try:
        return read_csv_file(file)
    except ReadError as error:
        refuse_file(error, as_json)


def _finish(report: PlacesReport, as_json: bool) -> None:
    if as_json:
        print(json.dumps(report.as_json(), ensure_ascii=False))  # noqa: T201  # the command's result
    else:
        print_issues(report.issues)
        print(  # noqa: T201  # the command's result
            f"{report.stored} stored (new {report.created}, changed {report.changed}, unchanged {report.unchanged}), "
            f"{report.rejected} refused"
        )
    if not report.stored:
        hint = ": correct the refused rows, or store the others with --accepted-only" if report.held_back else ""
        fail(f"nothing was stored{hint}")
