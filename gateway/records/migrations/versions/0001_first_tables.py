"""First tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.records.columns import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "batch",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("file_sha", sa.String(length=64), nullable=False),
        sa.Column("scope_site", sa.String(length=16), nullable=True),
        sa.Column("scope_from", sa.Date(), nullable=True),
        sa.Column("scope_to", sa.Date(), nullable=True),
        sa.Column(
            "status",
            sa.Enum("checked", "loaded", name="batchstatus", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("demo_now", UtcDateTime(), nullable=False),
        sa.Column("speed", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "counter",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "gate",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("tokens", sa.Float(), nullable=False),
        sa.Column("spent", sa.Float(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "phone",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("e164", sa.String(length=20), nullable=False),
        sa.Column(
            "line_type",
            sa.Enum(
                "mobile",
                "landline",
                "voip",
                "other",
                name="linetype",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("parked_at", UtcDateTime(), nullable=True),
        sa.Column("parked_reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("e164"),
    )
    op.create_table(
        "site",
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("short_name", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("tambon", sa.String(), nullable=False),
        sa.Column("district", sa.String(), nullable=False),
        sa.Column("province", sa.String(), nullable=False),
        sa.Column("staff_phone", sa.String(), nullable=False),
        sa.Column("opens", sa.String(), nullable=False),
        sa.Column("closes", sa.String(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_table(
        "switch",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("staff", sa.String(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "attempt",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column(
            "direction",
            sa.Enum("out", "in", name="direction", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("phone", sa.Integer(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum("sms", "voice", "visit", name="channel", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "queued",
                "submitted",
                "sent",
                "ringing",
                "in_progress",
                "completed",
                "delivered",
                "busy",
                "no_answer",
                "machine",
                "undelivered",
                "failed",
                "cancelled",
                name="attemptstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("carrier", sa.String(length=24), nullable=False),
        sa.Column("carrier_id", sa.String(length=64), nullable=True),
        sa.Column("sender", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("assets", sa.JSON(), nullable=False),
        sa.Column("body_sha", sa.String(length=64), nullable=True),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.Column("cost", sa.Float(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("submitted_at", UtcDateTime(), nullable=True),
        sa.Column("in_doubt_at", UtcDateTime(), nullable=True),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("next_look_at", UtcDateTime(), nullable=True),
        sa.Column("cancel_requested_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["phone"],
            ["phone.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index(
            "ix_attempt_look",
            ["status", "next_look_at"],
            unique=False,
            sqlite_where=sa.text(
                "status NOT IN ('busy', 'cancelled', 'completed', 'delivered', 'failed', 'machine', 'no_answer', 'undelivered')"
            ),
            postgresql_where=sa.text(
                "status NOT IN ('busy', 'cancelled', 'completed', 'delivered', 'failed', 'machine', 'no_answer', 'undelivered')"
            ),
        )
        batch_op.create_index("ix_attempt_phone", ["phone", "created_at"], unique=False)
        batch_op.create_index(
            "uq_attempt_carrier",
            ["carrier", "carrier_id"],
            unique=True,
            sqlite_where=sa.text("carrier_id IS NOT NULL"),
            postgresql_where=sa.text("carrier_id IS NOT NULL"),
        )

    op.create_table(
        "carrier_block",
        sa.Column("phone", sa.Integer(), nullable=False),
        sa.Column("sender", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["phone"],
            ["phone.id"],
        ),
        sa.PrimaryKeyConstraint("phone", "sender"),
    )
    op.create_table(
        "closure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site", sa.String(length=16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site"],
            ["site.code"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("site", "day", "part"),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("id_kind", sa.String(length=24), nullable=True),
        sa.Column("id_value", sa.String(length=32), nullable=True),
        sa.Column("hcode", sa.String(length=16), nullable=True),
        sa.Column("hn", sa.String(length=32), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("surname", sa.String(), nullable=False),
        sa.Column("name_native", sa.String(), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("reads_script", sa.Boolean(), nullable=True),
        sa.Column(
            "preferred_channel",
            sa.Enum("sms", "voice", "visit", name="channel", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column("neutral", sa.Boolean(), nullable=False),
        sa.Column("village", sa.String(), nullable=False),
        sa.Column("tambon", sa.String(), nullable=False),
        sa.Column("district", sa.String(), nullable=False),
        sa.Column("province", sa.String(), nullable=False),
        sa.Column("target_group", sa.String(), nullable=False),
        sa.Column("site", sa.String(length=16), nullable=True),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("died_on", sa.Date(), nullable=True),
        sa.Column("merged_into", sa.String(length=32), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merged_into"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["site"],
            ["site.code"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(
            "uq_person_hn",
            ["hcode", "hn"],
            unique=True,
            sqlite_where=sa.text("hn IS NOT NULL"),
            postgresql_where=sa.text("hn IS NOT NULL"),
        )
        batch_op.create_index(
            "uq_person_identity",
            ["id_kind", "id_value"],
            unique=True,
            sqlite_where=sa.text("id_value IS NOT NULL"),
            postgresql_where=sa.text("id_value IS NOT NULL"),
        )

    op.create_table(
        "session",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("site", sa.String(length=16), nullable=False),
        sa.Column("vaccine", sa.String(length=24), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "part",
            sa.Enum("morning", "afternoon", name="part", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.CheckConstraint("capacity >= 0", name="capacity"),
        sa.CheckConstraint("taken >= 0 AND taken <= capacity", name="seats"),
        sa.ForeignKeyConstraint(
            ["site"],
            ["site.code"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("site", "vaccine", "day", "part"),
    )
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_day"), ["day"], unique=False)

    op.create_table(
        "appointment",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("site", sa.String(length=16), nullable=False),
        sa.Column("session", sa.String(length=80), nullable=True),
        sa.Column("regimen", sa.String(length=24), nullable=False),
        sa.Column("course", sa.Integer(), nullable=False),
        sa.Column("dose_no", sa.Integer(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "booked",
                "confirmed",
                "moved",
                "cancelled",
                "kept",
                "missed",
                name="appointmentstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("moved_from", sa.String(length=32), nullable=True),
        sa.Column("confirmed_by_reply", sa.String(length=32), nullable=True),
        sa.Column("confirmed_by_staff", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["moved_from"],
            ["appointment.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["session"],
            ["session.id"],
        ),
        sa.ForeignKeyConstraint(
            ["site"],
            ["site.code"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("moved_from"),
    )
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appointment_person"), ["person"], unique=False)
        batch_op.create_index(batch_op.f("ix_appointment_starts_at"), ["starts_at"], unique=False)
        batch_op.create_index(
            "uq_appointment_live",
            ["person", "regimen", "course", "dose_no"],
            unique=True,
            sqlite_where=sa.text("status IN ('booked', 'confirmed')"),
            postgresql_where=sa.text("status IN ('booked', 'confirmed')"),
        )

    op.create_table(
        "call",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("attempt", sa.String(length=32), nullable=False),
        sa.Column("carrier_sid", sa.String(length=64), nullable=False),
        sa.Column("flow", sa.String(length=24), nullable=False),
        sa.Column("flow_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.Column("turn_no", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["attempt"],
            ["attempt.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("attempt"),
        sa.UniqueConstraint("carrier_sid"),
    )
    op.create_table(
        "dose",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("regimen", sa.String(length=24), nullable=False),
        sa.Column("course", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("product", sa.String(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person", "regimen", "course", "number"),
    )
    with op.batch_alter_table("dose", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dose_person"), ["person"], unique=False)

    op.create_table(
        "person_phone",
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("phone", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "own",
                "household",
                "carer",
                "vhv",
                name="phonerole",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column(
            "sms",
            sa.Enum("allow", "stop", name="consent", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "voice",
            sa.Enum("allow", "stop", name="consent", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["person"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["phone"],
            ["phone.id"],
        ),
        sa.PrimaryKeyConstraint("person", "phone"),
    )
    with op.batch_alter_table("person_phone", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_phone_phone"), ["phone"], unique=False)

    op.create_table(
        "receipt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.String(length=32), nullable=True),
        sa.Column("carrier", sa.String(length=24), nullable=False),
        sa.Column("carrier_id", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("raw", sa.JSON(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt"],
            ["attempt.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("carrier", "carrier_id", "status", "seq"),
    )
    with op.batch_alter_table("receipt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_receipt_attempt"), ["attempt"], unique=False)

    op.create_table(
        "task",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "callback",
                "ride",
                "unreached",
                "unmatched",
                "in_doubt",
                "poison",
                "question",
                "match",
                "no_seat",
                "no_prompt",
                name="taskkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=True),
        sa.Column("site", sa.String(length=16), nullable=True),
        sa.Column("village", sa.String(), nullable=True),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.Column(
            "status",
            sa.Enum("open", "done", name="taskstatus", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_task_person"), ["person"], unique=False)
        batch_op.create_index(
            "uq_task_open",
            ["kind", "subject"],
            unique=True,
            sqlite_where=sa.text("status = 'open'"),
            postgresql_where=sa.text("status = 'open'"),
        )

    op.create_table(
        "reminder",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("appointment", sa.String(length=32), nullable=True),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=24), nullable=False),
        sa.Column("step", sa.String(length=24), nullable=False),
        sa.Column(
            "channel",
            sa.Enum("sms", "voice", "visit", name="channel", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("next_try_at", UtcDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "planned",
                "claimed",
                "sent",
                "answered",
                "unanswered",
                "suppressed",
                "cancelled",
                "expired",
                "failed",
                name="reminderstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("lease_owner", sa.String(length=64), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("error_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment"],
            ["appointment.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("appointment", "purpose", "step", "channel"),
    )
    with op.batch_alter_table("reminder", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reminder_appointment"), ["appointment"], unique=False)
        batch_op.create_index(
            "ix_reminder_due",
            ["next_try_at"],
            unique=False,
            sqlite_where=sa.text("status = 'planned'"),
            postgresql_where=sa.text("status = 'planned'"),
        )
        batch_op.create_index(batch_op.f("ix_reminder_person"), ["person"], unique=False)

    op.create_table(
        "reply",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("attempt", sa.String(length=32), nullable=True),
        sa.Column("call", sa.String(length=32), nullable=True),
        sa.Column("turn_no", sa.Integer(), nullable=True),
        sa.Column("carrier_msg_id", sa.String(length=64), nullable=True),
        sa.Column("phone", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=True),
        sa.Column("appointment", sa.String(length=32), nullable=True),
        sa.Column("by_role", sa.String(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum("sms", "voice", "visit", name="channel", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("raw", sa.String(length=1600), nullable=False),
        sa.Column(
            "answer",
            sa.Enum(
                "coming",
                "move",
                "callback",
                "ride",
                "already_vaccinated",
                "wrong_person",
                "stop",
                "staff",
                "repeat",
                "slower",
                "language",
                "unclear",
                name="answer",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment"],
            ["appointment.id"],
        ),
        sa.ForeignKeyConstraint(
            ["attempt"],
            ["attempt.id"],
        ),
        sa.ForeignKeyConstraint(
            ["call"],
            ["call.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["phone"],
            ["phone.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("call", "turn_no"),
    )
    with op.batch_alter_table("reply", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reply_attempt"), ["attempt"], unique=False)
        batch_op.create_index(batch_op.f("ix_reply_person"), ["person"], unique=False)
        batch_op.create_index(
            "uq_reply_message",
            ["carrier_msg_id"],
            unique=True,
            sqlite_where=sa.text("carrier_msg_id IS NOT NULL"),
            postgresql_where=sa.text("carrier_msg_id IS NOT NULL"),
        )

    op.create_table(
        "roster_row",
        sa.Column("batch", sa.String(length=32), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("source_key", sa.String(length=64), nullable=False),
        sa.Column("imported", sa.JSON(), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=True),
        sa.Column("appointment", sa.String(length=32), nullable=True),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment"],
            ["appointment.id"],
        ),
        sa.ForeignKeyConstraint(
            ["batch"],
            ["batch.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("batch", "line"),
    )
    with op.batch_alter_table("roster_row", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_roster_row_person"), ["person"], unique=False)
        batch_op.create_index(batch_op.f("ix_roster_row_source_key"), ["source_key"], unique=False)

    op.create_table(
        "seat",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session", sa.String(length=80), nullable=False),
        sa.Column("appointment", sa.String(length=32), nullable=True),
        sa.Column("call", sa.String(length=32), nullable=True),
        sa.Column("held_until", UtcDateTime(), nullable=True),
        sa.Column("ticket", sa.Integer(), nullable=True),
        sa.Column("come_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("(appointment IS NULL) <> (call IS NULL)", name="one_holder"),
        sa.ForeignKeyConstraint(
            ["appointment"],
            ["appointment.id"],
        ),
        sa.ForeignKeyConstraint(
            ["session"],
            ["session.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("appointment"),
        sa.UniqueConstraint("session", "ticket"),
    )
    with op.batch_alter_table("seat", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_seat_call"), ["call"], unique=False)
        batch_op.create_index(
            "ix_seat_held",
            ["held_until"],
            unique=False,
            sqlite_where=sa.text("call IS NOT NULL"),
            postgresql_where=sa.text("call IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_seat_session"), ["session"], unique=False)

    op.create_table(
        "turn",
        sa.Column("call", sa.String(length=32), nullable=False),
        sa.Column("turn_no", sa.Integer(), nullable=False),
        sa.Column("digits", sa.String(length=32), nullable=True),
        sa.Column("response", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call"],
            ["call.id"],
        ),
        sa.PrimaryKeyConstraint("call", "turn_no"),
    )
    op.create_table(
        "attempt_item",
        sa.Column("attempt", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("reminder", sa.String(length=32), nullable=True),
        sa.Column("appointment", sa.String(length=32), nullable=True),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment"],
            ["appointment.id"],
        ),
        sa.ForeignKeyConstraint(
            ["attempt"],
            ["attempt.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["reminder"],
            ["reminder.id"],
        ),
        sa.PrimaryKeyConstraint("attempt", "position"),
    )
    with op.batch_alter_table("attempt_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attempt_item_reminder"), ["reminder"], unique=False)
        batch_op.create_index(
            "uq_attempt_item_live",
            ["reminder"],
            unique=True,
            sqlite_where=sa.text("live"),
            postgresql_where=sa.text("live"),
        )

    op.create_table(
        "consent_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("phone", sa.Integer(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum("sms", "voice", "visit", name="channel", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column(
            "kind",
            sa.Enum("stop", "start", name="consentkind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("reply", sa.String(length=32), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["phone"],
            ["phone.id"],
        ),
        sa.ForeignKeyConstraint(
            ["reply"],
            ["reply.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("consent_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consent_event_person"), ["person"], unique=False)

    op.create_table(
        "outcome",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reply", sa.String(length=32), nullable=False),
        sa.Column("appointment", sa.String(length=32), nullable=True),
        sa.Column("effect", sa.String(length=32), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment"],
            ["appointment.id"],
        ),
        sa.ForeignKeyConstraint(
            ["reply"],
            ["reply.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("reply", "appointment", "effect"),
    )
    with op.batch_alter_table("outcome", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outcome_reply"), ["reply"], unique=False)

    op.create_table(
        "visit",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("reminder", sa.String(length=32), nullable=False),
        sa.Column("vhv", sa.String(length=32), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "open", "done", "cancelled", name="visitstatus", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("result", sa.String(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reminder"],
            ["reminder.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("reminder"),
    )
