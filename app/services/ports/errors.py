"""Errors that a store raises."""

from __future__ import annotations


class StoreError(Exception):
    """What the store refuses, or cannot do."""


class NotFound(StoreError):
    """The record does not exist."""

    def __init__(self, kind: str, identifier: str) -> None:
        super().__init__(f"there is no {kind} {identifier}")
        self.kind = kind
        self.identifier = identifier


class Conflict(StoreError):
    """The stored records do not allow this change; nothing was changed."""


class AlreadyPublished(Conflict):
    """The draft was already published, as the version named here; repeating the call changes nothing."""

    def __init__(self, draft_id: str, key: str, version: int) -> None:
        super().__init__(f"draft {draft_id} was already published as version {version} of {key}")
        self.draft_id = draft_id
        self.key = key
        self.version = version


class StaleRevision(StoreError):
    """Somebody else changed the record since the caller read it: read it again before changing it."""

    def __init__(self, kind: str, identifier: str, expected: int | None, actual: int | None) -> None:
        super().__init__(f"{kind} {identifier} is at {_name(actual)}, not at {_name(expected)}")
        self.kind = kind
        self.identifier = identifier
        self.expected = expected
        self.actual = actual


class BadCursor(StoreError):
    """The cursor of a page is not one that this store returned."""


class StoreUnavailable(StoreError):
    """The database does not answer, is locked for too long or has not been migrated; try again later.

    If a commit was under way, the change may have been made all the same. Publishing again is safe: the store then
    raises `AlreadyPublished`.
    """


def _name(number: int | None) -> str:
    return "nothing yet" if number is None else str(number)
