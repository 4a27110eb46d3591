"""The timeline: where each obligation is drawn, around the event that starts it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from app.calendars.calendar import Calendar
from app.engine.civil_time import Moment
from app.engine.results import Obligation
from app.web.scale import Band, Scale, Tick, bands, scale, ticks
from app.web.words import hour, short_day

TOP = 34.0
ROW = 58.0
LETTER = 7.6
DATE_WIDTH = 72.0
NEAR = 40.0


@dataclass(frozen=True, slots=True)
class Mark:
    """One date drawn. Its kind decides its shape; `text` is its label, empty if there is no space for one."""

    x: float
    shape: str
    text: str
    title: str
    anchor: str = "middle"
    beyond: bool = False

    @property
    def text_x(self) -> float:
        """Return the label's x position: centred below the mark, or to one side of it."""
        return round(self.x + {"start": 3.0, "end": -3.0}.get(self.anchor, 0.0), 1)


@dataclass(frozen=True, slots=True)
class Row:
    """One rule: from the event to its last date shown, with its marks and the ghosts of other readings."""

    y: float
    title: str
    kind: str
    start: float
    end: float
    marks: tuple[Mark, ...]
    ghosts: tuple[Mark, ...]
    opens: float | None


@dataclass(frozen=True, slots=True)
class Timeline:
    """A whole drawing, in pixels."""

    width: float
    height: float
    event: float
    event_text: str
    today: float | None
    published_until: float | None
    bands: tuple[Band, ...]
    ticks: tuple[Tick, ...]
    rows: tuple[Row, ...]
    title_x: float

    @property
    def foot(self) -> float:
        """Return the y position of the axis."""
        return self.height - 26


def draw(
    moment: Moment,
    rules: Sequence[Sequence[Obligation]],
    calendar: Calendar,
    dates: Sequence[date],
    until: date | None,
    span: str,
    today: date,
) -> Timeline:
    """Draw a row for each rule, and today if its day is shown. Each group is one rule's dates in order."""
    axis = scale(moment.day, dates, until, span)
    event = axis.instant(moment.at) if moment.at is not None else axis.day(moment.day)
    rows = tuple(_row(axis, event, TOP + number * ROW, group) for number, group in enumerate(rules))
    # Titles start right of the event's line if there is space.
    title_x = event + 8 if event < axis.width * 0.4 else 8.0
    edge = calendar.published_until
    return Timeline(
        width=round(max(axis.width, title_x + max((len(row.title) for row in rows), default=0) * LETTER)),
        height=TOP + len(rows) * ROW + 30,
        event=event,
        event_text=short_day(moment.day) + (f", {moment.at:%H:%M}" if moment.at is not None else ""),
        today=axis.day(today) + axis.a_day / 2 if axis.shows(today) else None,
        published_until=axis.day(edge) + axis.a_day if axis.shows(edge) else None,
        bands=tuple(bands(axis, calendar)),
        ticks=tuple(ticks(axis)),
        rows=rows,
        title_x=title_x,
    )


def _row(axis: Scale, event: float, y: float, group: Sequence[Obligation]) -> Row:
    first = group[0]
    marks = [_mark(axis, event, item.due_date, item.due_at, item.kind, first.template.title) for item in group]
    ghosts = [
        _mark(axis, event, other.due_date, other.due_at, "ghost", f"Another reading: {other.reading}")
        for other in first.alternatives
        if other.due_date is not None and other.due_at is not None
    ]
    written: list[Mark] = []
    marks = [_written(mark, written) for mark in marks if not _hidden(mark, marks)]
    ghosts = [_written(ghost, written) for ghost in ghosts]
    places = [event, *(mark.x for mark in marks)]
    opens = first.not_before
    return Row(
        y=y,
        title="; then: ".join(list(dict.fromkeys(item.template.title for item in group))[:2]),
        kind=first.kind,
        start=min(places),
        end=max(places),
        marks=tuple(marks),
        ghosts=tuple(ghosts),
        opens=axis.day(opens) if opens is not None and axis.shows(opens) else None,
    )


def _hidden(mark: Mark, marks: Sequence[Mark]) -> bool:
    """Return True if an arrow for a date outside the days shown is already there."""
    return mark.beyond and next(other for other in marks if other.shape == mark.shape) is not mark


def _written(mark: Mark, written: list[Mark]) -> Mark:
    """Return the mark with its label, unless an earlier label is in the way."""
    if any(abs(mark.x - other.x) < DATE_WIDTH for other in written):
        return replace(mark, text="")
    written.append(mark)
    return mark


def _mark(axis: Scale, event: float, day: date, at: datetime, shape: str, title: str) -> Mark:
    """Place a date. A date outside the days shown is placed at the edge with its label."""
    time_of_day = hour(at)
    clock = f", {time_of_day}" if time_of_day else ""
    full = f"{title}: {short_day(day)}{clock}"
    if not axis.shows(day):
        late = day > axis.last
        x = axis.right + 4 if late else axis.left - 4
        shape, anchor = ("beyond-late", "start") if late else ("beyond-early", "end")
        return Mark(x, shape, short_day(day), full, anchor, beyond=True)
    # A whole day ends with its last second; its mark is in the middle of the day, where people look for it.
    x = axis.instant(at) if time_of_day else axis.day(day) + axis.a_day / 2
    anchor = "middle"
    if abs(x - event) < NEAR:
        # To one side of the event's line, which would run through the text.
        anchor = "end" if shape == "lead_time" or x < event else "start"
    return Mark(round(x, 1), shape, f"{day.day} {day:%b}{clock}", full, anchor)
