"""Doses given and appointments made."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from gateway.records.columns import identifier, instant, word
from gateway.records.status import AppointmentStatus

_NO_ROSTER = sa.text("source <> 'roster'")
_LIVE = sa.text("status IN ('booked', 'confirmed')")
_BY_REPLY = sa.text("confirmed_by_reply IS NOT NULL")


class Dose(SQLModel, table=True):
    """A dose that was given. `course` tells a second course of the same regimen from the first."""

    __tablename__ = "dose"
    __table_args__ = (sa.UniqueConstraint("person", "regimen", "course", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    person: str = Field(foreign_key="person.id", index=True, max_length=32)
    regimen: str = Field(max_length=24)
    course: int = 1
    number: int
    product: str = ""
    given_on: date
    source: str = ""


class Appointment(SQLModel, table=True):
    """A time agreed with a person. A move closes this row and opens another."""

    __tablename__ = "appointment"
    __table_args__ = (
        sa.Index(
            "uq_appointment_live",
            "person",
            "regimen",
            "course",
            "dose_no",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        sa.UniqueConstraint("moved_from"),
        # Who is counted anew where a reply changes, or the attempt that it answered.
        sa.Index("ix_appointment_reply", "confirmed_by_reply", sqlite_where=_BY_REPLY, postgresql_where=_BY_REPLY),
        # Second doses are told of at once, however far ahead: found without a look at all that rosters brought.
        sa.Index("ix_appointment_at_once", "starts_at", sqlite_where=_NO_ROSTER, postgresql_where=_NO_ROSTER),
    )

    id: str = identifier()
    person: str = Field(foreign_key="person.id", index=True, max_length=32)
    site: str = Field(foreign_key="site.code", max_length=16)
    session: str | None = Field(default=None, foreign_key="session.id", index=True, max_length=80)
    regimen: str = Field(max_length=24)  # the roster's `vaccine`, as `care/regimens.toml` names it
    course: int = 1
    dose_no: int = 1
    starts_at: datetime = instant(index=True)
    status: AppointmentStatus = word(AppointmentStatus, AppointmentStatus.BOOKED)
    version: int = 1
    moved_from: str | None = Field(default=None, foreign_key="appointment.id", max_length=32)
    confirmed_by_reply: str | None = Field(default=None, max_length=32)
    confirmed_by_staff: str | None = None
    source: str = "roster"  # roster | second_dose | moved
    created_at: datetime = instant(index=True)  # what is new is planned within the minute
