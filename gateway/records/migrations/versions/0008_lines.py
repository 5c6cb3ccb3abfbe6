"""Count the calls under way in an index of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# As they are called at this revision: a migration stays what it was when the words of the program change.
_OVER = "'busy', 'cancelled', 'completed', 'delivered', 'failed', 'machine', 'no_answer', 'undelivered'"
_UNDER_WAY = sa.text(f"channel = 'voice' AND status NOT IN ({_OVER})")


def upgrade() -> None:
    """Add the index."""
    op.create_index(
        "ix_attempt_line",
        "attempt",
        ["direction", "created_at"],
        sqlite_where=_UNDER_WAY,
        postgresql_where=_UNDER_WAY,
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_attempt_line", "attempt")
