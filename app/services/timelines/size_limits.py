"""How long a timeline may be, and the refusals of one that would be longer."""

from __future__ import annotations

from app.services.problems import Problem, answer_too_long

MAX_OBLIGATIONS = 5_000
# Of each: a thousand starts and a thousand acts that may have met any of them would make a million lines of history.
MAX_HISTORY_LINES = 50_000


def too_many() -> Problem:
    """Return the refusal of a timeline of too many obligations."""
    return answer_too_long(
        f"A timeline holds at most {MAX_OBLIGATIONS} obligations.",
        "until",
        "too many obligations fall up to this day",
        "send an earlier until (the day of as_of projects nothing), or fewer events",
    )


def too_much_history() -> Problem:
    """Return the refusal of a timeline whose events bear on too many obligations each."""
    return answer_too_long(
        f"A timeline holds at most {MAX_HISTORY_LINES} lines of history.",
        "events",
        "too many of the events may bear on too many obligations",
        "send fewer events of one kind, or the facts that settle which act each of them shows done",
    )


def too_much_undetermined() -> Problem:
    """Return the refusal of a timeline that would ask too much."""
    return answer_too_long(
        f"A timeline holds at most {MAX_HISTORY_LINES} undetermined rules.",
        "events",
        "too many of the rules that the events start wait for facts",
        "send the facts that the events need, or fewer events, children or profiles",
    )
