"""Records that pass between the service layer and its store.

Documents are JSON objects. The caller computes their checksums: the store neither reads a document nor digests it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from app.services.ports.packed import pack, unpack

JsonObject = dict[str, Any]
Item = TypeVar("Item")

PACKAGE = "package"
"""The publisher of the documents that come with the application. Nobody else may publish under this name."""


@dataclass(frozen=True, slots=True)
class WriteContext:
    """Who makes a change, when, and under which request; stored in the audit record of the change.

    Raises ValueError if `at` has no UTC offset or `by` is empty.
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
    """A key and the number of one of its versions."""

    key: str
    version: int


@dataclass(frozen=True, slots=True)
class StoredProfileVersion:
    """A published version of a profile.

    `in_force_from` is stored as the publisher set it; None means from the beginning. `in_force_to` (the last day) and
    `has_force` are not stored: they follow from the other versions of the key (`snapshot.version_in_force`). A version
    has no force if it was withdrawn, or if a later version starts on the same day or before. `document` is what the
    author wrote; `resolved` also contains what it extends, and is what `checksum` covers. Both are read anew each time,
    which takes a fifth of a millisecond.
    """

    key: str
    version: int
    title: str
    packed_document: bytes | None = field(repr=False)
    """What the author wrote, compressed; None where it extends nothing, and is the resolved document."""
    packed: bytes = field(repr=False)
    """The resolved document, compressed."""
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

    @property
    def resolved(self) -> JsonObject:
        """Return the whole document, with what it extends. Raises ValueError where the stored text is no JSON."""
        return unpack(self.packed)

    @property
    def document(self) -> JsonObject:
        """Return the document as its author wrote it. Raises ValueError where the stored text is no JSON."""
        return unpack(self.packed if self.packed_document is None else self.packed_document)


@dataclass(frozen=True, slots=True)
class NewProfileVersion:
    """A profile version before the store numbers it: from a draft, from the package, or only proposed.

    In a list of packaged profiles, list one that others are based on before them.
    """

    key: str
    title: str
    document: JsonObject
    resolved: JsonObject
    checksum: str
    in_force_from: date | None = None
    based_on: VersionReference | None = None
    reason: str | None = None

    def as_stored(self, version: int, *, at: datetime, by: str) -> StoredProfileVersion:
        """Return the record it becomes as the latest version of its key."""
        return StoredProfileVersion(
            key=self.key,
            version=version,
            title=self.title,
            packed_document=None if self.document == self.resolved else pack(self.document),
            packed=pack(self.resolved),
            checksum=self.checksum,
            in_force_from=self.in_force_from,
            in_force_to=None,
            has_force=True,
            published_at=at,
            published_by=by,
            reason=self.reason,
            based_on=self.based_on,
        )


@dataclass(frozen=True, slots=True)
class StoredCalendarVersion:
    """A published version of a calendar; `report` says what it changed since the version before it.

    `version` here is the one that counts: the store assigns it, and a `version` inside `document` is ignored.
    """

    key: str
    version: int
    packed: bytes = field(repr=False)
    """The document, compressed."""
    checksum: str
    extends: str | None
    published_until: date | None
    published_at: datetime
    published_by: str
    reason: str | None
    packed_report: bytes | None = field(repr=False)

    @property
    def document(self) -> JsonObject:
        """Return the document, read anew. Raises ValueError where the stored text is no JSON."""
        return unpack(self.packed)

    @property
    def report(self) -> JsonObject | None:
        """Return what the version changed since the one before it, read anew; None where nobody said."""
        return None if self.packed_report is None else unpack(self.packed_report)


@dataclass(frozen=True, slots=True)
class NewCalendarVersion:
    """A calendar version before the store numbers it. The checksum must not cover the version number."""

    key: str
    document: JsonObject
    checksum: str
    published_until: date | None
    extends: str | None = None
    report: JsonObject | None = None
    reason: str | None = None

    def as_stored(self, version: int, *, at: datetime, by: str) -> StoredCalendarVersion:
        """Return the record it becomes as this version of its key."""
        return StoredCalendarVersion(
            key=self.key,
            version=version,
            packed=pack(self.document),
            checksum=self.checksum,
            extends=self.extends,
            published_until=self.published_until,
            published_at=at,
            published_by=by,
            reason=self.reason,
            packed_report=None if self.report is None else pack(self.report),
        )


@dataclass(frozen=True, slots=True)
class ApiKeyRecord:
    """An API key, of which only a hash is stored. `profile_keys` None: not limited to certain profiles."""

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
class DraftContent:
    """The document of a draft and its checksum."""

    document: JsonObject
    checksum: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftSummary:
    """A profile version being written, without its document.

    `revision` rises by one with each change; `authors` names everyone who wrote it.

    `sent_back_at` and the two after it are set where somebody sent it back since it was last written.

    `base_version` is the version of the same key that it was made from, None for a new key. A published draft stays,
    unchangeable, with the number of the version that it became.
    """

    id: str
    key: str
    checksum: str
    revision: int
    base_version: int | None
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    authors: tuple[str, ...]
    published_version: int | None = None
    sent_back_at: datetime | None = None
    sent_back_by: str | None = None
    sent_back_comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft(DraftSummary):
    """A profile version being written, with its document."""

    document: JsonObject


ProposalAction = Literal[
    "publish_calendar",
    "update_calendar",
    "create_calendar",
    "add_closure_days",
    "add_bank_holiday",
    "remove_day",
    "follow_calendar",
    "withdraw_version",
]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change of a calendar, or a withdrawal, that waits for a second person.

    `request` is what was sent, to be carried out as it is: its body, and the version that it was meant for.
    """

    id: str
    key: str
    action: ProposalAction
    request: JsonObject
    proposed_at: datetime
    proposed_by: str


AuditAction = Literal[
    "draft.created",
    "draft.replaced",
    "draft.sent_back",
    "draft.deleted",
    "profile.published",
    "profile.withdrawn",
    "calendar.published",
    "proposal.created",
    "proposal.approved",
    "proposal.discarded",
    "key.created",
    "key.expiry_set",
    "key.revoked",
]
SubjectKind = Literal["draft", "profile", "calendar", "proposal", "key"]


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One change: who made it, what it was, and the checksum of its subject before and after.

    Numbered from 1 without gaps. For a publication `before` is the checksum of the previous version. A withdrawal does
    not change the content, so both are the same. Keys have no checksum.
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
    """One page of a list in a fixed order; `next` is the cursor of the next page, None at the end.

    Records added or removed between two pages neither repeat nor hide any other.
    """

    items: tuple[Item, ...]
    next: str | None


class AlreadyRead(NamedTuple):
    """The versions that a process has read already, by key and number: their documents need not be read again."""

    profiles: Mapping[tuple[str, int], StoredProfileVersion] = MappingProxyType({})
    calendars: Mapping[tuple[str, int], StoredCalendarVersion] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class StoredState:
    """Everything that answers requests, read at one moment; `token` identifies this state.

    Profiles and calendars are ordered by key and version, API keys by creation.
    """

    token: str
    profiles: tuple[StoredProfileVersion, ...]
    calendars: tuple[StoredCalendarVersion, ...]
    keys: tuple[ApiKeyRecord, ...]


@dataclass(frozen=True, slots=True)
class PackagedOutcome:
    """The result of loading one packaged document; `version` is None if it was held back."""

    kind: Literal["profile", "calendar"]
    key: str
    outcome: Literal["published", "unchanged", "held_back"]
    version: int | None


@dataclass(frozen=True, slots=True)
class LoadReport:
    """The result of loading each packaged document, calendars first, in the order of the lists."""

    outcomes: tuple[PackagedOutcome, ...] = field(default=())

    @property
    def published(self) -> tuple[PackagedOutcome, ...]:
        """Return those that became a new version."""
        return tuple(each for each in self.outcomes if each.outcome == "published")

    @property
    def held_back(self) -> tuple[PackagedOutcome, ...]:
        """Return those that differ from what is stored but were not published, because somebody took over the key."""
        return tuple(each for each in self.outcomes if each.outcome == "held_back")
