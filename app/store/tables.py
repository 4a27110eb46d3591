"""The tables. Triggers in the database protect what must not change (`app.store.guards`)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.store.columns import Document, Instant, TextTuple


class Base(DeclarativeBase):
    """Base of all tables; constraint names are the same on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 SQLAlchemy reads it once, when the class is made
        str: String(),
        datetime: Instant(),
        dict[str, Any]: Document,
        tuple[str, ...]: TextTuple(),
    }


class Publication(Base):
    """One row that counts changes to what answers requests. Writers take its lock."""

    __tablename__ = "publication"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    counter: Mapped[int] = mapped_column(BigInteger)


class ProfileVersion(Base):
    """A published version of a profile."""

    __tablename__ = "profile_version"
    __table_args__ = (
        ForeignKeyConstraint(["based_on_key", "based_on_version"], ["profile_version.key", "profile_version.version"]),
        CheckConstraint("(based_on_key IS NULL) = (based_on_version IS NULL)", name="based_on_whole"),
        CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL) AND (withdrawn_at IS NULL) = (withdrawn_reason IS NULL)",
            name="withdrawn_whole",
        ),
        CheckConstraint("version >= 1", name="version_from_one"),
    )

    key: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str]
    document: Mapped[dict[str, Any]]
    resolved: Mapped[dict[str, Any]]
    checksum: Mapped[str]
    in_force_from: Mapped[date | None]
    based_on_key: Mapped[str | None]
    based_on_version: Mapped[int | None]
    published_at: Mapped[datetime]
    published_by: Mapped[str]
    reason: Mapped[str | None] = mapped_column(Text)
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None]
    withdrawn_reason: Mapped[str | None] = mapped_column(Text)


class CalendarVersion(Base):
    """A published version of a calendar."""

    __tablename__ = "calendar_version"
    __table_args__ = (CheckConstraint("version >= 1", name="version_from_one"),)

    key: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[dict[str, Any]]
    checksum: Mapped[str]
    extends: Mapped[str | None]
    published_until: Mapped[date | None]
    published_at: Mapped[datetime]
    published_by: Mapped[str]
    reason: Mapped[str | None] = mapped_column(Text)
    report: Mapped[dict[str, Any] | None]


class DraftRow(Base):
    """A draft of a profile version; immutable once published."""

    __tablename__ = "draft"
    __table_args__ = (
        ForeignKeyConstraint(["key", "base_version"], ["profile_version.key", "profile_version.version"]),
        ForeignKeyConstraint(
            ["key", "published_version"],
            ["profile_version.key", "profile_version.version"],
            name="fk_draft_published",
        ),
        # What a version was published from is one draft, and a draft becomes one version.
        UniqueConstraint("key", "published_version"),
        Index(None, "created_at", "id"),
        CheckConstraint("revision >= 1", name="revision_from_one"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str]
    document: Mapped[dict[str, Any]]
    checksum: Mapped[str]
    revision: Mapped[int]
    base_version: Mapped[int | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    updated_at: Mapped[datetime]
    updated_by: Mapped[str]
    authors: Mapped[tuple[str, ...]]
    published_version: Mapped[int | None]
    sent_back_at: Mapped[datetime | None]
    sent_back_by: Mapped[str | None]
    sent_back_comment: Mapped[str | None] = mapped_column(Text)


class ProposalRow(Base):
    """A change that waits for a second person; it is approved as it is, or discarded."""

    __tablename__ = "proposal"
    __table_args__ = (Index(None, "key", "proposed_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str]
    action: Mapped[str]
    request: Mapped[dict[str, Any]]
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[str]


class ApiKey(Base):
    """An API key: its hash, never the key."""

    __tablename__ = "api_key"
    __table_args__ = (UniqueConstraint("hash"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    prefix: Mapped[str]
    hash: Mapped[str]
    scopes: Mapped[tuple[str, ...]]
    profile_keys: Mapped[tuple[str, ...] | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class AuditRow(Base):
    """One change, never updated."""

    __tablename__ = "audit_record"
    __table_args__ = (Index(None, "subject", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject: Mapped[str]
    before: Mapped[str | None]
    after: Mapped[str | None]
    request_id: Mapped[str | None]
    detail: Mapped[dict[str, Any]]
