"""Alembic's entry: runs the steps on the database it is handed, never on one named in a file."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context

from gateway.records import figure_triggers
from gateway.records.database import Database
from gateway.records.tables import metadata


def run() -> None:
    """Run the steps in one transaction; SQLite's foreign keys are off: a rebuilt parent would take its children."""
    database: Database = context.config.attributes["database"]
    with database.engine.connect() as connection:
        _foreign_keys(connection, database.is_sqlite, on=False)
        # Left to itself alembic commits each statement on SQLite, and the pragma below then fell into an open
        # transaction, where it does nothing: every later unit of work ran without foreign keys.
        context.configure(
            connection=connection,
            target_metadata=metadata,
            render_as_batch=database.is_sqlite,
            transactional_ddl=True,
        )
        with context.begin_transaction():
            context.run_migrations()
            _watch(connection)
            if database.is_sqlite and connection.execute(sa.text("PRAGMA foreign_key_check")).first():
                raise RuntimeError("a migration left rows without their parents; nothing was changed")
        _foreign_keys(connection, database.is_sqlite, on=True)


def _watch(connection: sa.Connection) -> None:
    """Set the triggers of figures anew, at a revision that has them: they go with a table that is rebuilt."""
    if sa.inspect(connection).has_table("uncounted"):
        figure_triggers.install(connection)
        figure_triggers.count_all_anew(connection)


def _foreign_keys(connection: sa.Connection, is_sqlite: bool, *, on: bool) -> None:
    if is_sqlite:
        cursor = connection.connection.cursor()
        cursor.execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")
        cursor.close()


run()
