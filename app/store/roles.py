"""What the role that the service connects as may do in PostgreSQL: its work, and nothing to the guards.

The owner of the tables migrates (`deadlines load`) and can switch triggers off. The service connects as another role,
which cannot: even where a trigger is missing, it may not change what was published.
"""

from collections.abc import Mapping

from sqlalchemy import Engine, text

from app.services.ports import StoreError
from app.store.failures import translate_errors

PRIVILEGES: Mapping[str, str] = {
    "alembic_version": "SELECT",
    "publication": "SELECT, UPDATE (counter)",
    "profile_version": "SELECT, INSERT, UPDATE (withdrawn_at, withdrawn_by, withdrawn_reason)",
    "calendar_version": "SELECT, INSERT",
    "draft": "SELECT, INSERT, DELETE, "
    "UPDATE (document, checksum, revision, updated_at, updated_by, authors, published_version, "
    "sent_back_at, sent_back_by, sent_back_comment)",
    "proposal": "SELECT, INSERT, DELETE",
    "api_key": "SELECT, INSERT, UPDATE (expires_at, revoked_at)",
    "audit_record": "SELECT, INSERT",
}


def grant_service_role(engine: Engine, role: str) -> None:
    """Give a role what the service needs on each table, and take everything else from it. Safe to repeat.

    Raises StoreError unless the database is PostgreSQL and has the role.
    """
    if engine.dialect.name != "postgresql":
        raise StoreError("DEADLINES_SERVICE_ROLE needs PostgreSQL: SQLite knows no roles")
    name = engine.dialect.identifier_preparer.quote(role)
    with translate_errors(), engine.begin() as connection:
        if connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}) is None:
            raise StoreError(f"the database has no role {role}; create it first, as deploy/database does")
        schema = engine.dialect.identifier_preparer.quote(str(connection.scalar(text("SELECT current_schema()"))))
        connection.execute(text(f"GRANT USAGE ON SCHEMA {schema} TO {name}"))
        for table, privileges in PRIVILEGES.items():
            connection.execute(text(f"REVOKE ALL ON {table} FROM {name}"))
            connection.execute(text(f"GRANT {privileges} ON {table} TO {name}"))
