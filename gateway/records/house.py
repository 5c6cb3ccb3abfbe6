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


class TickRun(SQLModel, table=True):
    """How a tick's latest pass went; one row a tick, so that the web sees what another process does."""

    __tablename__ = "tick_run"

    name: str = Field(primary_key=True, max_length=24)
    every: float  # real seconds between two passes
    at: datetime = instant()  # business time
    real_at: datetime = instant()  # real time: whether it still ticks has nothing to do with the demo's clock
    seconds: float = 0.0  # how long the pass took
    failures: int = 0  # in a row; 0 when the latest pass was done
    error: str = Field(default="", max_length=64)  # the kind of the latest error, kept after it passed
    failed_at: datetime | None = instant(nullable=True)  # real time
