"""Compare many events under two versions: what the new one adds, removes, moves and leaves unchanged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import cast

import orjson

from app.services.calculation.request import ResolvedRequest
from app.services.calculation.response import Json, calculate_response, calendar_stamp, profile_stamp
from app.services.comparison.request import DraftImpactRequest, ImpactRequest, Pair, resolve_pairs
from app.services.snapshot.snapshot import ProfileVersion, Snapshot
from app.services.validation import Faults, read
from app.services.work import count_bytes

COMPARED = (
    "title",
    "responsible",
    "timing",
    "strength",
    "basis",
    "source",
    "reading",
    "alternatives",
    "last_working_day",
)


def impact(snapshot: Snapshot, body: object, draft: ProfileVersion | None = None) -> Json:
    """Return what changes for a list of events from one version to another. Nothing is saved. Raises Problem.

    `before` and `after` name a profile, a calendar and their versions; `after` inherits what it leaves out. `draft` is
    a version that is not published yet, which answers from its first day in force. A side without a version uses the
    one in force on each event's day. Where one side starts nothing from an event, its `notes` say why.
    """
    request = read(ImpactRequest if draft is None else DraftImpactRequest, body, snapshot)
    faults = Faults()
    pairs = resolve_pairs(faults, snapshot, request, draft)
    faults.raise_any()
    compared = [_event(index, pair) for index, pair in enumerate(pairs)]
    names = ("added", "removed", "moved", "unchanged")
    return {
        "before": _stamps([pair.before for pair in pairs]),
        "after": _stamps([pair.after for pair in pairs]),
        "events": compared,
        "summary": {name: sum(len(cast(list[Json], item[name])) for item in compared) for name in names},
        "reference": request.reference,
    }


def _event(index: int, pair: Pair) -> Json:
    before, after, event, notes = pair
    old = cast(list[Json], calculate_response(before)["obligations"]) if before is not None else []
    new = cast(list[Json], calculate_response(after)["obligations"]) if after is not None else []
    added, removed, moved, unchanged = _differences(old, new)
    compared: Json = {
        "index": index,
        "id": event.id,
        "type": event.type,
        "occurred_at": event.occurred_at.text,
        "before": _version(before),
        "after": _version(after),
        "added": added,
        "removed": removed,
        "moved": moved,
        "unchanged": unchanged,
        "notes": list(notes),
    }
    count_bytes(len(orjson.dumps(compared)))
    return compared


def _version(request: ResolvedRequest | None) -> Json | None:
    if request is None:
        return None
    return {"profile_version": request.profile.version, "calendar_version": request.calendar.version}


def _stamps(requests: list[ResolvedRequest | None]) -> Json:
    profiles = {(r.profile.record.key, r.profile.version): r.profile for r in requests if r is not None}
    calendars = {(r.calendar.record.key, r.calendar.version): r.calendar for r in requests if r is not None}
    return {
        "profiles": [profile_stamp(profiles[key]) for key in sorted(profiles)],
        "calendars": [calendar_stamp(calendars[key]) for key in sorted(calendars)],
    }


def _differences(old: list[Json], new: list[Json]) -> tuple[list[Json], list[Json], list[Json], list[Json]]:
    """Match by rule and occurrence; what is left, by duty and occurrence where that names one on each side."""
    left = {(str(i["rule"]), cast(int, i["occurrence"])): i for i in old}
    right = {(str(i["rule"]), cast(int, i["occurrence"])): i for i in new}
    pairs = [(left.pop(key), right.pop(key)) for key in list(left) if key in right]
    mine, theirs = _by_duty(left), _by_duty(right)
    for place, keys in mine.items():
        others = theirs.get(place, ())
        if len(keys) == 1 and len(others) == 1:
            pairs.append((left.pop(keys[0]), right.pop(others[0])))
    moved = [_moved(a, b) for a, b in pairs if (a["due_date"], a["due_at"]) != (b["due_date"], b["due_at"])]
    unchanged = [_same(a, b) for a, b in pairs if (a["due_date"], a["due_at"]) == (b["due_date"], b["due_at"])]
    return list(right.values()), list(left.values()), moved, unchanged


def _by_duty(items: Mapping[tuple[str, int], Json]) -> dict[tuple[object, int], list[tuple[str, int]]]:
    """Return the rules and occurrences of obligations by their duty and occurrence."""
    by_duty: dict[tuple[object, int], list[tuple[str, int]]] = {}
    for key, item in items.items():
        by_duty.setdefault((item["duty"], key[1]), []).append(key)
    return by_duty


def _moved(old: Json, new: Json) -> Json:
    days = (date.fromisoformat(str(new["due_date"])) - date.fromisoformat(str(old["due_date"]))).days
    return {
        **_same(old, new),
        "old_due_date": old["due_date"],
        "old_due_at": old["due_at"],
        "new_due_date": new["due_date"],
        "new_due_at": new["due_at"],
        "days": days,
    }


def _same(old: Json, new: Json) -> Json:
    return {
        "rule": new["rule"],
        "old_rule": old["rule"],
        "duty": new["duty"],
        "title": new["title"],
        "occurrence": new["occurrence"],
        "due_date": new["due_date"],
        "changed": [name for name in COMPARED if old[name] != new[name]],
    }
