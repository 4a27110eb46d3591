"""The timeline: where each obligation is drawn, around the event that starts it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.calendars.calendar import Calendar
from app.engine.civil import Moment
from app.engine.outcome import Obligation
from app.web.scale import Band, Scale, Tick, bands, scale, ticks
from app.web.words import hour, short_day

TOP = 34.0
ROW = 50.0
LETTER = 7.6
ROOM_FOR_A_DATE = 66.0


@dataclass(frozen=True, slots=True)
class Mark:
    """One date drawn: its kind decides its shape; `text` is written beside it where there is room."""

    x: float
    shape: str
    text: str
    title: str
    anchor: str
    text_x: float
    beyond: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One rule's line: from the event to its last date shown, its marks and its ghosts."""

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
    published_until: float | None
    bands: tuple[Band, ...]
    ticks: tuple[Tick, ...]
    rows: tuple[Row, ...]
    title_x: float

    @property
    def foot(self) -> float:
        """Where the axis lies."""
        return self.height - 26


def draw(
    moment: Moment,
    rules: Sequence[Sequence[Obligation]],
    calendar: Calendar,
    dates: Sequence[date],
    until: date | None,
    span: str,
) -> Timeline:
    """A row for each rule, each group of obligations being one rule's dates in order."""
    axis = scale(moment.day, dates, until, span)
    event = axis.instant(moment.at) if moment.at is not None else axis.day(moment.day)
    rows = tuple(_row(axis, event, TOP + number * ROW, group) for number, group in enumerate(rules))
    # Titles stand clear of the event's line where there is room to its right.
    title_x = event + 8 if event < axis.width * 0.4 else 8.0
    edge = calendar.published_until
    return Timeline(
        width=round(max(axis.width, title_x + max((len(row.title) for row in rows), default=0) * LETTER)),
        height=TOP + len(rows) * ROW + 30,
        event=event,
        event_text=short_day(moment.day) + (f", {moment.at:%H:%M}" if moment.at is not None else ""),
        published_until=axis.day(edge) + axis.a_day if axis.shows(edge) else None,
        bands=tuple(bands(axis, calendar)),
        ticks=tuple(ticks(axis)),
        rows=rows,
        title_x=title_x,
    )


def _row(axis: Scale, event: float, y: float, group: Sequence[Obligation]) -> Row:
    first = group[0]
    marks: list[Mark] = []
    room = [-ROOM_FOR_A_DATE, -ROOM_FOR_A_DATE]
    for item in group:
        mark = _mark(axis, event, item.due_date, item.due_at, item.kind, first.title)
        side = 0 if mark.anchor == "end" else 1
        if mark.beyond and any(other.beyond and other.x == mark.x for other in marks):
            continue
        if abs(mark.x - room[side]) < ROOM_FOR_A_DATE:
            mark = Mark(mark.x, mark.shape, "", mark.title, mark.anchor, mark.text_x, mark.beyond)
        else:
            room[side] = mark.x
        marks.append(mark)
    ghosts = tuple(
        _mark(axis, event, other.due_date, other.due_at, "ghost", f"Another reading: {other.reading}")
        for other in first.alternatives
        if other.due_date is not None and other.due_at is not None
    )
    places = [event, *(mark.x for mark in marks)]
    opens = first.not_before
    return Row(
        y=y,
        title="; then: ".join(list(dict.fromkeys(item.title for item in group))[:2]),
        kind=first.kind,
        start=min(places),
        end=max(places),
        marks=tuple(marks),
        ghosts=ghosts,
        opens=axis.day(opens) if opens is not None and axis.shows(opens) else None,
    )


def _mark(axis: Scale, event: float, day: date, at: datetime, shape: str, title: str) -> Mark:
    """A date's place; one that lies beyond the days shown stands at the edge with its date."""
    text = short_day(day).rpartition(" ")[0]
    time_of_day = hour(at)
    if time_of_day:
        text = f"{text}, {time_of_day}"
    full = f"{title}: {short_day(day)}" + (f", {time_of_day}" if time_of_day else "")
    if not axis.shows(day):
        late = day > axis.last
        x = axis.right + 4 if late else axis.left - 4
        anchor = "start" if late else "end"
        return Mark(
            x, "beyond-late" if late else "beyond-early", short_day(day), full, anchor, _beside(x, anchor), True
        )
    # A whole day ends with its last second: the mark stands in the middle of the day, where the eye looks for it.
    x = axis.instant(at) if time_of_day else axis.day(day) + axis.a_day / 2
    anchor = "end" if x < event else "start"
    return Mark(round(x, 1), shape, text, full, anchor, _beside(x, anchor))


def _beside(x: float, anchor: str) -> float:
    return round(x - 9 if anchor == "end" else x + 9, 1)
