"""Validate a profile document: every fault at once, and warnings separately."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from app.documents.characters import hidden_characters
from app.documents.faults import Fault
from app.documents.reader import KEY_REMEDY, MAX_KEY_CHARACTERS
from app.engine.compiled_profile import Profile
from app.profiles.document import load_profile
from app.profiles.faults import InvalidProfile
from app.profiles.slips import find_slips
from app.services.calculation.response import Json
from app.services.ports import JsonObject, NewProfileVersion, VersionReference
from app.services.problems import MAX_FAULTS
from app.services.publishing.resolution import resolve
from app.services.snapshot.checksum import digest
from app.services.snapshot.snapshot import ProfileVersion, Snapshot

MAX_SHOWN = 3
NOT_PUBLISHED = datetime(1970, 1, 1, tzinfo=UTC)
"""The time in the record of a version that is only proposed; no answer shows it."""


@dataclass(frozen=True, slots=True)
class Validation:
    """A document and its validation. `profile` is None if the document cannot be compiled.

    `resolved` is the whole document, with what it extends filled in, and is what `checksum` covers.
    """

    document: JsonObject
    resolved: JsonObject
    checksum: str
    based_on: VersionReference | None
    profile: Profile | None
    errors: tuple[Fault, ...]
    warnings: tuple[Fault, ...]

    def request_faults(self) -> list[Fault]:
        """Return the errors as faults of the request that contained the document."""
        return [
            replace(fault, path=f"document.{fault.path}" if fault.path else "document")
            for fault in self.errors[: MAX_FAULTS + 1]
        ]

    @property
    def valid(self) -> bool:
        """Return whether it may be published."""
        return self.profile is not None and not self.errors

    def as_new_version(self, *, in_force_from: date | None, reason: str | None = None) -> NewProfileVersion:
        """Return the version that the document becomes if it is published. Only for a valid document."""
        if self.profile is None:
            raise ValueError("only a valid document can become a version")
        return NewProfileVersion(
            key=self.profile.key,
            title=self.profile.title,
            document=self.document,
            resolved=self.resolved,
            checksum=self.checksum,
            in_force_from=in_force_from,
            based_on=self.based_on,
            reason=reason,
        )

    def as_json(self) -> Json:
        """Return the result in the contract's form."""
        return {
            "valid": self.valid,
            "errors": [fault.as_json() for fault in self.errors[:MAX_FAULTS]],
            "warnings": [fault.as_json() for fault in self.warnings[:MAX_FAULTS]],
            "omitted": max(0, len(self.errors) - MAX_FAULTS) + max(0, len(self.warnings) - MAX_FAULTS),
            "checksum": self.checksum if self.valid else None,
            "based_on": {"key": self.based_on.key, "version": self.based_on.version} if self.based_on else None,
            "rules": len(self.profile.rules) if self.profile is not None else None,
        }


def validate(document: JsonObject, snapshot: Snapshot, key: str | None = None) -> Validation:
    """Validate a document as the next version of `key`, or of the key that it names. Nothing is stored.

    The versions and calendars that it may refer to are those of the snapshot.
    """

    def base_of(reference: VersionReference) -> Mapping[str, object] | None:
        published = snapshot.published_version(reference.key, reference.version)
        return published.record.resolved if published is not None else None

    resolved = resolve(document, base_of)
    errors = [*resolved.faults, *_key_faults(document, key), *hidden_characters(document)]
    warnings = _base_warnings(resolved.based_on, snapshot)
    profile = None
    if resolved.based_on is not None or "extends" not in document:
        try:
            profile = load_profile(resolved.document).profile
            slips = [
                (resolved.place_in_draft(slip.fault), slip)
                for slip in find_slips(profile, resolved.document, _shown_by(snapshot))
            ]
            # What a base got wrong is not for the author of a profile that extends it to mend.
            own = [(fault, slip.severity) for fault, slip in slips if fault.path != "extends"]
            errors += [fault for fault, severity in own if severity == "refused"]
            warnings += [fault for fault, severity in own if severity == "warned"]
        except InvalidProfile as refused:
            errors += [resolved.place_in_draft(fault) for fault in refused.faults]
    calendar = resolved.document.get("calendar")
    if isinstance(calendar, str) and calendar and calendar not in snapshot.calendars:
        calendars = ", ".join(sorted(snapshot.calendars)) or "none yet"
        message = f"there is no calendar '{calendar[:100]}'"
        errors.append(Fault("calendar", message, f"use one of {calendars}, or publish it first"))
    return Validation(
        document=document,
        resolved=resolved.document,
        checksum=digest(resolved.document),
        based_on=resolved.based_on,
        profile=profile,
        errors=tuple(dict.fromkeys(errors)),
        warnings=tuple(dict.fromkeys(warnings)),
    )


def proposed_version(snapshot: Snapshot, validation: Validation) -> ProfileVersion:
    """Return a valid document as the next version of its key, to try it before it is published. Nothing is stored."""
    assert validation.profile is not None
    versions = snapshot.profiles.get(validation.profile.key, ())
    new = validation.as_new_version(in_force_from=validation.profile.in_force_from)
    number = versions[-1].version + 1 if versions else 1
    return ProfileVersion(new.as_stored(number, at=NOT_PUBLISHED, by="nobody"), validation.profile)


def _key_faults(document: JsonObject, key: str | None) -> list[Fault]:
    written = document.get("key")
    if key is not None and isinstance(written, str) and written != key:
        return [Fault("key", f"this is a version of {key}, not of '{written[:100]}'", f'write "key": "{key}"')]
    if isinstance(written, str) and len(written) > MAX_KEY_CHARACTERS:
        return [Fault("key", "the key is too long", KEY_REMEDY)]
    return []


def _shown_by(snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    """Return the events of the shared vocabulary by which the published profiles see each duty done."""
    shown: dict[str, dict[str, None]] = {}
    for _, outline in snapshot.outlines():
        for duty, events in outline.shown_by.items():
            shown.setdefault(duty, {}).update(dict.fromkeys(events))
    return {duty: tuple(events)[:MAX_SHOWN] for duty, events in shown.items()}


def _base_warnings(reference: VersionReference | None, snapshot: Snapshot) -> list[Fault]:
    if reference is None:
        return []
    warnings: list[Fault] = []
    base = snapshot.published_version(reference.key, reference.version)
    latest = snapshot.latest_version(reference.key)
    if base is not None and base.withdrawn_at is not None:
        message = f"version {reference.version} of {reference.key} was withdrawn"
        warnings.append(Fault("extends", message, "extend a version that is not withdrawn"))
    elif latest is not None and latest.version > reference.version:
        message = f"{reference.key} now has version {latest.version}"
        remedy = "see what it changed, and extend it instead if the changes apply here"
        warnings.append(Fault("extends.version", message, remedy))
    return warnings


def entries_of(document: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    """Return the tables in one of a document's lists, ignoring anything else an author put there."""
    entries = document.get(name)
    return [item for item in entries if isinstance(item, Mapping)] if isinstance(entries, list) else []
