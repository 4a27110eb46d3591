"""Codes, dates and times as the pages show them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from app.engine.citations import Source
from app.engine.facts import FactSpec, FactValue
from app.services.wording import NOT_COMPUTABLE

ABBREVIATIONS = frozenset(
    {"cin", "cla", "cp", "ehc", "fgc", "gcse", "icpc", "iro", "lado", "mash", "pep", "rcpc", "sdq"}
)
LAST_SECOND = time(23, 59, 59)

KINDS = {
    "deadline": "Deadline",
    "lead_time": "Before the event",
    "recurring": "Recurring",
    "milestone": "Milestone",
    "earliest": "Earliest day",
}
STRENGTHS = {"must": "must", "should": "should", "suggested": "suggested"}
BASES = {
    "local": "local standard",
    "statute": "statute",
    "regulations": "regulations",
    "statutory_guidance": "statutory guidance",
    "court_rules": "court rules",
}
ORIGINS = {
    "published": "published",
    "projected": "projected, not yet published",
    "history": "from the record before the published list",
    "added": "added to this calendar",
}
UNDATED_REASONS = {key: reason.label for key, reason in NOT_COMPUTABLE.items()}
UNDETERMINED = {
    "facts_missing": "A fact is missing",
    "beyond_calendar": "The calendar does not reach that far",
}


def day(value: date) -> str:
    """Format a day in full: Tuesday 13 January 2026."""
    return f"{value:%A} {value.day} {value:%B %Y}"


def short_day(value: date) -> str:
    """Format a day in brief: 13 Jan 2026."""
    return f"{value.day} {value:%b %Y}"


def written(text: str) -> str:
    """Write out a day that was entered: "Thursday 18 December 2025". Returns an empty text for anything else."""
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return ""


def hour(value: datetime) -> str | None:
    """Format the time of day, or return None if a whole day is meant."""
    return None if value.timetz().replace(tzinfo=None, microsecond=0) == LAST_SECOND else f"{value:%H:%M}"


def clock(text: str) -> str | None:
    """Format the time of day of an instant that is written as JSON, or return None if a whole day is meant."""
    return hour(datetime.fromisoformat(text))


def as_words(code: str) -> str:
    """Write a code as words: `icpc_likely` becomes "ICPC likely"."""
    return " ".join(word.upper() if word in ABBREVIATIONS else word for word in code.split("_"))


def label(code: str) -> str:
    """Write a code as a label: `section_47_initiated` becomes "Section 47 initiated"."""
    return capitalise(as_words(code))


def capitalise(text: str) -> str:
    """Capitalise the first letter."""
    return text[:1].upper() + text[1:]


def event_heading(text: str) -> str:
    """Write an event's noun as a heading: "the strategy discussion" becomes "Strategy discussion"."""
    for article in ("the last ", "the ", "a ", "an "):
        if text.startswith(article):
            return capitalise(text.removeprefix(article))
    return capitalise(text)


def value(fact: FactValue) -> str:
    """Format a fact's value."""
    if isinstance(fact, bool):
        return "yes" if fact else "no"
    return short_day(fact) if isinstance(fact, date) else str(fact).replace("_", " ")


def when_absent(spec: FactSpec) -> str:
    """Describe what is assumed if a fact is absent."""
    if spec.history:
        return "left open: not yet happened"
    if spec.presumed is not None:
        return f"left open: {value(spec.presumed)}"
    return ""


def sections(sources: Sequence[Source]) -> str:
    """Return the sections cited, as printed."""
    return ", ".join(source.section for source in sources)


def count(number: int, one: str, many: str | None = None) -> str:
    """Format a number with its noun."""
    return f"{number} {one if number == 1 else many or one + 's'}"
