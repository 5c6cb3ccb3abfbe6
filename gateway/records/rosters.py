"""Files that were loaded, row by row, as they were understood."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlmodel import Field, SQLModel

from gateway.records.columns import identifier, instant, json_column, word
from gateway.records.status import BatchStatus


class Batch(SQLModel, table=True):
    """One roster file that was loaded; its scope is the site and days the operator named."""

    __tablename__ = "batch"

    id: str = identifier()
    file_sha: str = Field(max_length=64)
    scope_site: str | None = Field(default=None, max_length=16)
    scope_from: date | None = None
    scope_to: date | None = None
    status: BatchStatus = word(BatchStatus, BatchStatus.LOADED)
    staff: str | None = Field(default=None, max_length=32)  # who loaded it at the console
    at: datetime = instant()


class RosterRow(SQLModel, table=True):
    """One line of a file: a later load is compared with what was last imported, not with today's state."""

    __tablename__ = "roster_row"

    batch: str = Field(foreign_key="batch.id", primary_key=True, max_length=32)
    line: int = Field(primary_key=True)
    source_key: str = Field(index=True, max_length=64)  # a hash: the row's person, vaccine and dose
    imported: dict[str, Any] = json_column()
    person: str | None = Field(default=None, foreign_key="person.id", index=True, max_length=32)
    appointment: str | None = Field(default=None, foreign_key="appointment.id", max_length=32)
    verdict: str = ""  # created | changed | unchanged | conflict
