"""The report of a collection year: one HTML file without scripts or addresses, which prints on two pages."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Template

WIDTH, HEIGHT = 340, 120
LEFT, TOP, BOTTOM = 34, 8, 22


@dataclass(frozen=True, slots=True)
class Point:
    """One month of a run chart, and where it stands in the drawing."""

    x: float
    y: float
    month: str
    share: float


@dataclass(frozen=True, slots=True)
class RunChart:
    """A share by month, with the median of the months: a run chart, as used for improvement."""

    points: tuple[Point, ...]
    median_y: float
    median: float

    @property
    def line(self) -> str:
        """Return the points as an SVG line has them."""
        return " ".join(f"{point.x:.1f},{point.y:.1f}" for point in self.points)


@dataclass(frozen=True, slots=True)
class Bar:
    """One band of the days taken; `height` is None where the number is suppressed."""

    x: float
    y: float
    height: float | None
    name: str
    count: int | str


def year_report(figures: Mapping[str, Any], profile: str, source: str | None, *, exact: bool) -> str:
    """Return the report of a year's figures. `exact` says that small numbers stand as they are: it is not for sharing.

    Raises nothing: a measure without data says so.
    """
    measures = [
        {**measure, "run": run_chart(measure["months"]), "bars": bars(measure["bands"])}
        for measure in figures["measures"]
    ]
    return _template().render(
        figures=figures,
        measures=measures,
        profile=profile,
        source=source,
        exact=exact,
        chart={"width": WIDTH, "height": HEIGHT, "left": LEFT, "top": TOP, "bottom": HEIGHT - BOTTOM},
    )


def run_chart(months: Sequence[Mapping[str, Any]]) -> RunChart | None:
    """Return the run chart of the months that have a share, None where fewer than two have."""
    shown = [month for month in months if isinstance(month["share"], float | int)]
    if len(shown) < 2:
        return None
    step = (WIDTH - LEFT - 8) / (len(shown) - 1)
    points = tuple(
        Point(LEFT + place * step, _height_of(month["share"]), month["month"], month["share"])
        for place, month in enumerate(shown)
    )
    median = statistics.median(point.share for point in points)
    return RunChart(points, _height_of(median), median)


def bars(bands: Sequence[Mapping[str, Any]]) -> list[Bar]:
    """Return the bars of a distribution; none where nothing was counted."""
    numbers = [band["count"] for band in bands if isinstance(band["count"], int)]
    most = max(numbers, default=0)
    if not most:
        return []
    step = (WIDTH - LEFT - 8) / len(bands)
    drawn = []
    for place, band in enumerate(bands):
        count = band["count"]
        height = count / most * (HEIGHT - TOP - BOTTOM) if isinstance(count, int) else None
        drawn.append(Bar(LEFT + place * step, HEIGHT - BOTTOM - (height or 0), height, band["working_days"], count))
    return drawn


def _height_of(share: float) -> float:
    return TOP + (1 - share) * (HEIGHT - TOP - BOTTOM)


def share(value: float | str | None) -> str:
    """Format a share: 78.4%, c where it is suppressed, a hyphen where nothing was counted."""
    if value is None:
        return "-"
    return value if isinstance(value, str) else f"{value * 100:.1f}%"


def _figure(value: float | str | None) -> str:
    """Format a number without a needless decimal: 16, 16.5."""
    if value is None:
        return "-"
    return value if isinstance(value, str) else f"{value:g}"


def _written(text: str) -> str:
    day = date.fromisoformat(text)
    return f"{day.day} {day:%B %Y}"


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("app.services.measures", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"share": share, "figure": _figure, "written": _written}
    return environment.get_template("report.html")
