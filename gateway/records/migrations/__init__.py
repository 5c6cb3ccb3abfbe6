"""The database's shape, step by step."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from gateway.records.database import Database

HEAD = "0001"  # a test holds this to the newest file beside it, so that a start need not load alembic to know


def current_revision(database: Database) -> str | None:
    """The revision the database is at; None when it is empty."""
    with database.engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def upgrade(database: Database) -> bool:
    """Bring the database to HEAD; True when anything was done."""
    if current_revision(database) == HEAD:
        return False
    from alembic import command  # half a second, needed once in a database's life

    command.upgrade(_config(database), "head")
    return True


def differences(database: Database) -> list[str]:
    """What the models have and the database has not, or the other way round; empty when they agree."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from gateway.records.tables import metadata

    with database.engine.connect() as connection:
        return [repr(change) for change in compare_metadata(MigrationContext.configure(connection), metadata)]


def _config(database: Database):  # type: ignore[no-untyped-def]  # alembic is imported where it is used
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["database"] = database
    return config
