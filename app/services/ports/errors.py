"""Errors that a store raises."""

from __future__ import annotations

from typing import Literal


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
        counter = "revision" if kind == "draft" else "version"
        super().__init__(f"{kind} {identifier} is at {_at(counter, actual)}, not at {_at(counter, expected)}")
        self.kind = kind
        self.identifier = identifier
        self.expected = expected
        self.actual = actual


class BadCursor(StoreError):
    """The cursor of a page, which a parameter carries, is not one that this store returned."""

    def __init__(self, parameter: Literal["after", "before"], cursor: str, place: str) -> None:
        super().__init__(f"{cursor!r} is no place in {place}; take `next` of the page before")
        self.parameter = parameter


class SchemaMismatch(StoreError):
    """The database schema is not the one this version needs; the message says how to fix it."""


Outage = Literal[
    "hangs", "stopped", "refused", "locked", "full", "busy", "read_only", "not_migrated", "not_permitted", "unreadable"
]

OUTAGES: dict[Outage, str] = {
    "hangs": "the database does not answer in time",
    "stopped": "the database cannot be reached: it has stopped, or is starting",
    "refused": "the database refuses the connection",
    "locked": "the database is locked by another write",
    "full": "the disk of the database is full",
    "busy": "every connection to the database is in use",
    "read_only": "the database accepts no writes at present",
    "not_migrated": "the database has not been migrated to this version",
    "not_permitted": "the database does not permit this to the role that the service connects as",
    "unreadable": "the files of the database cannot be read or written",
}
"""Each way in which a database fails, and the sentence for it. None names a host, a user or a value."""


class StoreUnavailable(StoreError):
    """The database cannot be used at the moment; try again later. `outage` says in which way.

    If a commit was under way, the change may have been made all the same. Publishing again is safe: the store then
    raises `AlreadyPublished`.
    """

    def __init__(self, outage: Outage) -> None:
        super().__init__(OUTAGES[outage])
        self.outage = outage


def _at(counter: str, number: int | None) -> str:
    return f"no {counter} yet" if number is None else f"{counter} {number}"
