"""Find what is told of at once, however far ahead, without a look at all that rosters brought."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_NO_ROSTER = sa.text("source <> 'roster'")


def upgrade() -> None:
    """Add the index."""
    op.create_index(
        "ix_appointment_at_once", "appointment", ["starts_at"], sqlite_where=_NO_ROSTER, postgresql_where=_NO_ROSTER
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_appointment_at_once", "appointment")
