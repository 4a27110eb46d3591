"""What a reader of a draft judges: its faults at their lines, its rules, what it changes and what it leaves undated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.documents.faults import Fault
from app.services.ports import Draft
from app.services.problems import Problem
from app.services.publishing.draft_base import DraftBase, base_of_draft, before_publication
from app.services.publishing.validation import Validation, proposed_version
from app.services.snapshot.snapshot import ProfileVersion, Snapshot
from app.web.differences import Differences, differences
from app.web.drafts_trial import Trial, try_changes
from app.web.reading import ProfileView, read

MAX_SHOWN = 200


@dataclass(frozen=True, slots=True)
class ShownFault:
    """One fault: where it is, in words; the line with what is meant in it; what is wrong; and what mends it."""

    where: str
    before: str
    marked: str
    after: str
    message: str
    nearest: str
    remedy: str

    @property
    def line(self) -> str:
        """Return the whole line, empty where none is shown."""
        return f"{self.before}{self.marked}{self.after}"


@dataclass(frozen=True, slots=True)
class Review:
    """A document as its author and its second reader see it. Without `version` it cannot be published as it is."""

    errors: tuple[ShownFault, ...]
    warnings: tuple[ShownFault, ...]
    version: ProfileVersion | None
    reading: ProfileView | None = None
    base: DraftBase | None = None
    changes: Differences | None = None
    on: date | None = None
    trials: tuple[Trial, ...] = ()
    not_tried: int = 0
    too_early: bool = False
    """Whether the day tried is before the draft's first, so that it does not answer it."""


def review(
    snapshot: Snapshot,
    validation: Validation,
    today: date,
    on: date | None,
    text: str = "",
    draft: Draft | None = None,
) -> Review:
    """Show a validated document against the version that it would replace, in its rules and in its dates alike.

    `on` is the day for which its dates are tried; `draft` is the one that holds the document, if it is stored.
    """
    lines = text.split("\n") if text else []
    errors, warnings = (
        tuple(shown_fault(fault, lines) for fault in faults[:MAX_SHOWN])
        for faults in (validation.errors, validation.warnings)
    )
    if not validation.valid:
        return Review(errors, warnings, None)
    version = proposed_version(snapshot, validation)
    key = version.record.key
    if draft is not None and draft.published_version is not None:
        version = snapshot.profile_version(key, draft.published_version) or version
        snapshot = before_publication(snapshot, key, draft.published_version)
    first = version.record.in_force_from
    tried = on or max(today, first or today)
    base = base_of_draft(snapshot, key, first or tried, draft.base_version if draft is not None else None)
    too_early = first is not None and tried < first
    trials, not_tried = try_changes(snapshot, version, base.version if base is not None else None, tried)
    return Review(
        errors=errors,
        warnings=warnings,
        version=version,
        reading=read(version, "event", ""),
        base=base,
        changes=differences(base.version, version) if base is not None else None,
        on=tried,
        trials=trials,
        not_tried=not_tried,
        too_early=too_early,
    )


def shown_fault(fault: Fault, lines: list[str]) -> ShownFault:
    """Describe a fault with its place, and with its line where it has one."""
    place = fault.location
    where = f"rule {fault.rule}" if fault.rule else fault.path or "the whole document"
    before = marked = after = ""
    if place is not None and place.cell:
        where = f"sheet {place.sheet}, cell {place.cell}" if place.sheet else f"cell {place.cell}"
    elif place is not None and place.line is not None and 0 < place.line <= len(lines):
        where = f"line {place.line}, column {place.column}"
        line = lines[place.line - 1]
        start = (place.column or 1) - 1
        before, marked, after = line[:start], line[start : start + place.length], line[start + place.length :]
    return ShownFault(where, before, marked, after, fault.message, ", ".join(fault.nearest), fault.remedy)


BACKDATED = "give the reason for backdating, or a later in_force_from"
FIELDS = frozenset({"text", "reason", "comment", "in_force_from"})
ON_THE_PAGE = {
    "send a date, or null for the beginning": "enter the first day, or tick “From the beginning”",
    BACKDATED: "write the reason for it, or enter a later first day",
}


def fields_of(problem: Problem | None, stated: date | None = None) -> list[tuple[str, str]]:
    """Return the faults of a form with the field that each is of, in the words of the page.

    `stated` is the first day that the document itself names, which the form therefore does not ask for.
    """
    words = dict(ON_THE_PAGE)
    if stated is not None:
        words[BACKDATED] = (
            f"write the reason for it, or replace the draft by a file with a later day than {stated.isoformat()} in "
            "its line in_force_from (in a workbook: In force from)"
        )
    fields = []
    for fault in problem.faults if problem is not None else ():
        remedy = fault.remedy
        for of_the_api, of_the_page in words.items():
            remedy = remedy.replace(of_the_api, of_the_page)
        fields.append((fault.path if fault.path in FIELDS else "", f"{fault.message}; {remedy}"))
    return fields
