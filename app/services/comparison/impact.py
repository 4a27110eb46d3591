"""Compare many events under two versions: what the new one adds, removes, moves and leaves unchanged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import cast

from app.services.calculation.request import ResolvedRequest, read_request
from app.services.calculation.response import Json, calculate_response, calendar_stamp, profile_stamp
from app.services.member_reading import read_object, read_reference
from app.services.problems import Problem
from app.services.snapshot.snapshot import ProfileVersion, Snapshot
from app.services.validation import ABSENT, Faults

KEYS = frozenset({"before", "after", "events", "facts", "until", "reference"})
SIDE_KEYS = frozenset({"profile", "profile_version", "calendar", "calendar_version", "as_known_on"})
EVENT_KEYS = frozenset({"type", "occurred_at", "facts", "id"})
MAX_EVENTS = 1_000
MAX_FAULTS = 200
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
    a version that is not published yet, and then the default of `after`. A side without a version uses the one in force
    on each event's day. Where `before` has none in force, everything is added.
    """
    faults = Faults()
    required = frozenset({"events"}) if draft is not None else frozenset({"before", "after", "events"})
    table = read_object(faults, body, "(body)", KEYS, required)
    before = _side(faults, table.get("before"), "before")
    after = _side(faults, table.get("after"), "after")
    if draft is not None:
        before = {"profile": draft.record.key, **before}
        after = {**before, "profile": draft.record.key, "profile_version": draft.version, **after}
    else:
        after = {**_inherited(before, after), **after}
    if "profile" not in before and table.get("before") not in ABSENT:
        faults.add("before.profile", "this field is missing", "name the profile")
    reference = read_reference(faults, table.get("reference"), "reference")
    if table.get("facts") not in ABSENT and not isinstance(table["facts"], Mapping):
        faults.add("facts", "this must be a JSON object", 'send {"section_47_initiated": true}')
    events = table.get("events")
    if not isinstance(events, list) or len(events) > MAX_EVENTS:
        if events not in ABSENT:
            faults.add("events", f"events is a list of at most {MAX_EVENTS}", 'send [{"type": …, "occurred_at": …}]')
        events = []
    future = snapshot.with_profile(draft) if draft is not None else snapshot
    pairs = [
        _pair(faults, (snapshot, before), (future, after), item, table, index) for index, item in enumerate(events)
    ]
    faults.found[MAX_FAULTS:] = []
    faults.raise_any()
    compared = [_event(index, pair) for index, pair in enumerate(pairs) if pair is not None]
    names = ("added", "removed", "moved", "unchanged")
    return {
        "before": _stamps([pair[0] for pair in pairs if pair is not None]),
        "after": _stamps([pair[1] for pair in pairs if pair is not None]),
        "events": compared,
        "summary": {name: sum(len(cast(list[Json], item[name])) for item in compared) for name in names},
        "reference": reference,
    }


Pair = tuple[ResolvedRequest | None, ResolvedRequest | None, Mapping[str, object]]


def _inherited(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, object]:
    """Return what `after` inherits: a pinned version only for the same key."""
    found = dict(before)
    for name in ("profile", "calendar"):
        if name in after and after[name] != before.get(name):
            found.pop(f"{name}_version", None)
    return found


def _side(faults: Faults, value: object, path: str) -> dict[str, object]:
    if value in ABSENT:
        return {}
    table = read_object(faults, value, path, SIDE_KEYS)
    return {key: item for key, item in table.items() if key in SIDE_KEYS and item not in ABSENT}


def _pair(
    faults: Faults,
    old: tuple[Snapshot, Mapping[str, object]],
    new: tuple[Snapshot, Mapping[str, object]],
    item: object,
    table: Mapping[str, object],
    index: int,
) -> Pair | None:
    where = f"events[{index}]"
    entry = read_object(faults, item, where, EVENT_KEYS, frozenset({"type", "occurred_at"}))
    if not entry:
        return None
    shared, own = table.get("facts"), entry.get("facts")
    facts: object = own
    if isinstance(shared, Mapping) and (own in ABSENT or isinstance(own, Mapping)):
        facts = {**shared, **(own if isinstance(own, Mapping) else {})}
    body = {
        "event": {key: entry[key] for key in ("type", "occurred_at") if key in entry},
        "facts": facts,
        "until": table.get("until"),
    }
    profile = old[1].get("profile")
    known = not isinstance(profile, str) or profile in old[0].profiles or profile not in new[0].profiles
    before = _read(faults, old, body, where, "before") if known else None
    return before, _read(faults, new, body, where, "after"), entry


def _read(
    faults: Faults, side: tuple[Snapshot, Mapping[str, object]], body: Mapping[str, object], where: str, name: str
) -> ResolvedRequest | None:
    snapshot, given = side
    try:
        return read_request(snapshot, {**given, **body})
    except Problem as problem:
        if problem.kind == "no-version-in-force" and len(problem.faults) == 1:
            return None
        seen = {fault.path for fault in faults.found}
        for fault in problem.faults:
            path = fault.path.removeprefix("event.")
            place = f"{name}.{path}" if path in SIDE_KEYS else ("until" if path == "until" else f"{where}.{path}")
            if place not in seen:
                seen.add(place)
                faults.add(place, fault.message, fault.remedy, fault.value, fault.nearest)
        return None


def _event(index: int, pair: Pair) -> Json:
    before, after, entry = pair
    old = cast(list[Json], calculate_response(before)["obligations"]) if before is not None else []
    new = cast(list[Json], calculate_response(after)["obligations"]) if after is not None else []
    added, removed, moved, unchanged = _differences(old, new)
    return {
        "index": index,
        "id": entry.get("id"),
        "type": entry["type"],
        "occurred_at": entry["occurred_at"],
        "before": _version(before),
        "after": _version(after),
        "added": added,
        "removed": removed,
        "moved": moved,
        "unchanged": unchanged,
    }


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
    for key, item in list(left.items()):
        same = [k for k, other in right.items() if other["duty"] == item["duty"] and k[1] == key[1]]
        mine = [k for k, other in left.items() if other["duty"] == item["duty"] and k[1] == key[1]]
        if len(same) == 1 and len(mine) == 1:
            pairs.append((left.pop(key), right.pop(same[0])))
    moved = [_moved(a, b) for a, b in pairs if (a["due_date"], a["due_at"]) != (b["due_date"], b["due_at"])]
    unchanged = [_same(a, b) for a, b in pairs if (a["due_date"], a["due_at"]) == (b["due_date"], b["due_at"])]
    return list(right.values()), list(left.values()), moved, unchanged


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
