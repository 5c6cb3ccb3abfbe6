"""Staff, what they did, and what the console shows of a call and a text.

Columns added to a table carry no foreign key: SQLite can only add one by rebuilding the table, and rebuilding a parent
once deleted its children.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from gateway.records.columns import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ADDED: dict[str, tuple[tuple[str, Any, str | None], ...]] = {
    "attempt": (("body", sa.String(), ""),),
    "turn": (("heard", sa.JSON(), "[]"),),
    "task": (("assignee", sa.String(32), None), ("result", sa.String(400), ""), ("done_by", sa.String(32), None)),
    "consent_event": (("staff", sa.String(32), None),),
    "session": (("closed_at", UtcDateTime(), None), ("closed_reason", sa.String(200), "")),
    "batch": (("staff", sa.String(32), None),),
}


def upgrade() -> None:
    """Make the tables and add the columns."""
    _staff()
    _sessions()
    _audit()
    for table, columns in ADDED.items():
        for name, kind, default in columns:
            op.add_column(table, sa.Column(name, kind, nullable=default is None, server_default=default))


def downgrade() -> None:
    """Take both away."""
    for table, columns in ADDED.items():
        for name, _, _ in columns:
            op.drop_column(table, name)
    for table in ("note", "audit", "form_post", "sign_in_failure", "staff_session", "staff"):
        op.drop_table(table)


def _column(
    name: str, kind: sa.types.TypeEngine[Any], *, to: str = "", pk: bool = False, null: bool = False
) -> sa.Column[Any]:
    points = (sa.ForeignKey(to),) if to else ()
    return sa.Column(name, kind, *points, primary_key=pk, nullable=null)


def _staff() -> None:
    role = sa.Enum("staff", "manager", "admin", name="role", native_enum=False, create_constraint=True, length=32)
    op.create_table(
        "staff",
        _column("id", sa.String(32), pk=True),
        _column("email", sa.String(254)),
        _column("name", sa.String()),
        _column("role", role),
        _column("site", sa.String(16), to="site.code", null=True),
        _column("password_hash", sa.String(200)),
        _column("created_at", UtcDateTime()),
        _column("disabled_at", UtcDateTime(), null=True),
        sa.UniqueConstraint("email"),
    )


def _sessions() -> None:
    op.create_table(
        "staff_session",
        _column("id", sa.String(64), pk=True),
        _column("staff", sa.String(32), to="staff.id"),
        _column("csrf", sa.String(64)),
        _column("created_at", UtcDateTime()),
        _column("seen_at", UtcDateTime()),
        _column("expires_at", UtcDateTime()),
    )
    op.create_index("ix_staff_session_staff", "staff_session", ["staff"])
    op.create_table(
        "sign_in_failure",
        _column("id", sa.Integer(), pk=True),
        _column("who", sa.String(64)),
        _column("address", sa.String(64)),
        _column("at", UtcDateTime()),
    )
    op.create_index("ix_sign_in_failure", "sign_in_failure", ["who", "at"])
    op.create_index("ix_sign_in_address", "sign_in_failure", ["address", "at"])
    op.create_table(
        "form_post",
        _column("token", sa.String(64), pk=True),
        _column("staff", sa.String(32), to="staff.id"),
        _column("location", sa.String()),
        _column("at", UtcDateTime()),
    )


def _audit() -> None:
    op.create_table(
        "audit",
        _column("id", sa.String(32), pk=True),
        _column("staff", sa.String(32), to="staff.id", null=True),
        _column("verb", sa.String(32)),
        _column("kind", sa.String(24)),
        _column("subject", sa.String(80)),
        _column("person", sa.String(32), to="person.id", null=True),
        _column("before", sa.JSON()),
        _column("after", sa.JSON()),
        _column("at", UtcDateTime()),
        _column("undo_until", UtcDateTime(), null=True),
        _column("undone_at", UtcDateTime(), null=True),
        _column("undone_by", sa.String(32), to="staff.id", null=True),
    )
    op.create_index("ix_audit_subject", "audit", ["kind", "subject"])
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_index("ix_audit_person", "audit", ["person"])
    op.create_table(
        "note",
        _column("id", sa.String(32), pk=True),
        _column("person", sa.String(32), to="person.id"),
        _column("staff", sa.String(32), to="staff.id", null=True),
        _column("text", sa.String(2000)),
        _column("at", UtcDateTime()),
        _column("withdrawn_at", UtcDateTime(), null=True),
    )
    op.create_index("ix_note_person", "note", ["person"])
