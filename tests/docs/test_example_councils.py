"""The profiles of docs/examples: valid, published as they are, and right in worked examples of their own."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from app.calendars.changes import with_closure_days
from app.calendars.packaged import load_packaged
from app.profiles.document import as_json
from app.services.calculation.request import read_request
from app.services.calculation.response import calculate_response
from app.services.ports.packed import pack
from app.services.publishing.diagnostics import diagnose
from app.services.snapshot.offline import packaged_snapshot
from app.services.snapshot.published import PublishedCalendar
from app.services.snapshot.snapshot import Snapshot
from tests.cli.running import run
from tests.house.files import ROOT
from tests.services.worlds import snapshot_of, stored

FOLDER = ROOT / "docs" / "examples"
FILES = sorted(FOLDER.glob("*.toml"))
WORKED = sorted((Path(__file__).parent / "examples").glob("*.toml"))
CLOSED = [(date(2026, 12, day), "Christmas closure") for day in (24, 29, 30, 31)]
VERSIONS = (
    ("torbay.toml", "beginning"),
    ("highland-2014.toml", "beginning"),
    ("highland-2024.toml", "2024-10-01"),
)


def read(name: str) -> dict[str, Any]:
    written: Any = as_json(tomllib.loads((FOLDER / name).read_text(encoding="utf-8")))
    return dict(written)


@cache
def published() -> Snapshot:
    """The three documents as versions, with a calendar of Torbay's own that has closure days."""
    snapshot = snapshot_of(
        stored(read("torbay.toml")),
        stored(read("highland-2014.toml")),
        stored(read("highland-2024.toml"), 2, date(2024, 10, 1)),
    )
    england = load_packaged()["england-and-wales"]
    record = snapshot.calendars["england-and-wales"][-1].record
    closed = with_closure_days(england, CLOSED, "the council's cabinet")
    own = PublishedCalendar.read(
        replace(record, packed=pack(closed.to_document()), checksum=closed.checksum), snapshot.compiled
    )
    return Snapshot("examples", snapshot.profiles, {**snapshot.calendars, "torbay": (own,)})


def answer_of(body: dict[str, Any]) -> Any:
    return calculate_response(read_request(published(), body))


def examples() -> Iterator[Any]:
    for file in WORKED:
        for example in tomllib.loads(file.read_text(encoding="utf-8"))["example"]:
            yield pytest.param(file.stem, example, id=f"{file.stem}: {example['sentence']}")


@pytest.mark.parametrize(("key", "example"), list(examples()))
def test_an_example_council_is_answered_as_its_practice_lead_would_count(key: str, example: dict[str, Any]) -> None:
    body: dict[str, Any] = {name: example[name] for name in ("facts", "until", "calendar") if name in example}
    event = {"type": example["event"], "occurred_at": example["at"]}
    answer: Any = answer_of({"profile": key, "event": event, **body})
    assert answer["profile"]["version"] == example.get("version", 1)
    due: dict[str, list[str]] = {}
    others: dict[str, set[str]] = {}
    for item in answer["obligations"]:
        due.setdefault(item["rule"], []).append(item["due_at"])
        others.setdefault(item["rule"], set()).update(each["due_date"] for each in item["alternatives"])
    wanted = {each["rule"]: each["dates"] for each in example["due"]}
    assert due.keys() == wanted.keys()
    for rule, dates in wanted.items():
        assert [at[: len(day)] for at, day in zip(due[rule], dates, strict=True)] == dates
    for each in example["due"]:
        assert set(each.get("alternatives", ())) <= others[each["rule"]]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_an_example_council_is_valid_and_each_of_its_rules_is_worked_through(file: Path) -> None:
    diagnosis = diagnose(file.read_text(encoding="utf-8"), packaged_snapshot())
    assert diagnosis.findings == ()
    document = read(file.name)
    worked = tomllib.loads((Path(__file__).parent / "examples" / f"{document['key']}.toml").read_text("utf-8"))
    rules = {each["rule"] for example in worked["example"] for each in example["due"]}
    assert {rule["id"] for rule in document["rules"]} <= rules


def test_the_example_councils_are_published_as_they_are(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEADLINES_DATABASE_URL", f"sqlite:///{tmp_path}/deadlines.db")
    assert run(capfd, "load").status == 0
    for name, start in VERSIONS:
        ran = run(
            capfd,
            "profiles",
            "publish",
            str(FOLDER / name),
            "--in-force-from",
            start,
            "--reason",
            "as it was signed off",
        )
        assert ran.status == 0, ran.err
    for day, version in (("2024-09-30", 1), ("2024-10-01", 2)):
        ran = run(capfd, "calculate", "highland", "icpc_held", day, "--store")
        assert f"(highland, version {version})" in ran.out


def test_an_answer_speaks_of_the_council_s_own_meeting() -> None:
    event = {"type": "icpc_held", "occurred_at": "2026-04-01"}
    answer: Any = answer_of({"profile": "highland", "event": event})
    said = {item["rule"]: item["timing"] for item in answer["obligations"]}
    assert said["first-core-group"] == "within 15 working days of the child protection planning meeting"


def test_what_torbay_asks_for_without_a_date_is_all_there_is_of_entry_into_care() -> None:
    event = {"type": "became_looked_after", "occurred_at": "2026-04-01"}
    answer: Any = answer_of({"profile": "torbay", "event": event})
    assert answer["obligations"] == []
    assert [item["id"] for item in answer["not_computable"]] == ["assessment-before-care"]
    assert answer["warnings"][0].startswith("torbay starts nothing from became_looked_after")
