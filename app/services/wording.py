"""Words for people that pages and reports share."""

from __future__ import annotations

from typing import NamedTuple


def title_of(text: str) -> str:
    """Return a title: `the strategy discussion` as Strategy discussion, `placement_type` as Placement type."""
    words = text.replace("_", " ").strip().rstrip(".").removeprefix("the ")
    return words[:1].upper() + words[1:]


class Reason(NamedTuple):
    """Why a standard has no date: as a label, and as a sentence."""

    label: str
    sentence: str


NOT_COMPUTABLE = {
    "no_interval_printed": Reason(
        "No interval is printed", "The document asks for it without saying how soon or how often."
    ),
    "no_event": Reason("No event starts it", "Nothing that a caller records starts the clock."),
    "outside_calendar_needed": Reason(
        "Another calendar is needed", "It needs a calendar that this service does not have, such as school terms."
    ),
    "status_not_duty": Reason(
        "It describes a status, not a duty", "It describes how things should be, not something to be done by a day."
    ),
    "accumulated_history_needed": Reason(
        "It depends on the case history", "It depends on a history that a single event does not include."
    ),
    "not_verified": Reason(
        "It is not verified", "It stands in the law or guidance, but its text has not been seen: look it up there."
    ),
    "decided_case_by_case": Reason(
        "It is decided case by case",
        "How soon or how often is decided for each child, as in supervision or in the plan.",
    ),
}
"""The reasons why a standard of a document is not computable, in the order in which reports list them."""
SECONDARY = "secondary: the text itself was seen only in part, or in a counterpart of it"
"""What is said of a timescale of secondary certainty."""
