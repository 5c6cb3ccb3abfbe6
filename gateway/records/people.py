"""People, their phones, and what they agreed to."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from gateway.kit.phones import LineType
from gateway.records.columns import identifier, instant, word
from gateway.records.status import Channel


class PhoneRole(StrEnum):
    """Whose phone it is, seen from the person."""

    OWN = "own"
    HOUSEHOLD = "household"
    CARER = "carer"
    VHV = "vhv"  # a volunteer's own phone is never taken for the patient's


class Consent(StrEnum):
    """Whether this person may be contacted on this phone by this channel."""

    ALLOW = "allow"
    STOP = "stop"


class ConsentKind(StrEnum):
    """What happened to a consent."""

    STOP = "stop"
    START = "start"


class Person(SQLModel, table=True):
    """Somebody with an appointment, now or once."""

    __tablename__ = "person"
    __table_args__ = (
        sa.Index(
            "uq_person_identity",
            "id_kind",
            "id_value",
            unique=True,
            sqlite_where=sa.text("id_value IS NOT NULL"),
            postgresql_where=sa.text("id_value IS NOT NULL"),
        ),
        sa.Index(
            "uq_person_hn",
            "hcode",
            "hn",
            unique=True,
            sqlite_where=sa.text("hn IS NOT NULL"),
            postgresql_where=sa.text("hn IS NOT NULL"),
        ),
    )

    id: str = identifier()
    id_kind: str | None = Field(default=None, max_length=24)
    id_value: str | None = Field(default=None, max_length=32)
    hcode: str | None = Field(default=None, max_length=16)  # the site that gave the hospital number
    hn: str | None = Field(default=None, max_length=32)
    title: str = ""
    name: str = ""
    surname: str = ""
    name_native: str | None = None
    birth_date: date | None = None
    language: str = Field(max_length=8)
    reads_script: bool | None = None
    preferred_channel: Channel | None = word(Channel, nullable=True)
    neutral: bool = False
    village: str = ""
    tambon: str = ""
    district: str = ""
    province: str = ""
    target_group: str = ""
    site: str | None = Field(default=None, foreign_key="site.code", max_length=16)
    sample: bool = False
    died_on: date | None = None
    merged_into: str | None = Field(default=None, foreign_key="person.id", max_length=32)
    created_at: datetime = instant()


class Phone(SQLModel, table=True):
    """A number; parked when it turned out to be somebody else's."""

    __tablename__ = "phone"

    id: int | None = Field(default=None, primary_key=True)
    e164: str = Field(max_length=20, unique=True)
    line_type: LineType = word(LineType)
    parked_at: datetime | None = instant(nullable=True)
    parked_reason: str | None = None


class PersonPhone(SQLModel, table=True):
    """A person's use of a phone; `rank` 0 is tried first."""

    __tablename__ = "person_phone"

    person: str = Field(foreign_key="person.id", primary_key=True, max_length=32)
    phone: int = Field(foreign_key="phone.id", primary_key=True, index=True)
    role: PhoneRole = word(PhoneRole, PhoneRole.OWN)
    rank: int = 0
    sms: Consent = word(Consent, Consent.ALLOW)
    voice: Consent = word(Consent, Consent.ALLOW, check="consent_voice")  # PostgreSQL wants each name once a table


class ConsentEvent(SQLModel, table=True):
    """One change of consent; rows are only ever added."""

    __tablename__ = "consent_event"

    id: int | None = Field(default=None, primary_key=True)
    person: str = Field(foreign_key="person.id", index=True, max_length=32)
    phone: int = Field(foreign_key="phone.id")
    channel: Channel | None = word(Channel, nullable=True)  # None: every channel
    kind: ConsentKind = word(ConsentKind)
    source: str = ""
    reply: str | None = Field(default=None, foreign_key="reply.id", max_length=32)
    staff: str | None = Field(default=None, max_length=32)
    at: datetime = instant()


class CarrierBlock(SQLModel, table=True):
    """A sender the carrier will not let through to a phone, in the carrier's words."""

    __tablename__ = "carrier_block"

    phone: int = Field(foreign_key="phone.id", primary_key=True)
    sender: str = Field(primary_key=True, max_length=40)
    code: str = ""
    at: datetime = instant()
