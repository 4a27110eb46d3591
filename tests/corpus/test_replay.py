"""Pinned answers, replayed byte for byte: what was answered once is answered so for ever."""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from tests.api.application import RunningApplication, fill, running_application
from tests.house.files import ROOT

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("*.jsonl"))
LEAST = 200
REMEDY = (
    "An answer changed although its versions did not. If that was not meant, it is a defect. If it was, write the "
    'corpus anew and say why: python -m tools.build_corpus --reason "…" puts the reason into CHANGELOG.md.'
)


def digest() -> str:
    found = hashlib.sha256()
    for file in FILES:
        found.update(file.name.encode() + b"\0" + file.read_bytes())
    return found.hexdigest()[:16]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApplication]:
    url = f"sqlite:///{tmp_path_factory.mktemp('corpus')}/corpus.db"
    fill(url)
    with running_application(url) as made:
        yield made


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_pinned_answer_is_the_same_to_the_byte(running: RunningApplication, file: Path) -> None:
    changed = []
    for number, line in enumerate(file.read_bytes().splitlines(), start=1):
        entry = orjson.loads(line)
        assert entry["request"].keys() >= {"profile_version", "calendar_version"}
        answer = running.client.post("/v1/calculations", json=entry["request"])
        if answer.content != orjson.dumps(entry["answer"]):
            changed.append(f"line {number}: {json.dumps(entry['request'])}")
    assert not changed, f"{REMEDY} {len(changed)} of {file.name} changed, the first ones being:\n" + "\n".join(
        changed[:5]
    )


def test_the_corpus_is_large_and_covers_every_profile_and_event(running: RunningApplication) -> None:
    asked = [orjson.loads(line)["request"] for file in FILES for line in file.read_bytes().splitlines()]
    assert len(asked) >= LEAST
    listed = running.client.get("/v1/event-types").json()["event_types"]
    expected = {(profile, event["type"]) for event in listed for profile in event["profiles"]}
    assert expected <= {(item["profile"], item["event"]["type"]) for item in asked}
    assert any("until" in item for item in asked)
    assert any("explain" in item for item in asked)
    assert any("facts" not in item for item in asked)


def test_the_changelog_names_the_corpus_and_says_why_it_is_so() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    found = re.search(rf"^- `corpus {digest()}`: (\S+(?:\s+\S+){{3,}})$", text, re.MULTILINE)
    assert found, f"CHANGELOG.md gives no reason for corpus {digest()}. {REMEDY}"
