"""`gateway export`: the house's rows as plain objects."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from gateway.cli.context import stored
from gateway.reports.exports import What, fields_of, write_csv, write_jsonl
from gateway.reports.exports import export as export_rows


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
    with stored().database.reading() as db:
        rows = export_rows(db, what, personal=personal)
        if form is Format.CSV:
            write_csv(rows, sys.stdout, fields_of(what, personal=personal))
        else:
            write_jsonl(rows, sys.stdout)
