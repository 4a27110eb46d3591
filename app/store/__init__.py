"""Store published profiles and calendars, drafts, API keys and the audit trail in a database.

SQLite for one machine, PostgreSQL for several; the same tables, triggers and migrations for both.
"""

from app.services.ports import SchemaMismatch
from app.store.engine import create_engine
from app.store.roles import grant_service_role
from app.store.schema import downgrade, head_revision, upgrade, verify_schema
from app.store.sql import SqlStore, open_store

__all__ = [
    "SchemaMismatch",
    "SqlStore",
    "create_engine",
    "downgrade",
    "grant_service_role",
    "head_revision",
    "open_store",
    "upgrade",
    "verify_schema",
]
