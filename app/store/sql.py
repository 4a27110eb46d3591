"""The service's store on SQLite or PostgreSQL. `app.services.ports` documents each operation."""

import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Self

from sqlalchemy import URL, Connection, Engine, select

from app.services.ports import (
    PACKAGE,
    AlreadyRead,
    ApiKeyRecord,
    AuditRecord,
    Draft,
    DraftContent,
    DraftSummary,
    JsonObject,
    LoadReport,
    NewCalendarVersion,
    NewProfileVersion,
    Outage,
    Page,
    Proposal,
    ProposalAction,
    StoredCalendarVersion,
    StoredProfileVersion,
    StoredState,
    StoreUnavailable,
    WriteContext,
)
from app.store import audit, calendars, drafts, keys, packaged, profiles, proposals
from app.store.engine import ANSWER_SECONDS, create_engine
from app.store.schema import verify_schema
from app.store.tables import publication
from app.store.transactions import reading, writing

WRITE_FAILURE_SECONDS = 60
"""How long a failed write is reported, unless another one succeeds meanwhile."""
WRITES_ALONE: frozenset[Outage] = frozenset({"full", "locked", "read_only", "not_permitted"})
"""The outages of which readers notice nothing."""
NOTHING_READ = AlreadyRead()


def open_store(url: str | URL, seconds: float = ANSWER_SECONDS) -> "SqlStore":
    """Create a store on this database, which need not be reachable yet. No query takes longer than `seconds`."""
    return SqlStore(create_engine(url, seconds))


class SqlStore:
    """Stores records in a database. Safe to use from several threads, not across a fork."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._failed_write: tuple[float, StoreUnavailable] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; the next use opens new ones."""
        self.engine.dispose()

    def verify(self) -> None:
        """Check that the schema is this version's, or a later one's, and that no trigger is missing."""
        verify_schema(self.engine, newer=True)

    def write_failure(self) -> StoreUnavailable | None:
        """Return why the last write failed, if that was not long ago and a reader would not notice."""
        if self._failed_write is None or time.monotonic() - self._failed_write[0] > WRITE_FAILURE_SECONDS:
            return None
        return self._failed_write[1]

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        try:
            with writing(self.engine) as connection:
                yield connection
        except StoreUnavailable as failure:
            if failure.outage in WRITES_ALONE:
                self._failed_write = (time.monotonic(), failure)
            raise
        self._failed_write = None

    def state_token(self) -> str:
        """Return a token that changes whenever `load_everything` would return something else."""
        with reading(self.engine) as connection:
            return _token(connection)

    def load_everything(self, already: AlreadyRead = NOTHING_READ) -> StoredState:
        """Load everything that answers requests, as of one moment: the documents only of what was not read already."""
        with reading(self.engine) as connection:
            return StoredState(
                token=_token(connection),
                profiles=profiles.load_all(connection, already.profiles),
                calendars=calendars.load_all(connection, already.calendars),
                keys=keys.load_all(connection),
            )

    def create_draft(
        self, key: str, content: DraftContent, *, base_version: int | None, context: WriteContext
    ) -> Draft:
        """Store a new draft at revision 1."""
        with self._writing() as connection:
            return drafts.create(connection, key, content, base_version=base_version, context=_person(context))

    def replace_draft(
        self, draft_id: str, content: DraftContent, *, expected_revision: int, context: WriteContext
    ) -> Draft:
        """Replace the document of a draft."""
        with self._writing() as connection:
            return drafts.replace(
                connection, draft_id, content, expected_revision=expected_revision, context=_person(context)
            )

    def get_draft(self, draft_id: str) -> Draft:
        """Return a draft, even one that was published."""
        with reading(self.engine) as connection:
            return drafts.get(connection, draft_id)

    def list_drafts(
        self, *, keys: Collection[str] | None = None, after: str | None = None, limit: int = 50
    ) -> Page[DraftSummary]:
        """List unpublished drafts, oldest first."""
        with reading(self.engine) as connection:
            return drafts.page(connection, keys=keys, after=after, limit=_at_least_one(limit))

    def delete_draft(self, draft_id: str, *, expected_revision: int, context: WriteContext) -> None:
        """Delete an unpublished draft."""
        with self._writing() as connection:
            drafts.delete(connection, draft_id, expected_revision=expected_revision, context=_person(context))

    def send_back_draft(
        self, draft_id: str, comment: str, *, expected_revision: int, context: WriteContext
    ) -> DraftSummary:
        """Mark a draft as sent back, until it is replaced."""
        with self._writing() as connection:
            return drafts.send_back(
                connection, draft_id, comment, expected_revision=expected_revision, context=_person(context)
            )

    def publish_profile(
        self, draft_id: str, version: NewProfileVersion, *, expected_revision: int, context: WriteContext
    ) -> StoredProfileVersion:
        """Publish a draft as the next version of its key."""
        with self._writing() as connection:
            return profiles.publish_draft(
                connection, draft_id, version, expected_revision=expected_revision, context=_person(context)
            )

    def withdraw_profile(self, key: str, version: int, *, reason: str, context: WriteContext) -> StoredProfileVersion:
        """Withdraw a version permanently."""
        with self._writing() as connection:
            return profiles.withdraw(connection, key, version, reason=reason, context=_person(context))

    def publish_calendar_version(
        self, version: NewCalendarVersion, *, expected_latest: int | None, context: WriteContext
    ) -> StoredCalendarVersion:
        """Publish the version after `expected_latest`."""
        with self._writing() as connection:
            return calendars.publish(connection, version, expected_latest=expected_latest, context=_person(context))

    def create_proposal(
        self, key: str, action: ProposalAction, request: JsonObject, *, context: WriteContext
    ) -> Proposal:
        """Store a change that waits for a second person."""
        with self._writing() as connection:
            return proposals.create(connection, key, action, request, context=_person(context))

    def get_proposal(self, proposal_id: str) -> Proposal:
        """Return a change that waits."""
        with reading(self.engine) as connection:
            return proposals.get(connection, proposal_id)

    def list_proposals(self, key: str) -> tuple[Proposal, ...]:
        """List the changes of a key that wait, oldest first."""
        with reading(self.engine) as connection:
            return proposals.load_all(connection, key)

    def close_proposal(self, proposal_id: str, *, approved: bool, context: WriteContext) -> None:
        """Remove a change that was carried out, or that is not to be."""
        with self._writing() as connection:
            proposals.close(connection, proposal_id, approved=approved, context=_person(context))

    def create_key(self, key: ApiKeyRecord, *, context: WriteContext) -> ApiKeyRecord:
        """Store a new API key."""
        with self._writing() as connection:
            return keys.create(connection, key, context=_person(context))

    def list_keys(self) -> tuple[ApiKeyRecord, ...]:
        """List every API key, oldest first."""
        with reading(self.engine) as connection:
            return keys.load_all(connection)

    def expire_key(self, key_id: str, *, expires_at: datetime | None, context: WriteContext) -> ApiKeyRecord:
        """Set when an API key expires, None for never."""
        with self._writing() as connection:
            return keys.expire(connection, key_id, expires_at=expires_at, context=_person(context))

    def revoke_key(self, key_id: str, *, context: WriteContext) -> ApiKeyRecord:
        """Revoke an API key permanently."""
        with self._writing() as connection:
            return keys.revoke(connection, key_id, context=_person(context))

    def list_audit(
        self, *, before: str | None = None, limit: int = 50, subject: str | None = None
    ) -> Page[AuditRecord]:
        """List changes, newest first."""
        with reading(self.engine) as connection:
            return audit.page(connection, before=before, limit=_at_least_one(limit), subject=subject)

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
        with reading(self.engine) as connection:
            if not packaged.pending(connection, profiles, calendars):
                return packaged.load(
                    connection,
                    profiles,
                    calendars,
                    application_version=application_version,
                    take_over=take_over,
                    context=context,
                )
        with self._writing() as connection:
            return packaged.load(
                connection,
                profiles,
                calendars,
                application_version=application_version,
                take_over=take_over,
                context=context,
            )


def _token(connection: Connection) -> str:
    return str(connection.scalars(select(publication.c.counter)).one())


def _person(context: WriteContext) -> WriteContext:
    if context.by == PACKAGE:
        raise ValueError(f"{PACKAGE!r} is the name under which the application publishes what comes with it")
    return context


def _at_least_one(limit: int) -> int:
    if limit < 1:
        raise ValueError(f"a page has at least one record, not {limit}")
    return limit
