"""The database's shape, step by step."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from gateway.records import figure_triggers
from gateway.records.database import Database

HEAD = "0012"  # a test holds this to the newest file beside it, so that a start need not load alembic to know

VERSIONS = "alembic_version"


class StrangeDatabase(Exception):
    """The database belongs to another program, or to a newer Tamnat than this one."""


def current_revision(database: Database) -> str | None:
    """The revision the database is at; None when it is empty. Raises StrangeDatabase when it is another program's."""
    with database.engine.connect() as connection:
        tables = sa.inspect(connection).get_table_names()
        if VERSIONS in tables:
            return connection.execute(sa.text(f"SELECT version_num FROM {VERSIONS}")).scalar_one_or_none()  # noqa: S608
        if tables:
            raise StrangeDatabase("it holds tables that are not Tamnat's; name another database")
        return None


def is_newer(revision: str | None) -> bool:
    """Whether a revision is one of a newer Tamnat than this program; ours are numbered in order."""
    return revision is not None and revision.isdigit() and int(revision) > int(HEAD)


def upgrade(database: Database) -> bool:
    """Bring the database to HEAD; True when anything was done. Raises StrangeDatabase when it is a newer Tamnat's."""
    if current_revision(database) == HEAD:
        return False
    with database.in_turn("upgrade"):  # of several processes that start together one does it, and the others wait
        return _upgrade(database)


def _upgrade(database: Database) -> bool:
    revision = current_revision(database)
    if revision == HEAD:
        return False
    from alembic import command  # half a second, needed once in a database's life
    from alembic.util.exc import CommandError

    try:
        command.upgrade(_config(database), "head")
    except CommandError as error:
        raise StrangeDatabase(f"it is at {revision}, which this program does not know: is it a newer one's?") from error
    return True


def differences(database: Database) -> list[str]:
    """What the models have and the database has not, or the other way round; empty when they agree."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from gateway.records.tables import metadata

    with database.engine.connect() as connection:
        changes = compare_metadata(MigrationContext.configure(connection), metadata)
        gone = figure_triggers.missing(connection)
    return [*map(repr, changes), *(f"the trigger {name} is missing: figures would fall behind" for name in gone)]


def _config(database: Database):  # type: ignore[no-untyped-def]  # alembic is imported where it is used
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["database"] = database
    return config
