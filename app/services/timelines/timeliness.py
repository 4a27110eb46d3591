"""How timely many cases were: of each duty, how many were in time, late, missed or overdue, and how long it took."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

from app.engine.results import Undetermined
from app.engine.series import Series
from app.engine.vocabulary import Vocabulary
from app.services.calculation.response import Json
from app.services.problems import Problem
from app.services.snapshot.snapshot import ProfileVersion, Snapshot
from app.services.timelines import follow
from app.services.timelines.case import Case
from app.services.timelines.days_taken import taken
from app.services.timelines.figures import Figures
from app.services.timelines.pending_rule import PendingRule
from app.services.timelines.request import CountingRequest, TimelinessRequest, resolve_counted_case
from app.services.timelines.response import Answer
from app.services.timelines.status import status_of
from app.services.timelines.tracked_obligation import TrackedObligation, written
from app.services.validation import Faults, read


def timeliness(snapshot: Snapshot, body: object) -> Json:
    """Count many timelines. What the request says outside of `timelines` holds for each that does not say it.

    Nothing is projected: only what the events themselves started is counted. A case that cannot be read is refused in
    its place, and fails nothing else. Raises Problem where the request itself is at fault.
    """
    request = read(TimelinessRequest, body, snapshot)
    faults = Faults()
    request.domain_faults(faults, snapshot)
    faults.raise_any()
    count = CountedCases(snapshot, request)
    rows = [row for place, item in enumerate(request.timelines) for row in count.take(f"timelines[{place}]", item)]
    return {**count.as_json(), **({"rows": rows} if request.rows else {})}


class CountedPart(NamedTuple):
    """What one process counted of some of the cases."""

    timelines: int
    left_out: int
    refused: list[Json]
    figures: dict[tuple[str, str, str], Figures]
    versions: dict[str, int]


@dataclass(slots=True)
class CountedCases:
    """The figures of any number of cases, taken one at a time."""

    snapshot: Snapshot
    request: CountingRequest
    timelines: int = 0
    left_out: int = 0
    refused: list[Json] = field(default_factory=list)
    _figures: dict[tuple[str, str, str], Figures] = field(default_factory=dict)
    _versions: dict[str, ProfileVersion] = field(default_factory=dict)

    def take(self, place: str, item: object) -> list[Json]:
        """Count one case, and return its obligations as rows; a case that cannot be read is refused."""
        case = self.resolve(place, item)
        return [] if case is None else self.count(place, case)

    def resolve(self, place: str, item: object) -> Case | None:
        """Return a case, None where it cannot be read: then it is refused in its place."""
        try:
            return resolve_counted_case(self.snapshot, self.request, item, place)
        except Problem as problem:
            self.refuse(place, _reference(item), problem)
            return None

    def count(self, place: str, case: Case) -> list[Json]:
        """Count one case, and return its obligations as rows; one that would be too long is refused."""
        try:
            answer = follow(replace(case, until=None))
        except Problem as problem:
            self.refuse(place, case.reference, problem)
            return []
        self.timelines += 1
        self.left_out += len({event.index for line in answer.lines for event in line.undated})
        return self._count(place, case, answer)

    def refuse(self, place: str, reference: str | None, problem: Problem) -> None:
        """Note a case that cannot be read, in its place."""
        self.timelines += 1
        self.refused.append({"place": place, "reference": reference, "problem": problem.of_line(place).as_json()})

    def _count(self, place: str, case: Case, answer: Answer) -> list[Json]:
        rows = []
        for record in answer.records:
            key, duty = record.version.record.key, record.obligation.duty
            self._versions[key] = record.version
            # A rule that says from when and not by when is no timescale.
            if record.earliest_only or not self._wanted(key, duty):
                continue
            if not self._due_in_period(record.obligation.due_date):
                continue
            state = status_of(record, case.as_of)
            group = self._group(
                record.obligation.due_date, record.version.version, record.obligation.template.responsible
            )
            figures = self._figures.setdefault((key, group, duty), Figures(record.obligation.template.title))
            figures.add(record, state)
            if self.request.rows:
                rows.append(_row(place, case, record, state.status, missed=state.missed))
        seen: set[tuple[str, ...]] = set()
        for waiting in answer.waiting:
            self._wait(waiting, seen)
        return rows

    def _wait(self, waiting: PendingRule, seen: set[tuple[str, ...]]) -> None:
        """Count what waits for facts under the day on which it started, since it has no due date.

        Several rules may ask one duty of one start, each for a kind of its own (of placement, of team): that is one.
        """
        key, item = waiting.line.selection.key, waiting.item
        version = waiting.line.case.version(waiting.line.selection, waiting.event.moment.day)
        if version is None:
            return
        self._versions[key] = version
        day = item.from_date or waiting.event.moment.day
        duty, title = _first_demand(item, waiting.event.type)
        once = (waiting.line.child.reference or "", key, duty, waiting.event.key)
        if once not in seen and self._wanted(key, duty) and self._due_in_period(day):
            seen.add(once)
            group = self._group(day, version.version, item.rule.responsible)
            self._figures.setdefault((key, group, duty), Figures(title)).undetermined += 1

    def _words(self, profile: str) -> Vocabulary:
        return self._versions[profile].profile.vocabulary

    def part(self) -> CountedPart:
        """Return what was counted so far, to be added to what another process counted."""
        versions = {key: version.version for key, version in self._versions.items()}
        return CountedPart(self.timelines, self.left_out, self.refused, self._figures, versions)

    def add(self, part: CountedPart) -> None:
        """Add what another process counted of further cases, under the same request and snapshot."""
        self.timelines += part.timelines
        self.left_out += part.left_out
        self.refused += part.refused
        for key, figures in part.figures.items():
            self._figures.setdefault(key, Figures(figures.title)).join([figures])
        for profile, number in part.versions.items():
            version = self.snapshot.profile_version(profile, number)
            assert version is not None
            self._versions[profile] = version

    def _wanted(self, profile: str, duty: str) -> bool:
        duties, words = self.request.duties, self._words(profile)
        return duties is None or any(duty in words.kinds(wanted) for wanted in duties)

    def _due_in_period(self, day: date) -> bool:
        period = self.request.period
        return period is None or period.first <= day <= period.last

    def _group(self, day: date, version: int, responsible: tuple[str, ...]) -> str:
        if self.request.group_by == "month":
            return day.isoformat()[:7]
        if self.request.group_by == "profile_version":
            return str(version)
        return ", ".join(responsible) if self.request.group_by == "responsible" else ""

    def as_json(self) -> Json:
        """Return the figures of every duty, general ones with their kinds, and what was refused."""
        return {
            "timelines": self.timelines,
            "duties": list(self._rows()),
            "left_out": self.left_out,
            "refused": self.refused,
            "reference": self.request.reference,
        }

    def _rows(self) -> Iterator[Json]:
        places = sorted({(profile, group) for profile, group, _ in self._figures})
        for profile, group in places:
            counted = {
                duty: each for (key, place, duty), each in self._figures.items() if (key, place) == (profile, group)
            }
            words = self._words(profile)
            general = tuple(self.request.duties or ()) or tuple(sorted({words.family(duty) for duty in counted}))
            for duty in dict.fromkeys(general):
                kinds = {kind: counted[kind] for kind in sorted(counted) if kind in words.kinds(duty)}
                if kinds:
                    yield self._row(profile, group, duty, kinds)

    def _row(self, profile: str, group: str, duty: str, kinds: Mapping[str, Figures]) -> Json:
        title = (kinds.get(duty) or next(iter(kinds.values()))).title
        joined = Figures(title).join(kinds.values())
        each: Iterable[tuple[str, Figures]] = kinds.items() if set(kinds) != {duty} else ()
        return {
            "profile": profile,
            "duty": duty,
            "title": title,
            **({"group": group} if self.request.group_by is not None else {}),
            **joined.as_json(),
            "kinds": [{"duty": kind, "title": figures.title, **figures.as_json()} for kind, figures in each],
        }


def _reference(item: object) -> str | None:
    reference = item.get("reference") if isinstance(item, Mapping) else None
    return reference if isinstance(reference, str) else None


def _first_demand(item: Undetermined, event: str) -> tuple[str, str]:
    """Return the duty that a waiting rule would ask for next, and its title: of a series' start, its first act."""
    timing = item.rule.readings[0].timing
    if isinstance(timing, Series) and event in item.rule.events:
        says = (timing.first or timing.phases[0]).overrides
        return says.duty or item.duty, says.title or item.title
    return item.duty, item.title


def _row(place: str, case: Case, record: TrackedObligation, status: str, *, missed: bool) -> Json:
    """Return one obligation of one case."""
    took = taken(record)
    said = record.obligation
    return {
        "place": place,
        "reference": case.reference,
        "child": record.child,
        "profile": record.version.record.key,
        "profile_version": record.version.version,
        "id": record.id,
        "rule": record.rule.id,
        "duty": said.duty,
        "title": said.template.title,
        "responsible": list(said.template.responsible),
        "started_on": record.started_by.moment.day.isoformat(),
        "due_date": said.due_date.isoformat(),
        "status": status,
        "missed": missed,
        "excused": record.excused,
        "trackable": record.trackable,
        "observable": record.observable,
        "in_window": record.in_window,
        "done_at": written(record.done) if record.done is not None else None,
        "unit": took.unit if took is not None else None,
        "days": took.own if took is not None else None,
        "calendar_days": took.calendar_days if took is not None else None,
    }
