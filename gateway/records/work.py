"""What people must do: tasks for staff, visits for village health volunteers."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from gateway.records.columns import identifier, instant, word
from gateway.records.status import RideStatus, TaskKind, TaskStatus, VisitStatus

_OPEN = sa.text("status = 'open'")
_WANTED = sa.text("status <> 'cancelled'")


class Task(SQLModel, table=True):
    """Something for staff. `subject` is the id of what it is about: an appointment, a receipt, a reply …"""

    __tablename__ = "task"
    __table_args__ = (
        sa.Index("uq_task_open", "kind", "subject", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        sa.Index("ix_task_site", "site", "kind", "subject", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: str = identifier()
    kind: TaskKind = word(TaskKind)
    subject: str = Field(max_length=64, index=True)
    person: str | None = Field(default=None, foreign_key="person.id", index=True, max_length=32)
    site: str | None = Field(default=None, max_length=16)
    village: str | None = None
    detail: str = Field(default="", max_length=200)
    status: TaskStatus = word(TaskStatus, TaskStatus.OPEN)
    created_at: datetime = instant()
    done_at: datetime | None = instant(nullable=True)
    assignee: str | None = Field(default=None, max_length=32)  # a member of staff
    result: str = Field(default="", max_length=400)  # what came of it, in the words of who did it
    done_by: str | None = Field(default=None, max_length=32)


class Visit(SQLModel, table=True):
    """A volunteer's visit to a person no phone reaches."""

    __tablename__ = "visit"

    id: str = identifier()
    reminder: str = Field(foreign_key="reminder.id", unique=True, max_length=32)
    vhv: str | None = Field(default=None, max_length=32)
    status: VisitStatus = word(VisitStatus, VisitStatus.OPEN)
    result: str | None = None
    created_at: datetime = instant()


class Ride(SQLModel, table=True):
    """Somebody who must be fetched for an appointment. Who comes on another day asks anew, in a row of its own."""

    __tablename__ = "ride"
    __table_args__ = (
        sa.Index("uq_ride_wanted", "appointment", unique=True, sqlite_where=_WANTED, postgresql_where=_WANTED),
    )

    id: str = identifier()
    appointment: str = Field(foreign_key="appointment.id", index=True, max_length=32)
    person: str = Field(foreign_key="person.id", index=True, max_length=32)
    reply: str | None = Field(default=None, foreign_key="reply.id", max_length=32)  # None: staff noted it
    status: RideStatus = word(RideStatus, RideStatus.ASKED)
    pick_up_at: datetime | None = instant(nullable=True)
    driver: str = Field(default="", max_length=200)  # who fetches them, in the words of staff
    arranged_by: str | None = Field(default=None, max_length=32)  # a member of staff
    asked_at: datetime = instant()
    arranged_at: datetime | None = instant(nullable=True)
