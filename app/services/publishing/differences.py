"""Compare two whole profile documents, rule by rule."""

from __future__ import annotations

from collections.abc import Mapping

from app.engine.compiled_profile import Profile
from app.services.calculation.response import Json
from app.services.publishing.validation import entries_of

Table = Mapping[str, object]
BY_ID = ("rules", "not_computable")


def differences(old: Table, new: Table, before: Profile | None = None, after: Profile | None = None) -> Json:
    """Return the rules added, removed and changed (with their fields), and what else changed in the document.

    If the compiled profiles are passed, each rule's timing is included in words.
    """
    was = {str(rule.get("id")): rule for rule in entries_of(old, "rules")}
    now = {str(rule.get("id")): rule for rule in entries_of(new, "rules")}
    changed: list[Json] = [
        {
            **_named(name, now[name], after),
            "timing_before": describe_timing(before, name),
            "fields": _fields(was[name], now[name]),
        }
        for name in now
        if name in was and now[name] != was[name]
    ]
    return {
        "added": [_named(name, now[name], after) for name in now if name not in was],
        "removed": [_named(name, was[name], before) for name in was if name not in now],
        "changed": changed,
        "unchanged": sum(1 for name in now if name in was and now[name] == was[name]),
        "document": _document(old, new),
    }


def describe_timing(profile: Profile | None, rule_id: str) -> str | None:
    """Return a rule's timing in words, None if the profile is not compiled or has no such rule."""
    rule = profile.rule(rule_id) if profile is not None else None
    return rule.describe(profile.vocabulary.events[rule.events[0]].noun) if profile is not None and rule else None


def _named(rule_id: str, rule: Table, profile: Profile | None) -> Json:
    return {
        "rule": rule_id,
        "duty": rule.get("duty"),
        "title": rule.get("title"),
        "timing": describe_timing(profile, rule_id),
    }


def _fields(old: Table, new: Table) -> list[Json]:
    return [
        {"field": name, "before": old.get(name), "after": new.get(name)}
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    ]


def _document(old: Table, new: Table) -> list[Json]:
    """Return every other part that changed; the entries of `not_computable` by id."""
    parts = [item for item in _fields(old, new) if item["field"] not in BY_ID]
    was = {str(entry.get("id")): entry for entry in entries_of(old, "not_computable")}
    now = {str(entry.get("id")): entry for entry in entries_of(new, "not_computable")}
    return parts + [
        {"field": f"not_computable.{name}", "before": was.get(name), "after": now.get(name)}
        for name in sorted({*was, *now})
        if was.get(name) != now.get(name)
    ]
