"""Write the corpus of pinned answers, which tests/corpus/test_replay.py replays: `python -m tools.build_corpus`.

There are several requests for every event of every packaged profile: at days that are hard to count from, as a date, as
a local time and as an instant, with no facts, some and all, explained or not, unfolded or not. The requests follow from
the packaged profiles and a fixed seed alone, so writing the corpus twice changes nothing.

A changed answer needs a reason: `--reason "…"` names the corpus and the reason in CHANGELOG.md.
"""

import argparse
import hashlib
import random
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from app.engine.compiled_profile import Profile
from app.engine.facts import FactSpec
from app.services.calculation.request import read_request
from app.services.calculation.response import calculate_response
from app.services.snapshot.packaged import packaged_calendars, packaged_profiles
from app.services.snapshot.snapshot import Snapshot, build_snapshot
from app.store import open_store, upgrade

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "tests" / "corpus"
CHANGELOG = ROOT / "CHANGELOG.md"
HEADING = "### Answers"
SEED = 20260105
# Around Christmas and Easter, both clock changes, a leap day, month ends, a coronation, and beyond what is published.
DAYS = (
    "2025-12-18", "2025-12-24", "2026-04-02", "2026-03-29", "2026-10-25", "2024-02-29", "2025-08-31", "2026-01-31",
    "2023-05-05", "2022-06-01", "2026-05-22", "2027-12-23", "2030-12-20", "2021-09-01", "2026-07-13",
)  # fmt: skip
TIMES = ("", "T14:30", "T14:30:00+00:00", "T23:59:59.1234567Z", "T00:00", "T09:15:00+01:00")
REQUESTS_OF_EACH_EVENT = 2


def snapshot() -> Snapshot:
    """Everything packaged, as a fresh database holds it."""
    with tempfile.TemporaryDirectory() as folder, open_store(f"sqlite:///{folder}/corpus.db") as store:
        upgrade(store.engine)
        store.load_packaged(
            packaged_profiles(), packaged_calendars(), at=datetime(2026, 1, 5, tzinfo=UTC), application_version="corpus"
        )
        return build_snapshot(store.load_everything())


def value(spec: FactSpec, day: date, chance: random.Random) -> object:
    """Draw a value that fits a fact, near the day of the event if it is a date."""
    if spec.type == "bool":
        return chance.random() < 0.5
    if spec.type == "choice":
        return chance.choice(spec.values)
    if spec.type == "int":
        low = spec.minimum or 0
        return chance.randint(low, min(spec.maximum if spec.maximum is not None else low + 6, low + 12))
    if spec.key == "child_date_of_birth":
        return (day - timedelta(days=chance.randint(0, 18 * 365))).isoformat()
    if spec.key == "expected_delivery_date":
        return (day + timedelta(days=chance.randint(10, 200))).isoformat()
    return (day - timedelta(days=chance.randint(0, 500))).isoformat()


def requests(key: str, version: int, profile: Profile, chance: random.Random) -> Iterator[dict[str, Any]]:
    """Yield the requests for one profile."""
    for event in sorted(profile.by_event):
        spec = profile.vocabulary.events[event]
        said = set(spec.implies) | set(spec.sets)
        read = sorted(set().union(*(started.rule.facts() for started in profile.by_event[event])) - said)
        for number in range(REQUESTS_OF_EACH_EVENT):
            day = date.fromisoformat(chance.choice(DAYS))
            share = chance.choice((0.0, 0.5)) if number == 0 else 1.0
            facts = {
                name: value(profile.vocabulary.facts[name], day, chance) for name in read if chance.random() < share
            }
            request: dict[str, Any] = {
                "profile": key,
                "profile_version": version,
                "calendar": chance.choice([profile.calendar] * 5 + ["scotland"]),
                "calendar_version": 1,
                "event": {"type": event, "occurred_at": day.isoformat() + chance.choice(TIMES)},
            }
            if facts:
                request["facts"] = facts
            if number == 1:
                request["until"] = (day + timedelta(days=chance.choice([60, 120, 200]))).isoformat()
            if chance.random() < 0.15:
                request["explain"] = True
            if chance.random() < 0.1:
                request["reference"] = f"corpus {number}"
            yield request


def corpus() -> dict[str, bytes]:
    """Build the files by name: one JSON object per line, with the request and its answer."""
    packaged = snapshot()
    files = {}
    for key in sorted(packaged.profiles):
        version = packaged.profiles[key][-1]
        chance = random.Random(f"{SEED} {key}")  # noqa: S311 the same requests at each run
        lines = [
            orjson.dumps({"request": request, "answer": calculate_response(read_request(packaged, request))})
            for request in requests(key, version.version, version.profile, chance)
        ]
        files[f"{key}.jsonl"] = b"".join(line + b"\n" for line in lines)
    return files


def digest(files: dict[str, bytes]) -> str:
    """Return the digest by which the changelog names a corpus."""
    checksum = hashlib.sha256()
    for name in sorted(files):
        checksum.update(name.encode() + b"\0" + files[name])
    return checksum.hexdigest()[:16]


def explain(name: str, reason: str) -> None:
    """Put the corpus and the reason into the changelog's first section."""
    text = CHANGELOG.read_text(encoding="utf-8")
    line = f"- `corpus {name}`: {reason}\n"
    start = text.index("## [Unreleased]")
    end = text.find("\n## [", start + 1)
    section = text[start:] if end < 0 else text[start:end]
    rest = "" if end < 0 else text[end:]
    # A corpus that was never released and is written anew for the same reason leaves no trace.
    lines = [line for line in section.splitlines(keepends=True) if not _same(line, name, reason)]
    section = "".join(lines)
    if f"{HEADING}\n\n" in section:
        section = section.replace(f"{HEADING}\n\n", f"{HEADING}\n\n{line}", 1)
    else:
        section = f"{section.rstrip()}\n\n{HEADING}\n\n{line}"
    CHANGELOG.write_text(text[:start] + section + rest, encoding="utf-8")


def _same(line: str, name: str, reason: str) -> bool:
    return line.startswith("- `corpus ") and (f"`corpus {name}`" in line or line.endswith(f"`: {reason}\n"))


def main() -> None:
    """Write the files, and say which corpus it is."""
    words = argparse.ArgumentParser(description="Write the corpus of pinned answers.")
    words.add_argument("--reason", help="why the answers changed, for CHANGELOG.md: a whole sentence")
    reason = words.parse_args().reason
    files = corpus()
    for old in FOLDER.glob("*.jsonl"):
        if old.name not in files:
            old.unlink()
    for name, content in files.items():
        (FOLDER / name).write_bytes(content)
        print(f"{name}: {len(content.splitlines())} answers, {len(content) // 1024} KiB")
    print(f"corpus {digest(files)}")
    if reason:
        explain(digest(files), reason)
    else:
        print("if it changed, run again with --reason: the changelog has to name it and say why")


if __name__ == "__main__":
    main()
