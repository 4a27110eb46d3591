"""What a draft would change for a list of events, before it is published and without saving anything."""

from __future__ import annotations

from app.services.calculation.response import Json
from app.services.comparison import compare
from app.services.problems import Problem
from app.services.publishing.drafts import read_draft
from app.services.publishing.validation import proposed_version
from app.services.snapshot.holder import SnapshotHolder


def draft_impact(holder: SnapshotHolder, key: str, draft_id: str, body: object) -> Json:
    """Compare events under the version in force, or the one named as `before`, with the draft. Raises Problem."""
    written = read_draft(holder, key, draft_id)
    snapshot = holder.snapshot
    validation = written.validation
    if not validation.valid:
        count = len(validation.errors)
        raise Problem("not-publishable", f"The draft has {count} fault(s); mend them first.", validation.refusal())
    return compare(snapshot, body, proposed_version(snapshot, validation))
