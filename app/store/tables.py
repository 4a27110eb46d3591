"""The tables. Triggers in the database protect what must not change (`app.store.guards`)."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    Text,
    UniqueConstraint,
    select,
    tuple_,
)

from app.store.columns import Document, Instant, TextTuple

READ_AT_ONCE = 50
"""Documents in one query: some megabytes."""

# Constraint names are the same on both databases.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

publication = Table(
    "publication",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("counter", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)
"""One row that counts changes to what answers requests. Writers take its lock."""

profile_version = Table(
    "profile_version",
    metadata,
    Column("key", String, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("title", String, nullable=False),
    Column("document", Document, nullable=False),
    Column("resolved", Document, nullable=False),
    Column("checksum", String, nullable=False),
    Column("in_force_from", Date),
    Column("based_on_key", String),
    Column("based_on_version", Integer),
    Column("published_at", Instant(), nullable=False),
    Column("published_by", String, nullable=False),
    Column("reason", Text),
    Column("withdrawn_at", Instant()),
    Column("withdrawn_by", String),
    Column("withdrawn_reason", Text),
    ForeignKeyConstraint(["based_on_key", "based_on_version"], ["profile_version.key", "profile_version.version"]),
    CheckConstraint("(based_on_key IS NULL) = (based_on_version IS NULL)", name="based_on_whole"),
    CheckConstraint(
        "(withdrawn_at IS NULL) = (withdrawn_by IS NULL) AND (withdrawn_at IS NULL) = (withdrawn_reason IS NULL)",
        name="withdrawn_whole",
    ),
    CheckConstraint("version >= 1", name="version_from_one"),
)
"""Published versions of profiles."""

calendar_version = Table(
    "calendar_version",
    metadata,
    Column("key", String, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("document", Document, nullable=False),
    Column("checksum", String, nullable=False),
    Column("extends", String),
    Column("published_until", Date),
    Column("published_at", Instant(), nullable=False),
    Column("published_by", String, nullable=False),
    Column("reason", Text),
    Column("report", Document),
    CheckConstraint("version >= 1", name="version_from_one"),
)
"""Published versions of calendars."""

draft = Table(
    "draft",
    metadata,
    Column("id", String, primary_key=True),
    Column("key", String, nullable=False),
    Column("document", Document, nullable=False),
    Column("checksum", String, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("base_version", Integer),
    Column("created_at", Instant(), nullable=False),
    Column("created_by", String, nullable=False),
    Column("updated_at", Instant(), nullable=False),
    Column("updated_by", String, nullable=False),
    Column("authors", TextTuple(), nullable=False),
    Column("published_version", Integer),
    Column("sent_back_at", Instant()),
    Column("sent_back_by", String),
    Column("sent_back_comment", Text),
    ForeignKeyConstraint(["key", "base_version"], ["profile_version.key", "profile_version.version"]),
    ForeignKeyConstraint(
        ["key", "published_version"], ["profile_version.key", "profile_version.version"], name="fk_draft_published"
    ),
    # What a version was published from is one draft, and a draft becomes one version.
    UniqueConstraint("key", "published_version"),
    Index(None, "created_at", "id"),
    CheckConstraint("revision >= 1", name="revision_from_one"),
)
"""Drafts of profile versions; immutable once published."""

proposal = Table(
    "proposal",
    metadata,
    Column("id", String, primary_key=True),
    Column("key", String, nullable=False),
    Column("action", String, nullable=False),
    Column("request", Document, nullable=False),
    Column("proposed_at", Instant(), nullable=False),
    Column("proposed_by", String, nullable=False),
    Index(None, "key", "proposed_at"),
)
"""Changes that wait for a second person; each is approved as it is, or discarded."""

api_key = Table(
    "api_key",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("prefix", String, nullable=False),
    Column("hash", String, nullable=False),
    Column("scopes", TextTuple(), nullable=False),
    Column("profile_keys", TextTuple()),
    Column("created_at", Instant(), nullable=False),
    Column("expires_at", Instant()),
    Column("revoked_at", Instant()),
    UniqueConstraint("hash"),
)
"""API keys: their hashes, never the keys."""

audit_record = Table(
    "audit_record",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant(), nullable=False),
    Column("actor", String, nullable=False),
    Column("action", String, nullable=False),
    Column("subject_kind", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("before", String),
    Column("after", String),
    Column("request_id", String),
    Column("detail", Document, nullable=False),
    Index(None, "subject", "id"),
)
"""Changes, never updated."""


def insert_row(connection: Connection, table: Table, record: object) -> None:
    """Insert a record of the service layer, whose attributes are called like the columns."""
    connection.execute(table.insert().values({column.name: getattr(record, column.name) for column in table.columns}))


def without(table: Table, *names: str) -> list[Column[Any]]:
    """Return the columns of a table but for those with these names."""
    return [column for column in table.columns if column.name not in names]


def read_texts(
    connection: Connection, table: Table, versions: Sequence[tuple[str, int]], *texts: ColumnElement[Any]
) -> Iterator[tuple[tuple[str, int], tuple[Any, ...]]]:
    """Yield each of these versions, by key and number, with its texts, read some at a time: all are large."""
    named = tuple_(table.c.key, table.c.version)
    for start in range(0, len(versions), READ_AT_ONCE):
        some = named.in_(versions[start : start + READ_AT_ONCE])
        for key, version, *values in connection.execute(select(table.c.key, table.c.version, *texts).where(some)):
            yield (key, version), tuple(values)


def find_row(connection: Connection, table: Table, *key: object) -> Row[Any] | None:
    """Return the row with this primary key, None if there is none."""
    return connection.execute(table.select().where(*_is_row(table, key))).one_or_none()


def change_row(connection: Connection, table: Table, *key: object, **values: object) -> None:
    """Change some columns of the row with this primary key."""
    connection.execute(table.update().where(*_is_row(table, key)).values(**values))


def delete_row(connection: Connection, table: Table, *key: object) -> None:
    """Delete the row with this primary key."""
    connection.execute(table.delete().where(*_is_row(table, key)))


def _is_row(table: Table, key: tuple[object, ...]) -> list[ColumnElement[bool]]:
    return [column == value for column, value in zip(table.primary_key, key, strict=True)]
