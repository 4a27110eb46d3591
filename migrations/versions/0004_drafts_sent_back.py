"""Let a draft be sent back to its authors: who did so, when, and with which comment."""

import sqlalchemy as sa
from alembic import op

revision = "0004_drafts_sent_back"
down_revision = "0003_proposals"
branch_labels = None
depends_on = None

COLUMNS = {
    "sent_back_at": sa.DateTime(timezone=True),
    "sent_back_by": sa.String(),
    "sent_back_comment": sa.Text(),
}


def upgrade() -> None:
    """Add the columns. The trigger that freezes published drafts covers them: it refuses every change of such a row."""
    for name, kind in COLUMNS.items():
        op.add_column("draft", sa.Column(name, kind))


def downgrade() -> None:
    """Drop the columns, and with them the comments on drafts that wait; the audit trail has them still."""
    for name in reversed(COLUMNS):
        op.drop_column("draft", name)
