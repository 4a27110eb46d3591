"""The service's store on SQLite or PostgreSQL. `app.services.ports` documents each operation."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Self

from sqlalchemy import URL, Engine, select
from sqlalchemy.orm import Session

from app.services.ports import (
    PACKAGE,
    ApiKeyRecord,
    AuditRecord,
    Draft,
    DraftContent,
    LoadReport,
    NewCalendarVersion,
    NewProfileVersion,
    Page,
    StoredCalendarVersion,
    StoredProfileVersion,
    StoredState,
    WriteContext,
)
from app.store import audit, calendars, drafts, keys, packaged, profiles
from app.store.engine import create_engine
from app.store.tables import Publication
from app.store.transactions import reading, writing


def open_store(url: str | URL) -> "SqlStore":
    """Create a store on this database, which need not be reachable yet."""
    return SqlStore(create_engine(url))


class SqlStore:
    """Stores records in a database. Safe to use from several threads, not across a fork."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; the next use opens new ones."""
        self.engine.dispose()

    def state_token(self) -> str:
        """Return a token that changes whenever `load_everything` would return something else."""
        with reading(self.engine) as session:
            return _token(session)

    def load_everything(self) -> StoredState:
        """Load everything that answers requests, as of one moment."""
        with reading(self.engine) as session:
            return StoredState(
                token=_token(session),
                profiles=profiles.load_all(session),
                calendars=calendars.load_all(session),
                keys=keys.load_all(session),
            )

    def create_draft(
        self, key: str, content: DraftContent, *, base_version: int | None, context: WriteContext
    ) -> Draft:
        """Store a new draft at revision 1."""
        with writing(self.engine) as session:
            return drafts.create(session, key, content, base_version=base_version, context=_person(context))

    def replace_draft(
        self, draft_id: str, content: DraftContent, *, expected_revision: int, context: WriteContext
    ) -> Draft:
        """Replace the document of a draft."""
        with writing(self.engine) as session:
            return drafts.replace(
                session, draft_id, content, expected_revision=expected_revision, context=_person(context)
            )

    def get_draft(self, draft_id: str) -> Draft:
        """Return a draft, even one that was published."""
        with reading(self.engine) as session:
            return drafts.get(session, draft_id)

    def list_drafts(
        self, *, keys: Collection[str] | None = None, after: str | None = None, limit: int = 50
    ) -> Page[Draft]:
        """List unpublished drafts, oldest first."""
        with reading(self.engine) as session:
            return drafts.page(session, keys=keys, after=after, limit=_at_least_one(limit))

    def delete_draft(self, draft_id: str, *, expected_revision: int, context: WriteContext) -> None:
        """Delete an unpublished draft."""
        with writing(self.engine) as session:
            drafts.delete(session, draft_id, expected_revision=expected_revision, context=_person(context))

    def publish_profile(
        self, draft_id: str, version: NewProfileVersion, *, expected_revision: int, context: WriteContext
    ) -> StoredProfileVersion:
        """Publish a draft as the next version of its key."""
        with writing(self.engine) as session:
            return profiles.publish_draft(
                session, draft_id, version, expected_revision=expected_revision, context=_person(context)
            )

    def withdraw_profile(self, key: str, version: int, *, reason: str, context: WriteContext) -> StoredProfileVersion:
        """Withdraw a version permanently."""
        with writing(self.engine) as session:
            return profiles.withdraw(session, key, version, reason=reason, context=_person(context))

    def publish_calendar_version(
        self, version: NewCalendarVersion, *, expected_latest: int | None, context: WriteContext
    ) -> StoredCalendarVersion:
        """Publish the version after `expected_latest`."""
        with writing(self.engine) as session:
            return calendars.publish(session, version, expected_latest=expected_latest, context=_person(context))

    def create_key(self, key: ApiKeyRecord, *, context: WriteContext) -> ApiKeyRecord:
        """Store a new API key."""
        with writing(self.engine) as session:
            return keys.create(session, key, context=_person(context))

    def list_keys(self) -> tuple[ApiKeyRecord, ...]:
        """List every API key, oldest first."""
        with reading(self.engine) as session:
            return keys.load_all(session)

    def expire_key(self, key_id: str, *, expires_at: datetime | None, context: WriteContext) -> ApiKeyRecord:
        """Set when an API key expires, None for never."""
        with writing(self.engine) as session:
            return keys.expire(session, key_id, expires_at=expires_at, context=_person(context))

    def revoke_key(self, key_id: str, *, context: WriteContext) -> ApiKeyRecord:
        """Revoke an API key permanently."""
        with writing(self.engine) as session:
            return keys.revoke(session, key_id, context=_person(context))

    def list_audit(
        self, *, before: str | None = None, limit: int = 50, subject: str | None = None
    ) -> Page[AuditRecord]:
        """List changes, newest first."""
        with reading(self.engine) as session:
            return audit.page(session, before=before, limit=_at_least_one(limit), subject=subject)

    def load_packaged(
        self,
        profiles: Sequence[NewProfileVersion],
        calendars: Sequence[NewCalendarVersion],
        *,
        at: datetime,
        application_version: str,
        take_over: Collection[str] = (),
    ) -> LoadReport:
        """Publish each packaged document whose checksum its key does not have yet."""
        context = WriteContext(by=PACKAGE, at=at)
        # Most starts find nothing to do, and must not queue for the writers' lock, nor need a writable database.
        with reading(self.engine) as session:
            if not packaged.pending(session, profiles, calendars):
                return packaged.load(
                    session,
                    profiles,
                    calendars,
                    application_version=application_version,
                    take_over=take_over,
                    context=context,
                )
        with writing(self.engine) as session:
            return packaged.load(
                session,
                profiles,
                calendars,
                application_version=application_version,
                take_over=take_over,
                context=context,
            )


def _token(session: Session) -> str:
    return str(session.scalars(select(Publication.counter)).one())


def _person(context: WriteContext) -> WriteContext:
    if context.by == PACKAGE:
        raise ValueError(f"{PACKAGE!r} is the name under which the application publishes what comes with it")
    return context


def _at_least_one(limit: int) -> int:
    if limit < 1:
        raise ValueError(f"a page has at least one record, not {limit}")
    return limit
