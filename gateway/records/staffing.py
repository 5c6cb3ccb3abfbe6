"""Who works at the console, what they are signed in with, and what they did."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from gateway.records.columns import identifier, instant, json_column, word


class Role(StrEnum):
    """What somebody may do; each role may do what those before it may."""

    SPEAKER = "speaker"  # records phrases in the studio, and sees nobody
    STAFF = "staff"  # sees who comes, works through the lists, acts for people
    MANAGER = "manager"  # loads rosters, closes sessions, pauses
    ADMIN = "admin"  # sees who did what


class Staff(SQLModel, table=True):
    """Somebody who signs in. With a `site` they see that site's people only."""

    __tablename__ = "staff"

    id: str = identifier()
    email: str = Field(max_length=254, unique=True)  # in small letters
    name: str = ""
    role: Role = word(Role)
    site: str | None = Field(default=None, foreign_key="site.code", max_length=16)
    password_hash: str = Field(max_length=200)  # argon2id, with its parameters and salt
    created_at: datetime = instant()  # real time, as everything about signing in
    disabled_at: datetime | None = instant(nullable=True)


class StaffSession(SQLModel, table=True):
    """A browser that is signed in. The cookie's token is not stored: a stolen copy of the table opens nothing."""

    __tablename__ = "staff_session"

    id: str = Field(primary_key=True, max_length=64)  # a keyed hash of the token
    staff: str = Field(foreign_key="staff.id", index=True, max_length=32)
    csrf: str = Field(max_length=64)
    created_at: datetime = instant()
    seen_at: datetime = instant()
    expires_at: datetime = instant()


class SignInFailure(SQLModel, table=True):
    """A wrong password, counted by whom and from where; both as hashes."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (sa.Index("ix_sign_in_failure", "who", "at"), sa.Index("ix_sign_in_address", "address", "at"))

    id: int | None = Field(default=None, primary_key=True)
    who: str = Field(max_length=64)
    address: str = Field(max_length=64)
    at: datetime = instant()


class FormPost(SQLModel, table=True):
    """A form that was sent: sent again, it leads to where the first one led and does nothing."""

    __tablename__ = "form_post"

    token: str = Field(primary_key=True, max_length=64)
    staff: str = Field(foreign_key="staff.id", max_length=32)
    location: str = ""
    at: datetime = instant()


class Audit(SQLModel, table=True):
    """One thing somebody did or looked at; rows are only ever added. `at` is business time, `undo_until` real time."""

    __tablename__ = "audit"
    __table_args__ = (sa.Index("ix_audit_subject", "kind", "subject"), sa.Index("ix_audit_at", "at"))

    id: str = identifier()
    staff: str | None = Field(default=None, foreign_key="staff.id", max_length=32)  # None: from the command line
    verb: str = Field(max_length=32)
    kind: str = Field(max_length=24)  # person, appointment, task, session, batch, switch, staff, page, asset
    subject: str = Field(max_length=80)
    person: str | None = Field(default=None, foreign_key="person.id", index=True, max_length=32)
    before: dict[str, Any] = json_column()
    after: dict[str, Any] = json_column()
    at: datetime = instant()
    undo_until: datetime | None = instant(nullable=True)
    undone_at: datetime | None = instant(nullable=True)
    undone_by: str | None = Field(default=None, foreign_key="staff.id", max_length=32)


class Note(SQLModel, table=True):
    """What staff wrote about a person; withdrawn, it is kept and not shown."""

    __tablename__ = "note"

    id: str = identifier()
    person: str = Field(foreign_key="person.id", index=True, max_length=32)
    staff: str | None = Field(default=None, foreign_key="staff.id", max_length=32)
    text: str = Field(max_length=2000)
    at: datetime = instant()
    withdrawn_at: datetime | None = instant(nullable=True)
