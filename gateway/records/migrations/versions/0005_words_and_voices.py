"""Texts and clips with those who vouch for them, speakers' PINs, what was spoken into telephones; the role of speaker."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from gateway.records.columns import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ROLES = ("staff", "manager", "admin")


def upgrade() -> None:
    """Make the tables and let accounts be speakers'."""
    _assets()
    _vouching()
    _telephone()
    _set_roles(ROLES, ("speaker", *ROLES))


def downgrade() -> None:
    """Take them away; a speaker's account is disabled, for no role below is theirs."""
    op.execute(sa.text("UPDATE staff SET role = 'staff', disabled_at = COALESCE(disabled_at, created_at) "
                       "WHERE role = 'speaker'"))  # fmt: skip
    _set_roles(("speaker", *ROLES), ROLES)
    for table in ("take", "speaker_pin", "asset_event", "approval", "asset"):
        op.drop_table(table)


def _set_roles(old: tuple[str, ...], new: tuple[str, ...]) -> None:
    with op.batch_alter_table("staff") as batch:
        batch.alter_column(
            "role", type_=_word("role", *new), existing_type=_word("role", *old), existing_nullable=False
        )


def _word(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def _column(
    name: str, kind: sa.types.TypeEngine[Any], *, to: str = "", pk: bool = False, null: bool = False
) -> sa.Column[Any]:
    points = (sa.ForeignKey(to),) if to else ()
    return sa.Column(name, kind, *points, primary_key=pk, nullable=null)


def _assets() -> None:
    origins = ("shipped", "edit", "browser", "upload", "telephone", "folder", "build")
    op.create_table(
        "asset",
        _column("id", sa.String(32), pk=True),
        _column("kind", _word("assetkind", "text", "clip")),
        _column("language", sa.String(8)),
        _column("key", sa.String(64)),
        _column("sha256", sa.String(64)),
        _column("text", sa.String()),
        _column("text_sha256", sa.String(64)),
        _column("source", _word("assetsource", "recording", "synthesis", "written")),
        _column("origin", _word("origin", *origins)),
        _column("voice", sa.String(64)),
        _column("seconds", sa.Float()),
        _column("status", _word("assetstatus", "draft", "approved", "returned", "retired")),
        _column("submitted_at", UtcDateTime()),
        sa.UniqueConstraint("kind", "language", "key", "sha256"),
    )
    op.create_index("ix_asset_language", "asset", ["kind", "language", "status"])


def _vouching() -> None:
    op.create_table(
        "approval",
        _column("asset", sa.String(32), to="asset.id", pk=True),
        _column("part", _word("part", "author", "approver"), pk=True),
        _column("staff", sa.String(32), to="staff.id"),
        _column("province", sa.String()),
        _column("at", UtcDateTime()),
        sa.UniqueConstraint("asset", "staff"),
    )
    op.create_table(
        "asset_event",
        _column("id", sa.Integer(), pk=True),
        _column("asset", sa.String(32), to="asset.id"),
        _column("verb", sa.String(24)),
        _column("staff", sa.String(32), to="staff.id", null=True),
        _column("province", sa.String()),
        _column("note", sa.String(500)),
        _column("at", UtcDateTime()),
    )
    op.create_index("ix_asset_event_asset", "asset_event", ["asset"])


def _telephone() -> None:
    op.create_table(
        "speaker_pin",
        _column("staff", sa.String(32), to="staff.id", pk=True),
        _column("pin_hash", sa.String(64)),
        _column("language", sa.String(8)),
        _column("created_at", UtcDateTime()),
        _column("expires_at", UtcDateTime()),
        sa.UniqueConstraint("pin_hash"),
    )
    op.create_table(
        "take",
        _column("id", sa.String(32), pk=True),
        _column("call", sa.String(32), to="call.id"),
        _column("turn_no", sa.Integer()),
        _column("staff", sa.String(32), to="staff.id"),
        _column("language", sa.String(8)),
        _column("key", sa.String(64)),
        _column("text", sa.String()),
        _column("text_sha256", sa.String(64)),
        _column("recording", sa.String(500)),
        _column("status", _word("takestatus", "spoken", "kept", "stored", "refused", "discarded")),
        _column("reason", sa.String(200)),
        _column("tries", sa.Integer()),
        _column("next_try_at", UtcDateTime()),
        _column("at", UtcDateTime()),
        sa.UniqueConstraint("call", "turn_no"),
    )
    op.create_index("ix_take_status", "take", ["status"])
