"""`gateway db`: bring the database up to date, or say whether it is."""

from __future__ import annotations

import typer

from gateway.cli.context import database, fail, opening, other_version, require_database, say
from gateway.records.migrations import HEAD, current_revision, differences
from gateway.records.migrations import upgrade as upgrade_database

db_app = typer.Typer(no_args_is_help=True)


@db_app.command()
def upgrade() -> None:
    """Bring the database up to date; what is in it stays."""
    with opening():
        done = upgrade_database(database())
    say(f"the database is now at {HEAD}" if done else f"the database was at {HEAD} already")


@db_app.command()
def check() -> None:
    """Say whether the database has the shape this program needs."""
    require_database()
    revision = current_revision(database())
    if revision != HEAD:
        fail(f"the database is {other_version(revision)}")
    found = differences(database())
    if found:
        fail("the database differs from the program:\n" + "\n".join(found))
    say(f"the database is at {HEAD}, as it should be")
