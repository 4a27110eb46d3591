"""Callers, and what they are permitted to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

SCOPES = ("read", "calculate", "review", "author", "publish", "admin")
"""The scopes of a key or a token. `read` is the catalogue, `review` reads drafts; `admin` is everything, including the
audit."""

IMPLIED_SCOPES: Mapping[str, frozenset[str]] = {
    "read": frozenset({"read"}),
    "calculate": frozenset({"calculate", "read"}),
    "review": frozenset({"review", "calculate", "read"}),
    "author": frozenset({"author", "review", "calculate", "read"}),
    "publish": frozenset({"publish", "review", "calculate", "read"}),
    "admin": frozenset(SCOPES),
}
"""The scopes that each scope includes. `publish` reads what it is to publish, and does not include `author`."""

PROFILE_SCOPES = frozenset({"review", "author", "publish"})
"""The scopes that may be limited to certain profile keys."""

Grants = Mapping[str, frozenset[str] | None]
"""The keys for which each scope is granted; None stands for all keys."""


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated caller. `name` identifies it in the records of changes and versions, `key_id` in the log.

    A scope limited to a profile's key also applies to the calendar of the same key: an authority maintains its own
    calendar, and no other.
    """

    name: str
    grants: Grants = field(default_factory=dict)
    key_id: str | None = None

    def may(self, scope: str, key: str | None = None) -> bool:
        """Return whether the caller has a scope, for a profile or calendar key if one is named, otherwise for all."""
        if scope not in self.grants:
            return False
        limits = self.grants[scope]
        return limits is None or (key is not None and key in limits)


def expand_scopes(scopes: Iterable[str], keys: Iterable[str] | None = None) -> dict[str, frozenset[str] | None]:
    """Return what scopes grant, with those of profiles limited to `keys` unless None; `admin` is never limited."""
    named = set(scopes)
    expanded = {scope for name in named for scope in IMPLIED_SCOPES[name]}
    limits = None if keys is None or "admin" in named else frozenset(keys)
    return {scope: limits if scope in PROFILE_SCOPES else None for scope in expanded}


def merge_grants(first: Grants, second: Grants) -> dict[str, frozenset[str] | None]:
    """Return two sets of grants together: for each scope, the keys of either."""
    merged = dict(first)
    for scope, limits in second.items():
        before = merged.get(scope, frozenset())
        merged[scope] = None if before is None or limits is None else before | limits
    return merged
