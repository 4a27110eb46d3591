"""The page for operators names every setting, metric and limit as they are, and nothing that is not there."""

import re

from app.api.connection_timers import (
    MAX_DRAINING_SECONDS,
    MAX_DRAINING_STALL_SECONDS,
    MAX_HEAD_SECONDS,
    MAX_LINGER_BYTES,
    MAX_LINGER_SECONDS,
)
from app.api.malformed import MAX_HEAD_BYTES, MAX_HEADERS
from app.api.middleware import MAX_QUERY_BYTES
from app.cli.server import GRACE_SECONDS
from app.engine import calculate
from app.services.calculation import batch
from app.services.calculation.json_body import MAX_DEPTH
from app.services.comparison import request as comparison
from app.services.observability import metrics
from app.services.timelines import request as timelines
from app.services.timelines import request_parts as parts
from app.services.timelines import size_limits as limits
from app.settings import Settings
from tests.house.files import ROOT

PAGES = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md")}
PAGE = PAGES["operations.md"]
ROW = re.compile(r"^\| `(DEADLINES_\w+)` \| (?:`([^`]*)`)? ?\| (.*) \|$", re.MULTILINE)


def default(value: object) -> str:
    if value in ("", (), {}):
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_every_setting_is_there_with_its_default_and_meaning() -> None:
    assert {name: (shown or "", says) for name, shown, says in ROW.findall(PAGE)} == {
        f"DEADLINES_{name.upper()}": (default(field.default), field.description)
        for name, field in Settings.model_fields.items()
    }


def test_no_page_names_a_setting_that_is_not_there() -> None:
    # The key of the command line's caller is no setting of the service.
    known = {f"DEADLINES_{name.upper()}" for name in Settings.model_fields} | {"DEADLINES_KEY"}
    for name, text in PAGES.items():
        assert set(re.findall(r"DEADLINES_[A-Z_]*[A-Z]", text)) <= known, name


def test_every_metric_is_there_and_no_other() -> None:
    families = {family.name for family in metrics.OWN_REGISTRY.collect()} | {"deadlines_snapshot_age_seconds"}
    shown = set(re.findall(r"^\| `(deadlines_\w+?)(?:_total)?(?:\{|`)", PAGE, re.MULTILINE))
    assert shown == families


def test_the_limits_are_those_of_the_code() -> None:
    assert f"{MAX_HEAD_BYTES // 1024} KiB, {MAX_HEADERS} headers, within {MAX_HEAD_SECONDS:.0f} seconds" in PAGE
    assert f"{MAX_LINGER_SECONDS:.0f} seconds, {MAX_LINGER_BYTES >> 20} MiB; dropped" in PAGE
    assert f"| query | {MAX_QUERY_BYTES // 1024} KiB |" in PAGE
    assert f"| JSON | {MAX_DEPTH} levels" in PAGE
    assert f"| one calculation | {calculate.MAX_OBLIGATIONS:,} obligations |" in PAGE
    assert f"| a batch | {batch.MAX_ITEMS:,} items; {batch.MAX_BATCH_OBLIGATIONS:,} obligations in all" in PAGE
    case = f"{parts.MAX_EVENTS:,} events, {parts.MAX_CHILDREN} children, {parts.MAX_PROFILES} profiles"
    remarks = f"{limits.MAX_HISTORY_LINES:,} lines of history, {limits.MAX_HISTORY_LINES:,} undetermined"
    assert f"| a timeline | {case}; {limits.MAX_OBLIGATIONS:,} obligations, {remarks} |" in PAGE
    assert f"| timeliness | {timelines.MAX_TIMELINES} cases |" in PAGE
    assert f"| a comparison | {comparison.MAX_PROFILES} profiles, or {comparison.MAX_EVENTS:,} events |" in PAGE
    assert f"| a recalculation | {timelines.MAX_EARLIER:,} earlier obligations |" in PAGE
    assert f"has {GRACE_SECONDS} seconds to end" in PAGE
    assert f"of its body for {MAX_DRAINING_STALL_SECONDS:.0f} seconds" in PAGE
    assert f"still sends or reads after {MAX_DRAINING_SECONDS:.0f}." in PAGE


def test_pages_link_to_files_that_are_there() -> None:
    for name in ("operations.md", "runbook.md", "threat-model.md", "data-protection.md"):
        for path in re.findall(r"\b(?:docs|deploy|app|tests|bench)/[\w./-]+\w", PAGES[name]):
            assert (ROOT / path).exists(), f"{name}: {path}"
