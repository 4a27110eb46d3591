"""Publish a draft as a version, for good; and withdraw a version."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from app.profiles.slips import rules_over_before
from app.services.access.permissions import Caller
from app.services.calculation.response import Json
from app.services.catalogue import summarise_version
from app.services.ports import AlreadyPublished, WriteContext
from app.services.problems import Problem
from app.services.publishing.drafts import load_draft, require_revision
from app.services.publishing.request import PublishRequest, WithdrawRequest
from app.services.publishing.validation import Validation, validate
from app.services.snapshot.holder import SnapshotHolder
from app.services.snapshot.snapshot import Snapshot
from app.services.validation import Faults
from app.services.zone import LONDON


def publish_draft(
    holder: SnapshotHolder,
    key: str,
    draft_id: str,
    request: PublishRequest,
    *,
    expected_revision: int | None,
    caller: Caller,
    require_second_approver: bool,
    context: WriteContext,
) -> Json:
    """Publish a draft as the next version of its key, in force for calculations at once.

    Raises Problem with every fault; NotFound, StaleRevision, AlreadyPublished, StoreUnavailable.
    """
    holder.refresh()
    draft = load_draft(holder, key, draft_id)
    if draft.published_version is not None:
        raise AlreadyPublished(draft_id, key, draft.published_version)
    require_revision(draft, expected_revision)
    if require_second_approver and caller.name in draft.authors:
        raise Problem("forbidden", "An author of a draft may not publish it; somebody else has to.")
    faults = Faults()
    reason = request.reason
    validation = validate(draft.document, holder.snapshot, key)
    starts = _first_day(faults, request, validation)
    if not faults.collected:
        refuse_another_first_day(faults, holder.snapshot, validation, key, starts)
        _refuse_rules_of_the_past(faults, validation, starts)
    today = context.at.astimezone(LONDON).date()
    if not faults.collected and (starts is None or starts < today) and reason is None:
        since = starts.isoformat() if starts is not None else "the beginning"
        message = f"in force from {since} is before today, {today.isoformat()}"
        faults.add("reason", message, "give the reason for backdating, or a later in_force_from")
    if not validation.valid:
        faults.kind = "not-publishable"
        faults.collected += validation.request_faults()
    faults.raise_any()
    record = holder.store.publish_profile(
        draft_id,
        validation.as_new_version(in_force_from=starts, reason=reason),
        expected_revision=draft.revision,
        context=context,
    )
    holder.refresh()
    return {
        "draft": draft_id,
        "key": record.key,
        "version": record.version,
        "title": record.title,
        "checksum": record.checksum,
        "in_force_from": record.in_force_from.isoformat() if record.in_force_from else None,
        "in_force_to": record.in_force_to.isoformat() if record.in_force_to else None,
        "has_force": record.has_force,
        "backdated": starts is None or starts < today,
        "published_at": record.published_at.isoformat(),
        "published_by": record.published_by,
        "reason": record.reason,
        "based_on": {"key": record.based_on.key, "version": record.based_on.version} if record.based_on else None,
        "warnings": [f"{fault.path}: {fault.message}" for fault in validation.warnings],
    }


def withdraw_version(
    holder: SnapshotHolder, key: str, version: int, request: WithdrawRequest, context: WriteContext
) -> Json:
    """Withdraw a version; it stays readable and may still be pinned. Raises Problem, NotFound, Conflict."""
    record = holder.store.withdraw_profile(key, version, reason=request.reason, context=context)
    holder.refresh()
    snapshot = holder.snapshot
    today = context.at.astimezone(LONDON).date()
    in_force = snapshot.published_in_force(key, today)
    published = snapshot.published_version(key, version)
    # The snapshot is the old one if the store could not be read just now.
    summary = summarise_version(snapshot, published) if published is not None and published.withdrawn_at else {}
    return {
        **summary,
        "key": key,
        "version": version,
        "withdrawn_at": record.withdrawn_at.isoformat() if record.withdrawn_at else None,
        "withdrawn_by": record.withdrawn_by,
        "withdrawn_reason": record.withdrawn_reason,
        "answering_today": in_force.version if in_force is not None else None,
    }


def _first_day(faults: Faults, request: PublishRequest, validation: Validation) -> date | None:
    """Return the day that the version is in force from: sent, or stated in the document; None is the beginning."""
    stated = validation.profile.in_force_from if validation.profile is not None else None
    if "in_force_from" not in request.model_fields_set:
        if stated is None and validation.valid:
            faults.add(
                "in_force_from",
                "neither the request nor the document says from when it is in force",
                "send a date, or null for the beginning; a day before today, and the beginning, need a reason too",
            )
        return stated
    sent = request.in_force_from
    if stated is not None and sent != stated:
        message = f"the document says {stated.isoformat()}"
        faults.add("in_force_from", message, "send the same date, or change the draft", str(sent))
    return sent


def _refuse_rules_of_the_past(faults: Faults, validation: Validation, starts: date | None) -> None:
    """Add a fault for each rule that is over before the first day that the request gives.

    A first day that the document states was checked with it; a base may have rules of the past.
    """
    profile = validation.profile
    if starts is None or profile is None or profile.in_force_from is not None or validation.based_on is not None:
        return
    faults.collected += [replace(fault, path=f"document.{fault.path}") for fault in rules_over_before(profile, starts)]


def refuse_another_first_day(
    faults: Faults, snapshot: Snapshot, validation: Validation, key: str, starts: date | None
) -> None:
    """Add the fault of a document that answers already and is published again from another first day.

    A first day is part of what a version is, so it is corrected by a version of its own: one whose document says it.
    Otherwise two versions would differ in nothing that their authors wrote.
    """
    latest = next((each for each in reversed(snapshot.profiles.get(key, ())) if each.withdrawn_at is None), None)
    if latest is None or latest.record.checksum != validation.checksum or latest.record.in_force_from == starts:
        return
    before = latest.record.in_force_from
    first_day = f"from {before.isoformat()}" if before is not None else "from the beginning"
    wanted = starts.isoformat() if starts is not None else "0001-01-01"
    remedy = f"write in_force_from = {wanted} in the document and publish it: that version corrects the first day"
    if starts is not None and (before is None or starts > before):
        remedy += f"; until then version {latest.version} answers, unless it is withdrawn"
    message = f"version {latest.version} is this same document, in force {first_day}"
    faults.add("in_force_from", message, remedy, starts.isoformat() if starts is not None else None)
