"""The kinds of episode: stretches of a child's case that one event opens and another closes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.engine.conditions import Condition


@dataclass(frozen=True, slots=True)
class EpisodeSpec:
    """One kind of episode.

    An opener opens one only where `opened_when` has no condition for it, or where the event's own facts meet that
    condition; an unknown fact opens nothing. `joined_by` are openers that never open a second one while one runs.
    `closed_when` is the same for what closes one. `within` is the kind it lies in, whose end ends it too; None for the
    case itself. `several` may run at once. An `unbroken` one goes on where it ends and starts again on one day.
    Of one that `outlasts_a_day`, an end and a start on one day are the end of an older one and the start of the next,
    also where the older one is not in the list.
    """

    key: str
    noun: str
    definition: str
    opened_by: tuple[str, ...] = ()
    opened_when: Mapping[str, Condition] = field(default_factory=dict)
    joined_by: tuple[str, ...] = ()
    closed_by: tuple[str, ...] = ()
    closed_when: Mapping[str, Condition] = field(default_factory=dict)
    within: str | None = None
    several: bool = False
    unbroken: bool = False
    outlasts_a_day: bool = False
