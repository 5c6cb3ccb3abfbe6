"""Sites, their sessions and the seats in them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from gateway.records.columns import instant, word


class Part(StrEnum):
    """Half of a day."""

    MORNING = "morning"
    AFTERNOON = "afternoon"


class Site(SQLModel, table=True):
    """A place where people are vaccinated."""

    __tablename__ = "site"

    code: str = Field(primary_key=True, max_length=16)
    name: str
    short_name: str = ""
    name_en: str = ""
    place: str = ""  # where in or near the site people go
    tambon: str = ""
    district: str = ""
    province: str = ""
    staff_phone: str = ""
    opens: str = "08:30"
    closes: str = "16:30"
    sample: bool = False


class Closure(SQLModel, table=True):
    """A day, or half of one, on which a site is closed."""

    __tablename__ = "closure"
    __table_args__ = (sa.UniqueConstraint("site", "day", "part"),)

    id: int | None = Field(default=None, primary_key=True)
    site: str = Field(foreign_key="site.code", max_length=16)
    day: date
    part: str = ""  # "" is the whole day
    reason: str = ""


class Session(SQLModel, table=True):
    """A site's morning or afternoon with a number of seats for one vaccine. `taken` counts holds and bookings."""

    __tablename__ = "session"
    __table_args__ = (
        sa.UniqueConstraint("site", "vaccine", "day", "part"),
        sa.CheckConstraint("taken >= 0 AND taken <= capacity", name="seats"),
        sa.CheckConstraint("capacity >= 0", name="capacity"),
    )

    id: str = Field(primary_key=True, max_length=80)  # site-vaccine-day-part: readable, and the same on every load
    site: str = Field(foreign_key="site.code", max_length=16)
    vaccine: str = Field(max_length=24)
    day: date = Field(index=True)
    part: Part = word(Part)
    starts_at: datetime = instant()
    ends_at: datetime = instant()
    capacity: int
    taken: int = 0
    closed_at: datetime | None = instant(nullable=True)  # nobody is booked into a closed session any more
    closed_reason: str = Field(default="", max_length=200)


class Seat(SQLModel, table=True):
    """A place taken in a session: held for a call for some minutes, or booked for an appointment."""

    __tablename__ = "seat"
    __table_args__ = (
        sa.CheckConstraint("(appointment IS NULL) <> (call IS NULL)", name="one_holder"),
        sa.UniqueConstraint("appointment"),
        sa.UniqueConstraint("session", "ticket"),
        sa.Index(
            "ix_seat_held",
            "held_until",
            sqlite_where=sa.text("call IS NOT NULL"),
            postgresql_where=sa.text("call IS NOT NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    session: str = Field(foreign_key="session.id", index=True, max_length=80)
    appointment: str | None = Field(default=None, foreign_key="appointment.id", max_length=32)
    call: str | None = Field(default=None, index=True, max_length=32)
    held_until: datetime | None = instant(nullable=True)
    ticket: int | None = None
    come_at: datetime | None = instant(nullable=True)
    arrived_at: datetime | None = instant(nullable=True)  # checked in at the door
