"""What a profile says of its documents: paragraphs, warnings from a day on, and standards without a date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Source:
    """The paragraph a rule is taken from."""

    document: str
    """The document's title."""
    section: str
    """The paragraph's own number, as printed."""


class CitedReading(NamedTuple):
    """A reading in words, and the paragraph and the document that print it."""

    text: str
    section: str
    document: str


@dataclass(frozen=True, slots=True)
class DatedWarning:
    """A warning for answers about events from a day on."""

    starts: date
    text: str
    document: str | None = None
    """The key of a document: the warning belongs only to answers that cite it. None for every answer."""
    ends: date | None = None
    """The last day of the warning."""

    def concerns(self, event: date, due: date) -> bool:
        """Return True if an answer about an event, or its due date, falls after what is warned of.

        A document superseded on 18 March 2026 is warned of at an event of 17 March whose due date is in May.
        """
        return self.starts <= max(event, due) and (self.ends is None or event <= self.ends)


@dataclass(frozen=True, slots=True)
class NotComputable:
    """A time-bound standard of the document that no date can be worked out for, and why.

    `events` are those whose answers it concerns, and `duty` is the act it asks for, where the vocabulary has one.
    """

    id: str
    title: str
    reason: str
    sources: tuple[Source, ...]
    note: str | None = None
    events: tuple[str, ...] = ()
    duty: str | None = None
