"""Figures counted already: where every appointment stands, and how many stand alike.

`Uncounted` is written by triggers in the transaction of the change (`figure_triggers`), the others by
`reports/folding.py` alone. What a page shows is the summary and what is uncounted, so it is never behind its rows.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from gateway.records.columns import instant, word
from gateway.records.status import AppointmentStatus


class Standing(StrEnum):
    """What the rates count an appointment for; each is due."""

    UNASKED = "unasked"  # nothing was sent
    CONFIRMED = "confirmed"  # this and the next: contacted, and …
    MOVED = "moved"
    UNANSWERED = "unanswered"
    OTHER = "other"


class Changed(StrEnum):
    """What a change is about: the appointments it may concern are found by it."""

    APPOINTMENT = "appointment"
    REMINDER = "reminder"
    ATTEMPT = "attempt"
    REPLY = "reply"
    PERSON = "person"
    PHONE = "phone"


class Uncounted(SQLModel, table=True):
    """A change that the summary does not know of yet. Only ever added, and taken away by who counted it."""

    __tablename__ = "uncounted"

    id: int | None = Field(default=None, sa_column=sa.Column(sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                                                             primary_key=True))  # fmt: skip
    kind: str = Field(max_length=16)  # a Changed
    about: str = Field(max_length=64)  # its id


class Counted(SQLModel, table=True):
    """The cells of the summary in which an appointment was counted last."""

    __tablename__ = "counted"

    appointment: str = Field(primary_key=True, max_length=32)  # no foreign key: it outlives its appointment by a moment
    board: int = Field(sa_column=sa.Column(sa.BigInteger(), nullable=False))
    rates: int | None = Field(default=None, sa_column=sa.Column(sa.BigInteger(), nullable=True))  # None: cancelled


class BoardSummary(SQLModel, table=True):
    """How many appointments of a site and Bangkok day are alike in all that the board tells apart."""

    __tablename__ = "summary_board"
    __table_args__ = (sa.Index("ix_summary_board_day", "day", "site"),)

    # Made from the other columns (reports/cells.py), so that a cell is found without looking for it.
    id: int = Field(sa_column=sa.Column(sa.BigInteger(), primary_key=True, autoincrement=False))
    site: str = Field(max_length=16)
    day: date
    session: str | None = Field(default=None, max_length=80)
    regimen: str | None = Field(default=None, max_length=24)  # this and the next only without a session
    starts_at: datetime | None = instant(nullable=True)
    status: AppointmentStatus = word(AppointmentStatus)
    said_yes: bool
    has_seat: bool
    has_phone: bool
    contacted: bool
    heard: bool
    unreached: bool
    wants_ride: bool  # an open task says so; this and the next
    wants_call: bool
    n: int


class RateSummary(SQLModel, table=True):
    """How many appointments of a site, Bangkok day, language and channel stand how; those cancelled are not here."""

    __tablename__ = "summary_rates"
    __table_args__ = (sa.Index("ix_summary_rates_day", "day", "site"), sa.Index("ix_summary_rates_site", "site", "day"))

    id: int = Field(sa_column=sa.Column(sa.BigInteger(), primary_key=True, autoincrement=False))
    site: str = Field(max_length=16)
    day: date
    language: str = Field(max_length=8)
    channel: str = Field(max_length=8)  # "none": nothing was sent
    unasked: int = 0  # this and the next are a Standing each
    confirmed: int = 0
    moved: int = 0
    unanswered: int = 0
    other: int = 0
