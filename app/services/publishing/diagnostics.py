"""Check a profile's TOML text as a compiler does: every fault at once, each with its line and column."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import Literal, cast

from app.documents.faults import Fault
from app.profiles.document import as_json
from app.profiles.positions import Positions, Span, syntax_span
from app.services.ports import JsonObject
from app.services.publishing.validation import Validation, validate
from app.services.snapshot.snapshot import Snapshot

QUOTED = re.compile(r"'(?P<name>[^']+)'")
SYNTAX_REMEDIES = (
    ("Cannot overwrite", "each key and each table may occur only once: remove one of the two"),
    ("Cannot declare", "each key and each table may occur only once: remove one of the two"),
    ("Cannot mutate", "a table written in braces is complete: write all of it inside the braces, or as a [table]"),
    ("Duplicate inline table key", "each key may occur only once between the braces: remove one of the two"),
    ("Invalid value", "write a text in quotation marks, a number or date plainly, and a table in braces"),
    ("Invalid date", "write a date as 2020-01-31"),
    ("Expected '='", "write key = value on one line"),
    ("Invalid statement", "a line is a [table], a [[list entry]], key = value or a # comment"),
    ("Unclosed inline table", "close the table with } on the same line, with commas between its parts"),
    ("Unclosed array", "close the list with ], with commas between its parts"),
    ("Unterminated string", "close the text with the quotation mark that opened it"),
    ("Illegal character", "keep a text on one line, or write it between three quotation marks"),
    ("Expected newline", "start a new line after the value"),
    ("Expected ']", "close the table's name with as many brackets as opened it"),
    ("Unescaped", "write a backslash as two, or the text in single quotation marks"),
)

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
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message, span = syntax_span(str(error), text)
        remedy = next((remedy for start, remedy in SYNTAX_REMEDIES if start in message), "see docs/profile-format.md")
        finding = Finding(span, "error", f"this is not TOML: {_lower(message)}", remedy, (), None, "")
        return Diagnostics(None, (finding,))
    positions = Positions(text)
    validation = validate(cast(JsonObject, as_json(document)), snapshot, key)
    findings = [
        *(finding_of(fault, positions, "error") for fault in validation.errors),
        *(finding_of(fault, positions, "warning") for fault in validation.warnings),
    ]
    ordered = sorted(dict.fromkeys(findings), key=lambda item: (item.span.line, item.span.column))
    return Diagnostics(validation, tuple(ordered))


def finding_of(fault: Fault, positions: Positions, severity: Severity) -> Finding:
    """Return a fault with its place: an unknown name at the name itself (a key, or one of several texts)."""
    place = positions.place(fault.path)
    quoted = QUOTED.search(fault.message)
    named = quoted is not None and fault.path.rpartition(".")[2] == quoted["name"]
    span = place.key if named else place.value
    if quoted is not None and not named:
        span = positions.text_in(fault.path, quoted["name"]) or span
    return Finding(span, severity, fault.message, fault.remedy, fault.nearest, fault.rule, fault.path)


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]
