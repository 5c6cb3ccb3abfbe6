"""Read in order whose turn it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_PLANNED = sa.text("status = 'planned'")
_TURN = ["channel", "expires_at", "priority", "due_at", "id", "next_try_at"]


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_reminder_turn", "reminder", _TURN, sqlite_where=_PLANNED, postgresql_where=_PLANNED)


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_reminder_turn", "reminder")
