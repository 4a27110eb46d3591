"""Compare one event under several profiles, by duty: which is strictest, and which is later than the law."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import orjson

from app.engine.results import Calculation, Obligation
from app.services.calculation.request import ResolvedRequest
from app.services.calculation.response import (
    Json,
    alternative,
    calculate,
    calendar_stamp,
    profile_stamp,
    request_warnings,
    sources,
    undetermined,
)
from app.services.comparison.request import ProfileComparisonRequest, resolve_profiles
from app.services.snapshot.snapshot import Snapshot
from app.services.validation import Faults, read
from app.services.work import check, count_bytes, too_many_obligations

MAX_LIMITS = 10_000


@dataclass(frozen=True, slots=True)
class Side:
    """One profile version with what the event starts under it."""

    request: ResolvedRequest
    result: Calculation

    @property
    def name(self) -> tuple[str, int]:
        """Return the profile's key and version."""
        return self.request.profile.record.key, self.request.profile.version


def compare_profiles(snapshot: Snapshot, body: object) -> Json:
    """Return the event's obligations under each profile, by duty. Raises Problem with every fault at once."""
    request = read(ProfileComparisonRequest, body, snapshot)
    faults = Faults()
    requests = resolve_profiles(faults, snapshot, request)
    faults.raise_any()
    sides = [Side(resolved, calculate(resolved)) for resolved in requests]
    if sum(len(side.result.obligations) for side in sides) > MAX_LIMITS:
        raise too_many_obligations(MAX_LIMITS)
    duties = sorted({item.duty for side in sides for item in side.result.obligations})
    aligned: list[Json] = []
    laxer: list[Json] = []
    for duty in duties:
        check()
        entry, later = _aligned(duty, sides)
        count_bytes(len(orjson.dumps(entry)))
        aligned.append(entry)
        laxer += later
    return {
        "event": {"type": sides[0].request.event, "occurred_at": sides[0].request.occurred_at},
        "profiles": [
            {**profile_stamp(side.request.profile), "calendar": calendar_stamp(side.request.calendar)} for side in sides
        ],
        "duties": aligned,
        "laxer_than_law": laxer,
        "undetermined": [
            {"profile": side.name[0], "profile_version": side.name[1], **undetermined(item)}
            for side in sides
            for item in side.result.undetermined
        ],
        "warnings": list(
            dict.fromkeys(
                f"{side.name[0]}: {text}"
                for side in sides
                for text in (*request_warnings(side.request), *side.result.warnings)
            )
        ),
        "reference": request.reference,
    }


def _only_not_before(item: Obligation) -> bool:
    return item.not_before is not None and item.not_before == item.due_date


def _aligned(duty: str, sides: list[Side]) -> tuple[Json, list[Json]]:
    """Return one duty: each profile's due dates, of which the earliest counts, and the strictest profile."""
    listed = [(side, item) for side in sides for item in side.result.obligations if item.duty == duty]
    first: dict[tuple[str, int], Obligation] = {}
    for side, item in listed:
        if not _only_not_before(item) and (side.name not in first or item.due_at < first[side.name].due_at):
            first[side.name] = item
    strictest = min((item.due_at for item in first.values()), default=None)
    earliest = min((item.due_date for item in first.values()), default=None)
    latest = max((item.due_date for item in first.values()), default=None)
    laxer = _later_than_law(duty, first, listed)
    entry: Json = {
        "duty": duty,
        "title": listed[0][1].template.title,
        "limits": [_limit(side, item, earliest, counted=first.get(side.name) is item) for side, item in listed],
        "strictest": [
            {
                "profile": name[0],
                "profile_version": name[1],
                "rule": item.rule.id,
                "due_date": item.due_date.isoformat(),
            }
            for name, item in first.items()
            if item.due_at == strictest
        ],
        "difference_in_days": (latest - earliest).days if latest and earliest and len(first) > 1 else None,
        "missing_from": [
            {"profile": side.name[0], "profile_version": side.name[1]}
            for side in sides
            if all(item.duty != duty for item in side.result.obligations)
        ],
        "laxer_than_law": laxer,
    }
    return entry, laxer


def _limit(side: Side, item: Obligation, earliest: date | None, *, counted: bool) -> Json:
    return {
        "profile": side.name[0],
        "profile_version": side.name[1],
        "rule": item.rule.id,
        "title": item.template.title,
        "occurrence": item.occurrence,
        "due_date": item.due_date.isoformat(),
        "due_at": item.due_at.isoformat(),
        "not_before": item.not_before.isoformat() if item.not_before is not None else None,
        "timing": item.template.timing,
        "strength": item.template.strength,
        "basis": item.template.basis,
        "source": sources(item.template.sources),
        "alternatives": [alternative(other) for other in item.alternatives],
        "provisional": item.provisional,
        "compared": counted,
        "days_after_strictest": (item.due_date - earliest).days if counted and earliest is not None else None,
    }


def _binds(item: Obligation) -> bool:
    """Return True if local standards are measured by it: law or guidance that was read, with a day by which to act."""
    terms = item.template
    if terms.basis == "local" or terms.strength == "suggested" or terms.rule.certainty != "verified":
        return False
    return not _only_not_before(item)


def _later_than_law(
    duty: str, first: Mapping[tuple[str, int], Obligation], listed: list[tuple[Side, Obligation]]
) -> list[Json]:
    """Return each local standard whose due date is later than the statutory timescale for the same duty."""
    legal = [(side, item) for side, item in listed if _binds(item)]
    if not legal:
        return []
    law_side, law = min(legal, key=lambda pair: pair[1].due_at)
    standards: list[Json] = []
    for name, item in first.items():
        if item.template.basis != "local" or item.due_at <= law.due_at:
            continue
        days = (item.due_date - law.due_date).days
        later = f"{days} day{'' if days == 1 else 's'}" if days else "less than a day"
        source = law.template.sources[0]
        standards.append(
            {
                "duty": duty,
                "profile": name[0],
                "profile_version": name[1],
                "rule": item.rule.id,
                "due_date": item.due_date.isoformat(),
                "law": {
                    "profile": law_side.name[0],
                    "rule": law.rule.id,
                    "due_date": law.due_date.isoformat(),
                    "basis": law.template.basis,
                    "source": sources(law.template.sources),
                },
                "days": days,
                "statement": (
                    f"{name[0]} is later than the statutory timescale: due on {item.due_date.isoformat()}, {later} "
                    f"after {law.due_date.isoformat()}, the date under {source.document} ({source.section})."
                ),
            }
        )
    return standards
