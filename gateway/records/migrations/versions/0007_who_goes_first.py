"""Who goes first of the reminders with the same time left."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what is planned already keeps the order of its dates."""
    op.add_column("reminder", sa.Column("priority", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("reminder", "priority")
