"""What changes when a case's events change: obligations added, moved, withdrawn and unchanged."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import cast

from app.engine.months import add_months
from app.services.calculation.response import Json
from app.services.problems import Problem
from app.services.snapshot.snapshot import Snapshot
from app.services.timelines import answer_case
from app.services.timelines.case import Case
from app.services.timelines.request import RecalculationRequest, resolve_recalculation
from app.services.timelines.request_parts import EarlierObligation
from app.services.validation import Faults, read

BEYOND_MONTHS = 6
NOT_LOOKED_BEYOND = (
    "the months after until hold too many obligations to be looked at: what is called withdrawn may have moved there"
)


@dataclass(frozen=True, slots=True)
class Earlier:
    """An obligation as it was answered before; without dates where only its id was sent."""

    id: str
    due_date: str | None
    due_at: str | None
    status: str | None
    content: Json


def recalculate(snapshot: Snapshot, body: object) -> Json:
    """Return the differences between an earlier timeline and the same case now.

    The body is a timeline's, with the events as they are now, and either `earlier` (the obligations of the earlier
    answer, or only their ids) or `earlier_events` (the events as they were, from which the earlier answer is worked out
    again), or both: ids alone cannot tell what moved, and those are then listed as `kept`. Raises Problem.
    """
    request = read(RecalculationRequest, body, snapshot)
    faults = Faults()
    case, before = resolve_recalculation(faults, snapshot, request)
    faults.raise_any()
    assert case is not None
    earlier = [_as_sent(item) for item in request.earlier] if request.earlier is not None else None
    now = answer_case(case)
    previous = {item.id: item for item in earlier or ()}
    if before is not None:
        # Both are projected to one day, so that a later look at a case does not count its further months as new.
        worked = {item.id: item for item in _from_answer(answer_case(replace(before, until=case.until)))}
        previous = worked if earlier is None else {key: _dated(item, worked.get(key)) for key, item in previous.items()}
    gone = previous.keys() - {str(item["id"]) for item in cast(list[Json], now["obligations"])}
    beyond = _beyond(case, gone) if gone else []
    report = differences(list(previous.values()), now, beyond or [])
    if beyond is None:
        report["warnings"] = [*cast(list[str], now["warnings"]), NOT_LOOKED_BEYOND]
    return report


def _beyond(case: Case, gone: Collection[str]) -> list[Json] | None:
    """Return what was projected before and has moved out beyond the horizon, which is no reason to call it withdrawn.

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
    previous = {item.id: item for item in earlier}
    added = [item for key, item in current.items() if key not in previous]
    withdrawn = [_brief(item) for key, item in previous.items() if key not in current]
    moved: list[Json] = []
    unchanged: list[Json] = []
    unmatched: list[Json] = []
    status: list[Json] = []
    for key, item in current.items():
        before = previous.get(key)
        if before is None:
            continue
        if before.due_date is None:
            unmatched.append(item)
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
        "kept": unmatched,
        "status_changes": status,
        "summary": {
            "added": len(added),
            "moved": len(moved),
            "withdrawn": len(withdrawn),
            "unchanged": len(unchanged),
            "kept": len(unmatched),
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


def _as_sent(item: EarlierObligation) -> Earlier:
    """Return an obligation as it was answered before, of which only the id, the dates and the status are read."""
    due_date = item.due_date.isoformat() if item.due_date is not None else None
    return Earlier(item.id, due_date, item.due_at, item.status, dict(item.model_extra or {}))
