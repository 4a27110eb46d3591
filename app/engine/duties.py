"""Which duties a rule can date from one event."""

from __future__ import annotations

from app.engine.compiled_profile import ApplicableRule
from app.engine.phases import First, Phase
from app.engine.series import Series


def duties_started(item: ApplicableRule) -> frozenset[str]:
    """Return the duties that a rule can date from one event: without a series' opening where it restarts it.

    Example: a review that was held dates the next one, and never the first.
    """
    rule, duties = item.rule, set()
    for reading in rule.readings:
        phases: list[Phase | First | None] = [None]
        if isinstance(reading.timing, Series):
            opening = None if item.restarted else reading.timing.first
            phases = [*([opening] if opening is not None else []), *reading.timing.phases]
        duties |= {(phase is not None and phase.overrides.duty) or rule.duty for phase in phases}
    return frozenset(duties)
