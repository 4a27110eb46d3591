"""What a draft would change, in sentences: each event whose rules differ, tried on one day under both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from app.services.comparison import impact
from app.services.problems import Problem
from app.services.publishing.differences import differences
from app.services.publishing.validation import entries_of
from app.services.snapshot.snapshot import ProfileVersion, Snapshot
from app.web.words import as_words, count, day, event_heading

MAX_EVENTS = 40
MAX_LINES = 8


@dataclass(frozen=True, slots=True)
class Trial:
    """One event, and what changes for it."""

    heading: str
    circumstances: str
    lines: tuple[str, ...]
    more: int
    unchanged: int
    refused: str


def try_changes(
    snapshot: Snapshot, draft: ProfileVersion, base: ProfileVersion | None, on: date
) -> tuple[tuple[Trial, ...], int]:
    """Try the events of changed rules on a day; return what changes, and how many further events were not tried.

    Before the draft's first day nothing changes: the version in force then answers with it and without it.
    """
    cases = list(dict.fromkeys(_cases(draft, base)))
    first = draft.record.in_force_from
    replaced = base if base is not None and (first is None or first <= on) else None
    return tuple(_try(snapshot, draft, replaced, *case, on) for case in cases[:MAX_EVENTS]), len(cases[MAX_EVENTS:])


Circumstances = tuple[tuple[str, object], ...]


def _cases(draft: ProfileVersion, base: ProfileVersion | None) -> Iterator[tuple[str, Circumstances]]:
    """Yield each event that a changed rule starts from, with the facts that its condition names."""
    old = base.record.resolved if base is not None else {}
    changes = differences(old, draft.record.resolved)
    for document, parts in ((draft.record.resolved, ("added", "changed")), (old, ("removed", "changed"))):
        names = {str(item["rule"]) for part in parts for item in cast(list[dict[str, Any]], changes[part])}
        for rule in entries_of(document, "rules"):
            if str(rule.get("id")) in names:
                events = rule.get("event")
                for event in events if isinstance(events, list) else [events]:
                    yield str(event), tuple(sorted(_facts(rule.get("when"))))


def _facts(when: object) -> Iterator[tuple[str, object]]:
    """Yield the facts that a condition names with one value; what else it says is left to the answer."""
    if isinstance(when, Mapping):
        for name, value in when.items():
            chosen = value[0] if isinstance(value, list) and value else value
            if isinstance(chosen, bool | str) and name not in {"any", "all", "not"}:
                yield name, chosen


def _try(
    snapshot: Snapshot, draft: ProfileVersion, base: ProfileVersion | None, event: str, facts: Circumstances, on: date
) -> Trial:
    spec = draft.profile.vocabulary.events.get(event)
    heading = event_heading(spec.noun) if spec is not None else as_words(event)
    circumstances = "; ".join(f"{as_words(name)}: {_said(value)}" for name, value in facts)
    body: dict[str, Any] = {"events": [{"type": event, "occurred_at": on.isoformat(), "facts": dict(facts)}]}
    if base is not None:
        body["before"] = {"profile_version": base.version}
    try:
        (changes,) = cast(list[dict[str, Any]], impact(snapshot, body, draft)["events"])
    except Problem as problem:
        refused = "; ".join(fault.message for fault in problem.faults) or problem.detail
        return Trial(heading, circumstances, (), 0, 0, refused)
    lines = list(_lines(changes))
    return Trial(
        heading, circumstances, tuple(lines[:MAX_LINES]), len(lines[MAX_LINES:]), len(changes["unchanged"]), ""
    )


def _lines(changes: Mapping[str, Any]) -> Iterator[str]:
    for item in changes["moved"]:
        days = item["days"]
        if days:
            much = f"{count(abs(days), 'day')} {'later' if days > 0 else 'earlier'}"
            yield f"{item['title']}: {_day(item['new_due_date'])} instead of {_day(item['old_due_date'])}, {much}"
        else:
            yield f"{item['title']}: still {_day(item['new_due_date'])}, at another time of day"
    for item in changes["added"]:
        yield f"{item['title']}: new, due {_day(item['due_date'])}"
    for item in changes["removed"]:
        yield f"{item['title']}: no longer due; it was {_day(item['due_date'])}"


def _day(text: str) -> str:
    return day(date.fromisoformat(text))


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).replace("_", " ")
