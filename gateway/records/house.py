"""The house's own state: rates, the demo's clock, switches, counters."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from gateway.records.columns import instant


class Gate(SQLModel, table=True):
    """A rate or a budget: tokens left now, money spent today."""

    __tablename__ = "gate"

    name: str = Field(primary_key=True, max_length=40)
    tokens: float = 0.0
    spent: float = 0.0
    day: date | None = None
    at: datetime | None = instant(nullable=True)


class DemoTime(SQLModel, table=True):
    """Where the demo's clock stood; one row."""

    __tablename__ = "clock"

    id: int = Field(default=1, primary_key=True)
    demo_now: datetime = instant()
    speed: float = 1.0


class Switch(SQLModel, table=True):
    """A named switch; `pause` stops everything that goes out."""

    __tablename__ = "switch"

    name: str = Field(primary_key=True, max_length=40)
    is_on: bool = False
    staff: str | None = None
    at: datetime = instant()


class Counter(SQLModel, table=True):
    """How often something happened that leaves no other row, such as a webhook with a wrong signature."""

    __tablename__ = "counter"

    name: str = Field(primary_key=True, max_length=60)
    n: int = 0
