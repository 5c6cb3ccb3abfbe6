"""When each tick last ran, for the health page: `serve` and `work` may be two processes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.records.columns import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "tick_run",
        sa.Column("name", sa.String(24), primary_key=True),
        sa.Column("every", sa.Float(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("real_at", UtcDateTime(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(64), nullable=False),
        sa.Column("failed_at", UtcDateTime(), nullable=True),
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_table("tick_run")
