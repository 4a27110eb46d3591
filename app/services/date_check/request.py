"""The request to check a date that somebody else computed."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from app.services.calculation.request import CalculationRequest, ResolvedRequest, resolve
from app.services.calculation.started_duties import check_started
from app.services.snapshot.snapshot import Snapshot
from app.services.validation import EventTime, Faults, Maybe


class CheckRequest(CalculationRequest):
    """A date that somebody else computed, for one duty, or one rule, that the event starts."""

    model_config = ConfigDict(json_schema_extra=None)

    duty: Maybe[str] = Field(description="A key from /v1/duties; this or `rule` is needed.")
    rule: Maybe[str] = Field(description="A rule of the profile, where a duty has several.")
    date: EventTime = Field(description="The date to be checked; a time as well, where hours are counted.")

    def domain_faults(self, faults: Faults, snapshot: Snapshot, path: str = "") -> None:
        """Add what only the published records can find wrong."""
        resolve_check(faults, snapshot, self, path)


def resolve_check(faults: Faults, snapshot: Snapshot, request: CheckRequest, path: str = "") -> ResolvedRequest | None:
    """Resolve the calculation behind a check, or find the faults of a sound part. None after a fault."""
    resolved = resolve(faults, snapshot, request, path)
    if request.duty is None and request.rule is None:
        faults.add("duty", "this field is missing", "add duty, or rule")
    if resolved is None:
        return None
    profile = resolved.profile.profile
    if request.duty is not None:
        check_started(faults, profile, resolved.event, request.duty)
    if request.rule is not None and profile.rule(request.rule) is None:
        faults.unknown("rule", "rule", request.rule, {item.id for item in profile.rules})
    return None if faults.collected else resolved
