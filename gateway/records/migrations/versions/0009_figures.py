"""Count once what pages show: the summary, where each appointment was counted, and the changes not counted yet.

The triggers that note changes are set by env.py after every migration, from `records/figure_triggers.py`.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from gateway.records import figure_triggers
from gateway.records.columns import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_FLAGS = (
    "said_yes", "has_seat", "has_phone", "contacted", "heard", "unreached", "wants_ride", "wants_call",
)  # fmt: skip


def upgrade() -> None:
    """Make the tables, and two indexes: the open tasks of a site, and who was confirmed by a reply."""
    op.create_table(
        "uncounted",
        sa.Column("id", _BIG, primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("about", sa.String(64), nullable=False),
    )
    op.create_table(
        "counted",
        sa.Column("appointment", sa.String(32), primary_key=True),
        sa.Column("board", sa.BigInteger(), nullable=False),
        sa.Column("rates", sa.BigInteger(), nullable=True),
    )
    _summary_board()
    _summary_rates()
    _partial("ix_appointment_reply", "appointment", ["confirmed_by_reply"], "confirmed_by_reply IS NOT NULL")
    _partial("ix_task_site", "task", ["site", "kind", "subject"], "status = 'open'")


def downgrade() -> None:
    """Take it all away, the triggers first."""
    figure_triggers.remove(op.get_bind())
    op.drop_index("ix_task_site", "task")
    op.drop_index("ix_appointment_reply", "appointment")
    for table in ("summary_rates", "summary_board", "counted", "uncounted"):
        op.drop_table(table)


def _summary_board() -> None:
    words = ("booked", "confirmed", "moved", "cancelled", "kept", "missed")
    op.create_table(
        "summary_board",
        *_place(),
        sa.Column("session", sa.String(80), nullable=True),
        sa.Column("regimen", sa.String(24), nullable=True),
        sa.Column("starts_at", UtcDateTime(), nullable=True),
        sa.Column("status", _word("appointmentstatus", *words), nullable=False),
        *(sa.Column(flag, sa.Boolean(), nullable=False) for flag in _FLAGS),
        sa.Column("n", sa.Integer(), nullable=False),
    )
    op.create_index("ix_summary_board_day", "summary_board", ["day", "site"])


def _summary_rates() -> None:
    words = ("unasked", "confirmed", "moved", "unanswered", "other")
    op.create_table(
        "summary_rates",
        *_place(),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("channel", sa.String(8), nullable=False),
        *(sa.Column(word, sa.Integer(), nullable=False) for word in words),
    )
    op.create_index("ix_summary_rates_day", "summary_rates", ["day", "site"])
    op.create_index("ix_summary_rates_site", "summary_rates", ["site", "day"])


def _place() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("site", sa.String(16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
    )


def _word(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
