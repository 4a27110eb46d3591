"""How timely a set of cases was: for each duty, how many were in time, late and overdue, and how long they took."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import cast

from app.services.calculation.response import Json
from app.services.problems import Problem
from app.services.snapshot.snapshot import Snapshot
from app.services.timelines import answer_case
from app.services.timelines.request import MOST_FAULTS, TIMELINE_KEYS, read_into
from app.services.validation import ABSENT, Faults

MOST_TIMELINES = 200
KEYS = frozenset({"timelines", "duties", "reference"}) | (TIMELINE_KEYS - {"events", "children", "facts", "until"})


@dataclass(slots=True)
class Tally:
    """What was counted of one duty under one profile."""

    title: str
    counts: dict[str, int] = field(default_factory=dict)
    days: list[int] = field(default_factory=list)
    missed: int = 0
    untracked: int = 0

    def add(self, item: Json) -> None:
        """Count one obligation. What no event can show done says nothing of timeliness, and is counted apart."""
        if not item["trackable"]:
            self.untracked += 1
            return
        status = str(item["status"])
        self.counts[status] = self.counts.get(status, 0) + 1
        self.missed += bool(item["missed"])
        if isinstance(item["days_taken"], int):
            self.days.append(item["days_taken"])

    def as_json(self) -> Json:
        """The share in time is of what was met, met late, or is overdue; the 90th percentile is by nearest rank."""
        met, late, overdue = (self.counts.get(name, 0) for name in ("met", "met_late", "overdue"))
        judged = met + late + overdue
        days = sorted(self.days)
        return {
            "met": met,
            "met_late": late,
            "overdue": overdue,
            "outstanding": self.counts.get("outstanding", 0),
            "disputed": self.counts.get("disputed", 0),
            "ended": self.counts.get("ended", 0),
            "superseded": self.counts.get("superseded", 0),
            "missed": self.missed,
            "untracked": self.untracked,
            "judged": judged,
            "share_in_time": round(met / judged, 4) if judged else None,
            "median_days": statistics.median(days) if days else None,
            "percentile_90_days": days[math.ceil(0.9 * len(days)) - 1] if days else None,
        }


def timeliness(snapshot: Snapshot, body: object) -> Json:
    """The summary of many timelines. What the request says beside `timelines` holds for each that does not say it.

    Nothing is projected: only what the events themselves started is counted.

    Raises Problem with the faults of every timeline, each under its own place.
    """
    faults = Faults()
    table: Mapping[str, object] = body if isinstance(body, Mapping) else {}
    if not isinstance(body, Mapping):
        faults.add("(body)", "this must be a JSON object", 'send {"timelines": […]}')
    for key in table:
        if key not in KEYS:
            faults.unknown(str(key)[:100], "field", str(key), KEYS)
    given = table.get("timelines")
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_TIMELINES:
        remedy = f'send {{"timelines": […]}} with 1 to {MOST_TIMELINES} of them'
        faults.add("timelines", f"timelines is a list of 1 to {MOST_TIMELINES}", remedy)
        given = []
    duties = table.get("duties")
    if duties not in ABSENT and not (isinstance(duties, list) and all(isinstance(duty, str) for duty in duties)):
        faults.add("duties", "duties is a list of duties", 'send ["hold_icpc"] or leave it out')
        duties = None
    shared = {key: table[key] for key in table if key in TIMELINE_KEYS - {"reference"}}
    cases = []
    for index, item in enumerate(given):
        joined = {**_not_doubled(shared, item), **item} if isinstance(item, Mapping) else item
        cases.append(read_into(faults, snapshot, joined, f"timelines[{index}]"))
    faults.found[MOST_FAULTS:] = []
    faults.raise_any()
    whole = [replace(case, until=None) for case in cases if case is not None]
    if len(whole) != len(given):
        raise Problem("invalid-request", "The request is incomplete.")
    wanted = None if duties in ABSENT else frozenset(cast(list[str], duties))
    # One timeline in memory at a time.
    return {**summary(map(answer_case, whole), wanted), "reference": table.get("reference") or None}


def _not_doubled(shared: Mapping[str, object], item: Mapping[str, object]) -> dict[str, object]:
    """What holds for all, without a profile where the timeline names its own."""
    if item.keys() & {"profile", "profiles"}:
        return {key: value for key, value in shared.items() if key not in {"profile", "profiles", "profile_version"}}
    return dict(shared)


def summary(answers: Iterable[Json], duties: frozenset[str] | None = None) -> Json:
    """Count the obligations of many timelines by profile and duty; what is only projected is left out."""
    tallies: dict[tuple[str, str], Tally] = {}
    number = 0
    for answer in answers:
        number += 1
        for item in cast(list[Json], answer["obligations"]):
            if item["rests_on"] or (duties is not None and item["duty"] not in duties):
                continue
            key = (str(item["profile"]), str(item["duty"]))
            tallies.setdefault(key, Tally(str(item["title"]))).add(item)
    listed = [
        {"profile": profile, "duty": duty, "title": tally.title, **tally.as_json()}
        for (profile, duty), tally in sorted(tallies.items())
    ]
    return {"timelines": number, "duties": listed}
