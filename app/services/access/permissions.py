"""Who calls, and what that caller may do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

SCOPES = ("read", "calculate", "author", "publish", "admin")
"""What a key or a token can be given. `read` is the catalogue, `admin` is everything, the audit included."""

IMPLIED_SCOPES: Mapping[str, frozenset[str]] = {
    "read": frozenset({"read"}),
    "calculate": frozenset({"calculate", "read"}),
    "author": frozenset({"author", "calculate", "read"}),
    "publish": frozenset({"publish", "calculate", "read"}),
    "admin": frozenset(SCOPES),
}
"""What each scope brings with it. `publish` does not bring `author`: a draft is shown to its authors only."""

LIMITED = frozenset({"author", "publish"})
"""The scopes that may be limited to certain profile keys."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller who was recognised. `name` is what the records of changes and versions call them.

    `grants` says for each scope on which keys it holds, None standing for all. On a calendar, a limited scope holds
    where the calendar has the profile's key: an authority keeps its own calendar, and no one else's.
    """

    name: str
    grants: Mapping[str, frozenset[str] | None] = field(default_factory=dict)

    def may(self, scope: str, key: str | None = None) -> bool:
        """Whether the caller has a scope, on a profile or calendar key if one is named, else on all of them."""
        if scope not in self.grants:
            return False
        limits = self.grants[scope]
        return limits is None or (key is not None and key in limits)


def expand_scopes(scopes: Iterable[str], keys: Iterable[str] | None = None) -> dict[str, frozenset[str] | None]:
    """What scopes amount to, `author` and `publish` limited to these keys if any are given; `admin` never is."""
    named = set(scopes)
    everything = {scope for name in named for scope in IMPLIED_SCOPES[name]}
    limits = None if keys is None or "admin" in named else frozenset(keys)
    return {scope: limits if scope in LIMITED else None for scope in everything}


def merge_grants(
    first: Mapping[str, frozenset[str] | None], second: Mapping[str, frozenset[str] | None]
) -> dict[str, frozenset[str] | None]:
    """Two sets of grants together: the wider limit wins."""
    found = dict(first)
    for scope, limits in second.items():
        if scope not in found:
            found[scope] = limits
            continue
        before = found[scope]
        found[scope] = None if before is None or limits is None else before | limits
    return found
