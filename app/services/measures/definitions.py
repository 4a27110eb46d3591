"""The measures as data: what each counts, between which events, by what limit, and where it is defined."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, cast

Kind = Literal["interval", "reviews", "standard"]
Step = tuple[Literal["working_days", "weeks", "months"], int]


@dataclass(frozen=True, slots=True)
class Measure:
    """What every measure says of itself. `next_to` is the duty whose figures under the profile stand next to it.

    `published` says whether national figures are published by this very definition.
    """

    key: str
    title: str
    counts: str
    document: str | None
    section: str | None
    next_to: str
    published: bool


@dataclass(frozen=True, slots=True)
class IntervalMeasure(Measure):
    """A share of acts done within so many working days of their start, with bands of the days taken.

    `bands` are the last days of each band; what took longer than the last of them is a band of its own. An act before
    its start is `in_total`, as DfE counts conferences, or `left_out`. `same_row` says that returns have a start and its
    act in one row, so that two that overlap are distinguished.
    """

    starts: tuple[str, ...]
    acts: tuple[str, ...]
    limit: int
    bands: tuple[int, ...]
    before_start: Literal["in_total", "left_out"]
    first_only: bool
    same_row: bool

    def band_names(self) -> tuple[str, ...]:
        """Return the names of the bands, such as 0 to 10, 11 to 15 and 21 or more."""
        first = 0
        names = []
        for last in self.bands:
            names.append(str(last) if first == last else f"{first} to {last}")
            first = last + 1
        return (*names, f"{first} or more")

    def band(self, days: int) -> str:
        """Return the name of the band that so many days lie in."""
        place = next((index for index, last in enumerate(self.bands) if days <= last), len(self.bands))
        return self.band_names()[place]


@dataclass(frozen=True, slots=True)
class ReviewsMeasure(Measure):
    """A share of the children on a plan or in care at the end of a year whose reviews in it were all held on time.

    The first review is counted from the last `counted_from` by the opening, or from the opening itself; `steps` are the
    lengths of the intervals, of which the last repeats. A child counts who had been there for `open_for`.
    """

    opened_by: tuple[str, ...]
    counted_from: tuple[str, ...]
    closed_by: tuple[str, ...]
    reviews: tuple[str, ...]
    steps: tuple[Step, ...]
    open_for: Step


@dataclass(frozen=True, slots=True)
class StandardMeasure(Measure):
    """The figures of one duty under the profile, where nothing is published nationally."""


@dataclass(frozen=True, slots=True)
class Measures:
    """Every measure, the documents that define them by their keys, and the calendar whose working days they count."""

    calendar: str
    documents: dict[str, str]
    measures: tuple[IntervalMeasure | ReviewsMeasure | StandardMeasure, ...]


@cache
def load_measures() -> Measures:
    """Return the packaged measures."""
    raw = tomllib.loads((files("app.services.measures") / "measures.toml").read_text(encoding="utf-8"))
    return Measures(raw["calendar"], raw["documents"], tuple(_measure(item) for item in raw["measures"]))


def _measure(raw: dict[str, Any]) -> IntervalMeasure | ReviewsMeasure | StandardMeasure:
    said = (
        raw["key"],
        raw["title"],
        raw["counts"],
        raw.get("document"),
        raw.get("section"),
        raw["next_to"],
        raw["published"],
    )
    kind: Kind = raw["kind"]
    if kind == "interval":
        return IntervalMeasure(
            *said,
            starts=tuple(raw["from"]),
            acts=tuple(raw["to"]),
            limit=raw["limit"]["working_days"],
            bands=tuple(raw["bands"]),
            before_start=raw["before_start"],
            first_only=raw.get("first_only", False),
            same_row=raw.get("same_row", False),
        )
    if kind == "reviews":
        return ReviewsMeasure(
            *said,
            opened_by=tuple(raw["opened_by"]),
            counted_from=tuple(raw.get("counted_from", ())),
            closed_by=tuple(raw["closed_by"]),
            reviews=tuple(raw["reviews"]),
            steps=tuple(_step(step) for step in raw["steps"]),
            open_for=_step(raw["open_for"]),
        )
    return StandardMeasure(*said)


def _step(raw: dict[str, Any]) -> Step:
    ((unit, number),) = raw.items()
    if unit not in {"working_days", "weeks", "months"}:
        raise ValueError(f"{unit} is no unit of a step")
    return cast(Step, (unit, number))
