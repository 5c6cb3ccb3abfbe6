"""First tables."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from gateway.records.columns import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table; a table comes after those it points to."""
    _batch()
    _clock()
    _counter()
    _gate()
    _phone()
    _site()
    _switch()
    _attempt()
    _carrier_block()
    _closure()
    _person()
    _session()
    _appointment()
    _call()
    _dose()
    _person_phone()
    _receipt()
    _task()
    _reminder()
    _reply()
    _roster_row()
    _seat()
    _turn()
    _attempt_item()
    _consent_event()
    _outcome()
    _visit()


def _column(
    name: str, kind: sa.types.TypeEngine[Any], *, to: str = "", pk: bool = False, null: bool = False
) -> sa.Column[Any]:
    points = (sa.ForeignKey(to),) if to else ()
    return sa.Column(name, kind, *points, primary_key=pk, nullable=null)


def _word(name_of_column: str, *words: str, name: str, null: bool = False) -> sa.Column[Any]:
    kind = sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)
    return sa.Column(name_of_column, kind, nullable=null)


def _index(name: str, table: str, *columns: str, unique: bool = False, where: str = "") -> None:
    condition = sa.text(where) if where else None
    op.create_index(name, table, list(columns), unique=unique, sqlite_where=condition, postgresql_where=condition)


def _batch() -> None:
    op.create_table(
        "batch",
        _column("id", sa.String(32), pk=True),
        _column("file_sha", sa.String(64)),
        _column("scope_site", sa.String(16), null=True),
        _column("scope_from", sa.Date(), null=True),
        _column("scope_to", sa.Date(), null=True),
        _word("status", "checked", "loaded", name="batchstatus"),
        _column("at", UtcDateTime()),
    )


def _clock() -> None:
    op.create_table(
        "clock",
        _column("id", sa.Integer(), pk=True),
        _column("demo_now", UtcDateTime()),
        _column("speed", sa.Float()),
    )


def _counter() -> None:
    op.create_table(
        "counter",
        _column("name", sa.String(60), pk=True),
        _column("n", sa.Integer()),
    )


def _gate() -> None:
    op.create_table(
        "gate",
        _column("name", sa.String(40), pk=True),
        _column("tokens", sa.Float()),
        _column("spent", sa.Float()),
        _column("day", sa.Date(), null=True),
        _column("at", UtcDateTime(), null=True),
    )


def _phone() -> None:
    op.create_table(
        "phone",
        _column("id", sa.Integer(), pk=True),
        _column("e164", sa.String(20)),
        _word("line_type", "mobile", "landline", "voip", "other", name="linetype"),
        _column("parked_at", UtcDateTime(), null=True),
        _column("parked_reason", sa.String(), null=True),
        sa.UniqueConstraint("e164"),
    )


def _site() -> None:
    op.create_table(
        "site",
        _column("code", sa.String(16), pk=True),
        _column("name", sa.String()),
        _column("short_name", sa.String()),
        _column("name_en", sa.String()),
        _column("place", sa.String()),
        _column("tambon", sa.String()),
        _column("district", sa.String()),
        _column("province", sa.String()),
        _column("staff_phone", sa.String()),
        _column("opens", sa.String()),
        _column("closes", sa.String()),
        _column("sample", sa.Boolean()),
    )


def _switch() -> None:
    op.create_table(
        "switch",
        _column("name", sa.String(40), pk=True),
        _column("is_on", sa.Boolean()),
        _column("staff", sa.String(), null=True),
        _column("at", UtcDateTime()),
    )


def _attempt() -> None:
    op.create_table(
        "attempt",
        _column("id", sa.String(32), pk=True),
        _word("direction", "out", "in", name="direction"),
        _column("phone", sa.Integer(), to="phone.id"),
        _word("channel", "sms", "voice", "visit", name="channel"),
        _word(
            "status",
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
        ),
        _column("rank", sa.Integer()),
        _column("reason", sa.String(64), null=True),
        _column("carrier", sa.String(24)),
        _column("carrier_id", sa.String(64), null=True),
        _column("sender", sa.String(40)),
        _column("language", sa.String(8)),
        _column("assets", sa.JSON()),
        _column("body_sha", sa.String(64), null=True),
        _column("segments", sa.Integer()),
        _column("cost", sa.Float(), null=True),
        _column("currency", sa.String(3), null=True),
        _column("created_at", UtcDateTime()),
        _column("submitted_at", UtcDateTime(), null=True),
        _column("in_doubt_at", UtcDateTime(), null=True),
        _column("looks", sa.Integer()),
        _column("next_look_at", UtcDateTime(), null=True),
        _column("cancel_requested_at", UtcDateTime(), null=True),
    )
    _index(
        "ix_attempt_look",
        "attempt",
        "status",
        "next_look_at",
        where="status NOT IN ('busy', 'cancelled', 'completed', 'delivered', 'failed', 'machine', 'no_answer', 'undelivered')",
    )
    _index("ix_attempt_phone", "attempt", "phone", "created_at")
    _index("uq_attempt_carrier", "attempt", "carrier", "carrier_id", unique=True, where="carrier_id IS NOT NULL")


def _carrier_block() -> None:
    op.create_table(
        "carrier_block",
        _column("phone", sa.Integer(), to="phone.id", pk=True),
        _column("sender", sa.String(40), pk=True),
        _column("code", sa.String()),
        _column("at", UtcDateTime()),
    )


def _closure() -> None:
    op.create_table(
        "closure",
        _column("id", sa.Integer(), pk=True),
        _column("site", sa.String(16), to="site.code"),
        _column("day", sa.Date()),
        _column("part", sa.String()),
        _column("reason", sa.String()),
        sa.UniqueConstraint("site", "day", "part"),
    )


def _person() -> None:
    op.create_table(
        "person",
        _column("id", sa.String(32), pk=True),
        _column("id_kind", sa.String(24), null=True),
        _column("id_value", sa.String(32), null=True),
        _column("hcode", sa.String(16), null=True),
        _column("hn", sa.String(32), null=True),
        _column("title", sa.String()),
        _column("name", sa.String()),
        _column("surname", sa.String()),
        _column("name_native", sa.String(), null=True),
        _column("birth_date", sa.Date(), null=True),
        _column("language", sa.String(8)),
        _column("reads_script", sa.Boolean(), null=True),
        _word("preferred_channel", "sms", "voice", "visit", name="channel", null=True),
        _column("neutral", sa.Boolean()),
        _column("village", sa.String()),
        _column("tambon", sa.String()),
        _column("district", sa.String()),
        _column("province", sa.String()),
        _column("target_group", sa.String()),
        _column("site", sa.String(16), to="site.code", null=True),
        _column("sample", sa.Boolean()),
        _column("died_on", sa.Date(), null=True),
        _column("merged_into", sa.String(32), to="person.id", null=True),
        _column("created_at", UtcDateTime()),
    )
    _index("uq_person_hn", "person", "hcode", "hn", unique=True, where="hn IS NOT NULL")
    _index("uq_person_identity", "person", "id_kind", "id_value", unique=True, where="id_value IS NOT NULL")


def _session() -> None:
    op.create_table(
        "session",
        _column("id", sa.String(80), pk=True),
        _column("site", sa.String(16), to="site.code"),
        _column("vaccine", sa.String(24)),
        _column("day", sa.Date()),
        _word("part", "morning", "afternoon", name="part"),
        _column("starts_at", UtcDateTime()),
        _column("ends_at", UtcDateTime()),
        _column("capacity", sa.Integer()),
        _column("taken", sa.Integer()),
        sa.CheckConstraint("capacity >= 0", name="capacity"),
        sa.CheckConstraint("taken >= 0 AND taken <= capacity", name="seats"),
        sa.UniqueConstraint("site", "vaccine", "day", "part"),
    )
    _index("ix_session_day", "session", "day")


def _appointment() -> None:
    op.create_table(
        "appointment",
        _column("id", sa.String(32), pk=True),
        _column("person", sa.String(32), to="person.id"),
        _column("site", sa.String(16), to="site.code"),
        _column("session", sa.String(80), to="session.id", null=True),
        _column("regimen", sa.String(24)),
        _column("course", sa.Integer()),
        _column("dose_no", sa.Integer()),
        _column("starts_at", UtcDateTime()),
        _word("status", "booked", "confirmed", "moved", "cancelled", "kept", "missed", name="appointmentstatus"),
        _column("version", sa.Integer()),
        _column("moved_from", sa.String(32), to="appointment.id", null=True),
        _column("confirmed_by_reply", sa.String(32), null=True),
        _column("confirmed_by_staff", sa.String(), null=True),
        _column("source", sa.String()),
        _column("created_at", UtcDateTime()),
        sa.UniqueConstraint("moved_from"),
    )
    _index("ix_appointment_person", "appointment", "person")
    _index("ix_appointment_starts_at", "appointment", "starts_at")
    _index(
        "uq_appointment_live",
        "appointment",
        "person",
        "regimen",
        "course",
        "dose_no",
        unique=True,
        where="status IN ('booked', 'confirmed')",
    )


def _call() -> None:
    op.create_table(
        "call",
        _column("id", sa.String(32), pk=True),
        _column("attempt", sa.String(32), to="attempt.id"),
        _column("carrier_sid", sa.String(64)),
        _column("flow", sa.String(24)),
        _column("flow_version", sa.Integer()),
        _column("state", sa.JSON()),
        _column("turn_no", sa.Integer()),
        _column("person", sa.String(32), to="person.id", null=True),
        _column("opened_at", UtcDateTime()),
        _column("closed_at", UtcDateTime(), null=True),
        sa.UniqueConstraint("attempt"),
        sa.UniqueConstraint("carrier_sid"),
    )


def _dose() -> None:
    op.create_table(
        "dose",
        _column("id", sa.Integer(), pk=True),
        _column("person", sa.String(32), to="person.id"),
        _column("regimen", sa.String(24)),
        _column("course", sa.Integer()),
        _column("number", sa.Integer()),
        _column("product", sa.String()),
        _column("given_on", sa.Date()),
        _column("source", sa.String()),
        sa.UniqueConstraint("person", "regimen", "course", "number"),
    )
    _index("ix_dose_person", "dose", "person")


def _person_phone() -> None:
    op.create_table(
        "person_phone",
        _column("person", sa.String(32), to="person.id", pk=True),
        _column("phone", sa.Integer(), to="phone.id", pk=True),
        _word("role", "own", "household", "carer", "vhv", name="phonerole"),
        _column("rank", sa.Integer()),
        _word("sms", "allow", "stop", name="consent"),
        _word("voice", "allow", "stop", name="consent_voice"),
    )
    _index("ix_person_phone_phone", "person_phone", "phone")


def _receipt() -> None:
    op.create_table(
        "receipt",
        _column("id", sa.Integer(), pk=True),
        _column("attempt", sa.String(32), to="attempt.id", null=True),
        _column("carrier", sa.String(24)),
        _column("carrier_id", sa.String(64)),
        _column("status", sa.String(32)),
        _column("seq", sa.Integer()),
        _column("raw", sa.JSON()),
        _column("at", UtcDateTime()),
        sa.UniqueConstraint("carrier", "carrier_id", "status", "seq"),
    )
    _index("ix_receipt_attempt", "receipt", "attempt")


def _task() -> None:
    op.create_table(
        "task",
        _column("id", sa.String(32), pk=True),
        _word(
            "kind",
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
        ),
        _column("subject", sa.String(64)),
        _column("person", sa.String(32), to="person.id", null=True),
        _column("site", sa.String(16), null=True),
        _column("village", sa.String(), null=True),
        _column("detail", sa.String(200)),
        _word("status", "open", "done", name="taskstatus"),
        _column("created_at", UtcDateTime()),
        _column("done_at", UtcDateTime(), null=True),
    )
    _index("ix_task_person", "task", "person")
    _index("uq_task_open", "task", "kind", "subject", unique=True, where="status = 'open'")


def _reminder() -> None:
    op.create_table(
        "reminder",
        _column("id", sa.String(32), pk=True),
        _column("appointment", sa.String(32), to="appointment.id", null=True),
        _column("person", sa.String(32), to="person.id"),
        _column("purpose", sa.String(24)),
        _column("step", sa.String(24)),
        _word("channel", "sms", "voice", "visit", name="channel"),
        _column("due_at", UtcDateTime()),
        _column("next_try_at", UtcDateTime()),
        _column("tries", sa.Integer()),
        _column("expires_at", UtcDateTime()),
        _word(
            "status",
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
        ),
        _column("reason", sa.String(64), null=True),
        _column("lease_owner", sa.String(64), null=True),
        _column("lease_until", UtcDateTime(), null=True),
        _column("error_count", sa.Integer()),
        sa.UniqueConstraint("appointment", "purpose", "step", "channel"),
    )
    _index("ix_reminder_appointment", "reminder", "appointment")
    _index("ix_reminder_due", "reminder", "next_try_at", where="status = 'planned'")
    _index("ix_reminder_person", "reminder", "person")


def _reply() -> None:
    op.create_table(
        "reply",
        _column("id", sa.String(32), pk=True),
        _column("attempt", sa.String(32), to="attempt.id", null=True),
        _column("call", sa.String(32), to="call.id", null=True),
        _column("turn_no", sa.Integer(), null=True),
        _column("carrier_msg_id", sa.String(64), null=True),
        _column("phone", sa.Integer(), to="phone.id"),
        _column("person", sa.String(32), to="person.id", null=True),
        _column("appointment", sa.String(32), to="appointment.id", null=True),
        _column("by_role", sa.String()),
        _word("channel", "sms", "voice", "visit", name="channel"),
        _column("raw", sa.String(1600)),
        _word(
            "answer",
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
        ),
        _column("at", UtcDateTime()),
        sa.UniqueConstraint("call", "turn_no", name="uq_reply_call"),
    )
    _index("ix_reply_attempt", "reply", "attempt")
    _index("ix_reply_person", "reply", "person")
    _index("uq_reply_message", "reply", "carrier_msg_id", unique=True, where="carrier_msg_id IS NOT NULL")


def _roster_row() -> None:
    op.create_table(
        "roster_row",
        _column("batch", sa.String(32), to="batch.id", pk=True),
        _column("line", sa.Integer(), pk=True),
        _column("source_key", sa.String(64)),
        _column("imported", sa.JSON()),
        _column("person", sa.String(32), to="person.id", null=True),
        _column("appointment", sa.String(32), to="appointment.id", null=True),
        _column("verdict", sa.String()),
    )
    _index("ix_roster_row_person", "roster_row", "person")
    _index("ix_roster_row_source_key", "roster_row", "source_key")


def _seat() -> None:
    op.create_table(
        "seat",
        _column("id", sa.Integer(), pk=True),
        _column("session", sa.String(80), to="session.id"),
        _column("appointment", sa.String(32), to="appointment.id", null=True),
        _column("call", sa.String(32), null=True),
        _column("held_until", UtcDateTime(), null=True),
        _column("ticket", sa.Integer(), null=True),
        _column("come_at", UtcDateTime(), null=True),
        sa.CheckConstraint("(appointment IS NULL) <> (call IS NULL)", name="one_holder"),
        sa.UniqueConstraint("appointment"),
        sa.UniqueConstraint("session", "ticket"),
    )
    _index("ix_seat_call", "seat", "call")
    _index("ix_seat_held", "seat", "held_until", where="call IS NOT NULL")
    _index("ix_seat_session", "seat", "session")


def _turn() -> None:
    op.create_table(
        "turn",
        _column("call", sa.String(32), to="call.id", pk=True),
        _column("turn_no", sa.Integer(), pk=True),
        _column("digits", sa.String(32), null=True),
        _column("response", sa.String()),
        _column("at", UtcDateTime()),
    )


def _attempt_item() -> None:
    op.create_table(
        "attempt_item",
        _column("attempt", sa.String(32), to="attempt.id", pk=True),
        _column("position", sa.Integer(), pk=True),
        _column("reminder", sa.String(32), to="reminder.id", null=True),
        _column("appointment", sa.String(32), to="appointment.id", null=True),
        _column("person", sa.String(32), to="person.id"),
        _column("live", sa.Boolean()),
    )
    _index("ix_attempt_item_reminder", "attempt_item", "reminder")
    _index("uq_attempt_item_live", "attempt_item", "reminder", unique=True, where="live")


def _consent_event() -> None:
    op.create_table(
        "consent_event",
        _column("id", sa.Integer(), pk=True),
        _column("person", sa.String(32), to="person.id"),
        _column("phone", sa.Integer(), to="phone.id"),
        _word("channel", "sms", "voice", "visit", name="channel", null=True),
        _word("kind", "stop", "start", name="consentkind"),
        _column("source", sa.String()),
        _column("reply", sa.String(32), to="reply.id", null=True),
        _column("at", UtcDateTime()),
    )
    _index("ix_consent_event_person", "consent_event", "person")


def _outcome() -> None:
    op.create_table(
        "outcome",
        _column("id", sa.Integer(), pk=True),
        _column("reply", sa.String(32), to="reply.id"),
        _column("appointment", sa.String(32), to="appointment.id", null=True),
        _column("effect", sa.String(32)),
        _column("at", UtcDateTime()),
        sa.UniqueConstraint("reply", "appointment", "effect"),
    )
    _index("ix_outcome_reply", "outcome", "reply")


def _visit() -> None:
    op.create_table(
        "visit",
        _column("id", sa.String(32), pk=True),
        _column("reminder", sa.String(32), to="reminder.id"),
        _column("vhv", sa.String(32), null=True),
        _word("status", "open", "done", "cancelled", name="visitstatus"),
        _column("result", sa.String(), null=True),
        _column("created_at", UtcDateTime()),
        sa.UniqueConstraint("reminder"),
    )
