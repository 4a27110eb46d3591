"""Names of the database triggers that make published records immutable.

The migrations 0002 and 0003 create the triggers. They bind every client, including this service; only the table owner
can drop them. `verify_schema` reports any that are missing.
"""

from sqlalchemy import Connection, text

GUARDS = frozenset(
    {
        "profile_version_numbered",
        "profile_version_unchanged",
        "profile_version_kept",
        "profile_version_counted",
        "profile_version_withdrawal_counted",
        "calendar_version_numbered",
        "calendar_version_unchanged",
        "calendar_version_kept",
        "calendar_version_counted",
        "audit_record_numbered",
        "audit_record_unchanged",
        "audit_record_kept",
        "api_key_new",
        "api_key_unchanged",
        "api_key_kept",
        "api_key_counted",
        "api_key_change_counted",
        "draft_new",
        "draft_frozen",
        "draft_kept",
        "proposal_unchanged",
        "publication_new",
        "publication_rising",
        "publication_kept",
    }
)
TRUNCATION_GUARDS = frozenset(
    f"{table}_not_emptied"
    for table in ("profile_version", "calendar_version", "audit_record", "api_key", "draft", "publication")
)
"""PostgreSQL only: SQLite has no TRUNCATE."""

_SQLITE = text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
# 'A' fires also for a session that claims to be replicating; an ordinary trigger can be slept through that way.
_POSTGRESQL = text(
    "SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
    " WHERE NOT t.tgisinternal AND t.tgenabled = 'A' AND pg_table_is_visible(c.oid)"
)


def missing_guards(connection: Connection) -> frozenset[str]:
    """Return the triggers that are missing from this database or disabled."""
    if connection.dialect.name == "postgresql":
        return (GUARDS | TRUNCATION_GUARDS) - set(connection.scalars(_POSTGRESQL))
    return GUARDS - set(connection.scalars(_SQLITE))
