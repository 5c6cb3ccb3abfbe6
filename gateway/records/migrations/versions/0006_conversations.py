"""Questions asked back by text, spoken messages, registrations, who waits for the hotline, rides, check-in marks."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from gateway.records.columns import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KINDS = (
    "callback", "ride", "unreached", "unmatched", "in_doubt", "poison", "question", "match", "no_seat", "no_prompt",
)  # fmt: skip
NEW_KINDS = ("message", "register")
ANSWERS = (
    "coming", "move", "callback", "ride", "already_vaccinated", "wrong_person", "stop", "staff", "repeat", "slower",
    "language", "unclear",
)  # fmt: skip
_UNIQUE = {"uq": "uq_%(table_name)s_%(column_0_name)s"}


def upgrade() -> None:
    """Make the tables; one key may now answer for several of a household."""
    _set_kinds(KINDS, (*KINDS, *NEW_KINDS))
    _set_reply_keys("turn_no", "appointment", new="appointment")
    with op.batch_alter_table("reply") as batch:
        batch.add_column(sa.Column("by_person", sa.String(32), sa.ForeignKey("person.id", name="fk_reply_by_person")))
    op.add_column("seat", sa.Column("arrived_at", UtcDateTime(), nullable=True))
    for make in (_text_question, _voice_message, _registration, _hotline_wait, _ride):
        make()


def downgrade() -> None:
    """Take them away; of several answers by one key or text the first is kept, and the new tasks become questions."""
    for table in ("ride", "hotline_wait", "registration", "voice_message", "text_question"):
        op.drop_table(table)
    op.drop_column("seat", "arrived_at")
    with op.batch_alter_table("reply", naming_convention=_UNIQUE) as batch:
        batch.drop_column("by_person")
    _keep_one_reply_a_key()
    _set_reply_keys("turn_no", new="")
    op.execute(sa.text("UPDATE task SET kind = 'question' WHERE kind IN ('message', 'register')"))
    _set_kinds((*KINDS, *NEW_KINDS), KINDS)


def _keep_one_reply_a_key() -> None:
    reply = sa.table("reply", *(sa.column(name) for name in ("id", "call", "turn_no", "carrier_msg_id")))
    outcome, consent = (sa.table(name, sa.column("reply")) for name in ("outcome", "consent_event"))
    first = reply.alias("first")
    same_key = sa.and_(first.c.call == reply.c.call, first.c.turn_no == reply.c.turn_no)
    same_text = first.c.carrier_msg_id == reply.c.carrier_msg_id
    is_later = sa.exists().where(first.c.id < reply.c.id, sa.or_(same_key, same_text))
    later = [row.id for row in op.get_bind().execute(sa.select(reply.c.id).where(is_later))]
    for gone in (later[at : at + 500] for at in range(0, len(later), 500)):
        op.execute(outcome.delete().where(outcome.c.reply.in_(gone)))
        op.execute(consent.update().where(consent.c.reply.in_(gone)).values(reply=None))
        op.execute(reply.delete().where(reply.c.id.in_(gone)))


def _set_reply_keys(*columns: str, new: str) -> None:
    with op.batch_alter_table("reply", naming_convention=_UNIQUE) as batch:
        batch.drop_index("uq_reply_message")
        batch.drop_constraint("uq_reply_call", type_="unique")
        batch.create_unique_constraint("uq_reply_call", ["call", *columns])
    message = ["carrier_msg_id", new] if new else ["carrier_msg_id"]
    there = sa.text("carrier_msg_id IS NOT NULL")
    op.create_index("uq_reply_message", "reply", message, unique=True, sqlite_where=there, postgresql_where=there)


def _set_kinds(old: tuple[str, ...], new: tuple[str, ...]) -> None:
    with op.batch_alter_table("task") as batch:
        batch.alter_column(
            "kind", type_=_word("taskkind", *new), existing_type=_word("taskkind", *old), existing_nullable=False
        )


def _word(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def _column(
    name: str, kind: sa.types.TypeEngine[Any], *, to: str = "", pk: bool = False, null: bool = False
) -> sa.Column[Any]:
    points = (sa.ForeignKey(to),) if to else ()
    return sa.Column(name, kind, *points, primary_key=pk, nullable=null)


def _partial(name: str, table: str, column: str, where: str) -> None:
    there = sa.text(where)
    op.create_index(name, table, [column], unique=True, sqlite_where=there, postgresql_where=there)


def _take_status() -> sa.Enum:
    return _word("takestatus", "spoken", "kept", "stored", "refused", "discarded")


def _text_question() -> None:
    op.create_table(
        "text_question",
        _column("id", sa.String(32), pk=True),
        _column("phone", sa.Integer(), to="phone.id"),
        _column("reply", sa.String(32), to="reply.id"),
        _column("reminder", sa.String(32), to="reminder.id", null=True),
        _column("people", sa.JSON()),
        _column("chosen", sa.JSON()),
        _column("answer", _word("answer", *ANSWERS), null=True),
        _column("asked_at", UtcDateTime()),
        _column("closed_at", UtcDateTime(), null=True),
    )
    op.create_index("ix_text_question_phone", "text_question", ["phone"])
    op.create_index("ix_text_question_reminder", "text_question", ["reminder"])
    _partial("uq_text_question_open", "text_question", "phone", "closed_at IS NULL")


def _voice_message() -> None:
    op.create_table(
        "voice_message",
        _column("id", sa.String(32), pk=True),
        _column("call", sa.String(32), to="call.id"),
        _column("turn_no", sa.Integer()),
        _column("phone", sa.Integer(), to="phone.id"),
        _column("person", sa.String(32), to="person.id", null=True),
        _column("kind", _word("messagekind", "staff", "question", "register")),
        _column("task", sa.String(32), to="task.id", null=True),
        _column("language", sa.String(8)),
        _column("recording", sa.String(500)),
        _column("seconds", sa.Integer()),
        _column("status", _take_status()),
        _column("reason", sa.String(200)),
        _column("tries", sa.Integer()),
        _column("next_try_at", UtcDateTime()),
        _column("at", UtcDateTime()),
        sa.UniqueConstraint("call", "turn_no"),
    )
    op.create_index("ix_voice_message_status", "voice_message", ["status"])
    op.create_index("ix_voice_message_task", "voice_message", ["task"])


def _registration() -> None:
    op.create_table(
        "registration",
        _column("id", sa.String(32), pk=True),
        _column("call", sa.String(32), to="call.id"),
        _column("phone", sa.Integer(), to="phone.id"),
        _column("id_kind", sa.String(24)),
        _column("id_value", sa.String(32)),
        _column("task", sa.String(32), to="task.id", null=True),
        _column("at", UtcDateTime()),
        sa.UniqueConstraint("call"),
    )
    op.create_index("ix_registration_task", "registration", ["task"])


def _hotline_wait() -> None:
    op.create_table(
        "hotline_wait",
        _column("id", sa.String(32), pk=True),
        _column("phone", sa.Integer(), to="phone.id"),
        _column("language", sa.String(8)),
        _column("reason", sa.String(16)),
        _column("status", _word("waitstatus", "waiting", "calling", "done", "given_up")),
        _column("attempt", sa.String(32), to="attempt.id", null=True),
        _column("tries", sa.Integer()),
        _column("asked_at", UtcDateTime()),
        _column("place", sa.Integer()),
        _column("next_try_at", UtcDateTime()),
        _column("closed_at", UtcDateTime(), null=True),
    )
    op.create_index("ix_hotline_wait_asked_at", "hotline_wait", ["asked_at"])
    op.create_index("ix_hotline_wait_place", "hotline_wait", ["place"])
    op.create_index("ix_hotline_wait_attempt", "hotline_wait", ["attempt"])
    _partial("uq_hotline_wait_open", "hotline_wait", "phone", "status IN ('waiting', 'calling')")


def _ride() -> None:
    op.create_table(
        "ride",
        _column("id", sa.String(32), pk=True),
        _column("appointment", sa.String(32), to="appointment.id"),
        _column("person", sa.String(32), to="person.id"),
        _column("reply", sa.String(32), to="reply.id", null=True),
        _column("status", _word("ridestatus", "asked", "arranged", "cancelled")),
        _column("pick_up_at", UtcDateTime(), null=True),
        _column("driver", sa.String(200)),
        _column("arranged_by", sa.String(32), null=True),
        _column("asked_at", UtcDateTime()),
        _column("arranged_at", UtcDateTime(), null=True),
    )
    op.create_index("ix_ride_appointment", "ride", ["appointment"])
    op.create_index("ix_ride_person", "ride", ["person"])
    _partial("uq_ride_wanted", "ride", "appointment", "status <> 'cancelled'")
