"""Create the triggers that make published records immutable, whoever writes to the database.

Each trigger is defined once, as the condition on which a statement is refused. SQLite takes the condition as it is. In
PostgreSQL a condition that reads other rows has to be in a function of its own.
"""

from dataclasses import dataclass

from alembic import op

revision = "0002_guards"
down_revision = "0001_records"
branch_labels = None
depends_on = None


@dataclass(frozen=True)
class ImmutabilityTrigger:
    """A trigger that refuses a statement on a row. `looks_around`: the condition has a subquery."""

    name: str
    table: str
    event: str
    refused_when: str
    message: str
    looks_around: bool = False


def changed(*columns: str) -> str:
    # As text, because PostgreSQL's JSON has no equality, and its text is what has to stay the same.
    """Return the condition that any of the columns changes."""
    if op.get_bind().dialect.name == "postgresql":
        return "(" + " OR ".join(f"NEW.{name}::text IS DISTINCT FROM OLD.{name}::text" for name in columns) + ")"
    return "(" + " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in columns) + ")"


def follows(table: str, number: str, among: str = "TRUE") -> str:
    """Return the condition that a number is not the next one."""
    return f"NEW.{number} <> (SELECT COALESCE(MAX(t.{number}), 0) + 1 FROM {table} t WHERE {among})"  # noqa: S608 fixed names


def guards() -> list[ImmutabilityTrigger]:
    """List the triggers."""
    return [
        # An INSERT OR REPLACE meets these before it replaces anything, since what it would replace exists.
        ImmutabilityTrigger(
            "profile_version_numbered",
            "profile_version",
            "INSERT",
            f"NEW.withdrawn_at IS NOT NULL OR {follows('profile_version', 'version', 't.key = NEW.key')}",
            "versions are numbered from 1 without gaps, and published before they are withdrawn",
            looks_around=True,
        ),
        ImmutabilityTrigger(
            "profile_version_unchanged",
            "profile_version",
            "UPDATE",
            changed(
                "key",
                "version",
                "title",
                "document",
                "resolved",
                "checksum",
                "in_force_from",
                "based_on_key",
                "based_on_version",
                "published_at",
                "published_by",
                "reason",
            )
            + " OR OLD.withdrawn_at IS NOT NULL OR NEW.withdrawn_at IS NULL",
            "a published version never changes; it can be withdrawn, once",
        ),
        ImmutabilityTrigger(
            "profile_version_kept", "profile_version", "DELETE", "TRUE", "a published version is kept for ever"
        ),
        ImmutabilityTrigger(
            "calendar_version_numbered",
            "calendar_version",
            "INSERT",
            follows("calendar_version", "version", "t.key = NEW.key"),
            "versions are numbered from 1 without gaps",
            looks_around=True,
        ),
        ImmutabilityTrigger(
            "calendar_version_unchanged", "calendar_version", "UPDATE", "TRUE", "a published version never changes"
        ),
        ImmutabilityTrigger(
            "calendar_version_kept", "calendar_version", "DELETE", "TRUE", "a published version is kept for ever"
        ),
        ImmutabilityTrigger(
            "audit_record_numbered",
            "audit_record",
            "INSERT",
            follows("audit_record", "id"),
            "audit records are numbered from 1 without gaps",
            looks_around=True,
        ),
        ImmutabilityTrigger(
            "audit_record_unchanged", "audit_record", "UPDATE", "TRUE", "an audit record never changes"
        ),
        ImmutabilityTrigger("audit_record_kept", "audit_record", "DELETE", "TRUE", "an audit record is kept for ever"),
        ImmutabilityTrigger(
            "api_key_new",
            "api_key",
            "INSERT",
            "EXISTS (SELECT 1 FROM api_key t WHERE t.id = NEW.id OR t.hash = NEW.hash)",
            "a key is never replaced",
            looks_around=True,
        ),
        ImmutabilityTrigger(
            "api_key_unchanged",
            "api_key",
            "UPDATE",
            changed("id", "name", "prefix", "hash", "scopes", "profile_keys", "created_at")
            + " OR OLD.revoked_at IS NOT NULL",
            "of a key only its end can be set, and a revoked one stays revoked",
        ),
        ImmutabilityTrigger("api_key_kept", "api_key", "DELETE", "TRUE", "a key is revoked, not removed"),
        ImmutabilityTrigger(
            "draft_new",
            "draft",
            "INSERT",
            "NEW.published_version IS NOT NULL OR EXISTS (SELECT 1 FROM draft t WHERE t.id = NEW.id)",
            "a draft is new and unpublished when it is made",
            looks_around=True,
        ),
        ImmutabilityTrigger(
            "draft_frozen",
            "draft",
            "UPDATE",
            "OLD.published_version IS NOT NULL OR " + changed("id", "key", "base_version", "created_at", "created_by"),
            "a draft keeps its key and origin, and is frozen once published",
        ),
        ImmutabilityTrigger(
            "draft_kept",
            "draft",
            "DELETE",
            "OLD.published_version IS NOT NULL",
            "what was published keeps its draft",
        ),
        ImmutabilityTrigger("publication_new", "publication", "INSERT", "TRUE", "the counter of changes has one row"),
        ImmutabilityTrigger(
            "publication_rising",
            "publication",
            "UPDATE",
            "NEW.counter <= OLD.counter OR " + changed("id"),
            "the counter of changes only rises",
        ),
        ImmutabilityTrigger("publication_kept", "publication", "DELETE", "TRUE", "the counter of changes has one row"),
    ]


# Whatever changes what answers a request also changes the state token, by whichever way it was written.
COUNTED = {
    "profile_version_counted": ("profile_version", "INSERT"),
    "profile_version_withdrawal_counted": ("profile_version", "UPDATE"),
    "calendar_version_counted": ("calendar_version", "INSERT"),
    "api_key_counted": ("api_key", "INSERT"),
    "api_key_change_counted": ("api_key", "UPDATE"),
}
KEPT_WHOLE = ("profile_version", "calendar_version", "audit_record", "api_key", "draft", "publication")
COUNT = "UPDATE publication SET counter = counter + 1"


def upgrade() -> None:
    """Create the triggers."""
    if op.get_bind().dialect.name == "postgresql":
        _upgrade_postgresql()
    else:
        _upgrade_sqlite()


def downgrade() -> None:
    """Drop the triggers."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    tables = {guard.name: guard.table for guard in guards()} | {name: table for name, (table, _) in COUNTED.items()}
    if postgresql:
        tables |= {f"{table}_not_emptied": table for table in KEPT_WHOLE}
    for name, table in tables.items():
        op.execute(f"DROP TRIGGER {name} ON {table}" if postgresql else f"DROP TRIGGER {name}")
    if postgresql:
        for name in ["deadlines_refuse", "deadlines_count", *(g.name for g in guards() if g.looks_around)]:
            op.execute(f"DROP FUNCTION {name}()")


def _upgrade_sqlite() -> None:
    for guard in guards():
        op.execute(
            f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table} FOR EACH ROW WHEN {guard.refused_when}"
            f" BEGIN SELECT RAISE(ABORT, '{guard.message}'); END"
        )
    for name, (table, event) in COUNTED.items():
        op.execute(f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW BEGIN {COUNT}; END")


def _upgrade_postgresql() -> None:
    # restrict_violation, so that the refusal arrives as an integrity error, as it does from SQLite.
    _create_function("deadlines_refuse", "RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'restrict_violation'")
    _create_function("deadlines_count", f"{COUNT}; RETURN NULL")
    for guard in guards():
        condition, function, argument = f"WHEN ({guard.refused_when})", "deadlines_refuse", f"'{guard.message}'"
        if guard.looks_around:
            condition, function, argument = "", guard.name, ""
            _create_function(
                function,
                f"IF {guard.refused_when} THEN RAISE EXCEPTION USING MESSAGE = '{guard.message}',"
                " ERRCODE = 'restrict_violation'; END IF; RETURN NEW",
            )
        _create_trigger(
            guard.name, f"BEFORE {guard.event} ON {guard.table} FOR EACH ROW {condition}", f"{function}({argument})"
        )
    for name, (table, event) in COUNTED.items():
        _create_trigger(name, f"AFTER {event} ON {table} FOR EACH ROW", "deadlines_count()")
    for table in KEPT_WHOLE:
        message = f"{table} is never emptied"
        _create_trigger(
            f"{table}_not_emptied", f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT", f"deadlines_refuse('{message}')"
        )
    for name, table in (
        *((guard.name, guard.table) for guard in guards()),
        *((name, table) for name, (table, _) in COUNTED.items()),
        *((f"{table}_not_emptied", table) for table in KEPT_WHOLE),
    ):
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def _create_function(name: str, body: str) -> None:
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; END $$")


def _create_trigger(name: str, occasion: str, call: str) -> None:
    op.execute(f"CREATE TRIGGER {name} {occasion} EXECUTE FUNCTION {call}")
