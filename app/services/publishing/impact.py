"""What a draft would change for a list of events, before it is published and without saving anything."""

from __future__ import annotations

from app.services.calculation.response import Json
from app.services.comparison import Candidate, compare
from app.services.ports import StoredProfileVersion, WriteContext
from app.services.problems import Problem
from app.services.publishing.drafts import read_draft
from app.services.publishing.validation import Validation
from app.services.snapshot.holder import SnapshotHolder
from app.services.snapshot.snapshot import ProfileVersion, Snapshot


def draft_impact(holder: SnapshotHolder, key: str, draft_id: str, body: object, context: WriteContext) -> Json:
    """Compare events under the version in force, or the one named as `before`, with the draft. Raises Problem."""
    written = read_draft(holder, key, draft_id)
    snapshot = holder.snapshot
    validation = written.validation
    if not validation.valid:
        count = len(validation.errors)
        raise Problem("not-publishable", f"The draft has {count} fault(s); mend them first.", validation.refusal())
    return compare(snapshot, body, Candidate(profile=as_version(snapshot, key, validation, context)))


def as_version(snapshot: Snapshot, key: str, validation: Validation, context: WriteContext) -> ProfileVersion:
    """A valid document as the version that it would become."""
    if validation.profile is None:
        raise ValueError("only a valid document can be calculated by")
    versions = snapshot.profiles.get(key, ())
    record = StoredProfileVersion(
        key=key,
        version=versions[-1].version + 1 if versions else 1,
        title=str(validation.resolved.get("title")),
        document=validation.document,
        resolved=validation.resolved,
        checksum=validation.checksum,
        in_force_from=None,
        in_force_to=None,
        has_force=True,
        published_at=context.at,
        published_by=context.by,
        reason=None,
        based_on=validation.based_on,
    )
    return ProfileVersion(record, validation.profile)
