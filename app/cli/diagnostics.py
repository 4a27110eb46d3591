"""Format the findings in a profile's text as a compiler does."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.services.publishing.diagnostics import Diagnostics, Finding

WIDTH = 100
TAB = "    "


def format_diagnostics(diagnostics: Diagnostics, text: str, file: str) -> str:
    """Format each finding with its line, or its cell where the file is no text, then a summary."""
    lines = text.split("\n")
    parts = [finding_text(finding, lines, file) for finding in diagnostics.findings]
    return "\n\n".join([*parts, summary(diagnostics, file)]) + "\n"


def summary(diagnostics: Diagnostics, file: str) -> str:
    """Summarise: the number of errors and warnings, or what the file defines if it has none."""
    counts = [_count(diagnostics.errors, "error"), _count(diagnostics.warnings, "warning")]
    counted = " and ".join(count for count in counts if count)
    if diagnostics.errors:
        return f"{file}: {counted}"
    profile = diagnostics.validation.profile if diagnostics.validation is not None else None
    if profile is None:
        return f"{file}: nothing could be read"
    events = f"started by {_count(len(profile.by_event), 'event')}" if profile.by_event else "started by nothing"
    left_out = f", {_count(len(profile.not_computable), 'standard')} without a date" if profile.not_computable else ""
    good = f"{file}: {profile.key} is a valid profile: {_count(len(profile.rules), 'rule')} {events}{left_out}"
    return f"{good}; {counted}" if counted else good


def finding_text(finding: Finding, lines: Sequence[str], file: str) -> str:
    """Format one finding: place and message, the line with a caret under the place, and the remedy."""
    span = finding.span
    rule = f" [rule {finding.rule}]" if finding.rule else ""
    line = lines[span.line - 1].rstrip("\r") if span.line <= len(lines) else ""
    before = line[: span.column - 1].replace("\t", TAB)
    marked = line[span.column - 1 : span.column - 1 + span.length].replace("\t", TAB)
    number = str(span.line)
    margin = " " * len(number)
    place = finding.cell or f"{span.line}:{span.column}"
    out = [f"{file}:{place}: {finding.severity}: {finding.message}{rule}"]
    if not finding.cell:
        out += [
            f"  {number} | {line.replace(chr(9), TAB)}",
            f"  {margin} | {' ' * len(before)}{'^' * max(1, len(marked))}",
        ]
    return "\n".join([*out, *_help(finding, margin)])


def _help(finding: Finding, margin: str) -> list[str]:
    """Return the lines that help: the nearest names and the remedy."""
    indent = " " * (len(margin) + 2)
    remedy = textwrap.fill(
        finding.remedy,
        WIDTH,
        initial_indent=f"{indent} = remedy: ",
        subsequent_indent=f"{indent}           ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [*([f"{indent} = nearest: {', '.join(finding.nearest)}"] if finding.nearest else []), remedy]


def _count(number: int, what: str) -> str:
    if not number:
        return ""
    return f"{number} {what}" + ("" if number == 1 else "s")
