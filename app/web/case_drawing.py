"""A case on a time line: episodes as bands, events as lines, each obligation from its start to its due date."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from app.engine.civil_time import read_moment
from app.services.zone import LONDON
from app.web.scale import FITTED, WIDTHS, Scale, Tick, ticks
from app.web.words import as_words, short_day

TOP = 40.0
BAND = 24.0
ROW = 30.0
LETTER = 7.6
MAX_ROWS = 80
AHEAD_DAYS = 120
MAX_TITLE = 60
MIN_BAND = 4.0
GAP = 6.0


@dataclass(frozen=True, slots=True)
class EpisodeBand:
    """A stretch of the case: from the event that opened it to the one that closed it, or on beyond the drawing."""

    x: float
    width: float
    y: float
    text: str
    title: str
    open: bool


@dataclass(frozen=True, slots=True)
class EventLine:
    """An event, by its number in the form; without a text where the label before it names it too."""

    x: float
    text: str
    title: str


@dataclass(frozen=True, slots=True)
class Span:
    """One obligation: from what started it to its due date, and when it was done."""

    y: float
    start: float
    due: float
    done: float | None
    status: str
    text: str
    text_x: float
    title: str


@dataclass(frozen=True, slots=True)
class CaseDrawing:
    """A whole drawing, in pixels."""

    width: float
    height: float
    foot: float
    ticks: tuple[Tick, ...]
    bands: tuple[EpisodeBand, ...]
    events: tuple[EventLine, ...]
    spans: tuple[Span, ...]
    today: float | None
    left_out: int


def draw_case(
    obligations: Sequence[Mapping[str, Any]],
    episodes: Sequence[tuple[str, str, str | None]],
    events: Sequence[Mapping[str, Any]],
    as_of: date,
) -> CaseDrawing:
    """Draw what is not replaced, the next date of each series, up to four months after `as_of`.

    Each episode is a name, and when it opened and closed; None for one that is still open.
    """
    axis = _axis(obligations, events, as_of)
    drawn = [item for item in _next_of_each(obligations, as_of) if _within(axis, item)]
    bands = _bands(axis, episodes)
    top = max((band.y for band in bands), default=TOP - BAND) + BAND + (10 if bands else 0)
    spans = tuple(_span(axis, item, top + number * ROW) for number, item in enumerate(drawn[:MAX_ROWS]))
    foot = top + len(spans) * ROW + 6
    right = max((span.text_x + len(span.text) * LETTER for span in spans), default=0.0)
    return CaseDrawing(
        width=round(max(axis.width, right + 8), 1),
        height=foot + 26,
        foot=foot,
        ticks=tuple(ticks(axis)),
        bands=bands,
        events=_event_lines(axis, events),
        spans=spans,
        today=axis.day(as_of) + axis.a_day / 2 if axis.shows(as_of) else None,
        left_out=len(obligations) - len(spans),
    )


def _axis(obligations: Sequence[Mapping[str, Any]], events: Sequence[Mapping[str, Any]], as_of: date) -> Scale:
    days = [_day(str(event["occurred_at"])) for event in events] + [as_of]
    edge = as_of + timedelta(days=AHEAD_DAYS)
    due = [day for item in obligations if (day := _day(str(item["due_date"]))) <= edge]
    first, last = min(days) - timedelta(days=1), max([*days, *due]) + timedelta(days=1)
    if last - first < timedelta(days=8):
        last = first + timedelta(days=8)
    count = (last - first).days + 1
    return Scale(first, last, next((width for most, width in WIDTHS if count <= most), FITTED / count))


def _next_of_each(obligations: Sequence[Mapping[str, Any]], as_of: date) -> Iterator[Mapping[str, Any]]:
    """Yield what is neither replaced nor ended; of what is only expected, the next date of each rule.

    What no event could show done is left out once its date has passed: nobody can say what became of it.
    """
    seen: set[tuple[str, str]] = set()
    for item in obligations:
        if item["status"] in {"ended", "superseded"} and not item["missed"]:
            continue
        if not item["trackable"] and _day(str(item["due_date"])) < as_of:
            continue
        rule = (str(item["profile"]), str(item["rule"]))
        if item["rests_on"] and rule in seen:
            continue
        seen.add(rule)
        yield item


def _within(axis: Scale, item: Mapping[str, Any]) -> bool:
    return axis.shows(_day(str(item["due_date"])))


def _span(axis: Scale, item: Mapping[str, Any], y: float) -> Span:
    due = axis.day(_day(str(item["due_date"]))) + axis.a_day / 2
    start = min(_x(axis, str(item["started_by"]["occurred_at"])), due)
    done = _x(axis, str(item["done_at"])) if item["done_at"] and axis.shows(_day(str(item["done_at"]))) else None
    title = str(item["title"])
    text = title if len(title) <= MAX_TITLE else f"{title[: MAX_TITLE - 1]}…"
    day = short_day(_day(str(item["due_date"])))
    return Span(
        y=y,
        start=round(max(start, axis.left), 1),
        due=round(due, 1),
        done=round(done, 1) if done is not None else None,
        status=_drawn_as(item),
        text=f"{day} {text}",
        text_x=round(max(due, done or 0.0) + 12, 1),
        title=f"{title}: due {day}, {_drawn_as(item).replace('_', ' ')}",
    )


def _drawn_as(item: Mapping[str, Any]) -> str:
    if item["rests_on"]:
        return "projected"
    if item["missed"]:
        return "missed"
    return "opens" if item["kind"] == "earliest" and item["status"] == "outstanding" else str(item["status"])


def _bands(axis: Scale, episodes: Sequence[tuple[str, str, str | None]]) -> tuple[EpisodeBand, ...]:
    """Place each episode in the first line that is free from its opening on, its name included."""
    bands = []
    ends: list[float] = []
    for name, opened, closed in episodes:
        if not axis.shows(_day(opened)):
            continue
        start = _x(axis, opened)
        end = min(_x(axis, closed), axis.right) if closed else axis.right
        until = f"to {short_day(_day(closed))}" if closed else "still open"
        title = f"{name}: from {short_day(_day(opened))}, {until}"
        width = round(max(end - start, MIN_BAND), 1)
        free = next((number for number, taken in enumerate(ends) if taken <= start), len(ends))
        ends[free : free + 1] = [max(start + width, start + 8 + len(name) * LETTER)]
        bands.append(EpisodeBand(round(start, 1), width, TOP + free * BAND, name, title, not closed))
    return tuple(bands)


def _event_lines(axis: Scale, events: Sequence[Mapping[str, Any]]) -> tuple[EventLine, ...]:
    """Draw a line for each event, and its number above it; where numbers would overlap, one label names them all."""
    placed = sorted(
        (
            (_x(axis, str(event["occurred_at"])), number, f"Event {number}: {as_words(str(event['type']))}")
            for number, event in enumerate(events, start=1)
            if axis.shows(_day(str(event["occurred_at"])))
        ),
    )
    lines: list[EventLine] = []
    labelled = 0
    for x, number, title in placed:
        if lines and x < lines[labelled].x + len(lines[labelled].text) * LETTER + GAP:
            lines[labelled] = replace(lines[labelled], text=f"{lines[labelled].text}, {number}")
            lines.append(EventLine(x, "", title))
        else:
            labelled = len(lines)
            lines.append(EventLine(x, str(number), title))
    return tuple(lines)


def _day(text: str) -> date:
    return read_moment(text, LONDON).day


def _x(axis: Scale, text: str) -> float:
    """Return the place of a day, at its beginning, or of an instant."""
    moment = read_moment(text, LONDON)
    return axis.instant(moment.at) if moment.at is not None else axis.day(moment.day)
