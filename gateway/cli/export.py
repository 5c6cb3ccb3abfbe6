"""`gateway export`: the house's rows as plain objects."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from gateway.cli.context import opening, stored
from gateway.reports.exports import What, fields_of, write_csv, write_jsonl
from gateway.reports.exports import export as export_rows
from gateway.staff.audit import write_audit
from gateway.wiring import House


class Format(StrEnum):
    """How the rows are printed."""

    JSONL = "jsonl"
    CSV = "csv"


def export(
    what: Annotated[What, typer.Argument(help="What to export.")],
    form: Annotated[Format, typer.Option("--format", help="jsonl (one object a line) or csv.")] = Format.JSONL,
    personal: Annotated[bool, typer.Option("--personal", help="With names, identities and whole numbers.")] = False,
) -> None:
    """Print one row for each; names and whole numbers only with --personal."""
    built = stored()
    if personal:
        _note(built, what)
    with built.database.reading(long=True) as db:  # into a pager, perhaps
        rows = export_rows(db, what, personal=personal)
        if form is Format.CSV:
            write_csv(rows, sys.stdout, fields_of(what, personal=personal))
        else:
            write_jsonl(rows, sys.stdout)


def _note(built: House, what: What) -> None:
    """Keep that people's names and numbers leave the house before the first of them does."""
    with built.database.reading() as db:
        rows = sum(1 for _ in export_rows(db, what))
    with opening(), built.database.unit_of_work() as db:
        write_audit(db, staff=None, verb="exported", kind="page", subject=f"{what.value} --personal",
                    after={"rows": rows}, now=built.clock.now())  # fmt: skip
