"""Texts and clips that may reach people: what they are, who vouches for them, and what became of them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from gateway.records.columns import identifier, instant, word
from gateway.records.status import AssetStatus, TakeStatus


class AssetKind(StrEnum):
    """What a content is."""

    TEXT = "text"  # words: of a message, or of a phrase in a call
    CLIP = "clip"  # the sound of a phrase


class AssetSource(StrEnum):
    """Who made a content. The words of clips are those of voice.assets.ClipSource; a test holds them together."""

    RECORDING = "recording"  # a person spoke it
    SYNTHESIS = "synthesis"  # a machine spoke it
    WRITTEN = "written"  # a text


class Origin(StrEnum):
    """How a content came to us."""

    SHIPPED = "shipped"  # a text of templates/ or voice_prompts/
    EDIT = "edit"  # a text changed in the console
    BROWSER = "browser"  # recorded in the studio
    UPLOAD = "upload"
    TELEPHONE = "telephone"
    FOLDER = "folder"  # `gateway prompts take`
    BUILD = "build"  # `gateway prompts build`


class Part(StrEnum):
    """What one of the two people who vouch for a content did."""

    AUTHOR = "author"  # wrote or spoke it, or answers for it
    APPROVER = "approver"  # somebody else, who read or heard it


class Asset(SQLModel, table=True):
    """One content, by its hash: another word or another breath is another asset.

    `text` is what it says and `text_sha256` the hash of that; `voice` is who speaks a clip: the account of a speaker, a
    name from the command line, or the machine.
    """

    __tablename__ = "asset"
    __table_args__ = (
        sa.UniqueConstraint("kind", "language", "key", "sha256"),
        sa.Index("ix_asset_language", "kind", "language", "status"),
    )

    id: str = identifier()
    kind: AssetKind = word(AssetKind)
    language: str = Field(max_length=8)
    key: str = Field(max_length=64)
    sha256: str = Field(max_length=64)
    text: str
    text_sha256: str = Field(max_length=64)
    source: AssetSource = word(AssetSource)
    origin: Origin = word(Origin)
    voice: str = Field(default="", max_length=64)
    seconds: float = 0.0
    status: AssetStatus = word(AssetStatus, AssetStatus.DRAFT)
    submitted_at: datetime = instant()


class Approval(SQLModel, table=True):
    """One of the two people who vouch for an asset; `province` is where they know the dialect from."""

    __tablename__ = "approval"
    __table_args__ = (sa.UniqueConstraint("asset", "staff"),)  # nobody approves what they made

    asset: str = Field(foreign_key="asset.id", primary_key=True, max_length=32)
    part: Part = word(Part, primary_key=True)
    staff: str = Field(foreign_key="staff.id", max_length=32)
    province: str = ""
    at: datetime = instant()


class AssetEvent(SQLModel, table=True):
    """One thing that happened to an asset; rows are only ever added. `staff` None: from the command line."""

    __tablename__ = "asset_event"

    id: int | None = Field(default=None, primary_key=True)
    asset: str = Field(foreign_key="asset.id", index=True, max_length=32)
    verb: str = Field(max_length=24)
    staff: str | None = Field(default=None, foreign_key="staff.id", max_length=32)
    province: str = ""
    note: str = Field(default="", max_length=500)
    at: datetime = instant()


class SpeakerPin(SQLModel, table=True):
    """What a speaker keys at the hotline to record by telephone; only a keyed hash of it is kept."""

    __tablename__ = "speaker_pin"

    staff: str = Field(foreign_key="staff.id", primary_key=True, max_length=32)
    pin_hash: str = Field(max_length=64, unique=True)
    language: str = Field(max_length=8)
    created_at: datetime = instant()  # real time, as everything about signing in
    expires_at: datetime = instant()


class Take(SQLModel, table=True):
    """A phrase as it was spoken into a telephone: the carrier has the sound until it was fetched."""

    __tablename__ = "take"
    __table_args__ = (sa.UniqueConstraint("call", "turn_no"), sa.Index("ix_take_status", "status"))

    id: str = identifier()
    call: str = Field(foreign_key="call.id", max_length=32)
    turn_no: int
    staff: str = Field(foreign_key="staff.id", max_length=32)
    language: str = Field(max_length=8)
    key: str = Field(max_length=64)
    text: str
    text_sha256: str = Field(max_length=64)
    recording: str = Field(max_length=500)  # where the carrier keeps it
    status: TakeStatus = word(TakeStatus)
    reason: str = Field(default="", max_length=200)
    tries: int = 0
    next_try_at: datetime = instant()
    at: datetime = instant()
