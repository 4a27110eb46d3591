"""What changes when a case's events change: obligations added, moved, withdrawn and unchanged."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import cast

from app.engine.months import add_months
from app.services.calculation.response import Json
from app.services.problems import Problem
from app.services.snapshot.snapshot import Snapshot
from app.services.timelines import answer_case
from app.services.timelines.case import Case
from app.services.timelines.request import MOST_FAULTS, TIMELINE_KEYS, read_into
from app.services.validation import ABSENT, Faults, join

MOST_EARLIER = 5_000
BEYOND_MONTHS = 6
NOT_LOOKED_BEYOND = (
    "the months after until hold too many obligations to be looked at: what is called withdrawn may have moved there"
)
OWN_KEYS = frozenset({"earlier", "earlier_events", "earlier_as_of"})


@dataclass(frozen=True, slots=True)
class Earlier:
    """An obligation as it was answered before; without dates where only its id was sent."""

    id: str
    due_date: str | None
    due_at: str | None
    status: str | None
    content: Json


def recalculate(snapshot: Snapshot, body: object) -> Json:
    """The differences between an earlier timeline and the same case now.

    The body is a timeline's, with the events as they are now, and either `earlier` (the obligations of the earlier
    answer, or only their ids) or `earlier_events` (the events as they were, from which the earlier answer is worked out
    again), or both: ids alone cannot tell what moved, and those are then told apart as `kept`. Raises Problem.
    """
    faults = Faults()
    table: Mapping[str, object] = body if isinstance(body, Mapping) else {}
    earlier = _earlier(faults, table.get("earlier"), "earlier")
    events = table.get("earlier_events")
    if earlier is None and events in ABSENT and isinstance(body, Mapping):
        faults.add("earlier", "there is nothing to compare with", "send earlier (obligations or ids) or earlier_events")
    for key in table:
        if key not in TIMELINE_KEYS | OWN_KEYS:
            faults.unknown(str(key)[:100], "field", str(key), TIMELINE_KEYS | OWN_KEYS)
    plain = {key: value for key, value in table.items() if key in TIMELINE_KEYS}
    case = read_into(faults, snapshot, plain if isinstance(body, Mapping) else body, "")
    before = None
    if events not in ABSENT:
        changed = {**plain, "events": events}
        if table.get("earlier_as_of") not in ABSENT:
            changed["as_of"] = table["earlier_as_of"]
        inner = Faults()
        before = read_into(inner, snapshot, changed, "")
        own = [fault for fault in inner.found if fault.path.startswith("events")]
        faults.found += [replace(fault, path=f"earlier_{fault.path}") for fault in own]
    faults.found[MOST_FAULTS:] = []
    faults.raise_any()
    if case is None:
        raise Problem("invalid-request", "The request is incomplete.")
    now = answer_case(case)
    known = {item.id: item for item in earlier or ()}
    if before is not None:
        # Both are projected to one day, so that a later look at a case does not count its further months as new.
        worked = {item.id: item for item in _from_answer(answer_case(replace(before, until=case.until)))}
        known = worked if earlier is None else {key: _dated(item, worked.get(key)) for key, item in known.items()}
    gone = known.keys() - {str(item["id"]) for item in cast(list[Json], now["obligations"])}
    beyond = _beyond(case, gone) if gone else []
    found = differences(list(known.values()), now, beyond or [])
    if beyond is None:
        found["warnings"] = [*cast(list[str], now["warnings"]), NOT_LOOKED_BEYOND]
    return found


def _beyond(case: Case, gone: Collection[str]) -> list[Json] | None:
    """What was projected before and has moved out beyond the horizon, which is no reason to call it withdrawn.

    None where the further months hold too much to be looked at.
    """
    if case.until is None or case.until.year >= date.max.year:
        return []
    further = replace(case, until=add_months(case.until, BEYOND_MONTHS))
    try:
        return [item for item in cast(list[Json], answer_case(further)["obligations"]) if item["id"] in gone]
    except Problem:
        return None


def differences(earlier: Sequence[Earlier], now: Json, beyond: Sequence[Json] = ()) -> Json:
    """Compare what was answered before with what is answered now, and with what lies beyond its horizon now."""
    current = {str(item["id"]): item for item in (*cast(list[Json], now["obligations"]), *beyond)}
    known = {item.id: item for item in earlier}
    added = [item for key, item in current.items() if key not in known]
    withdrawn = [_brief(item) for key, item in known.items() if key not in current]
    moved: list[Json] = []
    unchanged: list[Json] = []
    kept: list[Json] = []
    status: list[Json] = []
    for key, item in current.items():
        before = known.get(key)
        if before is None:
            continue
        if before.due_date is None:
            kept.append(item)
        elif (before.due_date, before.due_at or item["due_at"]) != (item["due_date"], item["due_at"]):
            moved.append(_moved(before, item))
        else:
            unchanged.append({"id": key, "rule": item["rule"], "duty": item["duty"], "due_date": item["due_date"]})
        if before.status is not None and before.status != item["status"]:
            status.append({"id": key, "old_status": before.status, "new_status": item["status"]})
    return {
        "timeline_id": now["timeline_id"],
        "added": added,
        "moved": moved,
        "withdrawn": withdrawn,
        "unchanged": unchanged,
        "kept": kept,
        "status_changes": status,
        "summary": {
            "added": len(added),
            "moved": len(moved),
            "withdrawn": len(withdrawn),
            "unchanged": len(unchanged),
            "kept": len(kept),
        },
        "undetermined": now["undetermined"],
        "warnings": now["warnings"],
        "reference": now["reference"],
    }


def _moved(before: Earlier, item: Json) -> Json:
    days = (date.fromisoformat(str(item["due_date"])) - date.fromisoformat(str(before.due_date))).days
    return {
        "id": item["id"],
        "rule": item["rule"],
        "duty": item["duty"],
        "title": item["title"],
        "old_due_date": before.due_date,
        "old_due_at": before.due_at,
        "new_due_date": item["due_date"],
        "new_due_at": item["due_at"],
        "days": days,
        "obligation": item,
    }


def _brief(item: Earlier) -> Json:
    names = ("rule", "duty", "title", "child", "profile")
    return {"id": item.id, "due_date": item.due_date, **{name: item.content.get(name) for name in names}}


def _from_answer(answer: Json) -> list[Earlier]:
    return [
        Earlier(str(item["id"]), str(item["due_date"]), str(item["due_at"]), str(item["status"]), item)
        for item in cast(list[Json], answer["obligations"])
    ]


def _dated(item: Earlier, worked: Earlier | None) -> Earlier:
    return worked if item.due_date is None and worked is not None else item


def _earlier(faults: Faults, value: object, path: str) -> list[Earlier] | None:
    """Obligations as they were answered, of which only the id, the dates and the status are read; or ids alone."""
    if value in ABSENT:
        return None
    if not isinstance(value, list) or len(value) > MOST_EARLIER:
        faults.add(path, f"earlier is a list of at most {MOST_EARLIER}", "send the earlier obligations, or their ids")
        return []
    found: list[Earlier] = []
    for index, item in enumerate(value):
        where = f"{path}[{index}]"
        if isinstance(item, str):
            found.append(Earlier(item, None, None, None, {}))
        elif not isinstance(item, Mapping) or not isinstance(item.get("id"), str):
            faults.add(where, "this is neither an obligation with its id nor an id", "send what the timeline answered")
        else:
            due, at, status = item.get("due_date"), item.get("due_at"), item.get("status")
            if due is not None and not _is_day(due):
                faults.add(join(where, "due_date"), "this must be a date", "send it as YYYY-MM-DD", due)
                continue
            found.append(
                Earlier(
                    item["id"],
                    due if isinstance(due, str) else None,
                    at if isinstance(at, str) else None,
                    status if isinstance(status, str) else None,
                    {str(key): each for key, each in item.items()},
                )
            )
    return found


def _is_day(value: object) -> bool:
    try:
        return isinstance(value, str) and len(value) == 10 and bool(date.fromisoformat(value))
    except ValueError:
        return False
