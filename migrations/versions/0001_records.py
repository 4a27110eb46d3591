"""Create the tables: versions of profiles and calendars, drafts, keys and the audit trail."""

import sqlalchemy as sa
from alembic import op

revision = "0001_records"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables and their indexes."""
    instant = sa.DateTime(timezone=True)
    publication = op.create_table(
        "publication",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_publication_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
    )
    op.bulk_insert(publication, [{"id": 1, "counter": 0}])
    op.create_table(
        "profile_version",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("resolved", sa.JSON(), nullable=False),
        sa.Column("checksum", sa.String(), nullable=False),
        sa.Column("in_force_from", sa.Date()),
        sa.Column("based_on_key", sa.String()),
        sa.Column("based_on_version", sa.Integer()),
        sa.Column("published_at", instant, nullable=False),
        sa.Column("published_by", sa.String(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("withdrawn_at", instant),
        sa.Column("withdrawn_by", sa.String()),
        sa.Column("withdrawn_reason", sa.Text()),
        sa.CheckConstraint(
            "(based_on_key IS NULL) = (based_on_version IS NULL)", name=op.f("ck_profile_version_based_on_whole")
        ),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL) AND (withdrawn_at IS NULL) = (withdrawn_reason IS NULL)",
            name=op.f("ck_profile_version_withdrawn_whole"),
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_profile_version_version_from_one")),
        sa.ForeignKeyConstraint(
            ["based_on_key", "based_on_version"],
            ["profile_version.key", "profile_version.version"],
            name=op.f("fk_profile_version_based_on_key_based_on_version"),
        ),
        sa.PrimaryKeyConstraint("key", "version", name=op.f("pk_profile_version")),
    )
    op.create_table(
        "calendar_version",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("checksum", sa.String(), nullable=False),
        sa.Column("extends", sa.String()),
        sa.Column("published_until", sa.Date()),
        sa.Column("published_at", instant, nullable=False),
        sa.Column("published_by", sa.String(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("report", sa.JSON()),
        sa.CheckConstraint("version >= 1", name=op.f("ck_calendar_version_version_from_one")),
        sa.PrimaryKeyConstraint("key", "version", name=op.f("pk_calendar_version")),
    )
    op.create_table(
        "draft",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("checksum", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("base_version", sa.Integer()),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("updated_at", instant, nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.Column("published_version", sa.Integer()),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_draft_revision_from_one")),
        sa.ForeignKeyConstraint(
            ["key", "base_version"],
            ["profile_version.key", "profile_version.version"],
            name=op.f("fk_draft_key_base_version"),
        ),
        sa.ForeignKeyConstraint(
            ["key", "published_version"],
            ["profile_version.key", "profile_version.version"],
            name=op.f("fk_draft_published"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint("key", "published_version", name=op.f("uq_draft_key_published_version")),
    )
    op.create_index(op.f("ix_draft_created_at_id"), "draft", ["created_at", "id"])
    op.create_table(
        "api_key",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("profile_keys", sa.JSON()),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("expires_at", instant),
        sa.Column("revoked_at", instant),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("hash", name=op.f("uq_api_key_hash")),
    )
    op.create_table(
        "audit_record",
        sa.Column("id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("before", sa.String()),
        sa.Column("after", sa.String()),
        sa.Column("request_id", sa.String()),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_record")),
    )
    op.create_index(op.f("ix_audit_record_subject_id"), "audit_record", ["subject", "id"])


def downgrade() -> None:
    """Drop the tables with everything in them."""
    for table in ("audit_record", "api_key", "draft", "calendar_version", "profile_version", "publication"):
        op.drop_table(table)
