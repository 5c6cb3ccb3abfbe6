"""Column types that keep two promises: times are aware and UTC, states are stored as their words."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlmodel import Field

from gateway.kit.clock import in_utc
from gateway.kit.ids import new_id


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """Aware in, aware UTC out. SQLite has no zones and keeps the naive UTC value, which also sorts as text."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive value with ValueError; store UTC."""
        if value is None:
            return None
        instant = in_utc(value)
        return instant.replace(tzinfo=None) if dialect.name == "sqlite" else instant

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the stored instant, aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def instant(*, nullable: bool = False, index: bool = False) -> Any:
    """A column for an instant in time."""
    default = None if nullable else ...
    return Field(default, sa_column=sa.Column(UtcDateTime(), nullable=nullable, index=index))


def word(
    kind: type[StrEnum],
    default: StrEnum | None = None,
    *,
    nullable: bool = False,
    primary_key: bool = False,
    check: str = "",
) -> Any:
    """A column that stores the value of a StrEnum, with a CHECK, named `check` where a table has two of one kind.

    SQLModel left alone stores an enum's *name*, and a partial unique index on the value then admits duplicates.
    """
    column: sa.Column[StrEnum] = sa.Column(
        sa.Enum(
            kind,
            values_callable=lambda members: [member.value for member in members],
            native_enum=False,
            create_constraint=True,
            length=32,
            name=check or kind.__name__.lower(),
        ),
        nullable=nullable,
        primary_key=primary_key,
    )
    if default is None:
        return Field(None if nullable else ..., sa_column=column)
    return Field(default, sa_column=column)


def json_column() -> Any:
    """A column for plain JSON."""
    return Field(default_factory=dict, sa_column=sa.Column(sa.JSON(), nullable=False))


def json_list() -> Any:
    """A column for a JSON list."""
    return Field(default_factory=list, sa_column=sa.Column(sa.JSON(), nullable=False))


def identifier() -> Any:
    """A primary key that may appear in a URL."""
    return Field(default_factory=new_id, primary_key=True, max_length=32)
