"""What the service asks of whatever keeps its records: the records, the refusals and the operations.

Documents are JSON-ready objects. Their checksums are computed by the caller and kept as they come: the store
neither reads a document nor knows how it is digested. No operation reads a clock: the caller says when.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Generic, Literal, Protocol, TypeVar

JsonObject = dict[str, Any]
Item = TypeVar("Item")

PACKAGE = "package"
"""Who published what came with the application; nobody else may write under this name."""


class StoreError(Exception):
    """What the store refuses, or cannot do."""


class NotFound(StoreError):
    """There is no such record."""

    def __init__(self, kind: str, identifier: str) -> None:
        super().__init__(f"there is no {kind} {identifier}")
        self.kind = kind
        self.identifier = identifier


class Conflict(StoreError):
    """The records as they stand do not allow this change; nothing was changed."""


class AlreadyPublished(Conflict):
    """The draft was published before, as the version named here; repeating the call changes nothing."""

    def __init__(self, draft_id: str, key: str, version: int) -> None:
        super().__init__(f"draft {draft_id} was already published as version {version} of {key}")
        self.draft_id = draft_id
        self.key = key
        self.version = version


class StaleRevision(StoreError):
    """Somebody else changed the record since the caller read it; read it again and decide anew."""

    def __init__(self, kind: str, identifier: str, expected: int | None, found: int | None) -> None:
        super().__init__(f"{kind} {identifier} is at {_at(found)}, not at {_at(expected)}")
        self.kind = kind
        self.identifier = identifier
        self.expected = expected
        self.found = found


class BadCursor(StoreError):
    """The place to go on from was not one that this store gave."""


class StoreUnavailable(StoreError):
    """The database does not answer, is locked for too long or has not been migrated; try again later.

    When a commit was under way the change may have been made all the same. Publishing again is safe: it is
    then answered by `AlreadyPublished`.
    """


def _at(number: int | None) -> str:
    return "nothing yet" if number is None else str(number)


@dataclass(frozen=True, slots=True)
class WriteContext:
    """Who writes, when, and under which request; kept in the audit record of the change.

    `at` must carry an offset (`ValueError` otherwise).
    """

    by: str
    at: datetime
    request_id: str | None = None

    def __post_init__(self) -> None:
        if self.at.utcoffset() is None:
            raise ValueError("the time of a change needs an offset")
        if not self.by:
            raise ValueError("a change needs to say who makes it")


@dataclass(frozen=True, slots=True)
class VersionReference:
    """One numbered version of a key."""

    key: str
    version: int


@dataclass(frozen=True, slots=True)
class StoredProfileVersion:
    """One published version of a profile, as it was published.

    `in_force_from` is what the publisher said, None meaning from the beginning. `in_force_to`, its last day, and
    `has_force` are not stored but follow from the other versions (`snapshot.version_in_force`): a version is without force
    when it was withdrawn, or when a later one starts on the same day or before. `document` is what was
    written; `resolved` has what it is based on filled in, and is what `checksum` digests.
    """

    key: str
    version: int
    title: str
    document: JsonObject
    resolved: JsonObject
    checksum: str
    in_force_from: date | None
    in_force_to: date | None
    has_force: bool
    published_at: datetime
    published_by: str
    reason: str | None
    based_on: VersionReference | None
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None
    withdrawn_reason: str | None = None


@dataclass(frozen=True, slots=True)
class StoredCalendarVersion:
    """One published version of a calendar; `report` says what it changed against the version before it.

    `version` here is the one that counts: the store numbers, and a `version` inside `document` is the caller's to
    overwrite.
    """

    key: str
    version: int
    document: JsonObject
    checksum: str
    extends: str | None
    published_until: date | None
    published_at: datetime
    published_by: str
    reason: str | None
    report: JsonObject | None


@dataclass(frozen=True, slots=True)
class ApiKeyRecord:
    """A key to the service, of which only a hash is kept. `profile_keys` None: not limited to certain profiles."""

    id: str
    name: str
    prefix: str
    hash: str
    scopes: tuple[str, ...]
    profile_keys: tuple[str, ...] | None
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A profile version being written. `revision` rises by one with each replacement; `authors` is all who wrote it.

    `base_version` is the version of the same key that it was made from, None for a new key. A draft that was
    published stays, frozen, with the version that it became.
    """

    id: str
    key: str
    document: JsonObject
    checksum: str
    revision: int
    base_version: int | None
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    authors: tuple[str, ...]
    published_version: int | None = None


AuditAction = Literal[
    "draft.created",
    "draft.replaced",
    "draft.deleted",
    "profile.published",
    "profile.withdrawn",
    "calendar.published",
    "key.created",
    "key.expiry_set",
    "key.revoked",
]
SubjectKind = Literal["draft", "profile", "calendar", "key"]


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One change: who made it, what it was, and the checksum of its subject before and after.

    Numbered from 1 without gaps. For a publication `before` is the checksum of the version before it. A withdrawal
    leaves the content as it was, so both are the same. Keys have no checksum.
    """

    id: int
    at: datetime
    actor: str
    action: AuditAction
    subject_kind: SubjectKind
    subject: str
    before: str | None
    after: str | None
    request_id: str | None
    detail: JsonObject


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some records in a fixed order; `next` is where to go on, None at the end.

    Records added or removed meanwhile neither repeat nor hide any other.
    """

    items: tuple[Item, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class StoredState:
    """Everything that answers a request, read at one moment; `token` is the state that it is.

    Profiles and calendars are ordered by key and version, keys by creation.
    """

    token: str
    profiles: tuple[StoredProfileVersion, ...]
    calendars: tuple[StoredCalendarVersion, ...]
    keys: tuple[ApiKeyRecord, ...]


@dataclass(frozen=True, slots=True)
class PackagedProfile:
    """A profile that comes with the application. List one that others are based on before them."""

    key: str
    title: str
    document: JsonObject
    resolved: JsonObject
    checksum: str
    in_force_from: date | None = None
    based_on: VersionReference | None = None


@dataclass(frozen=True, slots=True)
class PackagedCalendar:
    """A calendar that comes with the application. The checksum must not cover the version number."""

    key: str
    document: JsonObject
    checksum: str
    published_until: date | None
    extends: str | None = None
    report: JsonObject | None = None


@dataclass(frozen=True, slots=True)
class PackagedOutcome:
    """What became of one packaged document: `version` is the one published or already there, None when held back."""

    kind: Literal["profile", "calendar"]
    key: str
    outcome: Literal["published", "unchanged", "held_back"]
    version: int | None


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What became of every packaged document, calendars first, in the order given."""

    outcomes: tuple[PackagedOutcome, ...] = field(default=())

    @property
    def published(self) -> tuple[PackagedOutcome, ...]:
        """Those that became a new version."""
        return tuple(each for each in self.outcomes if each.outcome == "published")

    @property
    def held_back(self) -> tuple[PackagedOutcome, ...]:
        """Those that differ from what is stored but were left alone, somebody else having taken over the key."""
        return tuple(each for each in self.outcomes if each.outcome == "held_back")


class Store(Protocol):
    """Keeps versions, drafts, keys and the record of every change.

    Every operation is one transaction, all of it or nothing, and raises `StoreUnavailable` when the database
    cannot be used. Every write appends one `AuditRecord` for each thing that it changes, in the same transaction.
    """

    def state_token(self) -> str:
        """What changes whenever `load_everything` would answer differently; one cheap query."""

    def load_everything(self) -> StoredState:
        """All that answers requests, as of one moment: never half of a publication."""

    def create_draft(
        self, key: str, *, document: JsonObject, checksum: str, base_version: int | None, context: WriteContext
    ) -> Draft:
        """Keep a new draft, at revision 1. Raises `NotFound` if the key has no `base_version`."""

    def replace_draft(
        self, draft_id: str, *, expected_revision: int, document: JsonObject, checksum: str, context: WriteContext
    ) -> Draft:
        """Put another document in its place. Raises `NotFound`, `StaleRevision`, `AlreadyPublished`."""

    def get_draft(self, draft_id: str) -> Draft:
        """The draft, also one that was published. Raises `NotFound`."""

    def list_drafts(
        self, *, keys: Collection[str] | None = None, after: str | None = None, limit: int = 50
    ) -> Page[Draft]:
        """Unpublished drafts, oldest first; of these profile keys only, if any are given. Raises `BadCursor`."""

    def delete_draft(self, draft_id: str, *, expected_revision: int, context: WriteContext) -> None:
        """Discard an unpublished draft. Raises `NotFound`, `StaleRevision`, `AlreadyPublished`."""

    def publish_profile(
        self,
        draft_id: str,
        *,
        expected_revision: int,
        title: str,
        document: JsonObject,
        resolved: JsonObject,
        checksum: str,
        in_force_from: date | None,
        based_on: VersionReference | None,
        reason: str | None,
        context: WriteContext,
    ) -> StoredProfileVersion:
        """Make a draft the next version of its key.

        Of two at once, one succeeds and the other gets `AlreadyPublished`. Raises `NotFound` (the draft, or
        what it is based on) and `StaleRevision` too.
        """

    def withdraw_profile(self, key: str, version: int, *, reason: str, context: WriteContext) -> StoredProfileVersion:
        """End a version's force, once and for all; it stays readable. Raises `NotFound`, or `Conflict` if it was."""

    def publish_calendar_version(
        self,
        key: str,
        *,
        expected_latest: int | None,
        document: JsonObject,
        checksum: str,
        extends: str | None,
        published_until: date | None,
        report: JsonObject | None,
        reason: str | None,
        context: WriteContext,
    ) -> StoredCalendarVersion:
        """Add the version that follows `expected_latest` (None: the key is new). Raises `StaleRevision`."""

    def create_key(self, key: ApiKeyRecord, *, context: WriteContext) -> ApiKeyRecord:
        """Keep a new key. Raises `Conflict` if its id or hash is taken."""

    def list_keys(self) -> tuple[ApiKeyRecord, ...]:
        """Every key ever made, oldest first."""

    def expire_key(self, key_id: str, *, expires_at: datetime | None, context: WriteContext) -> ApiKeyRecord:
        """Set when a key ends, None for never. Raises `NotFound`, or `Conflict` if it was revoked."""

    def revoke_key(self, key_id: str, *, context: WriteContext) -> ApiKeyRecord:
        """End a key for good. Raises `NotFound`, or `Conflict` if it was revoked before."""

    def list_audit(
        self, *, before: str | None = None, limit: int = 50, subject: str | None = None
    ) -> Page[AuditRecord]:
        """What was done, newest first; `subject` as the records name it (`swindon/2`). Raises `BadCursor`."""

    def load_packaged(
        self,
        profiles: Sequence[PackagedProfile],
        calendars: Sequence[PackagedCalendar],
        *,
        at: datetime,
        application_version: str,
        take_over: Collection[str] = (),
    ) -> LoadReport:
        """Publish each packaged document whose checksum its key does not have yet; the rest stays as it is.

        A key belongs to the package until somebody else publishes or withdraws a version of it. From then on a
        changed packaged document is held back, and reported, unless the key is named in `take_over`.
        """
