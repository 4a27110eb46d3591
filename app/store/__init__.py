"""Store published profiles and calendars, drafts, API keys and the audit trail in a database.

SQLite for one machine, PostgreSQL for several; the same tables, triggers and migrations for both.
"""

from app.store.engine import create_engine
from app.store.schema import SchemaMismatch, downgrade, head_revision, upgrade, verify_schema
from app.store.sql import SqlStore, open_store

__all__ = [
    "SchemaMismatch",
    "SqlStore",
    "create_engine",
    "downgrade",
    "head_revision",
    "open_store",
    "upgrade",
    "verify_schema",
]
