"""Find what is new, and what is over, without a look at all that is stored: the idle ticks of a day read nothing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_WAS_SENT = sa.text("status = 'sent'")


def upgrade() -> None:
    """Add the indexes."""
    op.create_index("ix_reminder_sent", "reminder", ["expires_at"], sqlite_where=_WAS_SENT, postgresql_where=_WAS_SENT)
    op.create_index("ix_task_subject", "task", ["subject"])
    op.create_index("ix_appointment_created_at", "appointment", ["created_at"])


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_appointment_created_at", "appointment")
    op.drop_index("ix_task_subject", "task")
    op.drop_index("ix_reminder_sent", "reminder")
