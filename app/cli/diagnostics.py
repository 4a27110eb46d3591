"""Findings in a profile's text, told as a compiler tells them."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.services.publishing.diagnostics import Diagnostics, Finding

WIDTH = 100
TAB = "    "


def told(diagnosis: Diagnostics, text: str, file: str) -> str:
    """Every finding with its line, and a last line that counts them."""
    lines = text.split("\n")
    parts = [finding_text(finding, lines, file) for finding in diagnosis.findings]
    return "\n\n".join([*parts, summary(diagnosis, file)]) + "\n"


def summary(diagnosis: Diagnostics, file: str) -> str:
    """How many of what, or what was read where nothing is wrong."""
    counts = [_count(diagnosis.errors, "error"), _count(diagnosis.warnings, "warning")]
    found = " and ".join(count for count in counts if count)
    if diagnosis.errors:
        return f"{file}: {found}"
    profile = diagnosis.validation.profile if diagnosis.validation is not None else None
    if profile is None:
        return f"{file}: nothing could be read"
    events = f"started by {_count(len(profile.by_event), 'event')}" if profile.by_event else "started by nothing"
    left_out = f", {_count(len(profile.not_computable), 'standard')} without a date" if profile.not_computable else ""
    good = f"{file}: {profile.key} is a valid profile: {_count(len(profile.rules), 'rule')} {events}{left_out}"
    return f"{good}; {found}" if found else good


def finding_text(finding: Finding, lines: Sequence[str], file: str) -> str:
    """One finding: where and what, the line with a caret under the place, and what would mend it."""
    span = finding.span
    rule = f" [rule {finding.rule}]" if finding.rule else ""
    line = lines[span.line - 1].rstrip("\r") if span.line <= len(lines) else ""
    before = line[: span.column - 1].replace("\t", TAB)
    marked = line[span.column - 1 : span.column - 1 + span.length].replace("\t", TAB)
    number = str(span.line)
    margin = " " * len(number)
    out = [
        f"{file}:{span.line}:{span.column}: {finding.severity}: {finding.message}{rule}",
        f"  {number} | {line.replace(chr(9), TAB)}",
        f"  {margin} | {' ' * len(before)}{'^' * max(1, len(marked))}",
    ]
    if finding.nearest:
        out.append(f"  {margin} = nearest: {', '.join(finding.nearest)}")
    indent = " " * (len(margin) + 2)
    out.append(
        textwrap.fill(
            finding.remedy,
            WIDTH,
            initial_indent=f"{indent} = remedy: ",
            subsequent_indent=f"{indent}           ",
            break_long_words=False,
            break_on_hyphens=False,
        )
    )
    return "\n".join(out)


def _count(number: int, what: str) -> str:
    if not number:
        return ""
    return f"{number} {what}" + ("" if number == 1 else "s")
