"""Calls turn by turn, what people replied, and what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from gateway.kit.answers import Answer
from gateway.records.columns import identifier, instant, json_column, json_list, word
from gateway.records.status import Channel, MessageKind, TakeStatus, WaitStatus


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
        # One key or text may answer for several of a household: a row for each appointment, and each of them once.
        sa.UniqueConstraint("call", "turn_no", "appointment", name="uq_reply_call"),
        sa.Index(
            "uq_reply_message",
            "carrier_msg_id",
            "appointment",
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
    by_role: str = "own"  # whose phone it came from, seen from the person: own, household, carer
    by_person: str | None = Field(default=None, foreign_key="person.id", max_length=32)  # whose own phone, if known
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


class TextQuestion(SQLModel, table=True):
    """What we asked back by text, and what is known already of the answer: asked once, then staff read it.

    `people` are the choices in the order of their numbers, each the appointments of one person; `chosen` are those
    picked from them, by number, once that is known; `answer` what they want, once that is known.
    """

    __tablename__ = "text_question"
    __table_args__ = (
        sa.Index(
            "uq_text_question_open",
            "phone",
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        ),
    )

    id: str = identifier()
    phone: int = Field(foreign_key="phone.id", index=True)
    reply: str = Field(foreign_key="reply.id", max_length=32)  # the text that made us ask
    reminder: str | None = Field(default=None, foreign_key="reminder.id", index=True, max_length=32)  # our question
    people: list[list[str]] = json_list()
    chosen: list[int] = json_list()
    answer: Answer | None = word(Answer, nullable=True)
    asked_at: datetime = instant()
    closed_at: datetime | None = instant(nullable=True)


class VoiceMessage(SQLModel, table=True):
    """What somebody spoke after the tone. The carrier has the sound until it was fetched; then it lies in a private
    folder under its own id, and is heard in the console alone."""

    __tablename__ = "voice_message"
    __table_args__ = (sa.UniqueConstraint("call", "turn_no"), sa.Index("ix_voice_message_status", "status"))

    id: str = identifier()
    call: str = Field(foreign_key="call.id", max_length=32)
    turn_no: int
    phone: int = Field(foreign_key="phone.id")
    person: str | None = Field(default=None, foreign_key="person.id", max_length=32)
    kind: MessageKind = word(MessageKind)
    task: str | None = Field(default=None, foreign_key="task.id", index=True, max_length=32)
    language: str = Field(default="", max_length=8)  # the call's
    recording: str = Field(default="", max_length=500)  # where the carrier keeps it; "" once it was deleted there
    seconds: int = 0
    status: TakeStatus = word(TakeStatus)
    reason: str = Field(default="", max_length=200)
    tries: int = 0
    next_try_at: datetime = instant()
    at: datetime = instant()


class Registration(SQLModel, table=True):
    """Somebody without an appointment keyed their number: for staff to look up, no appointment."""

    __tablename__ = "registration"
    __table_args__ = (sa.UniqueConstraint("call"),)

    id: str = identifier()
    call: str = Field(foreign_key="call.id", max_length=32)
    phone: int = Field(foreign_key="phone.id")
    id_kind: str = Field(max_length=24)
    id_value: str = Field(max_length=32)
    task: str | None = Field(default=None, foreign_key="task.id", index=True, max_length=32)
    at: datetime = instant()


class HotlineWait(SQLModel, table=True):
    """Somebody who called in vain and is called back in their turn, at our cost. One open row a phone."""

    __tablename__ = "hotline_wait"
    __table_args__ = (
        sa.Index(
            "uq_hotline_wait_open",
            "phone",
            unique=True,
            sqlite_where=sa.text("status IN ('waiting', 'calling')"),
            postgresql_where=sa.text("status IN ('waiting', 'calling')"),
        ),
    )

    id: str = identifier()
    phone: int = Field(foreign_key="phone.id")
    language: str = Field(max_length=8)
    reason: str = Field(max_length=16)  # busy | closed; may_not_ring: dropped uncalled
    status: WaitStatus = word(WaitStatus, WaitStatus.WAITING)
    attempt: str | None = Field(default=None, foreign_key="attempt.id", index=True, max_length=32)  # the latest call
    tries: int = 0
    asked_at: datetime = instant(index=True)
    place: int = Field(default=0, index=True)  # in the order of asking, also of who asked at the same instant
    next_try_at: datetime = instant()
    closed_at: datetime | None = instant(nullable=True)
