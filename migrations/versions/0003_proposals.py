"""Create the table of changes that wait for a second person, and the trigger that nobody alters one meanwhile."""

import sqlalchemy as sa
from alembic import op

revision = "0003_proposals"
down_revision = "0002_guards"
branch_labels = None
depends_on = None

GUARD = "proposal_unchanged"
MESSAGE = "a proposal is approved or discarded, not changed"


def upgrade() -> None:
    """Create the table and its guard."""
    op.create_table(
        "proposal",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    op.create_index(op.f("ix_proposal_key_proposed_at"), "proposal", ["key", "proposed_at"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER {GUARD} BEFORE UPDATE ON proposal FOR EACH ROW"
            f" EXECUTE FUNCTION deadlines_refuse('{MESSAGE}')"
        )
        op.execute(f"ALTER TABLE proposal ENABLE ALWAYS TRIGGER {GUARD}")
    else:
        op.execute(
            f"CREATE TRIGGER {GUARD} BEFORE UPDATE ON proposal FOR EACH ROW BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
        )


def downgrade() -> None:
    """Drop the table with every change that still waits, and its guard with it."""
    op.drop_table("proposal")
