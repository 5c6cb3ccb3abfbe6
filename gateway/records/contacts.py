"""Reminders, the attempts to carry them out, and what the carrier says of those."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from gateway.records.columns import identifier, instant, json_column, json_list, word
from gateway.records.status import FINAL_ATTEMPTS, AttemptStatus, Channel, ReminderStatus

_NOT_FINAL = sa.text("status NOT IN ({})".format(", ".join(f"'{status}'" for status in sorted(FINAL_ATTEMPTS))))
_PLANNED = sa.text("status = 'planned'")
_WAS_SENT = sa.text("status = 'sent'")
ON_A_LINE: Final = f"attempt.channel = 'voice' AND attempt.{_NOT_FINAL}"
"""A call that is not over. Literal, word for word as in its index: SQLite takes that index for nothing else."""
NOT_OVER: Final = sa.text(f"attempt.{_NOT_FINAL}")
"""An attempt that is not over, literal for the same reason: a day's attempts are read by no pass that finds nothing."""


class Direction(StrEnum):
    """Who contacted whom."""

    OUT = "out"
    IN = "in"


class Reminder(SQLModel, table=True):
    """The intention to contact a person at a step by a channel. A new channel is a new reminder."""

    __tablename__ = "reminder"
    __table_args__ = (
        sa.UniqueConstraint("appointment", "purpose", "step", "channel"),
        sa.Index("ix_reminder_sent", "expires_at", sqlite_where=_WAS_SENT, postgresql_where=_WAS_SENT),  # the sweep's
        sa.Index("ix_reminder_due", "next_try_at", sqlite_where=_PLANNED, postgresql_where=_PLANNED),
        # Whose turn it is: read in order, so that the hundredth batch of a morning costs no more than the first.
        sa.Index(
            "ix_reminder_turn",
            "channel",
            "expires_at",
            "priority",
            "due_at",
            "id",
            "next_try_at",
            sqlite_where=_PLANNED,
            postgresql_where=_PLANNED,
        ),
    )

    id: str = identifier()
    appointment: str | None = Field(default=None, foreign_key="appointment.id", index=True, max_length=32)
    person: str = Field(foreign_key="person.id", index=True, max_length=32)
    purpose: str = Field(max_length=24)  # notice, reminder, morning, second_dose, moved, confirmed, cancelled
    step: str = Field(max_length=24)  # the ladder's name of the step
    channel: Channel = word(Channel)
    due_at: datetime = instant()
    next_try_at: datetime = instant()
    tries: int = 0  # attempts that counted: the line was dialled or the text went out
    expires_at: datetime = instant()
    # Who goes first of those with the same time left; the lower first: by risk, then by age (plan/priority.py).
    priority: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    status: ReminderStatus = word(ReminderStatus, ReminderStatus.PLANNED)
    reason: str | None = Field(default=None, max_length=64)
    lease_owner: str | None = Field(default=None, max_length=64)
    lease_until: datetime | None = instant(nullable=True)  # real time, not business time
    error_count: int = 0


class Attempt(SQLModel, table=True):
    """One submission to a carrier, or (direction in) one text or call that reached us."""

    __tablename__ = "attempt"
    __table_args__ = (
        sa.Index(
            "uq_attempt_carrier",
            "carrier",
            "carrier_id",
            unique=True,
            sqlite_where=sa.text("carrier_id IS NOT NULL"),
            postgresql_where=sa.text("carrier_id IS NOT NULL"),
        ),
        sa.Index("ix_attempt_look", "status", "next_look_at", sqlite_where=_NOT_FINAL, postgresql_where=_NOT_FINAL),
        sa.Index("ix_attempt_phone", "phone", "created_at"),
        # Lines are counted before every claim: among those under way, not among the texts of the last hours.
        sa.Index(
            "ix_attempt_line",
            "direction",
            "created_at",
            sqlite_where=sa.text(f"channel = 'voice' AND {_NOT_FINAL}"),
            postgresql_where=sa.text(f"channel = 'voice' AND {_NOT_FINAL}"),
        ),
    )

    id: str = identifier()
    direction: Direction = word(Direction, Direction.OUT)
    phone: int = Field(foreign_key="phone.id")
    channel: Channel = word(Channel)
    status: AttemptStatus = word(AttemptStatus, AttemptStatus.QUEUED)
    rank: int = 0
    reason: str | None = Field(default=None, max_length=64)
    carrier: str = Field(default="", max_length=24)
    carrier_id: str | None = Field(default=None, max_length=64)
    sender: str = Field(default="", max_length=40)
    language: str = Field(default="", max_length=8)
    assets: list[str] = json_list()  # hashes of the template, or of the clips, that were used
    body_sha: str | None = Field(default=None, max_length=64)
    body: str = ""  # a text as it was sent, for the person's own page; never exported
    segments: int = 0
    cost: float | None = None
    currency: str | None = Field(default=None, max_length=3)
    created_at: datetime = instant(index=True)
    submitted_at: datetime | None = instant(nullable=True)
    in_doubt_at: datetime | None = instant(nullable=True)
    looks: int = 0
    next_look_at: datetime | None = instant(nullable=True)
    cancel_requested_at: datetime | None = instant(nullable=True)


class AttemptItem(SQLModel, table=True):
    """What an attempt carries: one reminder, or a household's. `live` until the attempt is over."""

    __tablename__ = "attempt_item"
    __table_args__ = (
        # Never twice: one live attempt a reminder, whatever the code believes.
        sa.Index(
            "uq_attempt_item_live",
            "reminder",
            unique=True,
            sqlite_where=sa.text("live"),
            postgresql_where=sa.text("live"),
        ),
    )

    attempt: str = Field(foreign_key="attempt.id", primary_key=True, max_length=32)
    position: int = Field(default=0, primary_key=True)
    reminder: str | None = Field(default=None, foreign_key="reminder.id", index=True, max_length=32)
    appointment: str | None = Field(default=None, foreign_key="appointment.id", index=True, max_length=32)
    person: str = Field(foreign_key="person.id", max_length=32)
    live: bool = True


class Receipt(SQLModel, table=True):
    """What a carrier said of an attempt, as it said it; without an attempt it is shown as unmatched."""

    __tablename__ = "receipt"
    __table_args__ = (sa.UniqueConstraint("carrier", "carrier_id", "status", "seq"),)

    id: int | None = Field(default=None, primary_key=True)
    attempt: str | None = Field(default=None, foreign_key="attempt.id", index=True, max_length=32)
    carrier: str = Field(max_length=24)
    carrier_id: str = Field(max_length=64)
    status: str = Field(max_length=32)
    seq: int = -1
    raw: dict[str, Any] = json_column()
    at: datetime = instant()
