"""Check a profile's TOML text as a compiler does: every fault at once, each with its line and column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.documents.faults import Fault, Location
from app.profiles.positions import Span
from app.services.publishing.profile_file import ProfileFile, toml_file
from app.services.publishing.validation import Validation
from app.services.snapshot.snapshot import Snapshot

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault and its place in the text."""

    span: Span
    severity: Severity
    message: str
    remedy: str
    nearest: tuple[str, ...]
    rule: str | None
    path: str
    cell: str = ""
    """Its sheet and cell, such as `Rules!E7`, where the file is a workbook."""


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """The result of checking a text: its validation (None if it is not TOML), and every finding in order of lines."""

    validation: Validation | None
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> int:
        """Return how many faults prevent its publication."""
        return sum(item.severity == "error" for item in self.findings)

    @property
    def warnings(self) -> int:
        """Return how many findings are only warnings."""
        return len(self.findings) - self.errors


def diagnose(text: str, snapshot: Snapshot, key: str | None = None) -> Diagnostics:
    """Check a profile's TOML text as the next version of `key`, or of the key that it names."""
    file = toml_file(text)
    return diagnose_file(file, file.validate(snapshot, key))


def diagnose_file(file: ProfileFile, validation: Validation) -> Diagnostics:
    """Return what was found in a file, in the order of its lines."""
    findings = [
        *(finding_of(fault, "error") for fault in validation.errors),
        *(finding_of(fault, "warning") for fault in validation.warnings),
    ]
    ordered = sorted(dict.fromkeys(findings), key=lambda item: (item.span.line, item.span.column))
    return Diagnostics(validation if file.document is not None else None, tuple(ordered))


def finding_of(fault: Fault, severity: Severity) -> Finding:
    """Return a located fault as a finding in its text."""
    place = fault.location or Location(1, 1)
    span = Span(place.line or 1, place.column or 1, place.length)
    cell = f"{place.sheet}!{place.cell}" if place.sheet else ""
    return Finding(span, severity, fault.message, fault.remedy, fault.nearest, fault.rule, fault.path, cell)
