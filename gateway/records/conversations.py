"""Calls turn by turn, what people replied, and what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from gateway.kit.answers import Answer
from gateway.records.columns import identifier, instant, json_column, json_list, word
from gateway.records.status import Channel


class Call(SQLModel, table=True):
    """A conversation by telephone. A second call for the same attempt finds its row taken and is hung up."""

    __tablename__ = "call"

    id: str = identifier()
    attempt: str = Field(foreign_key="attempt.id", unique=True, max_length=32)
    carrier_sid: str = Field(max_length=64, unique=True)
    flow: str = Field(max_length=24)
    flow_version: int = 1
    state: dict[str, Any] = json_column()
    turn_no: int = 0
    person: str | None = Field(default=None, foreign_key="person.id", max_length=32)
    opened_at: datetime = instant()
    closed_at: datetime | None = instant(nullable=True)


class Turn(SQLModel, table=True):
    """One exchange in a call; asked again, it is answered with the same response."""

    __tablename__ = "turn"

    call: str = Field(foreign_key="call.id", primary_key=True, max_length=32)
    turn_no: int = Field(primary_key=True)
    digits: str | None = Field(default=None, max_length=32)
    response: str = ""
    heard: list[dict[str, str]] = json_list()  # what was played: {"prompt", "text", "clip": a hash or ""}
    at: datetime = instant()


class Reply(SQLModel, table=True):
    """What a person did: a key, a text; `answer` is its meaning."""

    __tablename__ = "reply"
    __table_args__ = (
        sa.UniqueConstraint("call", "turn_no"),
        sa.Index(
            "uq_reply_message",
            "carrier_msg_id",
            unique=True,
            sqlite_where=sa.text("carrier_msg_id IS NOT NULL"),
            postgresql_where=sa.text("carrier_msg_id IS NOT NULL"),
        ),
    )

    id: str = identifier()
    attempt: str | None = Field(default=None, foreign_key="attempt.id", index=True, max_length=32)
    call: str | None = Field(default=None, foreign_key="call.id", max_length=32)
    turn_no: int | None = None
    carrier_msg_id: str | None = Field(default=None, max_length=64)
    phone: int = Field(foreign_key="phone.id")
    person: str | None = Field(default=None, foreign_key="person.id", index=True, max_length=32)
    appointment: str | None = Field(default=None, foreign_key="appointment.id", index=True, max_length=32)
    by_role: str = "own"
    channel: Channel = word(Channel)
    raw: str = Field(default="", max_length=1600)
    answer: Answer = word(Answer)
    at: datetime = instant()


class Outcome(SQLModel, table=True):
    """What came of a reply, once for each of its effects."""

    __tablename__ = "outcome"
    __table_args__ = (sa.UniqueConstraint("reply", "appointment", "effect"),)

    id: int | None = Field(default=None, primary_key=True)
    reply: str = Field(foreign_key="reply.id", index=True, max_length=32)
    appointment: str | None = Field(default=None, foreign_key="appointment.id", index=True, max_length=32)
    effect: str = Field(max_length=32)  # confirmed, moved, callback, ride, stopped, none …
    at: datetime = instant()
