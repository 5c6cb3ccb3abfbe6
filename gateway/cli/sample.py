"""`gateway sample load`: the invented people, by the same functions that load a hospital's files."""

from __future__ import annotations

import json
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlmodel import col, func, select

from gateway.cli.context import fail, house, say
from gateway.kit.clock import BANGKOK, bangkok_day, in_utc
from gateway.kit.ids import seeded_ids
from gateway.records.house import DemoTime
from gateway.records.people import Person
from gateway.records.places import Site
from gateway.records.rosters import Batch
from gateway.roster.check import check_roster
from gateway.roster.files import file_sha, rules_for
from gateway.roster.load import LoadReport, load_roster
from gateway.roster.places import load_sessions, load_sites
from gateway.roster.prepare import LoadRequest
from gateway.roster.readers.csv import read_csv_file
from gateway.settings import CarrierName
from gateway.wiring import House, data_dir

# The sample has a calendar of its own: it is handed in on the Friday before its first notices, whatever day it is here,
# and the demo's clock begins two minutes before calls may go out on its first Monday.
HANDED_IN = in_utc(datetime(2026, 7, 24, 15, 0, tzinfo=BANGKOK))
BEGINS = in_utc(datetime(2026, 8, 3, 8, 58, tzinfo=BANGKOK))

sample_app = typer.Typer(no_args_is_help=True)


@sample_app.callback()
def sample() -> None:
    """The invented people, places and sessions."""


@sample_app.command()
def load(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False) -> None:
    """Load the sample. Refused when real people or places are stored; loaded again it changes nothing."""
    built = house()
    if is_in_use(built):
        fail("nothing was loaded: real people or places are stored here, and the sample is kept apart from them")
    report = write_sample(built)
    if as_json:
        print(json.dumps(report.as_json(), ensure_ascii=False))  # noqa: T201  # the command's result
        return
    print(  # noqa: T201  # the command's result
        f"{report.people_created} invented people, {report.created} appointments and doses new, "
        f"{report.unchanged} rows unchanged"
    )


def load_sample(built: House) -> bool:
    """Load the sample when nobody is on record, as `gateway run --sample` does; returns whether it did."""
    with built.database.reading() as db:
        if db.exec(select(Person.id).limit(1)).first() is not None:
            return False
    if is_in_use(built):
        return False
    say("Loading the invented sample …")
    write_sample(built)
    return True


def is_in_use(built: House) -> bool:
    """Whether a real person or place is stored."""
    with built.database.reading() as db:
        people = select(Person.id).where(~col(Person.sample)).limit(1)
        sites = select(Site.code).where(~col(Site.sample)).limit(1)
        return db.exec(people).first() is not None or db.exec(sites).first() is not None


def write_sample(built: House) -> LoadReport:
    """Load sites, sessions and roster, marked as a sample; where nobody is reached its ids follow from the seed."""
    folder = data_dir("templates", built.settings.templates_dir) / "sample"
    on_sandbox = built.settings.carrier is CarrierName.SANDBOX
    with seeded_ids(_seed(built)) if on_sandbox else nullcontext():
        load_sites(built.database, read_csv_file(folder / "sites.csv"), sample=True)
        sessions = read_csv_file(folder / "sessions.csv")
        load_sessions(built.database, sessions, regimens=built.regimens, today=bangkok_day(HANDED_IN))
        report = _load_people(built, folder / "roster.csv")
    if on_sandbox:
        _begin_there(built)
    return report


def _load_people(built: House, file: Path) -> LoadReport:
    rules = rules_for(
        built.database,
        now=HANDED_IN,
        recognise_language=built.languages.recognise,
        regimens=built.regimens,
    )
    result = check_roster(read_csv_file(file), rules)
    request = LoadRequest(now=HANDED_IN, regimens=built.regimens, file_sha=file_sha(file), sample=True)
    return load_roster(built.database, result, request)


def _seed(built: House) -> str:
    """A seed no earlier load had, or the second load's rows would have the identifiers of the first."""
    with built.database.reading() as db:
        batches = db.exec(select(func.count()).select_from(Batch)).one()
    return f"{built.settings.seed}:sample:{batches}"


def _begin_there(built: House) -> None:
    """Set the demo's clock to the sample's first morning; one that already runs is left alone."""
    with built.database.unit_of_work() as db:
        if db.get(DemoTime, 1) is None:
            db.add(DemoTime(demo_now=BEGINS))
