"""Show what a draft would change for a list of events, before it is published and without saving anything."""

from __future__ import annotations

from app.services.calculation.response import Json
from app.services.comparison import impact
from app.services.comparison.request import DraftImpactRequest
from app.services.problems import Problem, summarise
from app.services.publishing.drafts import ValidatedDraft
from app.services.publishing.validation import proposed_version
from app.services.snapshot.snapshot import Snapshot


def draft_impact(snapshot: Snapshot, draft: ValidatedDraft, request: DraftImpactRequest) -> Json:
    """Compare events under the version in force, or the one named as `before`, with the draft. Raises Problem."""
    validation = draft.validation
    if not validation.valid:
        faults = validation.request_faults()
        raise Problem("not-publishable", f"The draft is not valid. {summarise(faults)}", faults)
    return impact(snapshot, request, proposed_version(snapshot, validation))
