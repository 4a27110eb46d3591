"""What waits for facts in a case: a rule that can be neither applied nor dropped yet."""

from __future__ import annotations

from typing import NamedTuple

from app.engine.results import Undetermined
from app.services.timelines.case import Event
from app.services.timelines.child_timeline import ChildTimeline


class PendingRule(NamedTuple):
    """A rule that waits, the event that started it, and the obligations assumed done that it rests on."""

    line: ChildTimeline
    item: Undetermined
    event: Event
    rests_on: tuple[str, ...] = ()
