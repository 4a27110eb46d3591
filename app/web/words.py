"""Codes, days and times as the pages write them."""

from __future__ import annotations

from datetime import date, datetime, time

from app.engine.facts import FactSpec, FactValue
from app.engine.results import Obligation, Undetermined
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
    """A day in full: Tuesday 13 January 2026."""
    return f"{value:%A} {value.day} {value:%B %Y}"


def short_day(value: date) -> str:
    """A day in brief: 13 Jan 2026."""
    return f"{value.day} {value:%b %Y}"


def hour(value: datetime) -> str | None:
    """The time of day, or None where a whole day is meant."""
    return None if value.timetz().replace(tzinfo=None, microsecond=0) == LAST_SECOND else f"{value:%H:%M}"


def spoken(code: str) -> str:
    """A code as words: `icpc_likely` is "ICPC likely"."""
    return " ".join(word.upper() if word in ABBREVIATIONS else word for word in code.split("_"))


def plain(code: str) -> str:
    """A code as words with a capital to begin with: `section_47_initiated` is "Section 47 initiated"."""
    return sentence(spoken(code))


def sentence(text: str) -> str:
    """A text with a capital to begin with."""
    return text[:1].upper() + text[1:]


def noun(text: str) -> str:
    """An event's noun as a heading: "the strategy discussion" is "Strategy discussion"."""
    for article in ("the last ", "the ", "a ", "an "):
        if text.startswith(article):
            return sentence(text.removeprefix(article))
    return sentence(text)


def value(given: FactValue) -> str:
    """A fact's value as words."""
    if isinstance(given, bool):
        return "yes" if given else "no"
    return short_day(given) if isinstance(given, date) else str(given).replace("_", " ")


def when_absent(spec: FactSpec) -> str:
    """What is taken of a fact that is left open."""
    if spec.history:
        return "left open: not yet happened"
    if spec.presumed is not None:
        return f"left open: {value(spec.presumed)}"
    return ""


def sections(item: Obligation | Undetermined) -> str:
    """The sections cited, as printed."""
    return ", ".join(source.section for source in item.sources)


def count(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun."""
    return f"{number} {one if number == 1 else many or one + 's'}"
