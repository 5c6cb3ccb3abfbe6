"""`gateway roster`: say what is wrong with a file, cell by cell, and load it once somebody agreed."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table as Sheet
from sqlmodel import select

from gateway.cli.context import MISUSED, fail, house, say
from gateway.kit.clock import bangkok_day
from gateway.kit.thai_dates import DateError, parse_date, parse_time
from gateway.records.places import Site
from gateway.roster.check import check_roster
from gateway.roster.files import file_sha, rules_for, understood, write_rejected
from gateway.roster.issues import Issue
from gateway.roster.load import CancelRefused, LoadReport, load_roster
from gateway.roster.prepare import LoadRequest, Plan, prepare
from gateway.roster.readers.csv import read_csv_file
from gateway.roster.rows import CheckResult
from gateway.roster.table import ReadError
from gateway.roster.template import roster_template

app = typer.Typer(no_args_is_help=True)

MOST_SHOWN = 40  # issues on a screen; --json has them all

REFUSED_SHOWN = 10  # before the question; all of them are in the file of rejected rows

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A roster: CSV, UTF-8 or Windows-874.")]
SiteOption = Annotated[str | None, typer.Option("--site", help="The site the file is of.")]
FromOption = Annotated[str | None, typer.Option("--from", help="The first day the file is complete for.")]
ToOption = Annotated[str | None, typer.Option("--to", help="The last day, inclusive.")]
TimeOption = Annotated[
    str | None,
    typer.Option("--default-time", help="HH:MM for rows without a time; who has a seat comes at their ticket's hour."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@dataclass(frozen=True, slots=True)
class Scope:
    """What the options say of the file."""

    site: str | None
    first: date | None
    last: date | None
    default_time: time | None


@app.command()
def check(
    file: File,
    site: SiteOption = None,
    first: FromOption = None,
    last: ToOption = None,
    default_time: TimeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read a file, name every fault, write nothing. Ends with 1 when a row is rejected."""
    result = _checked(file, _scope(site, first, last, default_time), as_json)
    _print_json(result.as_json()) if as_json else _print_result(result)
    if result.rejected or not result.accepted:
        raise SystemExit(1)


@app.command()
def template() -> None:
    """Print a roster to begin with: every column, its Thai name, and one invented row."""
    print(roster_template(), end="")  # noqa: T201  # the command's result


@app.command()
def load(
    file: File,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    site: SiteOption = None,
    first: FromOption = None,
    last: ToOption = None,
    default_time: TimeOption = None,
    as_json: JsonOption = False,
    cancel_missing: Annotated[
        int | None, typer.Option("--cancel-missing", min=0, help="How many missing appointments may be cancelled.")
    ] = None,
    sample: Annotated[bool, typer.Option("--sample", hidden=True)] = False,
) -> None:
    """Load the accepted rows together; the rejected ones come back as a file beside this one.

    With --site, --from and --to, what the file leaves out of that site and those days is cancelled.
    """
    scope = _scope(site, first, last, default_time)
    result = _checked(file, scope, as_json)
    if not _has_sites():
        reason = "no sites are stored yet: `gateway sites load FILE` comes first (--template prints its columns)"
        _refuse(result, reason, as_json)
    if not result.accepted:
        _finish(file, LoadReport(result), as_json)
        fail("nothing was loaded: no row can be accepted")
    request = LoadRequest(
        now=house().clock.now(),
        regimens=house().regimens,
        file_sha=file_sha(file),
        site=scope.site,
        scope_from=scope.first,
        scope_to=scope.last,
        sample=sample,
    )
    report = _loaded(result, request, yes=yes, agreed=cancel_missing, as_json=as_json)
    _finish(file, report, as_json)
    if not report.result.accepted:
        fail("nothing was loaded: no row can be accepted")


def _has_sites() -> bool:
    with house().database.reading() as db:
        return db.exec(select(Site.code).limit(1)).first() is not None


def _loaded(result: CheckResult, request: LoadRequest, *, yes: bool, agreed: int | None, as_json: bool) -> LoadReport:
    database = house().database
    with database.reading() as db:
        plan = prepare(db, result, request)
    _show_plan(result, plan)
    if not yes:
        _ask(result, as_json)
    agreed = _agreed_missing(result, plan, agreed, as_json)
    try:
        with _bar() as bar:
            task = bar.add_task("load", total=result.accepted + len(plan.steps))
            return load_roster(
                database, result, request, agreed_missing=agreed, on_row=lambda: bar.update(task, advance=1)
            )
    except CancelRefused as refused:
        _refuse(result, f"{refused}; say --cancel-missing {refused.count} if that is meant", as_json)


def _checked(file: Path, scope: Scope, as_json: bool) -> CheckResult:
    built = house()
    rules = rules_for(
        built.database,
        now=built.clock.now(),
        recognise_language=built.languages.recognise,
        regimens=built.regimens,
        site=scope.site,
        scope_from=scope.first,
        scope_to=scope.last,
        default_time=scope.default_time,
        countries=built.settings.country_list,
    )
    if scope.site is not None and rules.sites is not None and scope.site not in rules.sites:
        fail(f"--site: {scope.site!r} is not a stored site; see `gateway sites load`")
    try:
        table = read_csv_file(file)
    except ReadError as error:
        refuse_file(error, as_json)
    with _bar() as bar:
        task = bar.add_task("check", total=len(table.rows))
        return check_roster(table, rules, on_row=lambda: bar.update(task, advance=1))


def refuse_file(error: ReadError, as_json: bool) -> NoReturn:
    """End the command because a file cannot be read at all, with the same document as ever."""
    if as_json:
        issue = {"row": 0, "column": "", "code": error.code, "message": str(error)}
        _print_json({"rows": 0, "accepted": 0, "rejected": 0, "warnings": 0, "issues": [issue]})
    fail(str(error))


def _scope(site: str | None, first: str | None, last: str | None, default_time: str | None) -> Scope:
    scope = Scope(site, _day(first, "--from"), _day(last, "--to"), _hour(default_time))
    if scope.first and scope.last and scope.last < scope.first:
        fail("--to: must not be before --from", MISUSED)
    return scope


def _day(raw: str | None, option: str) -> date | None:
    if raw is None:
        return None
    try:
        return parse_date(raw, today=bangkok_day(house().clock.now()))
    except DateError as error:
        fail(f"{option}: {error}", MISUSED)


def _hour(raw: str | None) -> time | None:
    if raw is None:
        return None
    try:
        return parse_time(raw)
    except DateError as error:
        fail(f"--default-time: {error}", MISUSED)


def _refuse(result: CheckResult, reason: str, as_json: bool) -> NoReturn:
    """End with 1, nothing written; the document is printed all the same."""
    if as_json:
        _print_json(result.as_json())
    fail(f"nothing was loaded: {reason}")


def _ask(result: CheckResult, as_json: bool) -> None:
    if not sys.stdin.isatty():
        _refuse(result, "nobody is there to ask; read the rows above and say --yes", as_json)
    if not typer.confirm("Load these rows?", err=True):
        _refuse(result, "the answer was no", as_json)


def _agreed_missing(result: CheckResult, plan: Plan, agreed: int | None, as_json: bool) -> int | None:
    """Return the operator's second yes: the number of appointments to cancel, typed."""
    missing = plan.missing
    if not missing.is_many or agreed == missing.count:
        return agreed
    text = f"{missing.count} of {missing.in_scope} appointments in this scope are not in the file"
    if agreed is not None or not sys.stdin.isatty():
        _refuse(result, f"{text}; say --cancel-missing {missing.count} if they shall be cancelled", as_json)
    return int(typer.prompt(f"{text}. Type their number to cancel them", type=int, err=True))


def _show_plan(result: CheckResult, plan: Plan) -> None:
    console = Console(stderr=True)
    rows = understood(result)
    if rows:
        sheet = Sheet(*rows[0], title=f"The first {len(rows)} of {result.accepted} rows, as understood")
        for row in rows:
            sheet.add_row(*row.values())
        console.print(sheet)
    say(f"{result.accepted} rows can be loaded, {result.rejected} are rejected, {result.warnings} warnings")
    if plan.refused:
        say(f"{len(plan.refused)} of them find no seat or are double:")
        for issue in list(plan.refused.values())[:REFUSED_SHOWN]:
            say(f"  line {issue.row} [{issue.code}] {issue.message}")
        if len(plan.refused) > REFUSED_SHOWN:
            say(f"  … and {len(plan.refused) - REFUSED_SHOWN} more")
    if plan.missing.count:
        say(f"{plan.missing.count} appointments of this site and these days are not in the file: to be cancelled")


def _finish(file: Path, report: LoadReport, as_json: bool) -> None:
    try:
        rejected = write_rejected(file, report.result)
    except OSError as error:
        say(str(error))
    else:
        if rejected is not None:
            say(f"the rejected rows are in {rejected}")
    if as_json:
        _print_json(report.as_json())
        return
    _print_result(report.result)
    print(  # noqa: T201  # the command's result
        f"new {report.created}, changed {report.changed}, unchanged {report.unchanged}, "
        f"kept as people chose {report.conflicts}, cancelled {report.cancelled}"
    )


def _print_result(result: CheckResult) -> None:
    print_issues(result.issues)
    print(  # noqa: T201  # the command's result
        f"{result.rows} rows: {result.accepted} accepted, {result.rejected} rejected, {result.warnings} warnings"
    )


def print_issues(issues: list[Issue]) -> None:
    """Print issues one a line, errors before warnings; what does not fit on a screen is counted."""
    for issue in sorted(issues, key=lambda one: not one.is_error)[:MOST_SHOWN]:
        where = f"line {issue.row}" if issue.row else "file"
        print(f"{issue.severity.value:7} {where} {issue.column} [{issue.code}] {issue.message}")  # noqa: T201
    if len(issues) > MOST_SHOWN:
        print(f"… and {len(issues) - MOST_SHOWN} more (--json shows all)")  # noqa: T201


def _print_json(document: dict[str, object]) -> None:
    print(json.dumps(document, ensure_ascii=False))  # noqa: T201  # the command's result


def _bar() -> Progress:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
